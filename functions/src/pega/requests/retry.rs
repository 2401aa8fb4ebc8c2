//! Use case: have a request that failed made again, as somebody decided who looked at why.

use serde_json::json;
use shared::error::{Error, Kind, Result};
use shared::jobs::Row;
use shared::queue::Hint;
use shared::web::Caller;

use super::model::{OUTCOME, Status};
use super::store::PegaRequests;

impl PegaRequests {
    /// Has the worker make a request again, which nobody waits for any more.
    ///
    /// # Errors
    /// `NotFound`; `Conflict` for one that did not fail.
    pub(super) async fn retry(&self, by: &Caller, id: i64) -> Result<()> {
        let row = self.find(&by.tenant, id).await?;
        let conflict = || Error::new(Kind::Conflict, "Only a request that failed can be retried");
        if row.status() != Status::Failed {
            return Err(conflict());
        }
        let subject = format!("pega-request:{id}");
        let details = json!({ "reason": row.job.error.as_ref().map(|error| &error.reason) });
        let told = self.trail.entry(by, "pega-request.retry", subject, &details)?;
        if !self.lane.jobs.redrive(&row, vec![], &OUTCOME, vec![told]).await? {
            return Err(conflict());
        }
        self.lane.hint(Hint::at(row.key())).await;
        Ok(())
    }
}
