//! The model: a checklist, one row. While something is left to do it stands in the sparse
//! index `parked`.

use serde::{Deserialize, Serialize};
use shared::error::{Error, Result};
use shared::jobs::parked;
use shared::table::Key;
use shared::tenant::Tenant;

use crate::pega::event::Event;
use crate::pega::rules::ListOfItems;

/// The list of the checklists that are open.
const OPEN: &str = "checklists";

/// A checklist's row in the table `events`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::pega) struct Checklist {
    pk: String,
    pub(super) sk: String,
    /// What the rules call it.
    pub(super) name: String,
    /// The event that brought it, its case, and whom it is about.
    pub(super) event_id: i64,
    pub(super) case_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) employee_id: Option<String>,
    pub(super) items: Vec<Item>,
    /// Milliseconds since 1970.
    pub(super) created_at: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) completed_at: Option<i64>,
    /// Which change of it this is, from 1.
    pub(super) version: i64,
    /// Partition of the index `parked`, while it is open, and its place there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    parked: Option<String>,
    rank: i64,
}

/// One thing to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Item {
    pub text: String,
    /// When and by whom it was ticked off; while it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub done: Option<Done>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// That something was done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Done {
    /// Milliseconds since 1970.
    pub at: i64,
    pub by: String,
}

/// The checklist that a step of an event makes.
pub(in crate::pega) fn made_of(
    event: &Event,
    step: &str,
    list: &ListOfItems,
    employee_id: Option<String>,
    now: i64,
) -> Result<Checklist> {
    let tenant = event.tenant()?;
    let Key { pk, sk } = checklist_key(&tenant, &id_of(event.id(), step));
    let items = list.items.iter().map(|text| Item { text: text.clone(), done: None, note: None });
    Ok(Checklist {
        pk,
        sk,
        name: list.name.clone(),
        event_id: event.id(),
        case_id: event.case_id.clone(),
        employee_id,
        items: items.collect(),
        created_at: now,
        completed_at: None,
        version: 1,
        parked: Some(open_partition(&tenant)),
        rank: event.id(),
    })
}

impl Checklist {
    /// Its id.
    pub fn id(&self) -> &str {
        &self.sk
    }

    /// Its key.
    pub fn key(&self) -> Key {
        Key { pk: self.pk.clone(), sk: self.sk.clone() }
    }

    /// How many of its items are done.
    pub fn done(&self) -> usize {
        self.items.iter().filter(|item| item.done.is_some()).count()
    }

    /// The next version of it, with these items.
    pub(super) fn with(&self, tenant: &Tenant, items: Vec<Item>, now: i64) -> Self {
        let complete = items.iter().all(|item| item.done.is_some());
        Self {
            items,
            completed_at: complete.then(|| self.completed_at.unwrap_or(now)),
            parked: (!complete).then(|| open_partition(tenant)),
            version: self.version + 1,
            ..self.clone()
        }
    }
}

/// Whether this is the id of a checklist that an event brought.
pub(in crate::pega) fn is_of(id: &str, event: i64) -> bool {
    id.strip_prefix(&id_of(event, "")).is_some()
}

/// Ids sort by their events.
fn id_of(event: i64, step: &str) -> String {
    format!("{event:012}-{step}")
}

/// Where a checklist is.
pub(in crate::pega) fn checklist_key(tenant: &Tenant, id: &str) -> Key {
    Key { pk: tenant.pk("CHECKLISTS", ""), sk: id.to_owned() }
}

/// The partition of the index `parked` that a tenant's open checklists stand in.
pub(super) fn open_partition(tenant: &Tenant) -> String {
    parked(tenant, OPEN)
}

/// The answer for one that is not there.
pub(super) fn unknown() -> Error {
    Error::not_found("Checklist not found")
}
