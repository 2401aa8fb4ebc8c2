//! What somebody else is to do, and what has come of it.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use shared::jobs::Record;
use shared::tenant::Tenant;

use crate::messages::catalogue::EventType;

/// A step that somebody else is to do.
pub struct Errand<'a> {
    pub tenant: Tenant,
    /// The step's name: calls of its job are told apart by it.
    pub name: &'a str,
    /// As what a webhook is told of it, and what its notices come from.
    pub message: EventType,
    /// What a webhook is told, and a system whose call has no body of its own.
    pub told: Json,
    /// What `{field}` is filled in from.
    pub fields: &'a Map<String, Json>,
    /// What a notice says.
    pub subject: &'a str,
    pub text: String,
    /// What a notice is known by: the same is not told to the same target twice.
    pub dedup_key: String,
    /// When what a notice tells of happened, milliseconds since 1970; for one `dedup_key`
    /// always the same.
    pub at: i64,
}

/// That a step was done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Made {
    pub how: How,
    /// When, milliseconds since 1970.
    pub at: i64,
    /// What came of it: a checklist's id, a status that was answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

/// How a step was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// It has happened.
    Done,
    /// It is on its way to somebody who does it.
    HandedOver,
}

/// A step that is done in writing, and what is to be written for it.
pub struct InWriting {
    pub made: Made,
    pub record: Record,
}
