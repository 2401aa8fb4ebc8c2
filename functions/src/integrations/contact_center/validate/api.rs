//! The route of validation.

use std::collections::HashMap;

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
use super::super::centre::centre;
use super::super::given::{self, LARGEST, TOLD, read};
use super::super::import::{ImportOptions, Plan};
use super::super::records::{Centre, DataKind};
use super::rules::{self, Rules, ValidationRule, broken};
use crate::access::permission::INTEGRATIONS_READ;
use crate::integrations::answer::percentage;
use crate::integrations::connections::OfConnection;

/// As much as an answer repeats of records, in bytes.
const REPEATED: usize = 2 * 1024 * 1024;

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
    /// Of the first thousand at most, and of no more than two megabytes of records.
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
    given::check(&given.data)?;
    rules::check(given.validation_rules.as_ref())?;
    let of = center.centres.one(&caller.tenant, of.named()).await?;
    report(centre(&caller.tenant, &of), given).map(Json)
}

fn report(centre: Centre<'_>, given: ValidationRequest) -> Result<ValidationReport> {
    let (kind, rules) = (given.data_type, given.validation_rules.unwrap_or_default());
    let as_import = ImportOptions { data_type: kind, whole: true, update_existing: false };
    let plan = Plan::of(centre, as_import, given.data.clone());
    let mut wrong: HashMap<_, _> =
        plan.wrong.into_iter().map(|error| (error.index, error.errors)).collect();
    let total_records = given.data.len();
    let (mut invalid_records, mut repeated, mut validation_errors) = (0, 0, Vec::new());
    for (record_index, record) in given.data.into_iter().enumerate() {
        let mut errors = wrong.remove(&record_index).unwrap_or_default();
        let further = further(kind, &record, &rules, given.strict_mode);
        errors.extend(
            further.into_iter().filter(|error| !errors.contains(error)).collect::<Vec<_>>(),
        );
        if errors.is_empty() {
            continue;
        }
        invalid_records += 1;
        repeated += record.to_string().len();
        if repeated <= REPEATED && validation_errors.len() < TOLD {
            validation_errors.push(InvalidRecord { record_index, record, errors });
        }
    }
    let valid_records = total_records - invalid_records;
    let success_rate = percentage(count(valid_records), count(total_records));
    Ok(ValidationReport {
        total_records,
        valid_records,
        invalid_records,
        validation_errors,
        success_rate,
    })
}

/// What is wrong with a record by the caller's own rules, and with its members' names if that
/// is to be known.
fn further(kind: DataKind, record: &Value, rules: &Rules, strict: bool) -> Vec<String> {
    let Some(record) = record.as_object() else { return Vec::new() };
    let strict = strict.then(|| read(kind, record, true).err()).flatten();
    strict.into_iter().flatten().chain(broken(rules, record)).collect()
}
