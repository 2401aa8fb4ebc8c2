//! Use case: see all tries of a step, from the first to the newest, and what became of each.

use shared::error::Result;
use shared::table::Read;
use shared::tenant::Tenant;

use super::model::{Rerun, rerun_key};
use super::start::Reruns;
use super::view::TryView;
use crate::processes::runs::{Run, StepRun};

impl Reruns {
    /// The rerun that a step run of this id is, if it is one.
    pub(super) async fn find(&self, tenant: &Tenant, step_run: i64) -> Result<Option<Rerun>> {
        self.store.table.get(&rerun_key(tenant, step_run), Read::Consistent).await
    }

    /// All tries of the step that the step run of this id is one of, oldest first.
    ///
    /// # Errors
    /// `NotFound`.
    pub(super) async fn lineage(&self, tenant: &Tenant, id: i64) -> Result<Vec<TryView>> {
        let (run, number) = self.store.of_step_run(tenant, id).await?;
        let tries = tries(&run, number);
        let key = |step: &&StepRun| rerun_key(tenant, run.step_run_id(step.number));
        let keys: Vec<_> = tries.iter().map(key).collect();
        let reruns: Vec<Rerun> = self.store.table.get_many(&keys, Read::Consistent).await?;
        let of = |step: &StepRun| reruns.iter().find(|rerun| rerun.number == step.number);
        tries.into_iter().map(|step| TryView::of(&run, step, of(step))).collect()
    }
}

/// The tries of a step that the step run of this number is one of, oldest first.
fn tries(run: &Run, number: i64) -> Vec<&StepRun> {
    let mut first = run.step(number);
    while let Some(before) = first.and_then(|step| run.step(step.original?)) {
        first = Some(before);
    }
    let newer = |step: &&StepRun| run.step(step.superseded_by?);
    std::iter::successors(first, newer).collect()
}
