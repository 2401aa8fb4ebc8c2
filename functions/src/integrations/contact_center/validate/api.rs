//! The route of validation.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use shared::error::{Error, Result};
use shared::table::count;
use shared::web::{Caller, Conflict, JsonBody, Missing, Query, Routes};
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::super::ContactCenter;
use super::super::given::read;
use super::super::records::DataKind;
use super::rules::{Rules, ValidationRule, broken, check};
use crate::access::permission::INTEGRATIONS_READ;
use crate::integrations::answer::percentage;
use crate::integrations::connections::OfConnection;

/// The largest body, in bytes.
const LARGEST: usize = 5 * 1024 * 1024;
/// The most records of a request.
const MOST: usize = 10_000;

/// `/integrations/cc/validate-data`.
pub fn routes() -> Routes<ContactCenter> {
    let guard = INTEGRATIONS_READ.of_people().with_body(LARGEST);
    Routes::new().guarded(guard, routes!(validate_contact_center_data))
}

/// Records of one kind, and rules for them.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ValidationRequest {
    data_type: DataKind,
    /// The records, as a bulk import has them.
    #[schema(value_type = Vec<Object>, min_items = 1, max_items = 10_000)]
    data: Vec<Value>,
    /// Further rules, by the names of the members that they are about.
    #[schema(value_type = Option<std::collections::BTreeMap<String, ValidationRule>>)]
    validation_rules: Option<Rules>,
    /// Whether a member that no record of this kind has is an error.
    #[serde(default)]
    strict_mode: bool,
}

/// What is wrong with records.
#[derive(Debug, Serialize, ToSchema)]
pub struct ValidationReport {
    total_records: usize,
    valid_records: usize,
    invalid_records: usize,
    validation_errors: Vec<InvalidRecord>,
    /// Valid records, in percent of all.
    success_rate: f64,
}

/// A record that is not valid.
#[derive(Debug, Serialize, ToSchema)]
pub struct InvalidRecord {
    /// Its place, counted from 0.
    record_index: usize,
    record: Value,
    #[schema(example = json!(["agent_id is required"]))]
    errors: Vec<String>,
}

/// Checks records as a bulk import would, and by further rules. Keeps nothing.
#[utoipa::path(post, path = "/integrations/cc/validate-data", tag = "contact center",
    params(OfConnection), request_body(content = ValidationRequest, example = json!({
        "data_type": "agent_status", "data": [{ "agent_id": "agent123", "status": "available" }],
        "validation_rules": { "calls_handled": { "min_value": 0, "max_value": 500 } } })),
    responses((status = 200, body = ValidationReport, description = "What is wrong with them"),
        Error, Conflict, Missing))]
async fn validate_contact_center_data(
    State(center): State<ContactCenter>,
    caller: Caller,
    Query(of): Query<OfConnection>,
    JsonBody(given): JsonBody<ValidationRequest>,
) -> Result<Json<ValidationReport>> {
    if !(1..=MOST).contains(&given.data.len()) {
        return Err(Error::invalid("data", format!("must have 1 to {MOST} records")));
    }
    let rules = given.validation_rules.unwrap_or_default();
    check(&rules)?;
    center.centres.one(&caller.tenant, of.named()).await?;
    let total_records = given.data.len();
    let each = given.data.into_iter().enumerate().filter_map(|(record_index, record)| {
        let errors = wrong(given.data_type, &record, &rules, given.strict_mode);
        (!errors.is_empty()).then_some(InvalidRecord { record_index, record, errors })
    });
    let validation_errors: Vec<_> = each.collect();
    let invalid_records = validation_errors.len();
    let valid_records = total_records - invalid_records;
    let success_rate = percentage(count(valid_records), count(total_records));
    Ok(Json(ValidationReport {
        total_records,
        valid_records,
        invalid_records,
        validation_errors,
        success_rate,
    }))
}

/// All that is wrong with a record.
fn wrong(kind: DataKind, record: &Value, rules: &Rules, strict: bool) -> Vec<String> {
    let Some(record) = record.as_object() else { return vec!["must be an object".to_owned()] };
    let mut errors = read(kind, record, strict).err().unwrap_or_default();
    for error in broken(rules, record) {
        if !errors.contains(&error) {
            errors.push(error);
        }
    }
    errors
}
