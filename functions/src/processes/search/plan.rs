//! Which runs may be meant: what the index says, block by block, between two numbers.

use futures_util::future::try_join_all;
use jiff::ToSpan;
use serde::Deserialize;
use shared::clock::timestamp;
use shared::error::Result;
use shared::table::Query;
use shared::tenant::Tenant;

use super::RunSearch;
use super::filter::{Filter, Stretch};
use crate::processes::figures::RunStatistics;
use crate::processes::index::{Bits, Clause, GRAM, Term, Way, day};
use crate::processes::runs::{RunStatus, by_status};

/// So few runs are rather looked at than looked for in the rest of the index.
const FEW: usize = 100;
/// So many are not looked at when they can be looked for by their names.
const MANY: usize = 1000;
/// So few names are looked for first.
const FEW_NAMES: usize = 64;
/// So few runs of a status are taken from its list.
const FEW_OF_STATUS: i64 = 2000;
/// The longest stretch of days that runs are looked for by.
const MOST_DAYS: i64 = 62;
/// Numbers and moments can disagree by as much as clocks do, in milliseconds.
const SKEW_MS: i64 = 120_000;
/// How many runs are looked at for one that is there.
const BATCH: i64 = 100;

/// The runs that may be meant.
pub(super) struct Candidates<'a> {
    search: &'a RunSearch,
    pub tenant: &'a Tenant,
    clauses: Vec<Clause>,
    /// The least and the greatest number.
    pub low: i64,
    pub high: i64,
}

#[derive(Deserialize)]
struct Listed {
    rank: i64,
}

impl<'a> Candidates<'a> {
    /// Those that may pass a filter, which is folded.
    pub async fn of(search: &'a RunSearch, tenant: &'a Tenant, filter: &Filter) -> Result<Self> {
        let last = search.numbers.last(tenant).await?;
        let mut found = Self { search, tenant, clauses: Vec::new(), low: 1, high: last };
        found.between(filter.created).await?;
        let looks = found.terms(filter).into_iter();
        let looks = looks.map(|terms| Clause::of(&search.index, tenant, terms));
        found.clauses = try_join_all(looks).await?;
        let names = found.names(filter).await?;
        let (few, many) = match names {
            Some(terms) if terms.len() <= FEW_NAMES => (Some(terms), None),
            other => (None, other),
        };
        if let Some(terms) = few {
            found.clauses.push(Clause::of(&search.index, tenant, terms).await?);
        }
        if found.is_small(FEW_OF_STATUS) {
            found.keep_the_smallest();
        } else if let Some(listed) = found.listed(filter).await? {
            found.clauses.push(listed);
            found.keep_the_smallest();
        }
        found.open().await?;
        if let Some(terms) = many
            && found.count(MANY).await? > MANY
        {
            found.clauses.push(Clause::of(&search.index, tenant, terms).await?);
            found.open().await?;
        }
        Ok(found)
    }

    /// The terms of which one must be there, for each rule that the index knows.
    fn terms(&self, filter: &Filter) -> Vec<Vec<Term>> {
        let mut all: Vec<Vec<Term>> = Vec::new();
        all.extend(filter.process.map(|process| vec![Term::process(process)]));
        all.extend(filter.entity_id.as_deref().map(|id| vec![Term::entity_id(id)]));
        for (path, values) in &filter.meta {
            all.push(values.iter().map(|value| Term::meta(path, value)).collect());
        }
        all.extend(
            days(filter.started).map(|days| days.iter().map(|d| Term::started(d)).collect()),
        );
        all.extend(
            days(filter.finished).map(|days| days.iter().map(|d| Term::finished(d)).collect()),
        );
        all
    }

    /// The names that have what is looked for in them, as terms, if there are not too many;
    /// for a text that is looked for everywhere, whatever else it may be.
    async fn names(&self, filter: &Filter) -> Result<Option<Vec<Term>>> {
        let index = &self.search.index;
        let Some(part) = filter.q.as_deref().or(filter.entity_name.as_deref()) else {
            return Ok(None);
        };
        if part.chars().count() < GRAM {
            return Ok(None);
        }
        let Some(names) = index.names_with(self.tenant, part).await? else { return Ok(None) };
        let mut terms: Vec<Term> = names.iter().map(|name| Term::name(name)).collect();
        if filter.q.is_some() {
            terms.push(Term::entity_id(part));
            let members = index.members(self.tenant).await?;
            terms.extend(members.iter().map(|member| Term::meta(member, part)));
        }
        Ok(Some(terms))
    }

    /// The runs of a process in a status, if they are few.
    async fn listed(&self, filter: &Filter) -> Result<Option<Clause>> {
        let (Some(process), Some(status)) = (filter.process, filter.status) else {
            return Ok(None);
        };
        let statistics = RunStatistics::of(&self.search.table, self.tenant, process).await?;
        if statistics.in_status(status) > FEW_OF_STATUS {
            return Ok(None);
        }
        let ids = self.in_status(process, status).await?;
        Ok(Some(Clause::of_runs(&self.search.index, ids)))
    }

    async fn in_status(&self, process: i64, status: RunStatus) -> Result<Vec<i64>> {
        let list = by_status(self.tenant, process, status);
        let query = Query::index("by_status", "by_status", &list);
        let listed: Vec<Listed> = self.search.table.query_all(query).await?;
        Ok(listed.into_iter().map(|listed| listed.rank).collect())
    }

    fn is_small(&self, most: i64) -> bool {
        let most = usize::try_from(most).unwrap_or_default();
        self.clauses.iter().any(|clause| clause.size().is_some_and(|size| size <= most))
    }

    /// If one rule leaves few runs, the others are left to their rows.
    fn keep_the_smallest(&mut self) {
        let sizes = self.clauses.iter().enumerate();
        let smallest = sizes.filter_map(|(at, clause)| Some((clause.size()?, at))).min();
        if let Some((_, at)) = smallest.filter(|(size, _)| *size <= FEW) {
            let smallest = self.clauses.swap_remove(at);
            self.clauses = vec![smallest];
        }
    }

    async fn open(&mut self) -> Result<()> {
        let (index, tenant, last) =
            (&self.search.index, self.tenant, self.high / self.search.index.block());
        let opened = self.clauses.iter_mut().map(|clause| clause.open(index, tenant, last));
        try_join_all(opened).await?;
        // What is known is asked first: where that is empty, nothing more is read.
        self.clauses.sort_by_key(|clause| clause.size().is_none());
        Ok(())
    }

    /// The blocks that there are, in this direction.
    pub fn blocks(&self, way: Way) -> Vec<i64> {
        if self.low > self.high {
            return Vec::new();
        }
        let block = self.search.index.block();
        let all = self.low / block..=self.high / block;
        if way == Way::Down { all.rev().collect() } else { all.collect() }
    }

    /// The numbers of one block, in this direction.
    pub async fn block(&mut self, block: i64, way: Way) -> Result<Vec<i64>> {
        let bits = self.bits(block, way).await?;
        let first = block * self.search.index.block();
        let numbers = bits.places().map(|place| first + place);
        let mut numbers: Vec<i64> =
            numbers.filter(|id| (self.low..=self.high).contains(id)).collect();
        if way == Way::Down {
            numbers.reverse();
        }
        Ok(numbers)
    }

    async fn bits(&mut self, block: i64, way: Way) -> Result<Bits> {
        let index = &self.search.index;
        let mut bits = Bits::all(index.block());
        for clause in &mut self.clauses {
            bits.keep(&clause.block(index, self.tenant, block, way).await?);
            if bits.count() == 0 {
                break;
            }
        }
        Ok(bits)
    }

    /// How many there are; counted no further than to more than `most`.
    pub async fn count(&mut self, most: usize) -> Result<usize> {
        if self.clauses.is_empty() {
            return Ok(usize::try_from(self.high - self.low + 1).unwrap_or_default());
        }
        let mut count = 0;
        for block in self.blocks(Way::Down) {
            count += self.block(block, Way::Down).await?.len();
            if count > most {
                break;
            }
        }
        Ok(count)
    }

    /// Leaves out numbers of runs that were made before or after. Numbers go up with time.
    async fn between(&mut self, created: Stretch) -> Result<()> {
        if let Some(before) = created.before {
            self.high = self.first_after(before.saturating_add(SKEW_MS)).await? - 1;
        }
        if let Some(after) = created.after {
            self.low = self.first_after(after.saturating_sub(SKEW_MS)).await?;
        }
        Ok(())
    }

    /// The first number whose run was made after this moment, by halving.
    async fn first_after(&self, at: i64) -> Result<i64> {
        let (mut low, mut high) = (self.low, self.high + 1);
        while low < high {
            let middle = low + (high - low) / 2;
            match self.made_from(middle, high).await? {
                Some(made) if made <= at => low = middle + 1,
                _ => high = middle,
            }
        }
        Ok(high)
    }

    /// When the first run from this number on was made, below the other.
    async fn made_from(&self, mut id: i64, below: i64) -> Result<Option<i64>> {
        let mut many = 1;
        while id < below {
            let to = (id + many).min(below);
            let ids: Vec<i64> = (id..to).collect();
            let runs = self.search.rows(self.tenant, &ids).await?;
            if let Some(run) = runs.iter().min_by_key(|run| run.id()) {
                return Ok(Some(run.created_at));
            }
            (id, many) = (to, BATCH);
        }
        Ok(None)
    }
}

/// The days of a stretch, if both of its ends are given and not too far apart.
fn days(stretch: Stretch) -> Option<Vec<String>> {
    let (after, before) = (stretch.after?, stretch.before?);
    let (first, last) = (day(after), day(before));
    if before < after {
        return Some(Vec::new());
    }
    let mut days = vec![first];
    let mut next = timestamp(after);
    while days.last() != Some(&last) {
        if days.len() as i64 >= MOST_DAYS {
            return None;
        }
        next = next.checked_add(24.hours()).ok()?;
        days.push(day(next.as_millisecond()));
    }
    Some(days)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stretch_has_its_days_unless_it_is_long() {
        let day_ms = 24 * 3_600_000;
        let of = |after: i64, before: i64| {
            days(Stretch { after: Some(after), before: Some(before) }).map(|days| days.len())
        };
        assert_eq!(of(0, 0), Some(1));
        assert_eq!(of(day_ms - 1, day_ms), Some(2));
        assert_eq!(of(5, 61 * day_ms + 5), Some(62));
        assert_eq!(of(5, 62 * day_ms + 5), None);
        assert_eq!(of(1, 0), Some(0));
        assert_eq!(days(Stretch { after: Some(0), before: None }), None);
    }
}
