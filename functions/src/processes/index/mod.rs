//! What runs are found by. The index is a superset that is written first: before a run is
//! created or changed its entries are put, and whoever finds one looks at the run's own row.
//! An entry that is left over matches nothing; no run is ever missing.
//!
//! A *term* has a *posting* for each run. Runs are cut in blocks by their numbers; of a block
//! that is complete, a term with many runs there has a bitmap as well (`seal`).

mod bits;
mod facets;
mod fold;
mod members;
mod meta;
mod names;
mod postings;
mod seal;
mod sealing;
mod term;

use std::collections::BTreeSet;

use shared::clock::Clock;
use shared::env::Env;
use shared::error::Result;
use shared::table::{Item, Table};
use shared::tenant::Tenant;

pub(crate) use bits::Bits;
pub use facets::{Facet, FacetValues};
pub(crate) use fold::{GRAM, fold};
pub(crate) use members::{Clause, Way};
pub use meta::check_meta;
pub(crate) use meta::scalars;
pub use sealing::{SEAL, Sealer, sealing};
pub(crate) use term::{Term, day};

use super::runs::{Run, runs_table};
use postings::posting_key;

/// How many runs a block has.
const BLOCK: i64 = 4096;
/// A run that is younger than this, in milliseconds, is in no sealed block: half of what
/// `seal` asks for.
const UNSEALED_MS: i64 = 5 * 60_000;

/// The index of runs. Cheap to clone.
#[derive(Clone)]
pub struct RunIndex {
    table: Table,
    clock: Clock,
    block: i64,
}

impl RunIndex {
    /// Needs the table `runs`.
    pub fn load(env: &Env) -> Result<Self> {
        Ok(Self { table: runs_table(env)?, clock: env.clock(), block: BLOCK })
    }

    /// The same with blocks of this size, a multiple of 64: an index has one size for good.
    #[must_use]
    pub fn with_blocks_of(self, block: i64) -> Self {
        Self { block, ..self }
    }

    /// How many runs a block has.
    pub(crate) fn block(&self) -> i64 {
        self.block
    }

    /// Writes what a run is found by that is about to be created.
    pub async fn add(&self, tenant: &Tenant, run: &Run) -> Result<()> {
        self.add_many(tenant, std::slice::from_ref(run)).await
    }

    /// The same for many runs of one process.
    pub async fn add_many(&self, tenant: &Tenant, runs: &[Run]) -> Result<()> {
        let Some(process) = runs.first().map(|run| run.process_id) else { return Ok(()) };
        let (mut postings, mut said, mut names) = (Vec::new(), BTreeSet::new(), BTreeSet::new());
        for run in runs {
            let terms = Term::all_of(run)?;
            postings
                .extend(terms.iter().map(|term| Item::bare(&posting_key(tenant, term, run.id()))));
            said.extend(scalars(&run.meta()?));
            names.extend(run.entity_name.as_deref().map(fold));
        }
        self.table.put_many(postings).await?;
        let said: Vec<_> = said.into_iter().collect();
        self.learn_facets(tenant, process, &said).await?;
        for name in &names {
            self.learn_name(tenant, name).await?;
        }
        Ok(())
    }

    /// Writes what a run is found by once it is about to become `after`.
    pub async fn change(&self, tenant: &Tenant, before: &Run, after: &Run) -> Result<()> {
        let known = Term::all_of(before)?;
        let new: Vec<Term> = Term::all_of(after)?.difference(&known).cloned().collect();
        if new.is_empty() {
            return Ok(());
        }
        self.post(tenant, &new, after).await?;
        if before.meta != after.meta {
            let (old, new) = (scalars(&before.meta()?), scalars(&after.meta()?));
            let new: Vec<_> = new.into_iter().filter(|scalar| !old.contains(scalar)).collect();
            self.learn_facets(tenant, after.process_id, &new).await?;
        }
        match &after.entity_name {
            Some(name) if before.entity_name != after.entity_name => {
                self.learn_name(tenant, &fold(name)).await
            }
            _ => Ok(()),
        }
    }

    /// Takes values out of the list of what is said that a run became `after` without, and
    /// no other run of its process says.
    pub async fn outdate(&self, tenant: &Tenant, before: &Run, after: &Run) -> Result<()> {
        if before.meta == after.meta || after.neutralised_at != before.neutralised_at {
            return Ok(());
        }
        let (said, left) = (scalars(&before.meta()?), scalars(&after.meta()?));
        let gone: Vec<_> = said.into_iter().filter(|scalar| !left.contains(scalar)).collect();
        self.unlearn_facets(tenant, before, &gone).await
    }

    /// Removes what a run was found by that is about to become `after`, names and values
    /// that no other run has among them: nothing of what it said is left. Only for what
    /// cannot come back, since whoever puts an entry at the same moment would lose it.
    pub async fn forget(&self, tenant: &Tenant, before: &Run, after: &Run) -> Result<()> {
        let kept = Term::all_of(after)?;
        let old: Vec<Term> = Term::all_of(before)?.difference(&kept).cloned().collect();
        self.unpost(tenant, &old, before).await?;
        let (said, left) = (scalars(&before.meta()?), scalars(&after.meta()?));
        let gone: Vec<_> = said.into_iter().filter(|scalar| !left.contains(scalar)).collect();
        self.unlearn_facets(tenant, before, &gone).await?;
        if before.entity_name != after.entity_name {
            self.unlearn_name(tenant, before).await?;
        }
        Ok(())
    }
}
