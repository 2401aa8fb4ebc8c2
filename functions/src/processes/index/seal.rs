//! Sealing: of a block of runs that is complete, each term that many runs have there gets a
//! bitmap, so that reading it costs one row instead of one a run. Postings stay.
//!
//! Whoever adds a posting later puts it first and then looks for the bitmap; here the bitmap
//! is written first and then the postings are read. So one of the two sees the other.

use std::collections::BTreeMap;

use futures_util::future::try_join_all;
use serde::Deserialize;
use shared::error::Result;
use shared::table::{Cond, Item, Key, Read, Table, Update};
use shared::tenant::Tenant;

use super::RunIndex;
use super::bits::Bits;
use super::postings::{Bitmap, Posting, bitmap_key, of_runs};
use super::term::Term;
use crate::processes::runs::{Run, run_key};

/// How many runs of a block a term has that gets a bitmap.
const MANY: usize = 16;
/// How old a run behind a block has to be, in milliseconds, for the block to be complete: a
/// run is created within a minute after its number was taken.
pub(super) const SETTLED_MS: i64 = 10 * 60_000;
/// How many runs are read together.
const BATCH: i64 = 100;

#[derive(Deserialize)]
struct Sealed {
    n: i64,
}

/// How many blocks of a tenant are sealed.
pub(super) async fn sealed_blocks(table: &Table, tenant: &Tenant) -> Result<i64> {
    let sealed: Option<Sealed> = table.get(&sealed_key(tenant), Read::Consistent).await?;
    Ok(sealed.map_or(0, |sealed| sealed.n))
}

impl RunIndex {
    /// Seals the next block, if one is complete. `last` is the newest run's number.
    pub(crate) async fn seal_next(&self, tenant: &Tenant, last: i64) -> Result<bool> {
        let block = sealed_blocks(&self.table, tenant).await?;
        if !self.is_complete(tenant, block, last).await? {
            return Ok(false);
        }
        let terms = self.terms_of(tenant, block).await?;
        let many: Vec<_> = terms.into_iter().filter(|(_, runs)| runs.len() >= MANY).collect();
        for some in many.chunks(BATCH as usize) {
            self.seal_terms(tenant, block, some).await?;
        }
        // Never back: others may have sealed further meanwhile.
        let sealed = Update::of(sealed_key(tenant)).set("n", block + 1);
        let further = Cond::Any(vec![Cond::Absent("n"), Cond::Lt("n", (block + 1).into())]);
        self.table.update(sealed.when(further)).await?;
        Ok(true)
    }

    /// Whether a run behind the block is old enough.
    async fn is_complete(&self, tenant: &Tenant, block: i64, last: i64) -> Result<bool> {
        let mut id = (block + 1) * self.block;
        while id <= last {
            let to = (id + BATCH - 1).min(last);
            let runs = self.runs(tenant, id, to).await?;
            if let Some(first) = runs.iter().map(|run| run.created_at).min() {
                return Ok(self.clock.now_ms() - first >= SETTLED_MS);
            }
            id = to + 1;
        }
        Ok(false)
    }

    /// What the runs of a block are found by.
    async fn terms_of(&self, tenant: &Tenant, block: i64) -> Result<BTreeMap<Term, Vec<i64>>> {
        let mut terms: BTreeMap<Term, Vec<i64>> = BTreeMap::new();
        let mut id = block * self.block;
        let end = id + self.block - 1;
        while id <= end {
            let to = (id + BATCH - 1).min(end);
            for run in self.runs(tenant, id, to).await? {
                for term in Term::all_of(&run)? {
                    terms.entry(term).or_default().push(run.id());
                }
            }
            id = to + 1;
        }
        Ok(terms)
    }

    async fn seal_terms(
        &self,
        tenant: &Tenant,
        block: i64,
        terms: &[(Term, Vec<i64>)],
    ) -> Result<()> {
        let bitmaps = terms.iter().map(|(term, runs)| {
            let mut bits = Bits::none(self.block);
            runs.iter().for_each(|run| bits.set(run % self.block, true));
            Item::of(&Bitmap::of(tenant, term, block, &bits))
        });
        self.table.put_many(bitmaps.collect::<Result<_>>()?).await?;
        let checks = terms.iter().map(|(term, runs)| self.complete(tenant, block, term, runs));
        try_join_all(checks).await?;
        Ok(())
    }

    /// Adds to a bitmap what was posted meanwhile.
    async fn complete(&self, tenant: &Tenant, block: i64, term: &Term, runs: &[i64]) -> Result<()> {
        let between = Some((block * self.block, (block + 1) * self.block - 1));
        let posted: Vec<Posting> = self.table.query_all(of_runs(tenant, term, between)).await?;
        let posted = posted.iter().map(Posting::run);
        let new: Vec<i64> = posted.filter(|run| !runs.contains(run)).collect();
        if new.is_empty() {
            return Ok(());
        }
        let key = bitmap_key(tenant, term, block);
        let bitmap: Option<Bitmap> = self.table.get(&key, Read::Consistent).await?;
        let Some(bitmap) = bitmap else { return Ok(()) };
        self.change_bitmap(bitmap, |bits| {
            new.iter().for_each(|run| bits.set(run % self.block, true))
        })
        .await
    }

    async fn runs(&self, tenant: &Tenant, from: i64, to: i64) -> Result<Vec<Run>> {
        let keys: Vec<Key> = (from..=to).map(|id| run_key(tenant, id)).collect();
        self.table.get_many(&keys, Read::Consistent).await
    }
}

fn sealed_key(tenant: &Tenant) -> Key {
    Key::alone(tenant.pk("SEALED", Key::ALONE))
}
