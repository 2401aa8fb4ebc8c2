//! Use case: pause a replay, have it go on, or end it.

use serde_json::json;
use shared::error::{Error, Kind, Result};
use shared::ids;
use shared::jobs::Row;
use shared::queue::Hint;
use shared::table::Written;
use shared::web::Caller;

use super::model::Replay;
use super::start::Replays;
use crate::bulk::{self, Wish};

impl Replays {
    /// Asks this of a replay; nothing, to have it go on.
    ///
    /// # Errors
    /// `Conflict` when it has ended.
    pub(super) async fn ask(&self, by: &Caller, id: &str, wish: Option<Wish>) -> Result<Replay> {
        let replay = self.find(&by.tenant, id).await?;
        let now = self.log.lane.jobs.clock.now_ms();
        let update = bulk::asked(replay.key(), wish, now)?;
        let action = match wish {
            Some(Wish::Pause) => "replay.pause",
            Some(Wish::Cancel) => "replay.cancel",
            None => "replay.resume",
        };
        let writes = vec![
            self.log.events.change(update),
            self.trail.entry(by, action, format!("replay:{id}"), &json!({}))?,
        ];
        match self.log.events.transact(&ids::time_ordered(), writes).await? {
            Written::Done => {
                self.log.lane.hint(Hint::at(replay.key())).await;
                self.find(&by.tenant, id).await
            }
            Written::Refused(_) => Err(Error::new(Kind::Conflict, "The replay has ended")),
        }
    }
}
