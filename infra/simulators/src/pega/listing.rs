//! Lists of messages, which both versions filter alike.

use serde::Deserialize;
use serde_json::{Value, json};

use super::state::{Known, Message};

/// What is asked for.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Listing {
    filter_by: Option<String>,
    filter_for: Option<String>,
    page_size: Option<usize>,
}

impl Listing {
    /// The newest messages; none when they are filtered by what is not known.
    pub fn show(&self, known: &Known) -> Option<Vec<Value>> {
        if self.filter_by.as_deref().is_some_and(|by| by != "context") {
            return None;
        }
        let show = |message: &Message| json!({ "ID": message.id, "context": message.context, "message": message.text });
        let newest = known.newest(self.filter_for.as_deref(), self.page_size.unwrap_or(50));
        Some(newest.into_iter().map(show).collect())
    }
}
