//! Use cases: keep definitions of processes that many are made of, and make one. A process
//! that was made of a template does not change when the template does; it says of which
//! version it is.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};
use shared::error::{Error, Kind, Result};
use shared::ids;
use shared::table::{Cond, Item, Key, Query, Read, Write, Written};
use shared::tenant::Tenant;
use shared::web::Caller;
use utoipa::ToSchema;

use super::create::Plan;
use super::model::Process;
use super::store::Processes;
use super::wanted::NewProcess;

/// The largest definition, in bytes: DynamoDB's rows have 400 KB.
const LARGEST: usize = 350 * 1024;

/// A template's row in the table `runs`. Moments are milliseconds since 1970.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Template {
    pk: String,
    sk: String,
    pub id: i64,
    pub version: i64,
    /// The definition, as JSON text.
    pub definition: String,
    pub created_at: i64,
    pub updated_at: i64,
}

/// A process that is to be made of a template.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OfTemplate {
    /// What it is called; as the template when not given.
    #[schema(max_length = 255)]
    name: Option<String>,
    /// Put over the template's metadata, member by member.
    #[serde(default)]
    #[schema(value_type = Object)]
    meta: Map<String, Json>,
}

impl Template {
    /// Its definition.
    ///
    /// # Errors
    /// `Internal` when the row is broken.
    pub fn definition(&self) -> Result<NewProcess> {
        serde_json::from_str(&self.definition).map_err(Error::internal)
    }
}

impl Processes {
    /// All templates, by their ids.
    pub(super) async fn templates(&self, tenant: &Tenant) -> Result<Vec<Template>> {
        self.table.query_all(Query::partition(&template_key(tenant, 0).pk)).await
    }

    /// One template.
    ///
    /// # Errors
    /// `NotFound` when there is none.
    pub(super) async fn template(&self, tenant: &Tenant, id: i64) -> Result<Template> {
        let found = self.table.get(&template_key(tenant, id), Read::Consistent).await?;
        found.ok_or_else(unknown_template)
    }

    /// Keeps a definition as a template.
    ///
    /// # Errors
    /// `Invalid`, naming the member.
    pub(super) async fn add_template(&self, by: &Caller, new: NewProcess) -> Result<Template> {
        let definition = checked(new)?;
        let (id, now) = (self.template_ids.next(&by.tenant).await?, self.clock.now_ms());
        let Key { pk, sk } = template_key(&by.tenant, id);
        let (version, created_at, updated_at) = (1, now, now);
        let template = Template { pk, sk, id, version, definition, created_at, updated_at };
        let put = self.table.put(Item::of(&template)?, Some(Cond::Absent("pk")));
        self.write_template(by, "process-template.create", id, put).await?;
        Ok(template)
    }

    /// Puts another definition in a template's place.
    ///
    /// # Errors
    /// `Invalid`, naming the member; `NotFound`; `Conflict`.
    pub(super) async fn replace_template(
        &self,
        by: &Caller,
        id: i64,
        new: NewProcess,
    ) -> Result<Template> {
        let definition = checked(new)?;
        let seen = self.template(&by.tenant, id).await?;
        let unchanged = Cond::Eq("version", seen.version.into());
        let (version, updated_at) = (seen.version + 1, self.clock.now_ms());
        let next = Template { version, definition, updated_at, ..seen };
        let put = self.table.put(Item::of(&next)?, Some(unchanged));
        self.write_template(by, "process-template.update", id, put).await?;
        Ok(next)
    }

    /// Takes a template away; the processes that were made of it stay.
    ///
    /// # Errors
    /// `NotFound`.
    pub(super) async fn remove_template(&self, by: &Caller, id: i64) -> Result<()> {
        let seen = self.template(&by.tenant, id).await?;
        let unchanged = Cond::Eq("version", seen.version.into());
        let delete = self.table.delete(template_key(&by.tenant, id), Some(unchanged));
        self.write_template(by, "process-template.delete", id, delete).await
    }

    /// Makes a process of a template.
    ///
    /// # Errors
    /// `Invalid`, naming the member; `NotFound`.
    pub(super) async fn instantiate(
        &self,
        by: &Caller,
        id: i64,
        over: OfTemplate,
    ) -> Result<Process> {
        let template = self.template(&by.tenant, id).await?;
        let mut definition = template.definition()?;
        definition.meta.extend(over.meta);
        definition.name = over.name.unwrap_or(definition.name);
        let of = format!("{id}@{}", template.version);
        self.create(by, Plan { template: Some(of), ..definition.read()? }).await
    }

    async fn write_template(&self, by: &Caller, action: &str, id: i64, write: Write) -> Result<()> {
        let subject = format!("process-template:{id}");
        let writes = vec![write, self.trail.entry(by, action, subject, &json!({}))?];
        match self.table.transact(&ids::time_ordered(), writes).await? {
            Written::Done => Ok(()),
            Written::Refused(_) => {
                Err(Error::new(Kind::Conflict, "The template has been changed meanwhile"))
            }
        }
    }
}

/// A definition that a process could be made of, as text.
fn checked(new: NewProcess) -> Result<String> {
    let text = serde_json::to_string(&new).map_err(Error::internal)?;
    new.read()?;
    shared::web::at_most(LARGEST, "steps", &text)?;
    Ok(text)
}

fn template_key(tenant: &Tenant, id: i64) -> Key {
    Key { pk: tenant.pk("TEMPLATES", ""), sk: format!("{id:012}") }
}

fn unknown_template() -> Error {
    Error::not_found("Process template not found")
}
