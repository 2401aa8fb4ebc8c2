//! Places for calls: a connection whose other side is slow takes no more than its own.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How many connections' places are remembered.
const REMEMBERED: usize = 10_000;

/// The places of all connections of this process. Cheap to clone.
#[derive(Clone)]
pub(super) struct Bulkhead {
    places: Arc<Mutex<HashMap<String, Arc<Semaphore>>>>,
    most: usize,
}

impl Bulkhead {
    /// So many places for each.
    pub fn new(most: usize) -> Self {
        Self { places: Arc::default(), most }
    }

    /// A place, held as long as what is answered; none when none becomes free in time.
    pub async fn enter(&self, name: &str, patience: Duration) -> Option<OwnedSemaphorePermit> {
        let places = self.of(name);
        let place = tokio::time::timeout(patience, places.acquire_owned()).await;
        place.ok()?.ok()
    }

    fn of(&self, name: &str) -> Arc<Semaphore> {
        let mut known = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= REMEMBERED && !known.contains_key(name) {
            // Whoever is inside or waits holds it as well.
            known.retain(|_, places| Arc::strong_count(places) > 1);
        }
        let places = || Arc::new(Semaphore::new(self.most));
        known.entry(name.to_owned()).or_insert_with(places).clone()
    }
}

#[cfg(test)]
mod tests {
    use anyhow::Context;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn who_finds_no_place_in_time_goes_away_and_others_are_not_held_up() -> anyhow::Result<()>
    {
        let bulkhead = Bulkhead::new(2);
        let patience = Duration::from_secs(3);
        let first = bulkhead.enter("a", patience).await.context("a place")?;
        let _second = bulkhead.enter("a", patience).await.context("a place")?;
        let began = tokio::time::Instant::now();
        assert!(bulkhead.enter("a", patience).await.is_none());
        assert_eq!(began.elapsed(), patience);
        assert!(bulkhead.enter("b", patience).await.is_some());
        drop(first);
        assert!(bulkhead.enter("a", patience).await.is_some());
        Ok(())
    }
}
