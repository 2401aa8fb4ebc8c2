//! Numbers of queues of the last five minutes.

use shared::error::Result;

use super::super::ContactCenter;
use super::super::records::{Centre, QueueMetrics, Stretch};

/// How long numbers are told, in milliseconds.
const LATELY: i64 = 5 * 60 * 1000;
/// The most that are told.
const MOST: usize = 10_000;

impl ContactCenter {
    /// Numbers of queues of the last five minutes, oldest first.
    pub(super) async fn queue_metrics(&self, centre: Centre<'_>) -> Result<Vec<QueueMetrics>> {
        let now = self.clock.now_ms();
        let lately = Stretch { from: now - LATELY, to: now };
        let found = self.records.of_one::<QueueMetrics>(centre, "", lately, MOST).await?;
        Ok(found.rows.into_iter().map(|row| row.record).collect())
    }
}
