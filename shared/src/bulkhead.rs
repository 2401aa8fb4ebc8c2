//! Bulkheads: how many calls to one other side a process has under way at a time, so
//! that a slow one takes no more places than its own.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How many names' places are remembered.
const REMEMBERED: usize = 10_000;

/// The places for one kind of call in this process. Cheap to clone.
#[derive(Clone)]
pub struct Bulkhead {
    places: Arc<Mutex<HashMap<String, Arc<Semaphore>>>>,
    most: usize,
}

/// A place, held for as long as it lives.
#[derive(Debug)]
pub struct Place(#[expect(dead_code, reason = "held, not read")] OwnedSemaphorePermit);

impl Bulkhead {
    /// So many places for each name.
    pub fn new(most: usize) -> Self {
        Self { places: Arc::default(), most }
    }

    /// A place, held as long as what is answered; none when none becomes free in time.
    pub async fn enter(&self, name: &str, patience: Duration) -> Option<Place> {
        let places = self.of(name);
        let place = tokio::time::timeout(patience, places.acquire_owned()).await;
        place.ok()?.ok().map(Place)
    }

    /// A place, if there is one free.
    pub fn try_enter(&self, name: &str) -> Option<Place> {
        self.of(name).try_acquire_owned().ok().map(Place)
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
