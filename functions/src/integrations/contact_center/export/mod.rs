//! Use case: hand over what is kept, as it is kept, in one of three formats.

pub mod api;
mod rows;
mod stream;
mod text;
mod view;

use serde_json::json;
use shared::error::{Error, Kind as Failure, Result};
use shared::ids;
use shared::table::Written;
use shared::web::{Caller, to_the_second};

use super::ContactCenter;
use super::historic::{Asked, Cursor, Ground};
use super::records::DataKind;
use crate::integrations::connections::Connection;
use crate::messages::catalogue::DATA_EXPORTED;
use view::ExportItem;

/// Records, and where those behind them begin.
struct Page {
    items: Vec<ExportItem>,
    next: Option<Cursor>,
}

impl ContactCenter {
    /// What is kept of a kind; the trail has an entry of it, and a message tells of it, before
    /// it is handed over.
    ///
    /// # Errors
    /// `Invalid` when there is more than goes into one answer and no page was asked for.
    async fn export(
        &self,
        by: &Caller,
        of: &Connection,
        kind: DataKind,
        asked: &Asked,
        with_raw: bool,
    ) -> Result<Page> {
        let centre = super::centre::centre(&by.tenant, of);
        let ground = Ground { records: &self.records, centre, asked };
        let found = rows::rows(ground, kind, with_raw).await?;
        let data = json!({
            "connection_id": of.id,
            "data_type": kind,
            "start_date": to_the_second(asked.from),
            "end_date": to_the_second(asked.to),
            "total_records": found.items.len(),
        });
        let mut emission = self.emitter.prepare(&by.tenant, DATA_EXPORTED, &data).await?;
        let mut writes = emission.take_writes();
        let subject = format!("connection:{}", of.id);
        writes.push(self.trail.entry(by, "contact-center.export", subject, &data)?);
        match self.records.transact(&ids::time_ordered(), writes).await? {
            Written::Done => self.emitter.announce(emission).await,
            Written::Refused(_) => {
                return Err(Error::new(Failure::Conflict, "Somebody else was faster; repeat it"));
            }
        }
        let items = found.items.into_iter().map(|told| told.what).collect();
        Ok(Page { items, next: found.next })
    }
}
