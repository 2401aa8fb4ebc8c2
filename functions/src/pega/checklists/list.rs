//! Use case: see checklists.

use serde::Deserialize;
use shared::audit::Trail;
use shared::clock::Clock;
use shared::env::Env;
use shared::error::Result;
use shared::table::{Key, Query, Range, Read, Table};
use shared::tenant::Tenant;

use super::model::{Checklist, checklist_key, open_partition, unknown};
use crate::messages::Emitter;
use crate::pega::event::events_table;

/// Rows that are looked at before a page is returned even if it is not full.
const MOST_EXAMINED: usize = 2_000;
/// Rows that are looked at together.
const BATCH: i32 = 100;
/// The longest id there is.
const LONGEST_ID: usize = 80;

/// The use case.
#[derive(Clone)]
pub struct Checklists {
    pub(super) events: Table,
    pub(super) trail: Trail,
    pub(super) emitter: Emitter,
    pub(super) clock: Clock,
}

/// What is looked for; all that is given must hold.
pub(super) struct Filter {
    pub limit: usize,
    /// Only open ones, or only completed ones.
    pub open: Option<bool>,
    pub employee_id: Option<String>,
    pub case_id: Option<String>,
    /// Only those that come after this id, newest first.
    pub behind: Option<String>,
}

impl Checklists {
    /// Needs the tables `events`, `audit`, `messages` and `control`, and the queues of
    /// deliveries and of live messages.
    pub fn load(env: &Env) -> Result<Self> {
        Ok(Self {
            events: events_table(env)?,
            trail: Trail::load(env)?,
            emitter: Emitter::load(env)?,
            clock: env.clock(),
        })
    }

    /// One checklist.
    pub(super) async fn find(&self, tenant: &Tenant, id: &str) -> Result<Checklist> {
        if id.len() > LONGEST_ID {
            return Err(unknown());
        }
        let row = self.events.get(&checklist_key(tenant, id), Read::Consistent).await?;
        row.ok_or_else(unknown)
    }

    /// A page of checklists, newest first, and the id behind which to go on.
    pub(super) async fn list(
        &self,
        tenant: &Tenant,
        filter: &Filter,
    ) -> Result<(Vec<Checklist>, Option<String>)> {
        let (mut found, mut examined) = (Vec::new(), 0);
        let mut behind = filter.behind.clone();
        loop {
            let (rows, last) = self.look(tenant, filter, behind.as_deref()).await?;
            examined += rows.len();
            for row in rows {
                if !filter.passes(&row) {
                    continue;
                }
                if found.len() == filter.limit {
                    let next = found.last().map(|last: &Checklist| last.id().to_owned());
                    return Ok((found, next));
                }
                found.push(row);
            }
            if last.is_none() || examined >= MOST_EXAMINED {
                return Ok((found, last));
            }
            behind = last;
        }
    }

    /// The next rows behind an id, and the last id if there are more.
    async fn look(
        &self,
        tenant: &Tenant,
        filter: &Filter,
        behind: Option<&str>,
    ) -> Result<(Vec<Checklist>, Option<String>)> {
        // Just below it, as no id holds a tilde or ends so.
        let below = behind.map_or_else(|| "~".to_owned(), just_below);
        if filter.open == Some(true) {
            return self.look_at_open(tenant, &below).await;
        }
        let query = Query::partition(&checklist_key(tenant, "").pk)
            .range("sk", Range::UpTo(below.into()))
            .descending()
            .limit(BATCH);
        let page = self.events.query::<Checklist>(query).await?;
        let last = page.items.last().map(|row| row.id().to_owned());
        Ok((page.items, page.next.and(last)))
    }

    async fn look_at_open(
        &self,
        tenant: &Tenant,
        below: &str,
    ) -> Result<(Vec<Checklist>, Option<String>)> {
        let rank = event_of(below).parse().ok();
        let query = Query::index("parked", "parked", &open_partition(tenant))
            .range("rank", Range::UpTo(rank.unwrap_or(i64::MAX).into()))
            .descending()
            .limit(BATCH);
        let page = self.events.query::<Entry>(query).await?;
        let mut keys: Vec<Key> = page.items.into_iter().map(|entry| entry.key).collect();
        if page.next.is_some() {
            // The index may cut through the lists of one event: all of them come next.
            let event = keys.last().map(|key| event_of(&key.sk).to_owned()).unwrap_or_default();
            keys.retain(|key| event_of(&key.sk) != event);
        }
        let last = keys.iter().map(|key| key.sk.clone()).min();
        let mut rows: Vec<Checklist> = self.events.get_many(&keys, Read::Consistent).await?;
        rows.retain(|row| row.id() <= below);
        rows.sort_unstable_by(|a, b| b.id().cmp(a.id()));
        Ok((rows, page.next.and(last)))
    }
}

/// What stands in the index.
#[derive(Deserialize)]
struct Entry {
    #[serde(flatten)]
    key: Key,
}

/// The part of an id that says whose it is.
fn event_of(id: &str) -> &str {
    id.split('-').next().unwrap_or_default()
}

/// The largest text that is below this one, of those that can be ids.
fn just_below(id: &str) -> String {
    let mut below = id.to_owned();
    match below.pop() {
        Some(last) if last > '!' => {
            below.push(char::from_u32(u32::from(last) - 1).unwrap_or('!'));
            below.push('~');
            below
        }
        _ => below,
    }
}

impl Filter {
    fn passes(&self, row: &Checklist) -> bool {
        let same = |wanted: &Option<String>, is: Option<&str>| {
            wanted.as_deref().is_none_or(|wanted| Some(wanted) == is)
        };
        self.open.is_none_or(|open| open == row.completed_at.is_none())
            && same(&self.employee_id, row.employee_id.as_deref())
            && same(&self.case_id, Some(&row.case_id))
    }
}
