//! How many calls are under way at a time.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;

/// Counts calls. Clones count together.
#[derive(Clone, Default)]
pub(crate) struct AtOnce(Arc<Mutex<Counts>>);

#[derive(Default)]
struct Counts {
    under_way: usize,
    most: usize,
}

/// A call that is under way, until it ends or is given up.
pub(crate) struct UnderWay(AtOnce);

impl AtOnce {
    /// Counts a call as long as what this answers is kept.
    pub fn enter(&self) -> UnderWay {
        let mut counts = self.locked();
        counts.under_way += 1;
        counts.most = counts.most.max(counts.under_way);
        drop(counts);
        UnderWay(self.clone())
    }

    /// The most calls that were ever under way.
    pub fn most(&self) -> usize {
        self.locked().most
    }

    fn locked(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.locked().under_way -= 1;
    }
}

/// The middleware that counts every call.
pub(crate) async fn counted(State(calls): State<AtOnce>, request: Request, next: Next) -> Response {
    let _under_way = calls.enter();
    next.run(request).await
}
