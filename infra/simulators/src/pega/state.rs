//! What a Pega knows.

use std::collections::{BTreeMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::{Map, Value};

use super::Message;

/// Everything, behind one lock.
#[derive(Default)]
pub(super) struct State(Mutex<Known>);

#[derive(Default)]
pub(super) struct Known {
    pub cases: BTreeMap<String, Case>,
    pub messages: Vec<Message>,
    pub tokens: HashSet<String>,
    pub token_calls: usize,
    made: u64,
}

/// A case.
pub(super) struct Case {
    pub case_type: String,
    pub content: Map<String, Value>,
    /// Moves with every save.
    pub etag: String,
}

impl State {
    pub fn locked(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    /// A number that was not used before.
    pub fn number(&mut self) -> u64 {
        self.made += 1;
        self.made
    }

    /// An ETag in Pega's form: a save time, which contains a space.
    pub fn etag(&mut self) -> String {
        format!("20260101T000000.{:03} GMT", self.number())
    }
}
