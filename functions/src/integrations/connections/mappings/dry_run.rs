//! Use case: try a mapping on records, without writing anything.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use shared::error::{Error, Result};
use shared::tenant::Tenant;
use utoipa::ToSchema;

use super::super::Connections;
use super::engine::{Difference, FieldFault};
use super::read::Place;

/// The most records that are tried at once, and the largest answer, in bytes.
const MOST: usize = 1000;
const LARGEST: usize = 4 * 1024 * 1024;

/// What a mapping is tried on.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DryRunRequest {
    /// At most 1000 records, as the other side has them; the last ones that came over the
    /// connection if none are given.
    #[schema(value_type = Option<Vec<Object>>, max_items = 1000,
        example = json!([{"tabN": "42", "lastname": "Petrov"}]))]
    records: Option<Vec<Map<String, Json>>>,
}

/// What a mapping makes of records.
#[derive(Debug, Serialize, ToSchema)]
pub struct DryRunResponse {
    #[schema(format = "uuid")]
    mapping_id: String,
    /// The version that was tried.
    version: i64,
    total_records: usize,
    valid_records: usize,
    invalid_records: usize,
    results: Vec<DryRunResult>,
}

/// What a mapping makes of a record.
#[derive(Debug, Serialize, ToSchema)]
pub struct DryRunResult {
    /// Which record, from 0.
    record_index: usize,
    /// The record as it came.
    #[schema(value_type = Object)]
    before: Json,
    /// The record as it would be taken.
    #[schema(value_type = Object)]
    after: Map<String, Json>,
    /// The fields whose values are others.
    differences: Vec<Difference>,
    /// What is wrong with it; nothing if it can be taken.
    errors: Vec<FieldFault>,
}

impl Connections {
    /// Tries a mapping.
    ///
    /// # Errors
    /// `NotFound`; `Invalid`, naming `records`, when there are none or too many, or too
    /// much becomes of them.
    pub(super) async fn try_mapping(
        &self,
        tenant: &Tenant,
        at: &Place,
        asked: DryRunRequest,
    ) -> Result<DryRunResponse> {
        let mapping = self.mapping(tenant, at).await?;
        let records = match asked.records {
            Some(records) => records.into_iter().map(Json::Object).collect(),
            None => {
                let (connection, entity) = (&mapping.connection_id, &mapping.source_entity);
                self.samples.find(tenant, connection, entity).await?
            }
        };
        if !(1..=MOST).contains(&records.len()) {
            let message = "must be 1 to 1000, as none came over the connection lately";
            return Err(Error::invalid("records", message));
        }
        let engine = mapping.definition()?.ready()?;
        let (mut results, mut size) = (Vec::with_capacity(records.len()), 0);
        for (record_index, before) in records.into_iter().enumerate() {
            let mapped = engine.map(&before);
            let (after, differences, errors) = (mapped.record, mapped.differences, mapped.errors);
            let result = DryRunResult { record_index, before, after, differences, errors };
            size += serde_json::to_string(&result).map_err(Error::internal)?.len();
            if size > LARGEST {
                return Err(Error::invalid("records", "become more than 4 MiB; try fewer"));
            }
            results.push(result);
        }
        let valid = results.iter().filter(|result| result.errors.is_empty()).count();
        Ok(DryRunResponse {
            mapping_id: mapping.id,
            version: mapping.version,
            total_records: results.len(),
            valid_records: valid,
            invalid_records: results.len() - valid,
            results,
        })
    }
}
