//! Bulkheads: how many calls to one other side a process has under way at a time, so
//! that a slow one does not take all places.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Names that are remembered; those with nothing under way are forgotten beyond it.
const REMEMBERED: usize = 10_000;

/// The bulkheads of one kind of call, by name. Cheap to clone.
#[derive(Clone)]
pub struct Bulkheads {
    most: usize,
    places: Arc<Mutex<HashMap<String, Arc<Semaphore>>>>,
}

/// A place, held for as long as it lives.
#[derive(Debug)]
pub struct Place(#[expect(dead_code, reason = "held, not read")] OwnedSemaphorePermit);

impl Bulkheads {
    /// At most so many calls at a time for each name.
    pub fn of(most: usize) -> Self {
        Self { most, places: Arc::default() }
    }

    /// A place, if there is one free.
    pub fn try_enter(&self, name: &str) -> Option<Place> {
        self.of_name(name).try_acquire_owned().ok().map(Place)
    }

    fn of_name(&self, name: &str) -> Arc<Semaphore> {
        let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        if places.len() >= REMEMBERED && !places.contains_key(name) {
            places.retain(|_, place| place.available_permits() < self.most);
        }
        let place = || Arc::new(Semaphore::new(self.most));
        places.entry(name.to_owned()).or_insert_with(place).clone()
    }
}
