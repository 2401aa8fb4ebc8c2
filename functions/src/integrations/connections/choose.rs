//! Which connection a connector works over: the tenant's one of its type, or the one that a
//! call names.

use serde::Deserialize;
use shared::error::{Error, Kind, Result};
use shared::table::Query;
use shared::tenant::Tenant;
use shared::web::Caller;
use utoipa::IntoParams;

use super::Connections;
use super::model::{Connection, ConnectionStatus, IntegrationType, directory};
use super::status::IntegrationStatus;
use super::test::{ConnectionTestResponse, TestRequest};

/// Names a connection.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct OfConnection {
    /// The connection that is meant, where the tenant has several to systems of this kind.
    #[param(format = "uuid")]
    connection_id: Option<String>,
}

impl OfConnection {
    /// Its id, if one is named.
    pub fn named(&self) -> Option<&str> {
        self.connection_id.as_deref()
    }
}

impl Connections {
    /// The connection of this type that is in use: the named one, or the only one.
    ///
    /// # Errors
    /// `NotFound`, in the contract's words, when none is; `Conflict` when several are and
    /// none is named.
    pub async fn chosen(
        &self,
        tenant: &Tenant,
        of: IntegrationType,
        named: Option<&str>,
    ) -> Result<Connection> {
        let missing = format!("{} integration not configured or inactive", of.title());
        if let Some(id) = named {
            let found = self.find(tenant, id).await?;
            let fits = found.integration_type == of && found.status == ConnectionStatus::Active;
            return fits.then_some(found).ok_or_else(|| Error::not_found(missing));
        }
        only(of, self.connectors.active(tenant, of).await?, missing)
    }

    /// The connection of this type, in use or not: the named one, or the only one. Of
    /// several it is the one that is in use.
    ///
    /// # Errors
    /// `NotFound`, in the contract's words, when there is none; `Conflict` when several
    /// could be meant.
    pub async fn configured(
        &self,
        tenant: &Tenant,
        of: IntegrationType,
        named: Option<&str>,
    ) -> Result<Connection> {
        let missing = format!("{} integration not configured", of.title());
        if let Some(id) = named {
            let found = self.find(tenant, id).await?;
            let fits = found.integration_type == of;
            return fits.then_some(found).ok_or_else(|| Error::not_found(missing));
        }
        let all: Vec<Connection> =
            self.table.query_all(Query::partition(&directory(tenant))).await?;
        let all: Vec<_> = all.into_iter().filter(|one| one.integration_type == of).collect();
        let in_use = |one: &&Connection| one.status == ConnectionStatus::Active;
        let used: Vec<_> = all.iter().filter(in_use).cloned().collect();
        only(of, if used.is_empty() { all } else { used }, missing)
    }
}

impl Connections {
    /// How the connection of this type is: the named one, or the only one.
    ///
    /// # Errors
    /// As [`Connections::configured`], here and below.
    pub async fn status_of(
        &self,
        by: &Caller,
        of: IntegrationType,
        named: Option<&str>,
    ) -> Result<IntegrationStatus> {
        let connection = self.configured(&by.tenant, of, named).await?;
        self.status(&by.tenant, &connection.id).await
    }

    /// Tests the connection of this type: the one that is named, in the request or beside it,
    /// or the only one.
    pub async fn test_of(
        &self,
        by: &Caller,
        of: IntegrationType,
        named: Option<&str>,
        asked: TestRequest,
    ) -> Result<ConnectionTestResponse> {
        let named = named.or(asked.named());
        let connection = self.configured(&by.tenant, of, named).await?;
        self.test(by, &connection.id, asked).await
    }
}

fn only(of: IntegrationType, found: Vec<Connection>, missing: String) -> Result<Connection> {
    let several = found.len() > 1;
    let first = found.into_iter().next().ok_or_else(|| Error::not_found(missing))?;
    if several {
        let detail = format!("Several {} connections: name one as connection_id", of.title());
        return Err(Error::new(Kind::Conflict, detail));
    }
    Ok(first)
}
