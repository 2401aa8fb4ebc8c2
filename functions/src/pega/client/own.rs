//! The installation's own Pega, which belongs to one tenant: that of the variable
//! `PEGA_TENANT`, or the operator's.

use std::time::Duration;

use shared::env::Env;
use shared::error::Result;
use shared::tenant::Tenant;

use super::settings::{Settings, Source};
use super::{OWN, Pega};
use crate::access::tenants::operator;
use crate::integrations::connections::IntegrationType;
use crate::integrations::connections::client::{Connector, Connectors, Given};

/// How long one call may take.
const TIMEOUT: Duration = Duration::from_secs(15);

/// The installation's own Pega.
pub(super) struct Own {
    source: Source,
    owner: Tenant,
    connectors: Connectors,
}

impl Own {
    /// Needs Pega's credentials, from the vault or the variables.
    pub fn load(env: &Env, connectors: Connectors) -> Result<Self> {
        let owner = match env.optional("PEGA_TENANT") {
            Some(name) => Tenant::parse(name)?,
            None => operator(env)?,
        };
        Ok(Self { source: Source::of(env)?, owner, connectors })
    }

    /// The way there; none when there is no such Pega, or it is another tenant's.
    pub async fn open(self: &std::sync::Arc<Self>, tenant: &Tenant) -> Result<Option<Pega>> {
        if *tenant != self.owner {
            return Ok(None);
        }
        let Some(settings) = self.source.read().await? else { return Ok(None) };
        let connector = self.connect(&settings)?;
        let pega = Pega::over(OWN.to_owned(), settings.manner, connector);
        Ok(Some(Pega { own: Some((self.clone(), settings.mark)), ..pega }))
    }

    /// The way there with credentials that were put in the place of those of this mark;
    /// none when they are the same.
    pub async fn renewed(&self, mark: &str) -> Result<Option<Connector>> {
        let settings = self.source.renewed(mark).await?;
        settings.map(|settings| self.connect(&settings)).transpose()
    }

    fn connect(&self, settings: &Settings) -> Result<Connector> {
        let given = Given {
            name: OWN,
            integration_type: IntegrationType::Pega,
            url: settings.url.clone(),
            credentials: settings.credentials.clone(),
            timeout: TIMEOUT,
        };
        self.connectors.open_given(&self.owner, given)
    }
}
