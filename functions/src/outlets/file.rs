//! What a file of rules says of who does a step.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use shared::error::Result;

use crate::messages::Severity;
use crate::rule_book::{text, wrong};

/// A webhook that is told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Webhook {
    #[serde(rename = "webhook")]
    pub id: String,
}

/// A target of notifications that is told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notice {
    #[serde(rename = "notify")]
    pub target: String,
    #[serde(default)]
    pub severity: Severity,
}

/// A call over a connection.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Call {
    pub connection: String,
    pub method: String,
    /// Begins with a slash; what is filled in is percent-encoded.
    pub path: String,
    /// What is sent, with `{field}` filled in; the step and what it is of when not given.
    #[serde(default)]
    pub body: Option<Map<String, Value>>,
    /// Whether a call that may have happened is made again. The other side is sent the
    /// same `Idempotency-Key`; `false` where it does not know it.
    #[serde(default)]
    pub repeat: Option<bool>,
}

impl Call {
    /// Whether what it says can be.
    ///
    /// # Errors
    /// `Invalid`, naming `rules` and the member at this place that is wrong.
    pub fn check(&self, place: &str) -> Result<()> {
        if !["POST", "PUT", "PATCH", "DELETE"].contains(&&*self.method) {
            return Err(wrong(&format!("{place}.method"), "must be POST, PUT, PATCH or DELETE"));
        }
        let place = format!("{place}.path");
        if !self.path.starts_with('/') {
            return Err(wrong(&place, "must begin with a slash"));
        }
        let mut parts = self.path.split(['/', '?', '#', '\\']);
        if parts.any(|part| matches!(part, "." | "..")) || self.path.contains('%') {
            return Err(wrong(&place, "must not hold dots alone, or anything percent-encoded"));
        }
        text(&place, &self.path)
    }
}
