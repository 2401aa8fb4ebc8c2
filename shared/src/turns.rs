//! Taking turns inside one process: those who would only collide in the table go
//! one after the other.

use std::sync::Arc;

use tokio::sync::{Mutex, OwnedMutexGuard};

/// How many names can have their turns side by side.
const LANES: usize = 1024;

/// Turns by name. Two names may share a lane, which costs a wait and nothing else.
#[derive(Clone)]
pub struct Turns(Arc<[Arc<Mutex<()>>]>);

impl Turns {
    /// Waits for the turn of this name, which lasts as long as what is answered.
    pub async fn take(&self, name: &str) -> OwnedMutexGuard<()> {
        let digest = crate::ids::digest(name.as_bytes());
        let lane = usize::from(u16::from_be_bytes([digest[0], digest[1]])) % LANES;
        self.0[lane].clone().lock_owned().await
    }
}

impl Default for Turns {
    fn default() -> Self {
        Self((0..LANES).map(|_| Arc::default()).collect())
    }
}
