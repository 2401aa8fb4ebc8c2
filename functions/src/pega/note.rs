//! A note on a case, as an effect, in the way that the case's Pega wants it. What may be
//! repeated follows from the way:
//!
//! - a Pulse message bears a mark, so that a repeat can look whether it is there;
//! - an action runs at most once, as nobody knows what else it does;
//! - a property has the text after one call as after two.

use serde_json::{Map, Value as Json};
use shared::jobs::{Claim, Effect, Failure, Repeat};

use super::client::{Meaning, Notes, Pega, Taken, Trouble};

/// How often a property is set that others save the case beside.
const TRIES: u32 = 3;

/// Leaves a note on a case.
pub(super) async fn leave(
    claim: &Claim,
    pega: &Pega,
    case_id: &str,
    text: &str,
) -> Result<Taken, Failure> {
    let note = Note { pega, case_id, text };
    match pega.notes() {
        Notes::Pulse => claim.perform(&Message(note)).await,
        Notes::Action { id, property } => claim.perform(&ByAction { note, id, property }).await,
        Notes::Content { property } => claim.perform(&AsContent { note, property }).await,
    }
}

struct Note<'a> {
    pega: &'a Pega,
    case_id: &'a str,
    text: &'a str,
}

impl Note<'_> {
    fn within(&self, property: &str) -> Map<String, Json> {
        Map::from_iter([(property.to_owned(), self.text.into())])
    }
}

struct Message<'a>(Note<'a>);

impl Effect for Message<'_> {
    type Answer = Taken;
    type Error = Trouble;
    const REPEAT: Repeat = Repeat::Searchable;

    async fn send(&self, key: &str) -> Result<Taken, Trouble> {
        let Note { pega, case_id, text } = self.0;
        pega.post(case_id, &format!("{text} {}", mark(key))).await
    }

    async fn find(&self, key: &str) -> Result<Option<Taken>, Trouble> {
        let found = self.0.pega.has_message(self.0.case_id, &mark(key)).await?;
        Ok(found.then(Taken::default))
    }
}

struct ByAction<'a> {
    note: Note<'a>,
    id: &'a str,
    property: &'a str,
}

impl Effect for ByAction<'_> {
    type Answer = Taken;
    type Error = Trouble;
    const REPEAT: Repeat = Repeat::AtMostOnce;

    async fn send(&self, _: &str) -> Result<Taken, Trouble> {
        let content = self.note.within(self.property);
        self.note.pega.run_action(self.note.case_id, self.id, &content, None).await
    }
}

struct AsContent<'a> {
    note: Note<'a>,
    property: &'a str,
}

impl Effect for AsContent<'_> {
    type Answer = Taken;
    type Error = Trouble;
    const REPEAT: Repeat = Repeat::Absolute;

    async fn send(&self, _: &str) -> Result<Taken, Trouble> {
        let (pega, content) = (self.note.pega, self.note.within(self.property));
        let place = pega.place_of_update(self.note.case_id, None)?;
        let mut tries = 0;
        loop {
            let etag = pega.version_of(&place).await?;
            tries += 1;
            match pega.save(&place, &content, &etag).await {
                // Whatever was saved meanwhile, the note is to stand beside it.
                Err(trouble) if trouble.meaning == Meaning::StaleVersion && tries < TRIES => {}
                saved => return saved,
            }
        }
    }
}

fn mark(key: &str) -> String {
    format!("[ref:{key}]")
}
