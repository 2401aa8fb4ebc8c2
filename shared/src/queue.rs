//! The queue port. A message is only ever a [`Hint`]: the key of a row that has
//! work to do. Losing, doubling or delaying one does no harm, because the row
//! itself says what is due and the sweeper finds it.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use serde::{Deserialize, Serialize};

use crate::boxed::Boxed;
use crate::error::{Error, Result};
use crate::table::Key;
use crate::tenant::Tenant;

/// The longest delay that SQS takes.
pub const MAX_DELAY: Duration = Duration::from_secs(900);
/// SQS's own limit on one batch.
const BATCH: usize = 10;

/// Says that the row with this key has work to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hint {
    /// The form of this message.
    pub v: u8,
    /// The row's key.
    #[serde(flatten)]
    pub key: Key,
    /// Whether the row was written just now and nothing comes before it, so that a
    /// worker need not look whether it may go on.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub fresh: bool,
}

impl Hint {
    /// The form of messages that this release writes and reads.
    pub const FORM: u8 = 1;

    /// A hint at the row with this key.
    pub fn at(key: Key) -> Self {
        Self { v: Self::FORM, key, fresh: false }
    }

    /// A hint at a row that was written just now, with nothing before it.
    pub fn fresh(key: Key) -> Self {
        Self { fresh: true, ..Self::at(key) }
    }
}

/// Where hints are sent.
pub trait Queue: Send + Sync {
    /// Sends these hints, each to be delivered after `delay` (at most [`MAX_DELAY`]).
    ///
    /// # Errors
    /// `Unavailable` when at least one could not be sent.
    fn send(&self, hints: Vec<Hint>, delay: Duration) -> Boxed<'_, Result<()>>;
}

/// Where nobody listens: for whoever goes from step to step of a job by himself.
pub struct Unheard;

impl Queue for Unheard {
    fn send(&self, _: Vec<Hint>, _: Duration) -> Boxed<'_, Result<()>> {
        Box::pin(std::future::ready(Ok(())))
    }
}

/// Hints at rows that are yet to be written, to be sent once they are.
#[must_use]
#[derive(Clone, Default)]
pub struct Unsent(Vec<(Arc<dyn Queue>, Vec<Hint>)>);

impl Unsent {
    /// Adds hints for this queue.
    pub fn add(&mut self, queue: &Arc<dyn Queue>, hints: Vec<Hint>) {
        if !hints.is_empty() {
            self.0.push((queue.clone(), hints));
        }
    }

    /// Adds all of those.
    pub fn append(&mut self, mut others: Self) {
        self.0.append(&mut others.0);
    }

    /// Sends them. One that is lost does no harm.
    pub async fn send(self) {
        for (queue, hints) in self.0 {
            if let Err(error) = queue.send(hints, Duration::ZERO).await {
                tracing::warn!(%error, "hints not sent; the sweeper will");
            }
        }
    }
}

impl fmt::Debug for Unsent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(_, hints)| hints)).finish()
    }
}

/// An SQS queue.
pub struct Sqs {
    client: Client,
    url: String,
}

impl Sqs {
    /// The queue at this URL.
    pub fn new(client: Client, url: String) -> Self {
        Self { client, url }
    }

    async fn send_batch(&self, hints: &[Hint], delay: i32) -> Result<()> {
        let mut batch = self.client.send_message_batch().queue_url(&self.url);
        for (at, hint) in hints.iter().enumerate() {
            let body = serde_json::to_string(hint).map_err(Error::internal)?;
            let entry = SendMessageBatchRequestEntry::builder().id(at.to_string());
            // Fair among tenants: the queue hands out first what is of those with less under way.
            let tenant = Tenant::of_pk(&hint.key.pk).map(|tenant| tenant.as_str().to_owned());
            let entry = entry.message_body(body).delay_seconds(delay).set_message_group_id(tenant);
            batch = batch.entries(entry.build().map_err(Error::internal)?);
        }
        let answer = batch.send().await.map_err(Error::unavailable)?;
        match answer.failed.first() {
            Some(failed) => Err(Error::unavailable(anyhow::anyhow!("SQS: {}", failed.code))),
            None => Ok(()),
        }
    }
}

impl Queue for Sqs {
    fn send(&self, hints: Vec<Hint>, delay: Duration) -> Boxed<'_, Result<()>> {
        Box::pin(async move {
            let delay = delay.min(MAX_DELAY).as_secs_f32().ceil() as i32;
            for hints in hints.chunks(BATCH) {
                self.send_batch(hints, delay).await?;
            }
            Ok(())
        })
    }
}
