//! Use cases: list a connection's mappings and their versions.

use serde::Deserialize;
use shared::error::{Error, Result};
use shared::table::{Key, Query, Range, Read};
use shared::tenant::Tenant;
use shared::web::{page_limit, page_skip};
use utoipa::IntoParams;

use super::super::Connections;
use super::super::model::canonical;
use super::model::{Mapping, head_sk, partition, version_sk};

/// Which versions are listed.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct VersionFilter {
    /// How many are left out first.
    #[param(minimum = 0, default = 0)]
    skip: Option<i64>,
    /// How many at most.
    #[param(minimum = 1, maximum = 1000, default = 100)]
    limit: Option<i64>,
}

impl Connections {
    /// A connection's mappings, oldest first.
    ///
    /// # Errors
    /// `NotFound`.
    pub(super) async fn mappings(&self, tenant: &Tenant, id: &str) -> Result<Vec<Mapping>> {
        let connection = self.find(tenant, id).await?;
        let span = Range::Between("H#".into(), "H#~".into());
        let query = Query::partition(&partition(tenant, &connection.id)).range("sk", span);
        self.table.query_all(query).await
    }

    /// One mapping of a connection.
    ///
    /// # Errors
    /// `NotFound`, telling which of the two there is not.
    pub(super) async fn mapping(&self, tenant: &Tenant, at: &Place) -> Result<Mapping> {
        let connection = self.find(tenant, &at.connection_id).await?;
        let id = canonical(&at.mapping_id).ok_or_else(unknown)?;
        let key = Key { pk: partition(tenant, &connection.id), sk: head_sk(&id) };
        self.table.get(&key, Read::Consistent).await?.ok_or_else(unknown)
    }

    /// A mapping's versions, newest first.
    ///
    /// # Errors
    /// `NotFound`; `Invalid`, naming the parameter.
    pub(super) async fn versions(
        &self,
        tenant: &Tenant,
        at: &Place,
        filter: &VersionFilter,
    ) -> Result<Vec<Mapping>> {
        let (skip, limit) = (page_skip(filter.skip)?, page_limit(filter.limit, 100, 1000)?);
        let mapping = self.mapping(tenant, at).await?;
        let query = Query::partition(&mapping.pk).range("sk", versions(&mapping.id)).descending();
        self.table.query_window(query, |_: &Mapping| true, skip, limit).await
    }

    /// One version of a mapping.
    ///
    /// # Errors
    /// `NotFound`.
    pub(super) async fn version(&self, mapping: &Mapping, version: i64) -> Result<Mapping> {
        let key = Key { pk: mapping.pk.clone(), sk: version_sk(&mapping.id, version) };
        let found = self.table.get(&key, Read::Consistent).await?;
        found.ok_or_else(|| Error::not_found("The mapping has no such version"))
    }
}

/// Which mapping of which connection.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct Place {
    /// The connection's id.
    #[param(format = "uuid", example = "00000000-0000-7000-8000-000000000001")]
    pub(super) connection_id: String,
    /// The mapping's id.
    #[param(format = "uuid", example = "00000000-0000-7000-8000-000000000003")]
    pub(super) mapping_id: String,
}

/// The sort keys of a mapping's versions.
pub(super) fn versions(mapping: &str) -> Range {
    Range::Between(version_sk(mapping, 0).into(), format!("V#{mapping}#~").into())
}

fn unknown() -> Error {
    Error::not_found("Mapping not found")
}
