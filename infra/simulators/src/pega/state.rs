//! What a Pega knows: its cases, whatever version of the API they are seen through.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::{Map, Value};

use super::types::CaseType;
use crate::at_once::AtOnce;

/// A message that was posted.
#[derive(Clone, Debug)]
pub struct Message {
    /// `PEGASOCIAL-MESSAGE M-<n>`.
    pub id: String,
    /// What it is about, mostly a case's key.
    pub context: String,
    /// What it says.
    pub text: String,
}

/// Everything, behind one lock.
#[derive(Default)]
pub(super) struct State(Mutex<Known>);

#[derive(Default)]
pub(super) struct Known {
    pub cases: BTreeMap<String, Case>,
    pub messages: Vec<Message>,
    pub tokens: HashSet<String>,
    pub token_calls: usize,
    /// Cases that somebody has open.
    pub locked: BTreeSet<String>,
    /// Method and path of each call, oldest first.
    pub calls: Vec<String>,
    pub at_once: AtOnce,
    made: u64,
}

/// A case.
pub(super) struct Case {
    pub case_type: &'static CaseType,
    pub parent: Option<String>,
    pub content: Map<String, Value>,
    pub status: &'static str,
    /// The moment of its last save, which its ETag is made of.
    pub saved: String,
    pub saves: u64,
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

    /// A moment of saving that was not before: it contains a space.
    fn moment(&mut self) -> String {
        let number = self.number();
        format!(
            "202601{:02}T{:06}.{:03} GMT",
            1 + number / 100_000,
            number % 100_000,
            number % 1000
        )
    }

    /// Makes a case and answers its key.
    pub fn create(
        &mut self,
        case_type: &'static CaseType,
        parent: Option<String>,
        content: Map<String, Value>,
    ) -> String {
        let id = format!("{} C-{}", case_type.group(), self.cases.len() + 1);
        let saved = self.moment();
        let case = Case { case_type, parent, content, status: "New", saved, saves: 1 };
        self.cases.insert(id.clone(), case);
        id
    }

    /// Saves content over a case, and by an action that resolves it resolves it.
    pub fn save(&mut self, id: &str, content: Map<String, Value>, resolves: bool) {
        let moment = self.moment();
        let Some(case) = self.cases.get_mut(id) else { return };
        case.content.extend(content);
        (case.saved, case.saves) = (moment, case.saves + 1);
        if resolves {
            case.status = "Resolved-Completed";
        }
    }

    /// Posts a message and answers its id.
    pub fn post(&mut self, context: &str, text: &str) -> String {
        let id = format!("PEGASOCIAL-MESSAGE M-{}", self.number());
        let (context, text) = (context.to_owned(), text.to_owned());
        self.messages.push(Message { id: id.clone(), context, text });
        id
    }

    /// The newest messages about something, or about anything.
    pub fn newest(&self, about: Option<&str>, most: usize) -> Vec<&Message> {
        let wanted = |message: &&Message| about.is_none_or(|about| about == message.context);
        self.messages.iter().rev().filter(wanted).take(most).collect()
    }
}

impl Case {
    /// The key of its one assignment, while it is not resolved.
    pub fn assignment(&self, id: &str) -> Option<String> {
        (self.status == "New").then(|| format!("ASSIGN-WORKLIST {id}!REVIEW_FLOW"))
    }
}
