//! A place where something of a case is saved: which call does it, and which one tells the
//! version that it must still have.

use serde_json::{Map, Value as Json, json};
use shared::outbound::Method;

use crate::integrations::connections::client::Request;

/// Where something of a case is saved.
#[derive(Clone, Debug)]
pub(in crate::pega) struct Place {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) action: Option<String>,
    /// What tells its ETag.
    pub(super) told_at: String,
    /// Whether Pega compares that ETag itself.
    pub(super) guarded: bool,
}

impl Place {
    /// The call that asks for the version.
    pub(super) fn look(&self) -> Request {
        Request::get(&self.told_at)
    }

    /// The call that saves this content over that version.
    pub(super) fn save(&self, content: &Map<String, Json>, etag: &str) -> Request {
        let request = Request::new(self.method.clone(), &self.path);
        let request = match &self.action {
            Some(action) => request.query("actionID", action),
            None => request,
        };
        let request = if self.guarded { request.header("if-match", etag) } else { request };
        request.json(json!({ "content": content }))
    }
}

/// Whether one of these has this `ID`.
pub(super) fn names(list: &Json, id: &str) -> bool {
    list.as_array().into_iter().flatten().any(|one| one["ID"].as_str() == Some(id))
}
