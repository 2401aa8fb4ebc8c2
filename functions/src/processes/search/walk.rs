//! Use case: find runs. Goes through the runs that may be meant, looks at each one's row,
//! and stops when the page is full; or through all of them, when they are to be sorted or
//! are few enough to be counted exactly.

use shared::error::{Error, Result};
use shared::tenant::Tenant;

use super::RunSearch;
use super::filter::Filter;
use super::order::{By, Order};
use super::plan::Candidates;
use crate::processes::index::Way;
use crate::processes::paging::{Form, Paging, Total};
use crate::processes::runs::Run;

/// The most runs that are looked at to count them: fewer when the index says all but what
/// was deleted or changed.
const COUNTED: usize = 2_000;
const COUNTED_BY_TERMS: usize = 250;
/// The most runs that are sorted.
const SORTED: usize = 10_000;
/// The most runs that are looked at for one page.
const LOOKED_AT: usize = 20_000;
/// The furthest that a page can be by its number.
const FURTHEST: usize = 10_000;
/// The largest rows of one page together, in bytes, and of those that are sorted. A function
/// answers 6 MB at most; see "Lambda quotas" in AWS's documentation.
const LARGEST_PAGE: usize = 4 * 1024 * 1024;
const LARGEST_SORTED: usize = 64 * 1024 * 1024;
/// How many runs are looked at together.
const BATCH: usize = 100;

/// A page of runs.
#[derive(Debug)]
pub(super) struct Found {
    pub runs: Vec<Run>,
    pub total: Total,
    /// The number to go on behind.
    pub next: Option<i64>,
}

/// One walk through the runs that may be meant.
struct Walk<'a> {
    filter: &'a Filter,
    way: Way,
    /// Only runs behind this one are listed.
    behind: Option<i64>,
    offset: usize,
    limit: usize,
    /// How many bytes more can be listed. The page is full when there is no room for the next.
    room: usize,
    /// Whether it goes on to the end when the page is full.
    counts: bool,
    found: Vec<Run>,
    passed: usize,
    listed: usize,
    looked_at: usize,
}

/// How a walk ended.
enum End {
    /// All were looked at.
    Whole,
    /// The page is full, and there are more.
    Full,
    /// Too many were looked at, up to this one.
    Tired(i64),
}

impl RunSearch {
    /// The page of runs that pass a filter, which is folded.
    ///
    /// # Errors
    /// `Invalid` for a page that is too far, or more runs than are sorted.
    pub(super) async fn find(
        &self,
        tenant: &Tenant,
        filter: &Filter,
        order: &Order,
        paging: &Paging,
    ) -> Result<Found> {
        let window = paging.window;
        if window.offset > FURTHEST {
            let field = if let Form::Bare(name) = window.form { name } else { "page" };
            let message = format!(
                "is too far: at most {FURTHEST} runs are left out; go on by the cursor of the \
                 Link header"
            );
            return Err(Error::invalid(field, message));
        }
        let mut candidates = Candidates::of(self, tenant, filter).await?;
        if order.by != By::Number {
            return self.sorted(candidates, filter, order, paging).await;
        }
        let counted = self.counted(tenant, filter).await?;
        let most = if filter.is_by_terms_alone() { COUNTED_BY_TERMS } else { COUNTED };
        let may_be = match counted {
            Some(count) => count,
            None => candidates.count(usize::MAX).await?,
        };
        let mut walk = Walk {
            filter,
            way: order.way,
            behind: paging.cursor.as_deref().map(behind).transpose()?,
            offset: window.offset,
            limit: window.limit,
            room: LARGEST_PAGE,
            counts: counted.is_none() && may_be <= most,
            found: Vec::new(),
            passed: 0,
            listed: 0,
            looked_at: 0,
        };
        let end = walk.run(self, tenant, &mut candidates).await?;
        let whole = matches!(end, End::Whole) && (walk.counts || walk.behind.is_none());
        let total = match counted {
            Some(count) => Total::exactly(count),
            None if whole => Total::exactly(walk.passed),
            None => Total { count: may_be, is_exact: false },
        };
        let next = match end {
            End::Full => walk.found.last().map(Run::id),
            End::Whole if walk.listed > walk.offset + walk.limit => walk.found.last().map(Run::id),
            End::Whole => None,
            End::Tired(at) => Some(at),
        };
        Ok(Found { runs: walk.found, total, next })
    }

    /// All that pass, sorted, and of those the page.
    async fn sorted(
        &self,
        mut candidates: Candidates<'_>,
        filter: &Filter,
        order: &Order,
        paging: &Paging,
    ) -> Result<Found> {
        if paging.cursor.is_some() {
            return Err(Error::invalid("cursor", "goes with created_at and id alone"));
        }
        let too_many = || {
            let message = format!(
                "sorts at most {SORTED} runs, and {LARGEST_SORTED} bytes of them: narrow the \
                 search by more filters, or sort by created_at"
            );
            Error::invalid("order_by", message)
        };
        if candidates.count(LOOKED_AT).await? > LOOKED_AT {
            return Err(too_many());
        }
        let tenant = candidates.tenant;
        let mut walk = Walk {
            filter,
            way: Way::Down,
            behind: None,
            offset: 0,
            limit: SORTED,
            room: LARGEST_SORTED,
            counts: false,
            found: Vec::new(),
            passed: 0,
            listed: 0,
            looked_at: 0,
        };
        let End::Whole = walk.run(self, tenant, &mut candidates).await? else {
            return Err(too_many());
        };
        let total = Total::exactly(walk.found.len());
        let runs = order.sort(walk.found)?.into_iter();
        let runs = runs.skip(paging.window.offset).take(paging.window.limit).collect();
        Ok(Found { runs, total, next: None })
    }
}

impl Walk<'_> {
    async fn run(
        &mut self,
        search: &RunSearch,
        tenant: &Tenant,
        candidates: &mut Candidates<'_>,
    ) -> Result<End> {
        for block in candidates.blocks(self.way) {
            let mut ids = candidates.block(block, self.way).await?;
            if !self.counts {
                ids.retain(|id| self.is_behind(*id));
            }
            let mut ids = ids.as_slice();
            while !ids.is_empty() {
                let (some, rest) = ids.split_at(self.batch().min(ids.len()));
                ids = rest;
                let mut runs = search.rows(tenant, some).await?;
                runs.sort_unstable_by_key(Run::id);
                if self.way == Way::Down {
                    runs.reverse();
                }
                self.looked_at += some.len();
                for run in runs {
                    self.take(run)?;
                }
                if !self.counts && self.listed > self.offset + self.limit {
                    return Ok(End::Full);
                }
                if let Some(at) = some.last().filter(|_| self.looked_at >= LOOKED_AT) {
                    return Ok(End::Tired(*at));
                }
            }
        }
        Ok(End::Whole)
    }

    /// How many are looked at next: those that the page wants, and one to know of more.
    fn batch(&self) -> usize {
        let wanted = (self.offset + self.limit + 1).saturating_sub(self.listed);
        if self.counts { BATCH } else { wanted.clamp(1, BATCH) }
    }

    fn take(&mut self, run: Run) -> Result<()> {
        if !self.filter.passes(&run)? {
            return Ok(());
        }
        self.passed += 1;
        if !self.is_behind(run.id()) {
            return Ok(());
        }
        self.listed += 1;
        if self.listed > self.offset && self.found.len() < self.limit {
            match self.room.checked_sub(run.size()?) {
                Some(room) => {
                    self.room = room;
                    self.found.push(run);
                }
                None => self.limit = self.found.len(),
            }
        }
        Ok(())
    }

    fn is_behind(&self, id: i64) -> bool {
        self.behind.is_none_or(|behind| match self.way {
            Way::Down => id < behind,
            Way::Up => id > behind,
        })
    }
}

fn behind(cursor: &str) -> Result<i64> {
    cursor.parse().map_err(|_| Error::invalid("cursor", "is not one that was given"))
}
