//! Use cases: which portal a tenant's accounts are with. A tenant without a profile of its
//! own has the usual one at `ENJAZ_BASE_URL`; without either there is no portal.

use serde::{Deserialize, Serialize};
use serde_json::json;
use shared::error::{Error, Kind, Result};
use shared::ids;
use shared::table::{Cond, Item, Key, Read, Write, Written};
use shared::tenant::Tenant;
use shared::web::Caller;

use super::means::Means;
use super::portal::Profile;

/// What is said where there is none.
pub const NONE: &str = "No Enjaz portal is set up: ENJAZ_BASE_URL is not set, and an \
                        administrator has given no profile";

/// A tenant's own profile, in the table `enjaz`.
#[derive(Serialize, Deserialize)]
struct Kept {
    pk: String,
    sk: String,
    profile: Profile,
    updated_at: i64,
    by: String,
}

/// A profile that counts, and where it is from.
pub struct Portal {
    pub profile: Profile,
    /// When a tenant's own was last changed, and by whom; none for the installation's.
    pub changed: Option<(i64, String)>,
}

impl Means {
    /// The profile of a tenant's portal.
    ///
    /// # Errors
    /// `Unavailable` when there is none.
    pub async fn portal(&self, tenant: &Tenant) -> Result<Portal> {
        self.find_portal(tenant).await?.ok_or_else(|| Error::new(Kind::Unavailable, NONE))
    }

    /// The same; none when there is none.
    pub async fn find_portal(&self, tenant: &Tenant) -> Result<Option<Portal>> {
        let kept: Option<Kept> = self.table.get(&key(tenant), Read::Consistent).await?;
        let own = kept.map(|kept| {
            let changed = Some((kept.updated_at, kept.by));
            Portal { profile: kept.profile, changed }
        });
        let usual = self.base_url.as_deref().map(Profile::default_for);
        Ok(own.or(usual.map(|profile| Portal { profile, changed: None })))
    }

    /// Gives a tenant a profile of its own.
    ///
    /// # Errors
    /// `Invalid`, naming the members at fault.
    pub async fn set_portal(&self, by: &Caller, profile: Profile) -> Result<Portal> {
        self.portals.check(&profile).await?;
        let (Key { pk, sk }, updated_at) = (key(&by.tenant), self.clock.now_ms());
        let kept = Kept { pk, sk, profile, updated_at, by: by.actor.clone() };
        let told = json!({ "base_url": kept.profile.base_url });
        let write = self.table.put(Item::of(&kept)?, None);
        self.change_portal(by, "enjaz.portal.set", &told, write).await?;
        Ok(Portal { profile: kept.profile, changed: Some((updated_at, kept.by)) })
    }

    /// Takes a tenant's own profile away.
    ///
    /// # Errors
    /// `NotFound` when it has none.
    pub async fn reset_portal(&self, by: &Caller) -> Result<()> {
        let write = self.table.delete(key(&by.tenant), Some(Cond::Present("pk")));
        match self.change_portal(by, "enjaz.portal.reset", &json!({}), write).await? {
            Written::Done => Ok(()),
            Written::Refused(_) => Err(Error::not_found("The tenant has no profile of its own")),
        }
    }

    async fn change_portal(
        &self,
        by: &Caller,
        action: &str,
        told: &serde_json::Value,
        write: Write,
    ) -> Result<Written> {
        let entry = self.trail.entry(by, action, "enjaz-portal", told)?;
        self.table.transact(&ids::time_ordered(), vec![write, entry]).await
    }
}

fn key(tenant: &Tenant) -> Key {
    Key::alone(tenant.pk("ENJAZ-PORTAL", ""))
}
