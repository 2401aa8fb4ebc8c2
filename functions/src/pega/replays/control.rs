//! Use case: pause a replay, have it go on, or end it.

use serde_json::json;
use shared::error::{Error, Kind, Result};
use shared::ids;
use shared::jobs::{Row, still_open};
use shared::queue::Hint;
use shared::table::{Cond, Update, Value, Written};
use shared::web::Caller;

use super::model::{Replay, Wish};
use super::start::Replays;

impl Replays {
    /// Asks this of a replay; nothing, to have it go on.
    ///
    /// # Errors
    /// `Conflict` when it has ended.
    pub(super) async fn ask(&self, by: &Caller, id: &str, wish: Option<Wish>) -> Result<Replay> {
        let replay = self.find(&by.tenant, id).await?;
        let paused = Cond::Eq("wish", Value::of(&Wish::Pause)?);
        let not_cancelled = Cond::Any(vec![Cond::Absent("wish"), paused]);
        let goes_on = Cond::All(vec![still_open()?, not_cancelled]);
        let wished = wish.map(|wish| Value::of(&wish)).transpose()?;
        // It may sleep, and the hint may be lost.
        let now = self.log.lane.jobs.clock.now_ms();
        let update = Update::of(replay.key()).assign("wish", wished).set("wake_at", now);
        let update = update.when(goes_on);
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
