//! The note that asks for another approval, as an effect: it bears a mark, so
//! that a retry can see whether an earlier attempt got through.

use shared::jobs::{Effect, Repeat};
use shared::outbound::CallError;

use super::client::Pega;

/// A note on a case.
pub(super) struct CaseNote<'a> {
    pub pega: &'a Pega,
    pub case_id: &'a str,
    pub text: &'a str,
}

impl Effect for CaseNote<'_> {
    type Answer = ();
    const REPEAT: Repeat = Repeat::Searchable;

    async fn send(&self, key: &str) -> Result<(), CallError> {
        self.pega.add_note(self.case_id, &format!("{} {}", self.text, mark(key))).await
    }

    async fn find(&self, key: &str) -> Result<Option<()>, CallError> {
        let found = self.pega.has_note(self.case_id, &mark(key)).await?;
        Ok(found.then_some(()))
    }
}

fn mark(key: &str) -> String {
    format!("[ref:{key}]")
}
