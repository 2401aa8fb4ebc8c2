//! Use case: register a source and its credentials. Secrets that are not given are
//! made here; they are shown in the answer and never again.

use serde::Deserialize;
use serde_json::json;
use shared::error::{Error, Result};
use shared::ids;
use shared::signature::SigningSecret;
use shared::table::{Cond, Item, Key, Write};
use shared::tenant::Tenant;
use shared::vault::{ExposeSecret, SecretString};
use shared::web::Caller;
use utoipa::ToSchema;

use super::Sources;
use super::model::{Basic, Places, Secrets, Signing, Source, Token, is_name, record_key};
use super::view::{Shown, ways};
use crate::access::credential::{Credential, basic_place, header_place, signer_place, token_place};

/// A secret that people choose: as random as it needs to be for a plain digest only
/// if it is long.
const SHORTEST_SECRET: usize = 16;
const LONGEST: usize = 256;

/// What an admin says of a new source. It needs one way of proving itself at least.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSource {
    /// What it is called in the records: 1 to 64 characters of `a-z`, `0-9`, `-`, `_` and `.`.
    #[schema(pattern = "^[a-z0-9._-]{1,64}$", example = "hr")]
    pub name: String,
    /// What it is, at most 256 characters.
    #[schema(max_length = 256)]
    pub description: Option<String>,
    /// HTTP Basic.
    pub basic: Option<NewBasic>,
    /// A fixed value in the header `X-Sender-Key`.
    pub header: Option<NewHeader>,
    /// Signed requests, as Standard Webhooks has them.
    pub signature: Option<NewSignature>,
    /// Tokens of an identity provider.
    pub token: Option<NewToken>,
}

/// HTTP Basic.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewBasic {
    /// The user, without a colon.
    #[schema(pattern = "^[^:]+$", max_length = 256, example = "hr-sender")]
    pub username: String,
    /// The password, 16 to 256 characters; made when not given.
    #[schema(value_type = Option<String>, min_length = 16, max_length = 256)]
    pub password: Option<SecretString>,
}

/// A fixed header.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewHeader {
    /// The value, 16 to 256 printable ASCII characters; made when not given.
    #[schema(value_type = Option<String>, min_length = 16, max_length = 256)]
    pub value: Option<SecretString>,
}

/// Signed requests.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSignature {
    /// The secret, `whsec_` and 24 to 64 bytes in base64; made when not given.
    #[schema(value_type = Option<String>, pattern = "^whsec_[A-Za-z0-9+/]+=*$")]
    pub secret: Option<SecretString>,
}

/// Tokens of an identity provider.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewToken {
    /// Their `iss`: one that the operator trusts.
    pub issuer: String,
    /// Their `aud`.
    pub audience: String,
    /// Their `sub`.
    pub subject: String,
}

/// A source on its way into the table.
pub(super) struct Draft {
    pub source: Source,
    pub shown: Shown,
    pub writes: Vec<Write>,
}

impl Sources {
    /// Registers a source.
    ///
    /// # Errors
    /// `Invalid`, naming the member; `Conflict` when the name or a credential is taken.
    pub(super) async fn register(&self, by: &Caller, new: NewSource) -> Result<(Source, Shown)> {
        Self::must_reach(by)?;
        let draft = self.draft(by, new, false).await?;
        let Draft { source, shown, mut writes } = draft;
        writes.push(self.control.put(Item::of(&source)?, Some(Cond::Absent("pk"))));
        let taken = "A source of this name or with these credentials exists";
        let (name, details) = (source.name.clone(), json!({ "ways": ways(&source) }));
        let made = self.change(by, "source.create", &name, &details, writes, taken).await;
        if let (Err(error), Some(signing)) = (&made, &source.signature)
            && !error.leaves_it_open()
        {
            self.vault.discard(&by.tenant, &signing.secrets).await;
        }
        made.map(|()| (source, shown))
    }

    /// The record, the credentials' writes, and what is shown once.
    pub(super) async fn draft(
        &self,
        by: &Caller,
        new: NewSource,
        of_environment: bool,
    ) -> Result<Draft> {
        let mut source = self.blank(by, &new, of_environment)?;
        let (mut shown, mut writes) = (Shown::default(), Vec::new());
        if let Some(basic) = new.basic {
            let username = username(basic.username)?;
            let password = given_or_made("basic.password", basic.password)?;
            let place = basic_place(&username, password.expose_secret());
            writes.push(self.credential(by, &source, place.clone()).create(&self.control)?);
            source.basic = Some(Basic { username: username.clone(), places: Places::only(place) });
            shown.basic(username, password);
        }
        if let Some(header) = new.header {
            let value = given_or_made("header.value", header.value)?;
            let place = header_place(value.expose_secret());
            writes.push(self.credential(by, &source, place.clone()).create(&self.control)?);
            source.header = Some(Places::only(place));
            shown.header(value);
        }
        if let Some(token) = new.token {
            let token = self.token(by, token)?;
            let place = token_place(&token.issuer, &token.subject);
            let mut credential = self.credential(by, &source, place);
            credential.audience = Some(token.audience.clone());
            writes.push(credential.create(&self.control)?);
            source.token = Some(token);
        }
        if let Some(signature) = new.signature {
            let secret = signing_secret(signature.secret)?;
            let secrets = Secrets::default().renewed(&secret, 0, 0);
            let kept = self.keep(&by.tenant, &secrets).await?;
            let mut credential = self.credential(by, &source, signer_place(&source.public_id));
            credential.secrets = Some(kept.clone());
            writes.push(credential.create(&self.control)?);
            source.signature = Some(Signing { secrets: kept });
            shown.signature(&source.public_id, secret);
        }
        Ok(Draft { source, shown, writes })
    }

    fn blank(&self, by: &Caller, new: &NewSource, of_environment: bool) -> Result<Source> {
        if !is_name(&new.name) {
            return Err(Error::invalid(
                "name",
                "must be 1 to 64 characters of a-z, 0-9, -, _ and .",
            ));
        }
        let ways = [
            new.basic.is_some(),
            new.header.is_some(),
            new.signature.is_some(),
            new.token.is_some(),
        ];
        if !ways.contains(&true) {
            let message = "or header, signature or token is required: it must prove itself somehow";
            return Err(Error::invalid("basic", message));
        }
        let description = new.description.as_ref().map(|text| text.trim().to_owned());
        if description.as_ref().is_some_and(|text| text.chars().count() > LONGEST) {
            return Err(Error::invalid("description", "must have at most 256 characters"));
        }
        let Key { pk, sk } = record_key(&by.tenant, &new.name);
        let (now, public_id) = (self.clock.now_ms(), format!("src_{}", &ids::unique()[..16]));
        Ok(Source {
            pk,
            sk,
            name: new.name.clone(),
            public_id,
            description,
            is_active: true,
            of_environment,
            basic: None,
            header: None,
            signature: None,
            token: None,
            created_at: now,
            updated_at: now,
            version: 1,
        })
    }

    /// A credential of this source, in this place.
    pub(super) fn credential(&self, by: &Caller, source: &Source, place: Key) -> Credential {
        let mut credential = Credential::new(place, &by.tenant, source.actor());
        credential.is_active = source.is_active;
        credential
    }

    fn token(&self, by: &Caller, new: NewToken) -> Result<Token> {
        let trusted =
            |(tenant, issuer): &(Tenant, String)| *tenant == by.tenant && *issuer == new.issuer;
        if !self.issuers.iter().any(trusted) {
            let message = "is none that the operator trusts for this tenant";
            return Err(Error::invalid("token.issuer", message));
        }
        for (field, text) in [("token.audience", &new.audience), ("token.subject", &new.subject)] {
            if !(1..=LONGEST).contains(&text.chars().count()) {
                return Err(Error::invalid(field, "must have 1 to 256 characters"));
            }
        }
        Ok(Token { issuer: new.issuer, audience: new.audience, subject: new.subject })
    }
}

impl Places {
    /// One that replaces none.
    pub(super) fn only(place: Key) -> Self {
        Self { current: place.pk, replaced: None }
    }
}

fn username(username: String) -> Result<String> {
    let fits = (1..=LONGEST).contains(&username.chars().count());
    if fits && !username.contains(':') && !username.chars().any(char::is_control) {
        return Ok(username);
    }
    Err(Error::invalid("basic.username", "must have 1 to 256 characters and no colon"))
}

/// A secret that was given, if it is good, or a new one.
pub(super) fn given_or_made(field: &str, given: Option<SecretString>) -> Result<SecretString> {
    let Some(given) = given else { return Ok(ids::unique().into()) };
    let text = given.expose_secret();
    let fits = (SHORTEST_SECRET..=LONGEST).contains(&text.len());
    if fits && text.bytes().all(|b| matches!(b, b' '..=b'~')) && text.trim() == text {
        return Ok(given);
    }
    let message = "must have 16 to 256 printable ASCII characters and no blank at either end";
    Err(Error::invalid(field, message))
}

/// A secret to sign with that was given, if it is one, or a new one.
pub(super) fn signing_secret(given: Option<SecretString>) -> Result<SecretString> {
    let Some(given) = given else { return Ok(SigningSecret::generate()) };
    match SigningSecret::parse(given.expose_secret()) {
        Some(_) => Ok(given),
        None => {
            Err(Error::invalid("signature.secret", "must be whsec_ and 24 to 64 bytes in base64"))
        }
    }
}
