//! Use case: which fields a process's runs can be searched and sorted by. Pure.

use serde::Serialize;
use serde_json::{Map, Value as Json, json};
use shared::error::Result;
use utoipa::ToSchema;

use super::model::Process;
use crate::processes::runs::RunStatus;

/// The standard fields: their names, types, descriptions, and whether runs are filtered by
/// them.
const STANDARD: [(&str, &str, &str, bool); 8] = [
    ("id", "integer", "The run's number", false),
    ("entity_id", "string", "What the run is about", true),
    ("entity_name", "string", "What that is called; any part of it", true),
    ("status", "string", "The run's status", true),
    ("started_at", "datetime", "When the run began", true),
    ("finished_at", "datetime", "When the run ended", true),
    ("created_at", "datetime", "When the run was made", true),
    ("updated_at", "datetime", "When the run was last changed", false),
];

/// What a process's runs can be searched and sorted by.
#[derive(Debug, Serialize, ToSchema)]
pub struct SearchableFields {
    process_id: i64,
    process_name: String,
    /// By name: type, description, whether it sorts and filters, and how.
    #[schema(value_type = Object)]
    standard_fields: Map<String, Json>,
    /// The same for what `run_metadata_schema` of the process's metadata names.
    #[schema(value_type = Object)]
    metadata_fields: Map<String, Json>,
    all_sortable_fields: Vec<String>,
    all_filterable_fields: Vec<String>,
    field_count: FieldCount,
    /// How to write filters.
    #[schema(value_type = Object)]
    filtering_help: Json,
}

/// How many fields there are.
#[derive(Debug, Serialize, ToSchema)]
pub struct FieldCount {
    standard: usize,
    metadata: usize,
    total: usize,
}

impl SearchableFields {
    /// Of this process.
    ///
    /// # Errors
    /// `Internal` when the row is broken.
    pub(super) fn of(process: &Process) -> Result<Self> {
        let meta = process.meta()?;
        let schema = meta.get("run_metadata_schema").and_then(Json::as_object);
        let metadata_fields: Map<String, Json> = schema
            .into_iter()
            .flatten()
            .map(|(name, kind)| (name.clone(), metadata_field(name, kind)))
            .collect();
        let of_meta = metadata_fields.keys().map(|name| format!("meta.{name}"));
        let standard = |filtered: bool| {
            let names = STANDARD.iter().filter(move |(.., filters)| !filtered || *filters);
            names.map(|(name, ..)| (*name).to_owned())
        };
        let (standard_count, metadata) = (STANDARD.len(), metadata_fields.len());
        Ok(Self {
            process_id: process.id,
            process_name: process.name.clone(),
            standard_fields: STANDARD.iter().map(standard_field).collect(),
            all_sortable_fields: standard(false).chain(of_meta.clone()).collect(),
            all_filterable_fields: standard(true).chain(of_meta).collect(),
            metadata_fields,
            field_count: FieldCount {
                standard: standard_count,
                metadata,
                total: standard_count + metadata,
            },
            filtering_help: help(),
        })
    }
}

fn standard_field(field: &(&str, &str, &str, bool)) -> (String, Json) {
    let (name, kind, description, filterable) = *field;
    let mut told = json!({
        "type": kind, "description": description, "sortable": true, "filterable": filterable,
    });
    if name == "status" {
        told["values"] = json!(RunStatus::ALL);
    }
    if kind == "datetime" && filterable {
        told["filter_types"] = json!(["after", "before"]);
    }
    (name.to_owned(), told)
}

fn metadata_field(name: &str, kind: &Json) -> Json {
    json!({
        "type": kind,
        "description": format!("Metadata field: {name}"),
        "sortable": true,
        "filterable": true,
        "sortable_as": format!("meta.{name}"),
        "filter_format": format!("meta_filter={name}:value"),
    })
}

fn help() -> Json {
    json!({
        "metadata": "meta_filter=field:value,field2:value2, or the parameter repeated; values of \
            one field are alternatives, fields must all hold",
        "dates": "created_after, created_before, started_after, started_before, finished_after \
            and finished_before take RFC 3339 moments or dates",
        "partial_match": "entity_name finds any part of the name, in any case",
    })
}
