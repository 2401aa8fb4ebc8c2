//! Which Pega a tenant's request goes to: the installation's own, which belongs to one
//! tenant, or one of the tenant's connections.

use std::sync::Arc;

use shared::env::Env;
use shared::error::{Error, Kind, Result};
use shared::tenant::Tenant;

use super::manner::Manner;
use super::own::Own;
use super::{OWN, Pega};
use crate::integrations::connections::client::Connectors;
use crate::integrations::connections::{Connection, IntegrationType};

/// What callers are told when there is none.
pub const NOT_CONFIGURED: &str = "Pega client not configured";

/// The ways to all Pegas. Cheap to clone; clones share tokens and places.
#[derive(Clone)]
pub struct Environments {
    own: Arc<Own>,
    connectors: Connectors,
}

impl Environments {
    /// Needs Pega's credentials, from the vault or the variables, and what connections
    /// need: the tables `integrations` and `control`, and the vault.
    pub fn load(env: &Env) -> Result<Self> {
        let connectors = Connectors::load(env)?;
        Ok(Self { own: Arc::new(Own::load(env, connectors.clone())?), connectors })
    }

    /// The Pega that is meant: the one that is named by its connection's id or name; or
    /// else the installation's own, if it is this tenant's; or else the connection whose
    /// settings say that it is the `default`; or else the only one.
    ///
    /// # Errors
    /// `Unavailable` when there is none; `Malformed` when none is named and there are
    /// several; `Invalid` when none is called so.
    pub async fn choose(&self, tenant: &Tenant, named: Option<&str>) -> Result<Pega> {
        if named.is_none_or(|name| name == OWN)
            && let Some(own) = self.own.open(tenant).await?
        {
            return Ok(own);
        }
        let all = self.connectors.active(tenant, IntegrationType::Pega).await?;
        let chosen = match named {
            Some(name) => all.iter().find(|one| one.id == name || one.name == name),
            None => the_usual(&all)?,
        };
        match (chosen, named) {
            (Some(connection), _) => self.open(tenant, connection).await,
            (None, Some(_)) => {
                Err(Error::invalid("environment", "names no Pega connection that is in use"))
            }
            (None, None) => Err(Error::new(Kind::Unavailable, NOT_CONFIGURED)),
        }
    }

    /// The Pega that [`Environments::choose`] chooses when none is named; none when there
    /// is none.
    pub async fn usual(&self, tenant: &Tenant) -> Result<Option<Pega>> {
        match self.choose(tenant, None).await {
            Ok(pega) => Ok(Some(pega)),
            Err(error) if error.detail == NOT_CONFIGURED => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The Pega with this id, as it was chosen before.
    ///
    /// # Errors
    /// `Conflict` when it is not there or not in use any more.
    pub async fn again(&self, tenant: &Tenant, id: &str) -> Result<Pega> {
        let gone = || Error::new(Kind::Conflict, "The Pega environment is not in use any more");
        if id == OWN {
            return self.own.open(tenant).await?.ok_or_else(gone);
        }
        let all = self.connectors.active(tenant, IntegrationType::Pega).await?;
        let connection = all.iter().find(|one| one.id == id).ok_or_else(gone)?;
        self.open(tenant, connection).await
    }

    async fn open(&self, tenant: &Tenant, connection: &Connection) -> Result<Pega> {
        let manner = Manner::of_connection(&connection.endpoint_url, &connection.config()?)?;
        let connector = self.connectors.connect(tenant, connection).await?;
        Ok(Pega::over(connection.id.clone(), manner, connector))
    }
}

/// The connection that is meant when none is named.
fn the_usual(all: &[Connection]) -> Result<Option<&Connection>> {
    let mut defaults = Vec::new();
    for one in all {
        if one.config()?.more.get("default").and_then(serde_json::Value::as_bool) == Some(true) {
            defaults.push(one);
        }
    }
    match (&*defaults, all) {
        ([one], _) => Ok(Some(*one)),
        ([], [one]) => Ok(Some(one)),
        ([], []) => Ok(None),
        _ => {
            let message = "must say which Pega connection is meant, as there are several";
            Err(Error::malformed(format!("environment {message}")).field("environment", message))
        }
    }
}
