//! Steps that are done in writing: a webhook or people are told of them.

use shared::jobs::{Failure, Record};

use super::errand::{Errand, How, InWriting, Made};
use super::file::{Notice, Webhook};
use super::{Outlets, of_step};
use crate::notifications::Note;

impl Outlets {
    /// Puts a step on its way to a webhook.
    ///
    /// # Errors
    /// A permanent failure when it is not there, or not active.
    pub async fn tell(&self, errand: &Errand<'_>, webhook: &Webhook) -> Result<InWriting, Failure> {
        let Errand { tenant, message, told, .. } = errand;
        let emission = self.emitter.to_one(tenant, *message, told, &webhook.id).await?;
        let emission = emission.ok_or_else(|| {
            let reason = format!("webhook {} is not there, or not active", webhook.id);
            of_step(errand, Failure::permanent(reason))
        })?;
        let record = self.emitter.record(emission);
        Ok(InWriting { made: self.handed_over(format!("webhook {}", webhook.id)), record })
    }

    /// Puts a step on its way to people.
    ///
    /// # Errors
    /// A permanent failure when the target is not there, or not active.
    pub async fn notify(&self, errand: &Errand<'_>, notice: &Notice) -> Result<InWriting, Failure> {
        let note = Note {
            source: errand.message.0,
            severity: notice.severity,
            subject: errand.subject,
            text: &errand.text,
            target_id: &notice.target,
            dedup_key: &errand.dedup_key,
            at: errand.at,
        };
        let prepared = self.notifier.prepare(&errand.tenant, &note).await;
        let mut prepared = prepared.map_err(|error| of_step(errand, error.into()))?;
        let also = prepared.take_writes();
        let record = Record { also, tell: prepared.unsent(), ..Record::default() };
        let made = self.handed_over(format!("notification target {}", notice.target));
        Ok(InWriting { made, record })
    }

    fn handed_over(&self, detail: String) -> Made {
        Made { how: How::HandedOver, at: self.clock.now_ms(), detail: Some(detail) }
    }
}
