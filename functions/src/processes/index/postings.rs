//! Postings, one a term and run, and the bitmaps of sealed blocks.

use serde::{Deserialize, Serialize};
use shared::error::{Error, Kind, Result};
use shared::table::{Cond, Item, Key, Query, Range, Read, Update, Value, Written};
use shared::tenant::Tenant;

use super::bits::Bits;
use super::term::Term;
use super::{RunIndex, UNSEALED_MS};
use crate::processes::runs::Run;

/// The largest number that a run can have.
const LAST: i64 = 999_999_999_999;
/// How often a bitmap that others change is tried.
const TRIES: u32 = 16;

/// A posting as it is read: which run it is of.
#[derive(Deserialize)]
pub(super) struct Posting {
    sk: String,
}

/// The row of a term in a sealed block.
#[derive(Serialize, Deserialize)]
pub(super) struct Bitmap {
    pk: String,
    sk: String,
    #[serde(with = "serde_bytes")]
    bits: Vec<u8>,
}

impl Posting {
    /// The run's number; 0 for what is no posting.
    pub fn run(&self) -> i64 {
        self.sk.parse().unwrap_or_default()
    }
}

impl Bitmap {
    pub fn of(tenant: &Tenant, term: &Term, block: i64, bits: &Bits) -> Self {
        let Key { pk, sk } = bitmap_key(tenant, term, block);
        Self { pk, sk, bits: bits.to_bytes() }
    }

    /// Which block it is of.
    pub fn block(&self) -> i64 {
        self.sk.parse().unwrap_or_default()
    }

    pub fn bits(&self) -> Bits {
        Bits::read(&self.bits)
    }
}

impl RunIndex {
    /// Numbers of a process's runs after this one, smallest first, deleted runs' among
    /// them; maybe some that no run has.
    pub async fn of_process(
        &self,
        tenant: &Tenant,
        process: i64,
        after: i64,
        limit: i32,
    ) -> Result<Vec<i64>> {
        let query = of_runs(tenant, &Term::process(process), Some((after + 1, LAST)));
        let page = self.table.query::<Posting>(query.limit(limit)).await?;
        Ok(page.items.iter().map(Posting::run).collect())
    }

    /// Puts a run's postings, and its bits where its block is sealed.
    pub(super) async fn post(&self, tenant: &Tenant, terms: &[Term], run: &Run) -> Result<()> {
        let keys = terms.iter().map(|term| Item::bare(&posting_key(tenant, term, run.id())));
        self.table.put_many(keys.collect()).await?;
        // Whoever seals the block meanwhile reads the postings after its bitmaps are there.
        if self.may_be_sealed(run) {
            self.mark(tenant, terms, run.id(), true).await?;
        }
        Ok(())
    }

    /// Removes a run's postings and bits.
    pub(super) async fn unpost(&self, tenant: &Tenant, terms: &[Term], run: &Run) -> Result<()> {
        let keys: Vec<Key> = terms.iter().map(|term| posting_key(tenant, term, run.id())).collect();
        self.table.delete_many(&keys).await?;
        if self.may_be_sealed(run) {
            self.mark(tenant, terms, run.id(), false).await?;
        }
        Ok(())
    }

    fn may_be_sealed(&self, run: &Run) -> bool {
        self.clock.now_ms() - run.created_at > UNSEALED_MS
    }

    /// Sets or clears a run's bits in those of these terms' bitmaps that there are.
    async fn mark(&self, tenant: &Tenant, terms: &[Term], id: i64, on: bool) -> Result<()> {
        let block = id / self.block;
        let keys: Vec<Key> = terms.iter().map(|term| bitmap_key(tenant, term, block)).collect();
        let bitmaps: Vec<Bitmap> = self.table.get_many(&keys, Read::Consistent).await?;
        for bitmap in bitmaps {
            self.change_bitmap(bitmap, |bits| bits.set(id % self.block, on)).await?;
        }
        Ok(())
    }

    /// Changes a bitmap, again whenever somebody else did meanwhile.
    pub(super) async fn change_bitmap(
        &self,
        bitmap: Bitmap,
        change: impl Fn(&mut Bits),
    ) -> Result<()> {
        let key = Key { pk: bitmap.pk.clone(), sk: bitmap.sk.clone() };
        let mut seen = Some(bitmap);
        for _ in 0..TRIES {
            let Some(bitmap) = seen else { return Ok(()) };
            let mut bits = bitmap.bits();
            change(&mut bits);
            let bytes = bits.to_bytes();
            if bytes == bitmap.bits {
                return Ok(());
            }
            let unchanged = Cond::Eq("bits", Value::bytes(bitmap.bits));
            let update = Update::of(key.clone()).set("bits", Value::bytes(bytes)).when(unchanged);
            if matches!(self.table.update(update).await?, Written::Done) {
                return Ok(());
            }
            seen = self.table.get(&key, Read::Consistent).await?;
        }
        Err(Error::new(Kind::Conflict, "The run is being changed by others"))
    }
}

/// Where a term's posting of a run is.
pub(super) fn posting_key(tenant: &Tenant, term: &Term, run: i64) -> Key {
    Key { pk: postings(tenant, term), sk: place(run) }
}

/// A term's postings, all or those of runs between two numbers, both included.
pub(super) fn of_runs(tenant: &Tenant, term: &Term, between: Option<(i64, i64)>) -> Query {
    let query = Query::partition(&postings(tenant, term));
    match between {
        Some((from, to)) => {
            query.range("sk", Range::Between(place(from.max(0)).into(), place(to).into()))
        }
        None => query,
    }
}

/// Where a term's bitmap of a block is.
pub(super) fn bitmap_key(tenant: &Tenant, term: &Term, block: i64) -> Key {
    Key { pk: bitmaps(tenant, term), sk: format!("{block:09}") }
}

/// The partition of a term's bitmaps.
pub(super) fn bitmaps(tenant: &Tenant, term: &Term) -> String {
    tenant.pk("B", term.as_str())
}

fn postings(tenant: &Tenant, term: &Term) -> String {
    tenant.pk("X", term.as_str())
}

fn place(run: i64) -> String {
    format!("{run:012}")
}
