//! Which contact centre a request is about: the tenant's one connection of that type that is
//! in use, or the one that the request names.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use shared::clock::Clock;
use shared::env::Env;
use shared::error::Result;
use shared::tenant::Tenant;

use super::records::Centre;
use crate::integrations::connections::{Connection, Connections, IntegrationType};

/// How long pushes go by what was read of connections, in milliseconds.
const REMEMBERED: i64 = 5000;
/// Tenants that are remembered at most.
const MOST: usize = 1000;

/// Whose contact centre was asked for, and by which name.
type Asked = (Tenant, Option<String>);
/// Until when a connection is remembered, and its id.
type Remembered = (i64, Arc<str>);

/// The contact centres that there are. Cheap to clone.
#[derive(Clone)]
pub struct Centres {
    pub(super) connections: Connections,
    clock: Clock,
    remembered: Arc<Mutex<HashMap<Asked, Remembered>>>,
}

impl Centres {
    /// Needs what connections need.
    pub fn load(env: &Env) -> Result<Self> {
        let connections = Connections::load(env)?;
        Ok(Self { connections, clock: env.clock(), remembered: Arc::default() })
    }

    /// The connection that is meant.
    ///
    /// # Errors
    /// `NotFound` in the contract's words; `Conflict` when several could be meant.
    pub async fn one(&self, tenant: &Tenant, named: Option<&str>) -> Result<Connection> {
        self.connections.chosen(tenant, IntegrationType::ContactCenter, named).await
    }

    /// The id of the connection that is meant, as it was in the last five seconds.
    ///
    /// # Errors
    /// As [`Centres::one`].
    pub async fn lately(&self, tenant: &Tenant, named: Option<&str>) -> Result<Arc<str>> {
        let (asked, now) = ((tenant.clone(), named.map(str::to_owned)), self.clock.now_ms());
        let remembered = || self.remembered.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, id)) = remembered().get(&asked).filter(|(until, _)| now < *until) {
            return Ok(id.clone());
        }
        let id: Arc<str> = self.one(tenant, named).await?.id.into();
        let mut remembered = remembered();
        if remembered.len() >= MOST {
            remembered.clear();
        }
        remembered.insert(asked, (now + REMEMBERED, id.clone()));
        Ok(id)
    }
}

/// Where the records of a connection are.
pub(super) fn centre<'a>(tenant: &'a Tenant, connection: &'a Connection) -> Centre<'a> {
    Centre { tenant, connection: &connection.id }
}

/// The place whose days a connection's settings (`time_zone`) say that count.
///
/// # Errors
/// `Internal` when the row is not what was written.
pub(super) fn time_zone(connection: &Connection) -> Result<Option<String>> {
    let config = connection.config()?;
    Ok(config.more.get("time_zone").and_then(|name| name.as_str()).map(str::to_owned))
}
