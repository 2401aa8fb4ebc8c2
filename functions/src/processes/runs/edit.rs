//! Use cases: change a run's metadata, cancel it, delete it, restore it.

use serde_json::{Map, Value as Json, json};
use shared::error::{Error, Kind, Result};
use shared::web::Caller;

use super::change::{Change, told};
use super::create::Runs;
use super::model::Run;
use super::status::StepStatus;
use crate::messages::catalogue::RUN_UPDATED;
use crate::processes::index::check_meta;

impl Runs {
    /// Changes members of a run's metadata that it has.
    ///
    /// # Errors
    /// `Malformed`, naming the members that it has not; `NotFound`.
    pub(super) async fn change_meta(
        &self,
        by: &Caller,
        id: i64,
        members: &Map<String, Json>,
    ) -> Result<Run> {
        let change = |run: &mut Run, _| {
            run.must_be_of_somebody()?;
            let mut meta = run.meta()?;
            let unknown: Vec<_> = members.keys().filter(|name| !meta.contains_key(*name)).collect();
            if !unknown.is_empty() {
                let known: Vec<_> = meta.keys().collect();
                let told = format!(
                    "Unknown metadata keys: {}. Existing keys: {}",
                    listed(&unknown),
                    listed(&known),
                );
                return Err(Error::malformed(told));
            }
            meta.extend(members.clone());
            check_meta(&meta)?;
            let meta = Json::Object(meta).to_string();
            let changed = run.meta != meta;
            run.meta = meta;
            let names: Vec<_> = members.keys().collect();
            Ok(changed.then(|| edited("run.metadata", json!({ "members": names }), run)))
        };
        self.store.change(by, id, change).await
    }

    /// Cancels what is not done of a run.
    ///
    /// # Errors
    /// `Conflict` when it has ended; `NotFound`.
    pub(super) async fn cancel(&self, by: &Caller, id: i64) -> Result<Run> {
        let cancel = |run: &mut Run, now| {
            if run.status.is_terminal() {
                return Err(Error::new(Kind::Conflict, "The run has ended"));
            }
            let open: Vec<_> =
                run.steps.iter_mut().filter(|step| !step.status.is_terminal()).collect();
            if open.is_empty() {
                return Err(Error::new(Kind::Conflict, "Nothing of the run is open"));
            }
            for step in open {
                step.go_to(StepStatus::Cancelled, now);
                step.updated_at = now;
                step.last_modified_by = Some(by.actor.clone());
            }
            Ok(Some(Change::of("run.cancel")))
        };
        self.store.change(by, id, cancel).await
    }

    /// Deletes a run: it is seen no more, until it is restored.
    ///
    /// # Errors
    /// `NotFound`.
    pub(super) async fn delete(&self, by: &Caller, id: i64) -> Result<()> {
        let delete = |run: &mut Run, now| {
            run.deleted_at = Some(now);
            Ok(Some(edited("run.delete", json!({}), run)))
        };
        self.store.change(by, id, delete).await.map(drop)
    }

    /// Takes a deletion back; a run that is not deleted stays as it is.
    ///
    /// # Errors
    /// `NotFound`.
    pub(super) async fn restore(&self, by: &Caller, id: i64) -> Result<Run> {
        let restore = |run: &mut Run, _| {
            let was = run.deleted_at.take();
            Ok(was.map(|_| edited("run.restore", json!({}), run)))
        };
        self.store.change_deleted(by, id, restore).await
    }
}

/// A change that leaves a run's status as it is.
fn edited(action: &'static str, details: Json, run: &Run) -> Change {
    let mut data = told(run);
    data["change"] = action.into();
    Change { details, message: Some((RUN_UPDATED, data)), ..Change::of(action) }
}

/// Names as the service before this one listed them.
fn listed(names: &[&String]) -> String {
    let quoted: Vec<_> = names.iter().map(|name| format!("'{name}'")).collect();
    format!("[{}]", quoted.join(", "))
}
