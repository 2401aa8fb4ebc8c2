//! A mapping as it is shown.

use std::collections::BTreeMap;

use serde::Serialize;
use shared::error::Result;
use shared::web::to_the_second;
use utoipa::ToSchema;

use super::model::Mapping;
use super::transform::Transformation;
use super::validate::Validation;

/// A mapping, or one of its versions.
#[derive(Debug, Serialize, ToSchema)]
pub struct MappingView {
    #[schema(format = "uuid")]
    id: String,
    #[schema(format = "uuid")]
    connection_id: String,
    source_entity: String,
    target_entity: String,
    /// The path in the source record by that in the target record.
    field_mappings: BTreeMap<String, String>,
    transformation_rules: BTreeMap<String, Vec<Transformation>>,
    validation_rules: BTreeMap<String, Validation>,
    is_active: bool,
    /// From 1; each change makes a new one.
    version: i64,
    /// The version that this one was taken back from.
    rolled_back_to: Option<i64>,
    created_at: String,
    /// When this version was made.
    updated_at: String,
    /// Who made it.
    updated_by: String,
}

impl MappingView {
    pub(super) fn of(mapping: Mapping) -> Result<Self> {
        let definition = mapping.definition()?;
        Ok(Self {
            id: mapping.id,
            connection_id: mapping.connection_id,
            source_entity: mapping.source_entity,
            target_entity: mapping.target_entity,
            field_mappings: definition.field_mappings,
            transformation_rules: definition.transformation_rules,
            validation_rules: definition.validation_rules,
            is_active: mapping.is_active,
            version: mapping.version,
            rolled_back_to: mapping.rolled_back_to,
            created_at: to_the_second(mapping.created_at),
            updated_at: to_the_second(mapping.updated_at),
            updated_by: mapping.updated_by,
        })
    }
}
