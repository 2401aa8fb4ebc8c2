//! Use case: give a source a new secret. The old one stays valid for a grace
//! period, so that no event is refused while the sender changes over.

use serde::{Deserialize, Serialize};
use serde_json::json;
use shared::error::{Error, Result};
use shared::table::{Key, Update, Write};
use shared::vault::{ExposeSecret, SecretName, SecretString};
use shared::web::Caller;
use utoipa::ToSchema;

use super::Sources;
use super::model::{Basic, Places, Secrets, Signing, Source};
use super::register::{given_or_made, signing_secret};
use super::store::INTERFERED;
use super::view::Shown;
use crate::access::credential::{basic_place, end_at, header_place, signer_place};
use crate::access::keys::grace;

/// Which secret is renewed, and how.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Rotation {
    /// Which of the source's secrets.
    pub way: Way,
    /// How long the old one stays valid, 0 to 604800 (seven days); 0 when not given.
    #[schema(minimum = 0, maximum = 604_800)]
    pub grace_seconds: Option<i64>,
    /// The new one, as at registration; made when not given.
    #[schema(value_type = Option<String>)]
    pub secret: Option<SecretString>,
}

/// A way of proving oneself with a secret that is kept on both sides.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Way {
    /// HTTP Basic.
    Basic,
    /// The header `X-Sender-Key`.
    Header,
    /// Signed requests.
    Signature,
}

impl Sources {
    /// Renews one secret of a source.
    ///
    /// # Errors
    /// `NotFound`; `Invalid`, naming the member; `Conflict` when somebody else changed
    /// the source at the same moment.
    pub(super) async fn rotate(
        &self,
        by: &Caller,
        name: &str,
        rotation: Rotation,
    ) -> Result<(Source, Shown)> {
        Self::must_reach(by)?;
        let end = self.clock.now_ms() + grace(rotation.grace_seconds)? * 1000;
        let (old, way) = (self.find(&by.tenant, name).await?, rotation.way);
        let (mut new, mut shown) = (old.clone(), Shown::default());
        let mut writes = match (way, &old.basic, &old.header, &old.signature) {
            (Way::Basic, Some(basic), ..) => {
                let password = given_or_made("secret", rotation.secret)?;
                let place = basic_place(&basic.username, password.expose_secret());
                let (places, writes) = self.succeed(by, &old, &basic.places, place, end)?;
                new.basic = Some(Basic { username: basic.username.clone(), places });
                shown.basic(basic.username.clone(), password);
                writes
            }
            (Way::Header, _, Some(header), _) => {
                let value = given_or_made("secret", rotation.secret)?;
                let place = header_place(value.expose_secret());
                let (places, writes) = self.succeed(by, &old, header, place, end)?;
                new.header = Some(places);
                shown.header(value);
                writes
            }
            (Way::Signature, .., Some(signing)) => {
                let secret = signing_secret(rotation.secret)?;
                let kept = self.resign(by, signing, &secret, end).await?;
                let pointer =
                    Update::of(signer_place(&old.public_id)).set("secrets", kept.as_str());
                new.signature = Some(Signing { secrets: kept });
                shown.signature(&old.public_id, secret);
                vec![self.control.change(pointer)]
            }
            _ => return Err(Error::invalid("way", "is none that this source proves itself by")),
        };
        writes.push(self.replace(&old, &new)?);
        let details = json!({ "way": way, "grace_seconds": rotation.grace_seconds.unwrap_or(0) });
        let done = self.change(by, "source.rotate", name, &details, writes, INTERFERED).await;
        let unused = match &done {
            Ok(()) => &old.signature,
            Err(error) if error.leaves_it_open() => &None,
            Err(_) => &new.signature,
        };
        let moved = matches!(way, Way::Signature);
        if let Some(unused) = unused.as_ref().filter(|_| moved) {
            self.vault.discard(&by.tenant, &unused.secrets).await;
        }
        done.map(|()| (new, shown))
    }

    /// Puts a credential in the place of another, which ends at a moment.
    ///
    /// # Errors
    /// `Invalid` for one that the source has already.
    fn succeed(
        &self,
        by: &Caller,
        source: &Source,
        old: &Places,
        place: Key,
        end: i64,
    ) -> Result<(Places, Vec<Write>)> {
        let known = [Some(&old.current), old.replaced.as_ref()];
        if known.contains(&Some(&place.pk)) {
            return Err(Error::invalid(
                "secret",
                "must be neither the present one nor the one before",
            ));
        }
        let now = self.clock.now_ms();
        let replaced = Key::alone(old.current.clone());
        let mut writes = vec![self.credential(by, source, place.clone()).create(&self.control)?];
        writes.push(if end > now {
            self.control.change(end_at(replaced, end))
        } else {
            self.control.delete(replaced, None)
        });
        // Two at most: one that was being replaced before is not waited for.
        let before = old.replaced.clone().map(Key::alone);
        writes.extend(before.map(|before| self.control.delete(before, None)));
        let replaced = (end > now).then(|| old.current.clone());
        Ok((Places { current: place.pk, replaced }, writes))
    }

    /// Keeps the new secret beside the one it replaces, under a new name.
    async fn resign(
        &self,
        by: &Caller,
        signing: &Signing,
        secret: &SecretString,
        end: i64,
    ) -> Result<String> {
        let name = SecretName::of(&by.tenant, &signing.secrets)?;
        let kept = self.vault.read(&name).await?;
        let kept = kept.as_ref().map(Secrets::parse).transpose()?.unwrap_or_default();
        let renewed = kept.renewed(secret, self.clock.now_ms(), end);
        self.keep(&by.tenant, &renewed).await
    }
}
