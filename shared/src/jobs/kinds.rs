//! A lane whose jobs are of several kinds, told apart by their keys.

use super::{Lane, Runner, Work};
use crate::boxed::Boxed;
use crate::error::Result;
use crate::queue::Hint;
use crate::tenant::Tenant;

/// Works through hints at jobs of every kind.
pub struct Kinds {
    lane: Lane,
    kinds: Vec<(&'static str, Box<dyn Kind>)>,
}

impl Kinds {
    /// Of this lane, with none so far.
    pub fn new(lane: Lane) -> Self {
        Self { lane, kinds: Vec::new() }
    }

    /// With the work of the jobs whose partition keys are of this kind.
    #[must_use]
    pub fn with(mut self, kind: &'static str, work: impl Work) -> Self {
        let Lane { jobs, queue } = self.lane.clone();
        self.kinds.push((kind, Box::new(Runner::new(work, jobs, queue))));
        self
    }

    /// Works through one hint; the method that a function's `main` names.
    pub async fn deliver(&self, hint: Hint) -> Result<()> {
        let tenant = Tenant::of_pk(&hint.key.pk);
        let is = |kind| tenant.as_ref().is_some_and(|of| of.id_in(kind, &hint.key.pk).is_some());
        match self.kinds.iter().find(|(kind, _)| is(kind)) {
            Some((_, kind)) => kind.deliver(hint).await,
            None => {
                tracing::error!(pk = %hint.key.pk, "a hint at a job of no kind was dropped");
                Ok(())
            }
        }
    }
}

/// A runner of any work.
trait Kind: Send + Sync {
    fn deliver(&self, hint: Hint) -> Boxed<'_, Result<()>>;
}

impl<W: Work> Kind for Runner<W> {
    fn deliver(&self, hint: Hint) -> Boxed<'_, Result<()>> {
        Box::pin(self.deliver(hint))
    }
}
