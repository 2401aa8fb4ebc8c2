//! Use case: tick an item off, or take that back.

use serde_json::json;
use shared::error::{Error, Kind, Result};
use shared::ids;
use shared::table::{Cond, Item as Row, Written};
use shared::web::Caller;

use super::list::Checklists;
use super::model::{Checklist, Done, Item};
use crate::messages::catalogue::PEGA_CHECKLIST_COMPLETED;

/// How often a change that others interfere with is tried.
const TRIES: u32 = 8;

/// What becomes of an item.
pub(super) struct Tick {
    /// Which one, from 1.
    pub number: usize,
    pub done: Option<bool>,
    /// A note beside it; an empty one takes it away.
    pub note: Option<String>,
}

impl Checklists {
    /// Changes an item. One that is done already stays as it was done.
    ///
    /// # Errors
    /// `NotFound` when there is no such checklist or item.
    pub(super) async fn tick(&self, by: &Caller, id: &str, tick: &Tick) -> Result<Checklist> {
        for _ in 0..TRIES {
            let seen = self.find(&by.tenant, id).await?;
            let now = self.clock.now_ms();
            let mut items = seen.items.clone();
            let item = tick.number.checked_sub(1).and_then(|at| items.get_mut(at));
            tick.change(item.ok_or_else(|| tick.nowhere())?, &by.actor, now);
            if items == seen.items {
                return Ok(seen);
            }
            let next = seen.with(&by.tenant, items, now);
            if self.replace(by, &seen, &next, tick).await? {
                return Ok(next);
            }
        }
        Err(Error::new(Kind::Conflict, "The checklist is being changed by others"))
    }

    async fn replace(
        &self,
        by: &Caller,
        seen: &Checklist,
        next: &Checklist,
        tick: &Tick,
    ) -> Result<bool> {
        let unchanged = Cond::Eq("version", seen.version.into());
        let details = json!({ "item": tick.number, "done": tick.done, "note": tick.note });
        let subject = format!("checklist:{}", next.id());
        let mut writes = vec![
            self.events.put(Row::of(next)?, Some(unchanged)),
            self.trail.entry(by, "checklist.change", subject, &details)?,
        ];
        let completed = seen.completed_at.is_none() && next.completed_at.is_some();
        let mut emission = match completed {
            true => {
                let told = json!({
                    "checklist_id": next.id(), "name": next.name, "event_id": next.event_id,
                    "case_id": next.case_id, "employee_id": next.employee_id,
                });
                self.emitter.prepare(&by.tenant, PEGA_CHECKLIST_COMPLETED, &told).await?
            }
            false => crate::messages::Emission::default(),
        };
        writes.extend(emission.take_writes());
        match self.events.transact(&ids::time_ordered(), writes).await? {
            Written::Done => {
                self.emitter.announce(emission).await;
                Ok(true)
            }
            Written::Refused(_) => Ok(false),
        }
    }
}

impl Tick {
    fn nowhere(&self) -> Error {
        Error::not_found(format!("The checklist has no item {}", self.number))
    }

    fn change(&self, item: &mut Item, by: &str, now: i64) {
        match self.done {
            Some(true) if item.done.is_none() => {
                item.done = Some(Done { at: now, by: by.to_owned() });
            }
            Some(false) => item.done = None,
            _ => {}
        }
        if let Some(note) = &self.note {
            item.note = Some(note.clone()).filter(|note| !note.is_empty());
        }
    }
}
