//! Finding events: from the most selective of the ways there are (a case's chain,
//! what is not settled, a list, a type, or simply the numbers downwards), newest
//! first, with every filter checked on the event's own row. Without filters the work
//! grows with what is returned; with a status of open events, with what is open.

use jiff::Timestamp;
use serde::Deserialize;
use shared::error::Result;
use shared::jobs::{open_jobs, parked};
use shared::table::{Key, Query, Range, Read};
use shared::tenant::Tenant;
use tokio::sync::OnceCell;

use super::envelope::MAX_NAME;
use super::event::{
    Case, Event, FAILED, IGNORED, REQUIRES_ACTION, Status, case_key, event_key, type_partition,
};
use super::log::EventLog;

/// Rows that are looked at before a page is returned even if it is not full.
const MOST_EXAMINED: usize = 2_000;
/// Rows that are looked at together.
const BATCH: i64 = 100;
/// Numbers and times can disagree by as much as clocks do, in milliseconds.
const SKEW_MS: i64 = 60_000;

/// What is looked for.
#[derive(Debug, Default)]
pub(super) struct Filter {
    pub limit: usize,
    pub event: Option<String>,
    pub status: Option<Status>,
    pub case_id: Option<String>,
    pub since: Option<Timestamp>,
    pub until: Option<Timestamp>,
    /// Only events with a smaller number.
    pub before: Option<i64>,
}

/// One search under way.
pub(super) struct Search<'a> {
    log: &'a EventLog,
    tenant: &'a Tenant,
    filter: Filter,
    /// What is not settled, once it was gathered.
    open: OnceCell<Vec<i64>>,
}

/// Events of one look, newest first, and below which number the next look goes on.
struct Look {
    events: Vec<Event>,
    below: Option<i64>,
}

#[derive(Deserialize)]
struct Entry {
    rank: i64,
}

impl<'a> Search<'a> {
    pub fn new(log: &'a EventLog, tenant: &'a Tenant, filter: Filter) -> Self {
        Self { log, tenant, filter, open: OnceCell::new() }
    }

    /// The page, and the number to go on below; none when there is no more.
    pub async fn run(self) -> Result<(Vec<Event>, Option<i64>)> {
        if self.filter.case_id.as_ref().is_some_and(|case_id| case_id.len() > MAX_NAME) {
            // No event can have it, nor a key hold it.
            return Ok((Vec::new(), None));
        }
        let mut below = Some(self.start().await?);
        let (mut found, mut examined) = (Vec::new(), 0);
        while let Some(from) = below {
            let look = self.look(from, examined == 0).await?;
            below = look.below;
            examined += look.events.len().max(1);
            for event in look.events {
                if self.too_old(&event) {
                    return Ok((found, None));
                }
                if self.passes(&event) {
                    if found.len() == self.filter.limit {
                        return Ok((found.clone(), found.last().map(Event::id)));
                    }
                    found.push(event);
                }
            }
            if examined >= MOST_EXAMINED {
                return Ok((found, below));
            }
        }
        Ok((found, None))
    }

    /// The number below which the search begins.
    async fn start(&self) -> Result<i64> {
        let last = self.log.ids.last(self.tenant).await?;
        let mut below = last + 1;
        if let Some(until) = self.filter.until {
            below = self.first_after(until.as_millisecond() + SKEW_MS, last).await?;
        }
        Ok(self.filter.before.map_or(below, |before| before.min(below)))
    }

    async fn look(&self, below: i64, first: bool) -> Result<Look> {
        match (&self.filter.case_id, self.filter.status, &self.filter.event) {
            (Some(case_id), ..) => self.chain(case_id, below).await,
            (_, Some(Status::Failed), _) => self.listed(FAILED, below).await,
            (_, Some(Status::RequiresAction), _) => self.listed(REQUIRES_ACTION, below).await,
            (_, Some(Status::Processing), _) => self.open(below, Vec::new(), None).await,
            (_, Some(Status::Received), _) => {
                let (ignored, next) =
                    self.index("parked", &parked(self.tenant, IGNORED), below).await?;
                self.open(below, ignored, next).await
            }
            (_, _, Some(event)) => {
                let partition = type_partition(self.tenant, event);
                let (ids, below) = self.index("by_type", &partition, below).await?;
                Ok(Look { events: self.rows(ids).await?, below })
            }
            _ => self.numbers(below, first).await,
        }
    }

    /// The numbers downwards; some may never have been used. The first look takes just
    /// a few more than are asked for.
    async fn numbers(&self, below: i64, first: bool) -> Result<Look> {
        let few = i64::try_from(self.filter.limit + 5).unwrap_or(BATCH).min(BATCH);
        let wanted = if first { few } else { BATCH };
        let first = (below - wanted).max(1);
        let events = self.rows((first..below).collect()).await?;
        Ok(Look { events, below: (first > 1).then_some(first) })
    }

    async fn listed(&self, list: &str, below: i64) -> Result<Look> {
        let (ids, below) = self.index("parked", &parked(self.tenant, list), below).await?;
        Ok(Look { events: self.rows(ids).await?, below })
    }

    /// What is not settled, together with these others that reach down to `floor`.
    async fn open(&self, below: i64, others: Vec<i64>, floor: Option<i64>) -> Result<Look> {
        let open = self.open.get_or_try_init(|| self.gather_open()).await?;
        let here = open.iter().filter(|id| **id < below && **id >= floor.unwrap_or(0));
        let mut ids: Vec<i64> = here.copied().chain(others).collect();
        ids.sort_unstable_by(|a, b| b.cmp(a));
        ids.dedup();
        let cut = ids.get(BATCH as usize - 1).copied().filter(|_| ids.len() > BATCH as usize);
        ids.truncate(BATCH as usize);
        Ok(Look { events: self.rows(ids).await?, below: cut.or(floor) })
    }

    async fn gather_open(&self) -> Result<Vec<i64>> {
        let keys = open_jobs(&self.log.lane, self.tenant).await?;
        let ids = keys.iter().filter_map(|key| self.tenant.id_in("E", &key.pk)?.parse().ok());
        Ok(ids.collect())
    }

    /// A case's events, each of which names the one before, from the one that an
    /// earlier look or page ended with.
    async fn chain(&self, case_id: &str, below: i64) -> Result<Look> {
        let of_case = |event: &Event| event.case_id == case_id;
        let mut next = match self.row(below).await?.filter(of_case) {
            Some(last) => last.after,
            None => {
                let key = case_key(self.tenant, case_id);
                let case: Option<Case> = self.log.events.get(&key, Read::Consistent).await?;
                case.map(|case| case.tail)
            }
        };
        let mut events = Vec::new();
        while let Some(id) = next {
            let event = self.row(id).await?;
            next = event.as_ref().and_then(|event| event.after);
            events.extend(event.filter(|event| event.id() < below));
            if events.len() > self.filter.limit {
                return Ok(Look { below: events.last().map(Event::id), events });
            }
        }
        Ok(Look { events, below: None })
    }

    async fn row(&self, id: i64) -> Result<Option<Event>> {
        self.log.events.get(&event_key(self.tenant, id), Read::Consistent).await
    }

    /// One page of an index: numbers, and below which the next page goes on.
    async fn index(
        &self,
        index: &'static str,
        partition: &str,
        below: i64,
    ) -> Result<(Vec<i64>, Option<i64>)> {
        let query = Query::index(index, index, partition)
            // Requests stand in the same lists, below all events.
            .range("rank", Range::Between(0_i64.into(), (below - 1).max(0).into()))
            .descending()
            .limit(BATCH as i32);
        let page = self.log.events.query::<Entry>(query).await?;
        let ids: Vec<i64> = page.items.into_iter().map(|entry| entry.rank).collect();
        let next = page.next.and(ids.last().copied());
        Ok((ids, next))
    }

    /// The events with these numbers, newest first.
    async fn rows(&self, ids: Vec<i64>) -> Result<Vec<Event>> {
        let keys: Vec<Key> = ids.iter().map(|id| event_key(self.tenant, *id)).collect();
        let mut events: Vec<Event> = self.log.events.get_many(&keys, Read::Consistent).await?;
        events.sort_unstable_by_key(|event| std::cmp::Reverse(event.id()));
        Ok(events)
    }

    fn passes(&self, event: &Event) -> bool {
        let Filter { event: kind, status, case_id, since, until, .. } = &self.filter;
        kind.as_ref().is_none_or(|kind| *kind == event.event)
            && status.is_none_or(|status| status == event.status())
            && case_id.as_ref().is_none_or(|case_id| *case_id == event.case_id)
            && since.is_none_or(|since| event.received_at >= since.as_millisecond())
            && until.is_none_or(|until| event.received_at < until.as_millisecond())
    }

    fn too_old(&self, event: &Event) -> bool {
        let since = self.filter.since.map(|since| since.as_millisecond());
        since.is_some_and(|since| event.received_at < since - SKEW_MS)
    }

    /// The first number whose event came after this moment, by halving: numbers go
    /// up with time.
    async fn first_after(&self, at: i64, last: i64) -> Result<i64> {
        let (mut low, mut high) = (1, last + 1);
        while low < high {
            let middle = low + (high - low) / 2;
            match self.received_from(middle, high).await? {
                Some(received) if received <= at => low = middle + 1,
                _ => high = middle,
            }
        }
        Ok(high)
    }

    /// When the first event from this number on came, below the other.
    async fn received_from(&self, mut id: i64, below: i64) -> Result<Option<i64>> {
        while id < below {
            let to = (id + BATCH).min(below);
            if let Some(event) = self.rows((id..to).collect()).await?.last() {
                return Ok(Some(event.received_at));
            }
            id = to;
        }
        Ok(None)
    }
}
