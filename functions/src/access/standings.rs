//! Whether what once let a caller in still does, for what outlives their request. What
//! was found is kept for as long as the gatekeeper keeps it, so that a revoked
//! credential is worth nothing after the same time everywhere.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use shared::clock::Clock;
use shared::env::Env;
use shared::error::Result;
use shared::table::{Key, Table};
use shared::tenant::Tenant;
use shared::web::{Permissions, Standing};

use super::credential;
use super::gatekeeper::{KEPT_MOST, KEPT_MS};
use super::permission::{Role, known};
use super::tenants::{Registrations, operator};

/// Knows credentials by what they left behind. Cheap to clone.
#[derive(Clone)]
pub struct Standings {
    control: Table,
    registrations: Registrations,
    operator: Tenant,
    clock: Clock,
    /// What was found, by whose it is and where.
    kept: Arc<Mutex<HashMap<Place, Found>>>,
}

/// A tenant, and where one of its credentials is, if it is stored at all.
type Place = (Tenant, Option<String>);

/// What is in a place, and until when it is kept.
#[derive(Clone)]
struct Found {
    until: i64,
    /// None when nothing there holds any more.
    holds: Option<Holds>,
}

/// What still holds.
#[derive(Clone)]
enum Holds {
    /// A stored credential, and what it allows now.
    Stored(Permissions),
    /// The tenant is active, which is all that can be asked of what is not stored.
    Active,
}

impl Standings {
    /// Needs the table `control`.
    pub fn load(env: &Env) -> Result<Self> {
        let control = env.table("CONTROL_TABLE")?;
        let registrations = Registrations(control.clone());
        let (operator, clock) = (operator(env)?, env.clock());
        Ok(Self { control, registrations, operator, clock, kept: Arc::default() })
    }

    /// What a caller of this tenant may do now; none when they would not be let in any
    /// more. `named` are the permissions that they had, which is what a token still says.
    pub async fn permissions(
        &self,
        tenant: &Tenant,
        standing: &Standing,
        named: &[String],
    ) -> Result<Option<Permissions>> {
        let now = self.clock.now_ms();
        if standing.until.is_some_and(|until| until <= now) {
            return Ok(None);
        }
        let place = (tenant.clone(), standing.place.clone());
        let recalled = self.recall(&place, now);
        let holds = match recalled {
            Some(found) => found.holds,
            None => self.find(place, now).await?,
        };
        Ok(holds.map(|holds| match holds {
            Holds::Stored(permissions) => permissions,
            Holds::Active => {
                let whole = Role::Admin.permissions(tenant, &self.operator);
                Permissions::of(named.iter().filter_map(|name| known(&whole, name)))
            }
        }))
    }

    async fn find(&self, place: Place, now: i64) -> Result<Option<Holds>> {
        let (tenant, stored) = &place;
        let mut until = now + KEPT_MS;
        let mut holds = match stored {
            None => Some(Holds::Active),
            Some(pk) => {
                let found = credential::find(&self.control, &Key::alone(pk.clone())).await?;
                let found = found.filter(|found| found.holds_at(now) && found.tenant == *tenant);
                until = until.min(found.as_ref().and_then(|found| found.until).unwrap_or(until));
                let permissions = found.map(|found| found.permissions(&self.operator));
                permissions.transpose()?.map(Holds::Stored)
            }
        };
        if !self.registrations.is_active(tenant).await? {
            holds = None;
        }
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT_MOST {
            kept.clear();
        }
        kept.insert(place, Found { until, holds: holds.clone() });
        Ok(holds)
    }

    fn recall(&self, place: &Place, now: i64) -> Option<Found> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.get(place).filter(|found| found.until > now).cloned()
    }
}
