//! The model: a fact, one row an employee and start of a shift. Pure.

use jiff::civil::{Date, DateTime};
use serde::{Deserialize, Serialize};
use shared::clock::timestamp;
use shared::error::Error;
use shared::table::Key;
use shared::tenant::Tenant;
use utoipa::ToSchema;

use super::super::moment::Split;

/// How long an attempt may be under way, in milliseconds: longer than a function runs.
pub(super) const UNDER_WAY: i64 = 60_000;
/// How long a fact is known after it was last sent, in seconds: four years. One whose outcome
/// is not known stays for good.
pub(super) const KEPT: i64 = 4 * 366 * 24 * 3600;
/// Between the start of a shift and its employee in a fact's id.
const BETWEEN: char = '~';

/// A fact's row in the table `workforce`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Fact {
    pub(super) pk: String,
    /// Its id: start of the shift in the time of the place, and the employee. Sorts by time.
    #[serde(rename = "sk")]
    pub id: String,
    /// The connection's id.
    pub connection_id: String,
    /// The employee's id in 1C.
    pub employee_id: String,
    /// The day that the shift starts on.
    pub date: Date,
    /// SHA-256 of what was sent.
    pub(super) digest: String,
    /// Milliseconds by day.
    pub(super) by_day: i64,
    /// Milliseconds by night.
    pub(super) by_night: i64,
    /// What is known of it.
    pub state: FactState,
    /// What 1C said, or what is known instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told: Option<String>,
    /// The document that 1C made of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub doc: Option<String>,
    /// Who sent it last.
    pub(super) actor: String,
    /// Which attempt that was.
    pub(super) attempt: String,
    /// When it was last sent, milliseconds since 1970.
    pub sent_at: i64,
    /// Who settled it, and why so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) resolution: Option<String>,
    /// The partition of those whose outcome is not known, in the index `parked`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) parked: Option<String>,
    /// Where it is in there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) rank: Option<i64>,
    /// When it may be forgotten, in seconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) expires_at: Option<i64>,
}

/// What is known of a fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FactState {
    /// It is being sent, or its answer was lost.
    Unknown,
    /// 1C has it.
    Sent,
    /// 1C made nothing of it; it may be sent again.
    Refused,
    /// It did not reach 1C; it may be sent again.
    NotSent,
}

impl FactState {
    /// As rows write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Sent => "sent",
            Self::Refused => "refused",
            Self::NotSent => "not_sent",
        }
    }
}

impl Fact {
    /// Its key.
    pub fn key(&self) -> Key {
        Key { pk: self.pk.clone(), sk: self.id.clone() }
    }

    /// What was worked.
    pub fn worked(&self) -> Split {
        Split { day: self.by_day, night: self.by_night }
    }

    /// Whether an attempt at it may be under way at this moment (milliseconds since 1970).
    pub fn is_under_way(&self, now: i64) -> bool {
        self.state == FactState::Unknown && now < self.sent_at + UNDER_WAY
    }

    /// Why it cannot be sent with this content now, if so. None for one that 1C has with the
    /// same content as well: there is nothing to send.
    pub fn conflict(&self, digest: &str, now: i64) -> Option<String> {
        match self.state {
            FactState::Refused | FactState::NotSent => None,
            FactState::Sent if self.digest == digest => None,
            FactState::Sent => Some(format!(
                "Conflict: 1C has this shift with other contents ({}): delete the document there, \
                 then resolve {} as did_not_happen",
                self.doc.as_deref().unwrap_or("no document is known"),
                self.id
            )),
            FactState::Unknown if self.is_under_way(now) => {
                Some("It is being sent at this moment".to_owned())
            }
            FactState::Unknown => Some(format!(
                "The outcome of the attempt of {} is not known: look in 1C, then resolve {}",
                timestamp(self.sent_at).strftime("%Y-%m-%dT%H:%M:%SZ"),
                self.id
            )),
        }
    }
}

/// The id of an employee's shift that starts at this time of the place.
pub(super) fn id_of(start: DateTime, employee: &str) -> String {
    format!("{}{BETWEEN}{employee}", start.strftime("%Y-%m-%dT%H:%M:%S"))
}

/// The partition of a connection's facts.
pub(super) fn partition(tenant: &Tenant, connection: &str) -> String {
    tenant.pk("ONEC-FACTS", connection)
}

/// The partition of those whose outcome is not known, in the index `parked`.
pub(super) fn unknown_partition(tenant: &Tenant, connection: &str) -> String {
    tenant.pk("ONEC-UNKNOWN", connection)
}

/// The answer for a fact that is not there, or is another tenant's.
pub(super) fn no_such() -> Error {
    Error::not_found("There is no such time record")
}
