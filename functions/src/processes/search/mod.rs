//! Finding runs: the index says which ones may be meant, each one's own row whether it is.

pub mod api;
mod filter;
mod order;
mod params;
mod plan;
mod totals;
mod walk;

pub use filter::{Filter, Match, Stretch};

use shared::env::Env;
use shared::error::Result;
use shared::sequence::Sequence;
use shared::table::{Key, Read, Table};
use shared::tenant::Tenant;

use super::index::RunIndex;
use super::runs::{Run, run_key, runs_table};

/// The use cases of finding runs. Cheap to clone.
#[derive(Clone)]
pub struct RunSearch {
    /// What runs are found by.
    pub index: RunIndex,
    table: Table,
    numbers: Sequence,
    processes: Sequence,
}

impl RunSearch {
    /// Needs the tables `runs` and `control`.
    pub fn load(env: &Env) -> Result<Self> {
        let control = env.table("CONTROL_TABLE")?;
        Ok(Self {
            index: RunIndex::load(env)?,
            table: runs_table(env)?,
            numbers: Sequence::new(control.clone(), "runs"),
            processes: Sequence::new(control, "processes"),
        })
    }

    /// The runs with these numbers, in no order; what there is not is left out.
    async fn rows(&self, tenant: &Tenant, ids: &[i64]) -> Result<Vec<Run>> {
        let keys: Vec<Key> = ids.iter().map(|id| run_key(tenant, *id)).collect();
        self.table.get_many(&keys, Read::Consistent).await
    }
}
