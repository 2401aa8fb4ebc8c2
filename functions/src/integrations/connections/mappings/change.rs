//! Use cases: create, change, delete a mapping, and take an old version back.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value as Json, json};
use shared::error::{Error, Kind, Result};
use shared::ids;
use shared::table::{Cond, Item, Key, Query, Update, Write};
use shared::tenant::Tenant;
use shared::web::Caller;
use utoipa::ToSchema;

use super::super::Connections;
use super::super::model::{Connection, connection_key};
use super::super::store::{Change, described};
use super::Definition;
use super::model::{Mapping, head_sk, partition};
use super::read::{Place, versions};
use super::transform::Transformation;
use super::validate::Validation;
use crate::messages::catalogue::CONNECTION_UPDATED;

/// Rows that are removed in one transaction.
const TOGETHER: usize = 50;

/// What is said of a new mapping. The rules are named by the field's path in the target
/// record.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewMapping {
    /// What the other side calls the records.
    #[schema(min_length = 1, max_length = 128, example = "agents")]
    source_entity: String,
    /// What they are called here.
    #[schema(min_length = 1, max_length = 128, example = "employees")]
    target_entity: String,
    /// Where each field comes from: the path in the source record by that in the target
    /// record. 1 to 200.
    #[schema(example = json!({"tab_number": "tabN", "name.last": "lastname"}))]
    field_mappings: BTreeMap<String, String>,
    /// What is done to a field's value, one after the other.
    #[serde(default)]
    transformation_rules: BTreeMap<String, Vec<Transformation>>,
    /// What a field's value must be then.
    #[serde(default)]
    validation_rules: BTreeMap<String, Validation>,
    /// Whether it is used; it is, if nothing is said.
    is_active: Option<bool>,
}

/// What is to change of a mapping. What is not named stays as it is.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MappingUpdate {
    /// What the other side calls the records.
    #[schema(min_length = 1, max_length = 128)]
    source_entity: Option<String>,
    /// What they are called here.
    #[schema(min_length = 1, max_length = 128)]
    target_entity: Option<String>,
    /// Where each field comes from.
    field_mappings: Option<BTreeMap<String, String>>,
    /// What is done to a field's value.
    transformation_rules: Option<BTreeMap<String, Vec<Transformation>>>,
    /// What a field's value must be then.
    validation_rules: Option<BTreeMap<String, Validation>>,
    /// Whether it is used.
    is_active: Option<bool>,
    /// The version that the change is of. If there is a newer one, nothing changes.
    #[schema(minimum = 1)]
    version: Option<i64>,
}

/// Which version is taken back.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Rollback {
    /// Its number.
    #[schema(minimum = 1, example = 1)]
    version: i64,
}

impl Connections {
    /// Creates a mapping.
    ///
    /// # Errors
    /// `NotFound` when there is no connection; `Invalid`, naming the member.
    pub(super) async fn create_mapping(
        &self,
        by: &Caller,
        connection: &str,
        new: NewMapping,
    ) -> Result<Mapping> {
        let connection = self.find(&by.tenant, connection).await?;
        let definition = Definition {
            field_mappings: new.field_mappings,
            transformation_rules: new.transformation_rules,
            validation_rules: new.validation_rules,
        };
        let (id, now) = (ids::time_ordered(), self.clock.now_ms());
        let mapping = Mapping {
            pk: partition(&by.tenant, &connection.id),
            sk: head_sk(&id),
            id,
            connection_id: connection.id.clone(),
            source_entity: entity("source_entity", &new.source_entity)?,
            target_entity: entity("target_entity", &new.target_entity)?,
            definition: checked(&definition)?,
            is_active: new.is_active.unwrap_or(true),
            version: 1,
            rolled_back_to: None,
            created_at: now,
            updated_at: now,
            updated_by: by.actor.clone(),
        };
        self.write_mapping(by, &connection, "mapping.create", None, &mapping).await?;
        Ok(mapping)
    }

    /// Changes a mapping.
    ///
    /// # Errors
    /// `NotFound`; `Invalid`, naming the member; `Conflict` when the version is not the
    /// newest, or somebody else changed it at the same moment.
    pub(super) async fn update_mapping(
        &self,
        by: &Caller,
        at: &Place,
        asked: MappingUpdate,
    ) -> Result<Mapping> {
        let old = self.mapping(&by.tenant, at).await?;
        if asked.version.is_some_and(|version| version != old.version) {
            let newest = old.version;
            let detail = format!("The mapping was changed: its version is {newest} now");
            return Err(Error::new(Kind::Conflict, detail));
        }
        let known = old.definition()?;
        let definition = Definition {
            field_mappings: asked.field_mappings.unwrap_or(known.field_mappings),
            transformation_rules: asked.transformation_rules.unwrap_or(known.transformation_rules),
            validation_rules: asked.validation_rules.unwrap_or(known.validation_rules),
        };
        let named = |field: &str, given: &Option<String>, known: &String| match given {
            Some(given) => entity(field, given),
            None => Ok(known.clone()),
        };
        let new = Mapping {
            source_entity: named("source_entity", &asked.source_entity, &old.source_entity)?,
            target_entity: named("target_entity", &asked.target_entity, &old.target_entity)?,
            definition: checked(&definition)?,
            is_active: asked.is_active.unwrap_or(old.is_active),
            rolled_back_to: None,
            ..old.clone()
        };
        self.next_version(by, "mapping.update", &old, new).await
    }

    /// Makes a new version of what an old one said.
    ///
    /// # Errors
    /// `NotFound`, for a version as well; `Conflict` when somebody else changed it at the
    /// same moment.
    pub(super) async fn roll_mapping_back(
        &self,
        by: &Caller,
        at: &Place,
        to: &Rollback,
    ) -> Result<Mapping> {
        let old = self.mapping(&by.tenant, at).await?;
        let taken_back = self.version(&old, to.version).await?;
        let (sk, version) = (old.sk.clone(), old.version);
        let new = Mapping { sk, version, rolled_back_to: Some(to.version), ..taken_back };
        self.next_version(by, "mapping.rollback", &old, new).await
    }

    async fn next_version(
        &self,
        by: &Caller,
        action: &'static str,
        old: &Mapping,
        new: Mapping,
    ) -> Result<Mapping> {
        let connection = self.find(&by.tenant, &old.connection_id).await?;
        let (version, updated_at) = (old.version + 1, self.clock.now_ms());
        let new = Mapping { version, updated_at, updated_by: by.actor.clone(), ..new };
        self.write_mapping(by, &connection, action, Some(old), &new).await?;
        Ok(new)
    }

    /// Deletes a mapping and its versions.
    ///
    /// # Errors
    /// `NotFound`; `Conflict` when somebody else changed it at the same moment.
    pub(super) async fn remove_mapping(&self, by: &Caller, at: &Place) -> Result<()> {
        let mapping = self.mapping(&by.tenant, at).await?;
        let connection = self.find(&by.tenant, &mapping.connection_id).await?;
        let as_read = Cond::Eq("version", mapping.version.into());
        let writes = vec![
            self.table.delete(mapping.key(), Some(as_read)),
            self.touch(&by.tenant, &connection),
        ];
        self.tell_of_mapping(by, &connection, "mapping.delete", &mapping, writes).await?;
        self.clear(Query::partition(&mapping.pk).range("sk", versions(&mapping.id))).await;
        Ok(())
    }

    async fn write_mapping(
        &self,
        by: &Caller,
        connection: &Connection,
        action: &'static str,
        old: Option<&Mapping>,
        new: &Mapping,
    ) -> Result<()> {
        let as_read = match old {
            Some(old) => Cond::Eq("version", old.version.into()),
            None => Cond::Absent("pk"),
        };
        let version = Item::of(&new.as_version())?;
        let writes = vec![
            self.table.put(Item::of(new)?, Some(as_read)),
            self.table.put(version, Some(Cond::Absent("pk"))),
            self.touch(&by.tenant, connection),
        ];
        self.tell_of_mapping(by, connection, action, new, writes).await
    }

    async fn tell_of_mapping(
        &self,
        by: &Caller,
        connection: &Connection,
        action: &'static str,
        mapping: &Mapping,
        writes: Vec<Write>,
    ) -> Result<()> {
        let mut data = described(connection);
        data["changed"] = json!(["mappings"]);
        data["mapping_id"] = json!(mapping.id);
        let details: Json = json!({ "mapping_id": mapping.id, "version": mapping.version });
        let messages = vec![(CONNECTION_UPDATED, data)];
        self.change(by, Change { action, details, connection, messages, writes }).await
    }

    /// Says on the connection's row that it changed, if it is still there.
    fn touch(&self, tenant: &Tenant, connection: &Connection) -> Write {
        let update = Update::of(connection_key(tenant, &connection.id));
        let update = update.set("updated_at", self.clock.now_ms());
        self.table.change(update.when(Cond::Present("pk")))
    }

    /// Removes all mappings of a connection that is gone.
    pub(in super::super) async fn clear_mappings(&self, tenant: &Tenant, connection: &str) {
        self.clear(Query::partition(&partition(tenant, connection))).await;
    }

    /// Removes rows that nothing leads to any more.
    async fn clear(&self, rows: Query) {
        let removed = async {
            let keys: Vec<Key> = self.table.query_all(rows).await?;
            for keys in keys.chunks(TOGETHER) {
                let writes = keys.iter().map(|key| self.table.delete(key.clone(), None));
                self.table.transact(&ids::time_ordered(), writes.collect()).await?;
            }
            Ok::<_, Error>(())
        };
        if let Err(error) = removed.await {
            tracing::warn!(%error, "rows that nothing leads to were not removed");
        }
    }
}

fn entity(field: &str, name: &str) -> Result<String> {
    let name = name.trim();
    if (1..=128).contains(&name.chars().count()) && !name.chars().any(char::is_control) {
        return Ok(name.to_owned());
    }
    Err(Error::invalid(field, "must have 1 to 128 characters that can be printed"))
}

/// A definition as it is stored, if it is good.
fn checked(definition: &Definition) -> Result<String> {
    definition.ready()?;
    serde_json::to_string(definition).map_err(Error::internal)
}
