//! Reading the index: which runs a term has, block by block, and no further than is asked for.

use std::collections::BTreeMap;

use futures_util::future::try_join_all;
use shared::error::{Error, Result};
use shared::table::Query;
use shared::tenant::Tenant;

use super::RunIndex;
use super::bits::Bits;
use super::postings::{Bitmap, Posting, bitmaps, of_runs};
use super::seal::sealed_blocks;
use super::term::Term;

/// How many postings are read before it is looked for bitmaps.
const FIRST_LOOK: i32 = 256;
/// Of how many stretches without bitmaps a term is read by its postings alone, if it has no
/// more of them than this.
const MANY_STRETCHES: usize = 8;
const FEW_POSTINGS: usize = 8192;

/// The direction in which runs are looked through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// From the newest.
    Down,
    /// From the oldest.
    Up,
}

/// Which runs a term has, as far as they were read.
struct Members {
    term: Term,
    blocks: BTreeMap<i64, Bits>,
    /// Stretches of blocks that were not read, both ends included.
    missing: Vec<(i64, i64)>,
}

/// A disjunction of terms: the runs that have one of them.
pub(crate) struct Clause {
    /// Those of terms of which all was read, and runs that were given.
    blocks: BTreeMap<i64, Bits>,
    /// The others.
    open: Vec<Members>,
    /// Terms of which more than the first look has to be read.
    waiting: Vec<Term>,
}

impl Clause {
    /// Exactly these runs.
    pub fn of_runs(index: &RunIndex, ids: impl IntoIterator<Item = i64>) -> Self {
        let mut blocks = BTreeMap::new();
        put(&mut blocks, index.block, ids);
        Self { blocks, open: Vec::new(), waiting: Vec::new() }
    }

    /// The runs that have one of these terms, after a first look at each.
    pub async fn of(index: &RunIndex, tenant: &Tenant, terms: Vec<Term>) -> Result<Self> {
        let looks = terms.into_iter().map(async |term| {
            let query = of_runs(tenant, &term, None).descending().limit(FIRST_LOOK);
            let page = index.table.query::<Posting>(query).await?;
            Ok::<_, Error>((term, page))
        });
        let mut clause = Self::of_runs(index, []);
        for (term, page) in try_join_all(looks).await? {
            match page.next {
                None => {
                    put(&mut clause.blocks, index.block, page.items.iter().map(Posting::run));
                }
                Some(_) => clause.waiting.push(term),
            }
        }
        Ok(clause)
    }

    /// How many runs there are, if all of them are known.
    pub fn size(&self) -> Option<usize> {
        let known = self.waiting.is_empty() && self.open.is_empty();
        known.then(|| self.blocks.values().map(Bits::count).sum())
    }

    /// Reads the bitmaps of terms with many runs. `last` is the last block there is.
    pub async fn open(&mut self, index: &RunIndex, tenant: &Tenant, last: i64) -> Result<()> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let sealed = sealed_blocks(&index.table, tenant).await?;
        let opened = std::mem::take(&mut self.waiting)
            .into_iter()
            .map(|term| Members::open(index, tenant, term, sealed, last));
        self.open.extend(try_join_all(opened).await?);
        Ok(())
    }

    /// The runs of one block.
    pub async fn block(
        &mut self,
        index: &RunIndex,
        tenant: &Tenant,
        block: i64,
        way: Way,
    ) -> Result<Bits> {
        let mut bits = self.blocks.get(&block).cloned().unwrap_or_else(|| Bits::none(index.block));
        for members in &mut self.open {
            if let Some(more) = members.block(index, tenant, block, way).await? {
                bits.add(more);
            }
        }
        Ok(bits)
    }
}

impl Members {
    /// What the bitmaps of sealed blocks say; the rest is missing.
    async fn open(
        index: &RunIndex,
        tenant: &Tenant,
        term: Term,
        sealed: i64,
        last: i64,
    ) -> Result<Self> {
        let rows: Vec<Bitmap> = match sealed {
            0 => Vec::new(),
            _ => index.table.query_all(Query::partition(&bitmaps(tenant, &term))).await?,
        };
        let rows = rows.iter().filter(|row| row.block() < sealed);
        let mut blocks: BTreeMap<i64, Bits> = rows.map(|row| (row.block(), row.bits())).collect();
        let mut missing = stretches(&blocks, last);
        let empty: i64 = missing.iter().map(|(from, to)| to - from + 1).sum();
        let most = blocks.values().map(Bits::count).sum::<usize>() as i64 + 16 * empty;
        if missing.len() > MANY_STRETCHES && most <= FEW_POSTINGS as i64 {
            blocks.clear();
            missing = vec![(0, last)];
        }
        Ok(Self { term, blocks, missing })
    }

    async fn block(
        &mut self,
        index: &RunIndex,
        tenant: &Tenant,
        block: i64,
        way: Way,
    ) -> Result<Option<&Bits>> {
        let lies = |(from, to): &(i64, i64)| (*from..=*to).contains(&block);
        if let Some(at) = self.missing.iter().position(lies) {
            let stretch = self.missing.remove(at);
            self.read(index, tenant, stretch, block, way).await?;
        }
        Ok(self.blocks.get(&block))
    }

    /// Reads the postings of a stretch from this block on, as many as fit into a page.
    async fn read(
        &mut self,
        index: &RunIndex,
        tenant: &Tenant,
        (from, to): (i64, i64),
        block: i64,
        way: Way,
    ) -> Result<()> {
        let size = index.block;
        let (low, high) = if way == Way::Down { (from, block) } else { (block, to) };
        let between = Some((low * size, (high + 1) * size - 1));
        // Two blocks at least, so that one of them is whole.
        let limit = i32::try_from(2 * size).unwrap_or(i32::MAX);
        let query = of_runs(tenant, &self.term, between).limit(limit);
        let query = if way == Way::Down { query.descending() } else { query };
        let page = index.table.query::<Posting>(query).await?;
        let end = page.items.last().map(|posting| posting.run() / size);
        // The block in which the page ends may go on behind it.
        let (low, high) = match (page.next.and(end), way) {
            (None, _) => (low, high),
            (Some(end), Way::Down) => (end + 1, high),
            (Some(end), Way::Up) => (low, end - 1),
        };
        let read = page.items.iter().map(Posting::run);
        let whole = read.filter(|run| (low..=high).contains(&(run / size)));
        put(&mut self.blocks, size, whole);
        let left = [(from, low - 1), (high + 1, to)];
        self.missing.extend(left.into_iter().filter(|(from, to)| from <= to));
        Ok(())
    }
}

/// The stretches of blocks from 0 to `last` that are not there.
fn stretches(blocks: &BTreeMap<i64, Bits>, last: i64) -> Vec<(i64, i64)> {
    let (mut found, mut next) = (Vec::new(), 0);
    for block in blocks.keys() {
        if next < *block {
            found.push((next, block - 1));
        }
        next = block + 1;
    }
    if next <= last {
        found.push((next, last));
    }
    found
}

fn put(blocks: &mut BTreeMap<i64, Bits>, size: i64, runs: impl IntoIterator<Item = i64>) {
    for run in runs {
        blocks.entry(run / size).or_insert_with(|| Bits::none(size)).set(run % size, true);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stretches_without_bitmaps_are_one_each() {
        let blocks = |of: &[i64]| of.iter().map(|block| (*block, Bits::none(64))).collect();
        assert_eq!(stretches(&blocks(&[]), 5), [(0, 5)]);
        assert_eq!(stretches(&blocks(&[0, 2, 3, 6]), 8), [(1, 1), (4, 5), (7, 8)]);
        assert_eq!(stretches(&blocks(&[0, 1]), 1), []);
    }
}
