//! One request as effects on Pega, each under what may be done with it after an attempt that
//! may have happened: to create a case and to run an action are done once at most; a change
//! is looked for, and repeated only over the version that the attempt in doubt was made over.

use std::sync::OnceLock;
use std::time::Duration;

use serde_json::{Map, Value as Json};
use shared::jobs::{Claim, Effect, Failure, Repeat};

use super::super::client::{NewCase, Pega, Taken, Trouble};
use super::super::note;
use super::model::PegaRequest;
use super::operation::Operation;

/// What is left of the time to show a case that was changed, and how long that may take.
const SPARE: Duration = Duration::from_secs(5);
const SHOWING: Duration = Duration::from_secs(3);

/// Does what is asked.
pub(super) async fn perform(
    claim: &Claim,
    pega: &Pega,
    row: &PegaRequest,
    operation: &Operation,
) -> Result<Taken, Failure> {
    let seen = row.if_match.as_deref();
    match operation {
        Operation::CreateCase { case_type, process_id, parent_case_id, content } => {
            let (process_id, parent_case_id) = (process_id.as_deref(), parent_case_id.as_deref());
            let case = NewCase { case_type, process_id, parent_case_id, content };
            claim.perform(&Create { pega, case }).await
        }
        Operation::UpdateCase { case_id, action_id, content } => {
            let (action, version) = (action_id.as_deref(), seen.or(row.pinned.as_deref()));
            let over = OnceLock::new();
            let update = Change { pega, case_id, action, content, version, over };
            let saved = claim.perform(&update).await.map_err(|failure| update.pinned(failure))?;
            Ok(shown(pega, case_id, saved).await)
        }
        Operation::AddNote { case_id, text } => note::leave(claim, pega, case_id, text).await,
        Operation::RunAction { case_id, action_id, content } => {
            claim.perform(&Run { pega, case_id, action_id, content, seen }).await
        }
    }
}

struct Create<'a> {
    pega: &'a Pega,
    case: NewCase<'a>,
}

impl Effect for Create<'_> {
    type Answer = Taken;
    type Error = Trouble;
    const REPEAT: Repeat = Repeat::AtMostOnce;

    async fn send(&self, _: &str) -> Result<Taken, Trouble> {
        self.pega.create(&self.case).await
    }
}

struct Run<'a> {
    pega: &'a Pega,
    case_id: &'a str,
    action_id: &'a str,
    content: &'a Map<String, Json>,
    seen: Option<&'a str>,
}

impl Effect for Run<'_> {
    type Answer = Taken;
    type Error = Trouble;
    const REPEAT: Repeat = Repeat::AtMostOnce;

    async fn send(&self, _: &str) -> Result<Taken, Trouble> {
        self.pega.run_action(self.case_id, self.action_id, self.content, self.seen).await
    }
}

struct Change<'a> {
    pega: &'a Pega,
    case_id: &'a str,
    action: Option<&'a str>,
    content: &'a Map<String, Json>,
    /// The version that the caller saw, or that an attempt in doubt was made over.
    version: Option<&'a str>,
    /// The version that this attempt is made over.
    over: OnceLock<String>,
}

impl Effect for Change<'_> {
    type Answer = Taken;
    type Error = Trouble;
    const REPEAT: Repeat = Repeat::Searchable;

    async fn send(&self, _: &str) -> Result<Taken, Trouble> {
        let place = self.pega.place_of_update(self.case_id, self.action)?;
        let version = match self.version {
            Some(version) => version.to_owned(),
            None => self.pega.version_of(&place).await?,
        };
        let over = self.over.get_or_init(|| version);
        self.pega.save(&place, self.content, over).await
    }

    /// The case as it is, if it holds what was to be saved. Otherwise a repeat does no harm
    /// over a version that is known, and over any other could undo what others did since.
    async fn find(&self, _: &str) -> Result<Option<Taken>, Trouble> {
        // What an action does beside saving is nothing that could be seen.
        if self.action.is_none() {
            let found = self.pega.holds(self.case_id, self.content).await?;
            if found.is_some() {
                return Ok(found);
            }
        }
        match self.version {
            Some(_) => Ok(None),
            None => {
                let reason = "unknown outcome: an earlier attempt may have saved the case";
                Err(Trouble::unknown(reason))
            }
        }
    }
}

impl Change<'_> {
    /// A failure that may have saved the case all the same: what follows is made over the
    /// same version.
    fn pinned(&self, mut failure: Failure) -> Failure {
        if let Some(over) = self.over.get().filter(|_| failure.in_doubt) {
            failure.record.set.push(("pinned", over.as_str().into()));
        }
        failure
    }
}

/// What was saved, with the case as it is now if Pega answered nothing: as long as nobody
/// else saved it meanwhile, and there is time.
async fn shown(pega: &Pega, case_id: &str, saved: Taken) -> Taken {
    if saved.answer.is_some() || pega.left() < SPARE {
        return saved;
    }
    let shown = tokio::time::timeout(SHOWING, pega.show(case_id)).await;
    let Ok(Ok(shown)) = shown else { return saved };
    match saved.etag.is_none() || saved.etag == shown.etag {
        true => Taken { answer: shown.answer, ..saved },
        false => saved,
    }
}
