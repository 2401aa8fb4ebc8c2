//! The queue inside the process: a channel, since a hint may be lost.

use std::sync::Arc;
use std::time::Duration;

use shared::boxed::Boxed;
use shared::error::{Error, Result};
use shared::queue::{Hint, Queue};
use tokio::sync::{Semaphore, mpsc, watch};

/// Hints that may wait; beyond that they are dropped, and the sweeper finds the work.
const WAITING: usize = 100_000;
/// The queues that somebody works through, by the variable that names them.
pub(crate) type Queues = Vec<(&'static str, Arc<dyn Queue>)>;

/// A queue that loses its hints: the next server's sweeper finds the work.
pub(crate) struct Nobody;

impl Queue for Nobody {
    fn send(&self, _: Vec<Hint>, _: Duration) -> Boxed<'_, Result<()>> {
        Box::pin(async { Ok(()) })
    }
}

/// The sending end.
pub(crate) struct Hints(mpsc::Sender<Hint>);

/// The receiving end.
pub(crate) type Hinted = mpsc::Receiver<Hint>;

/// A queue and where its hints come out.
pub(crate) fn channel() -> (Arc<Hints>, Hinted) {
    let (sender, receiver) = mpsc::channel(WAITING);
    (Arc::new(Hints(sender)), receiver)
}

impl Queue for Hints {
    fn send(&self, hints: Vec<Hint>, delay: Duration) -> Boxed<'_, Result<()>> {
        let sender = self.0.clone();
        Box::pin(async move {
            if delay.is_zero() {
                return send_all(&sender, hints);
            }
            tokio::spawn(async move {
                tokio::time::sleep(delay).await;
                // Dropped when full: the sweeper finds the work.
                let _ = send_all(&sender, hints);
            });
            Ok(())
        })
    }
}

fn send_all(sender: &mpsc::Sender<Hint>, hints: Vec<Hint>) -> Result<()> {
    for hint in hints {
        sender.try_send(hint).map_err(Error::unavailable)?;
    }
    Ok(())
}

/// Works through hints, so many side by side, until it is told to stop; then returns when
/// those under way are done.
pub(crate) async fn work<F>(
    at_once: u32,
    mut hinted: Hinted,
    mut stopped: watch::Receiver<bool>,
    deliver: impl Fn(Hint) -> F,
) where
    F: Future<Output = Result<()>> + Send + 'static,
{
    let places = Arc::new(Semaphore::new(at_once as usize));
    loop {
        let hint = tokio::select! {
            biased;
            _ = stopped.wait_for(|stopped| *stopped) => break,
            hint = hinted.recv() => hint,
        };
        let (Some(hint), Ok(place)) = (hint, places.clone().acquire_owned().await) else { break };
        let delivered = deliver(hint);
        tokio::spawn(async move {
            if let Err(error) = delivered.await {
                tracing::error!(%error, "hint not worked on; the sweeper sends it again");
            }
            drop(place);
        });
    }
    // All places are free again when all work is done.
    let _ = places.acquire_many(at_once).await;
}
