//! Notices as they are shown.

use serde::Serialize;
use shared::web::to_the_millisecond;
use utoipa::ToSchema;

use super::notice::{Notice, NoticeError, NoticeStatus, Tried};
use crate::messages::Severity;

/// A notice.
#[derive(Debug, Serialize, ToSchema)]
pub struct NoticeView {
    id: String,
    target_id: String,
    /// The rule that it is of; null when it is of none.
    rule_id: Option<String>,
    event_type: String,
    severity: Severity,
    status: NoticeStatus,
    /// Until when it is, or was, held back.
    held_until: Option<String>,
    /// In what way the last attempt failed.
    error_class: Option<NoticeError>,
    error_message: Option<String>,
    /// How often it was tried since it came up or was last driven anew.
    attempt_count: u32,
    next_attempt_at: Option<String>,
    sent_at: Option<String>,
    created_at: String,
}

/// A notice with the attempts at it.
#[derive(Debug, Serialize, ToSchema)]
pub struct NoticeDetail {
    #[serde(flatten)]
    pub(in crate::notifications) notice: NoticeView,
    /// How many messages it tells of, if they were held back.
    pub(in crate::notifications) messages: Option<usize>,
    /// The last twenty, the first of them first.
    pub(in crate::notifications) attempts: Vec<NoticeAttempt>,
}

/// One attempt at a notice.
#[derive(Debug, Serialize, ToSchema)]
pub struct NoticeAttempt {
    at: String,
    /// How long it took, in milliseconds.
    took_ms: i64,
    http_status: Option<u16>,
    /// The beginning of what was answered.
    answer: Option<String>,
    /// In what way it failed; null when the notice was taken.
    error_class: Option<NoticeError>,
    error_message: Option<String>,
}

impl NoticeView {
    /// As it is at `now` (milliseconds since 1970).
    pub fn of(notice: &Notice, now: i64) -> Self {
        let status = notice.status(now);
        let failing = status != NoticeStatus::Sent;
        let error = notice.job.error.as_ref().filter(|_| failing);
        let waits = status == NoticeStatus::Pending && notice.job.due_at > now;
        Self {
            id: notice.sk.clone(),
            target_id: notice.target_id.clone(),
            rule_id: notice.rule_id().map(str::to_owned),
            event_type: notice.event_type.clone(),
            severity: notice.severity,
            status,
            held_until: notice.held_until().map(to_the_millisecond),
            error_class: notice.tries.last().and_then(|tried| tried.error).filter(|_| failing),
            error_message: error.map(|error| error.reason.clone()),
            attempt_count: notice.job.attempt,
            next_attempt_at: waits.then(|| to_the_millisecond(notice.job.due_at)),
            sent_at: notice.sent_at.map(to_the_millisecond),
            created_at: to_the_millisecond(notice.created_at),
        }
    }
}

impl From<Tried> for NoticeAttempt {
    fn from(tried: Tried) -> Self {
        Self {
            at: to_the_millisecond(tried.at),
            took_ms: tried.took_ms,
            http_status: tried.http_status,
            answer: tried.answer,
            error_class: tried.error,
            error_message: tried.reason,
        }
    }
}
