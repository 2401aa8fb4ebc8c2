//! The model: a notice, which is also the row of its job. Its key says what it tells of
//! and whom, so that the same is not told to the same target twice.

use serde::{Deserialize, Serialize};
use shared::error::{Error, Result};
use shared::jobs::{Job, Row, State};
use shared::table::Key;
use shared::tenant::Tenant;
use utoipa::ToSchema;

use crate::messages::Severity;
use crate::notifications::client::Reached;
use crate::notifications::turns::Reserved;

/// How long notices that are settled can be looked up, in seconds: thirty days, as
/// messages.
pub(in crate::notifications) const KEPT_SECONDS: i64 = 30 * 24 * 3600;
/// Attempts that are remembered, from the last one back.
const REMEMBERED: usize = 20;

/// A notice's row in the table `messages`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Notice {
    pub(in crate::notifications) pk: String,
    /// Sorts by time.
    pub(in crate::notifications) sk: String,
    pub(in crate::notifications) target_id: String,
    /// The type of the message that it tells of, or what else told us to.
    pub(in crate::notifications) event_type: String,
    pub(in crate::notifications) severity: Severity,
    /// When it came up, milliseconds since 1970.
    pub(in crate::notifications) created_at: i64,
    pub(in crate::notifications) what: What,
    /// The attempts at it, the last ones.
    #[serde(default)]
    pub(in crate::notifications) tries: Vec<Tried>,
    /// Whether it turned out that there was nothing to tell of.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(in crate::notifications) empty: bool,
    /// Which recipients it is done with, of a mail that goes to each alone.
    #[serde(default, skip_serializing_if = "is_none")]
    pub(in crate::notifications) reached: Reached,
    /// The moment at which it may go, when it got one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::notifications) turn: Option<Reserved>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::notifications) sent_at: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::notifications) expires_at: Option<i64>,
    #[serde(flatten)]
    pub(in crate::notifications) job: Job,
}

/// What a notice says.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::notifications) enum What {
    /// What a rule says of one message.
    Message { rule_id: String, seq: i64 },
    /// What a rule says of all messages that were held back until a moment (milliseconds
    /// since 1970).
    Digest { rule_id: String, until: i64 },
    /// This.
    Words { subject: String, text: String },
    /// That somebody tries its target out, active or not.
    Test,
}

/// One attempt at a notice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::notifications) struct Tried {
    /// Milliseconds since 1970.
    pub at: i64,
    pub took_ms: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub http_status: Option<u16>,
    /// The beginning of what was answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<NoticeError>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// In what way a notice failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum NoticeError {
    /// The target's address may not be called.
    InvalidTarget,
    /// There is no way to the target: no such host, no connection.
    Connection,
    /// No answer in time, or one that broke off.
    NoAnswer,
    /// The target asked to be left alone for a while.
    Throttled,
    /// The target is not well.
    Unwell,
    /// The target does not take this notice.
    RefusedNotice,
    /// The target takes no notices any more.
    RefusedTarget,
    /// Whoever sends is not accepted, mail for one.
    RefusedSender,
    /// The target was disabled or removed before.
    Disabled,
    /// What it tells of has expired.
    Expired,
    /// Something of ours.
    Internal,
}

/// Where a notice stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum NoticeStatus {
    /// It is on its way.
    Pending,
    /// It is held back, for quiet hours or a digest.
    Held,
    /// It was taken.
    Sent,
    /// It was given up.
    Failed,
}

impl Notice {
    /// Whose it is.
    pub(in crate::notifications) fn tenant(&self) -> Result<Tenant> {
        Tenant::of_pk(&self.pk).ok_or_else(|| Error::bug("a notice outside every tenant"))
    }

    /// Where it stands at `now` (milliseconds since 1970).
    pub(in crate::notifications) fn status(&self, now: i64) -> NoticeStatus {
        match self.job.state {
            State::Done => NoticeStatus::Sent,
            State::Failed => NoticeStatus::Failed,
            State::Ready if self.held_until().is_some_and(|until| now < until) => {
                NoticeStatus::Held
            }
            State::Ready | State::Leased => NoticeStatus::Pending,
        }
    }

    /// Until when it is, or was, held back (milliseconds since 1970).
    pub(in crate::notifications) fn held_until(&self) -> Option<i64> {
        match self.what {
            What::Digest { until, .. } => Some(until),
            _ => None,
        }
    }

    /// The rule that it is of.
    pub(in crate::notifications) fn rule_id(&self) -> Option<&str> {
        match &self.what {
            What::Message { rule_id, .. } | What::Digest { rule_id, .. } => Some(rule_id),
            What::Words { .. } | What::Test => None,
        }
    }

    /// Whether somebody tries its target out.
    pub(in crate::notifications) fn is_test(&self) -> bool {
        matches!(self.what, What::Test)
    }

    /// The attempts at it with one more.
    pub(in crate::notifications) fn tries_and(&self, one: Tried) -> Vec<Tried> {
        let kept = self.tries.len().saturating_sub(REMEMBERED - 1);
        self.tries.iter().skip(kept).cloned().chain([one]).collect()
    }
}

impl Row for Notice {
    fn key(&self) -> Key {
        Key { pk: self.pk.clone(), sk: self.sk.clone() }
    }

    fn job(&self) -> &Job {
        &self.job
    }
}

fn is_none(reached: &Reached) -> bool {
    *reached == Reached::default()
}

/// The key of a tenant's notice.
pub(in crate::notifications) fn notice_key(tenant: &Tenant, id: &str) -> Key {
    Key { pk: tenant.pk("NOTICES", ""), sk: id.to_owned() }
}
