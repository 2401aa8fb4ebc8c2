//! Use cases: change what a process is called, how long its runs are kept and may take,
//! delete it, and restore it.

use serde::Deserialize;
use serde_json::{Map, Value as Json, json};
use shared::error::Result;
use shared::table::{Item, Read};
use shared::web::{Caller, Changes};
use utoipa::ToSchema;

use super::model::Process;
use super::store::{Deed, Processes, interfered};
use super::wanted;
use crate::messages::catalogue::{EventType, PROCESS_DELETED, PROCESS_UPDATED};
use crate::processes::retention::{Retention, retention_key};

/// What is changed of a process; what is not named stays as it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProcessChange {
    #[schema(min_length = 1, max_length = 255)]
    name: Option<String>,
    /// All of it; what is not in it is gone.
    #[schema(value_type = Option<Object>)]
    meta: Option<Map<String, Json>>,
    /// How long a run may take, in seconds; null for as long as it takes.
    #[serde(default, deserialize_with = "given")]
    #[schema(minimum = 1)]
    deadline_seconds: Option<Option<i64>>,
}

impl Changes for ProcessChange {
    const SHOWN_ONLY: &'static [&'static str] =
        &["id", "steps", "version", "template", "retention_months", "created_at", "updated_at"];
}

/// A member that may be null, which is not the same as left out.
pub fn given<'de, D, T>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Deserialize<'de>,
{
    Option::deserialize(deserializer).map(Some)
}

impl Deed {
    /// A change of the definition.
    pub(super) fn of(action: &'static str, details: Json) -> Self {
        Self { action, details, message: PROCESS_UPDATED, also: Vec::new() }
    }

    fn told_as(self, message: EventType) -> Self {
        Self { message, ..self }
    }
}

impl Processes {
    /// Changes a process.
    ///
    /// # Errors
    /// `Invalid`, naming the member; `NotFound`.
    pub(super) async fn update(
        &self,
        by: &Caller,
        id: i64,
        change: ProcessChange,
    ) -> Result<Process> {
        let name = change.name.map(|name| wanted::name("name", &name)).transpose()?;
        let meta = change.meta.map(wanted::meta).transpose()?;
        let deadline = change.deadline_seconds;
        let deadline =
            deadline.map(|seconds| wanted::deadline("deadline_seconds", seconds)).transpose()?;
        let update = |process: &mut Process, _| {
            let seen = process.clone();
            name.clone_into_some(&mut process.name);
            meta.clone_into_some(&mut process.meta);
            process.deadline_seconds = deadline.unwrap_or(process.deadline_seconds);
            let details = json!({
                "name": (seen.name != process.name).then_some(&process.name),
                "meta": seen.meta != process.meta,
                "deadline_seconds": process.deadline_seconds,
            });
            Ok((seen != *process).then(|| Deed::of("process.update", details)))
        };
        self.change(by, id, update).await
    }

    /// Says after how many months a process's runs are neutralised; never, without a number.
    ///
    /// # Errors
    /// `Invalid`, naming `retention_months`; `NotFound`.
    pub(super) async fn retain(
        &self,
        by: &Caller,
        id: i64,
        months: Option<u32>,
    ) -> Result<Process> {
        let months = wanted::retention(months)?;
        let key = retention_key(&by.tenant, id);
        let known: Option<Retention> = self.table.get(&key, Read::Consistent).await?;
        let retain = |process: &mut Process, now| {
            let seen = std::mem::replace(&mut process.retention_months, months);
            if seen == months {
                return Ok(None);
            }
            let row = Retention::of(&by.tenant, id, known.as_ref(), &self.policy, now);
            let job = match months {
                Some(_) => self.table.put(Item::of(&row)?, None),
                None => self.table.delete(key.clone(), None),
            };
            let details = json!({ "retention_months": months, "before": seen });
            Ok(Some(Deed { also: vec![job], ..Deed::of("process.retention", details) }))
        };
        self.change(by, id, retain).await
    }

    /// Deletes a process: it and its steps are seen no more, its runs are.
    ///
    /// # Errors
    /// `NotFound`.
    pub(super) async fn delete(&self, by: &Caller, id: i64) -> Result<()> {
        let delete = |process: &mut Process, now| {
            process.deleted_at = Some(now);
            let deed = Deed::of("process.delete", json!({ "name": process.name }));
            Ok(Some(deed.told_as(PROCESS_DELETED)))
        };
        self.change(by, id, delete).await.map(drop)
    }

    /// Takes a deletion back; a process that is not deleted stays as it is.
    ///
    /// # Errors
    /// `NotFound`.
    pub(super) async fn restore(&self, by: &Caller, id: i64) -> Result<Process> {
        let restore = |process: &mut Process, _| {
            let was = process.deleted_at.take();
            let deed = Deed::of("process.restore", json!({ "name": process.name }));
            Ok(was.map(|_| deed))
        };
        let seen = self.any(&by.tenant, id).await?;
        self.try_change(by, seen, &restore).await?.ok_or_else(interfered)
    }
}

/// To put a value where it belongs, if there is one.
trait CloneIntoSome<T> {
    fn clone_into_some(&self, place: &mut T);
}

impl<T: Clone> CloneIntoSome<T> for Option<T> {
    fn clone_into_some(&self, place: &mut T) {
        if let Some(value) = self {
            place.clone_from(value);
        }
    }
}
