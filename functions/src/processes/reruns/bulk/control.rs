//! Use case: pause a bulk rerun, have it go on, or end it.

use serde_json::json;
use shared::error::{Error, Kind, Result};
use shared::ids;
use shared::jobs::Row;
use shared::queue::Hint;
use shared::table::Written;
use shared::web::Caller;

use super::model::BulkRerun;
use crate::bulk::{self, Wish};
use crate::processes::reruns::Reruns;

impl Reruns {
    /// Asks this of a bulk rerun; nothing, to have it go on.
    ///
    /// # Errors
    /// `NotFound`; `Conflict` when it has ended.
    pub(super) async fn ask_bulk(
        &self,
        by: &Caller,
        id: &str,
        wish: Option<Wish>,
    ) -> Result<BulkRerun> {
        let found = self.find_bulk(&by.tenant, id).await?;
        let update = bulk::asked(found.key(), wish, self.store.clock.now_ms())?;
        let action = match wish {
            Some(Wish::Pause) => "bulk-rerun.pause",
            Some(Wish::Cancel) => "bulk-rerun.cancel",
            None => "bulk-rerun.resume",
        };
        let writes = vec![
            self.store.table.change(update),
            self.store.trail.entry(by, action, format!("bulk-rerun:{id}"), &json!({}))?,
        ];
        match self.store.table.transact(&ids::time_ordered(), writes).await? {
            Written::Done => {
                self.lane.hint(Hint::at(found.key())).await;
                self.find_bulk(&by.tenant, id).await
            }
            Written::Refused(_) => Err(Error::new(Kind::Conflict, "The bulk rerun has ended")),
        }
    }
}
