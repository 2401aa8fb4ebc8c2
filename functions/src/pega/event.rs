//! The model: an event as stored, which is also the row of its job, and the row
//! of its case, which keeps the order in which events came.

use serde::{Deserialize, Serialize};
use shared::env::Env;
use shared::error::Result;
use shared::jobs::{Job, Jobs, Policy, Row, State, Station};
use shared::table::{Key, Table, Update};
use shared::tenant::Tenant;
use utoipa::ToSchema;

use super::figures;

/// An event's row in the table `events`. Short, because every write of it is
/// paid for by its size.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Event {
    pub(super) pk: String,
    pub(super) sk: String,
    /// The event's type as Pega named it.
    pub(super) event: String,
    pub(super) case_id: String,
    /// When it came, milliseconds since 1970.
    pub(super) received_at: i64,
    /// Who sent it.
    pub(super) source: String,
    /// Partition of the index `by_type`.
    pub(super) by_type: String,
    /// The compressed payload, when it is short enough to stand here.
    #[serde(default, with = "serde_bytes", skip_serializing_if = "Option::is_none")]
    pub(super) payload: Option<Vec<u8>>,
    /// How many items beside this row hold the payload otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) parts: Option<usize>,
    /// The event of the same case that came before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) after: Option<i64>,
    /// The event of the same case that waits for this one, once it has found that it must.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) next: Option<i64>,
    /// An event of the same case with the same body, shortly before and without a key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) duplicate_of: Option<i64>,
    /// The correlation id that the sender gave.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) corr: Option<String>,
    /// When it was last worked through, milliseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) processed_at: Option<i64>,
    /// What came of that, as JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) result: Option<String>,
    /// What was done of it so far, as JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) progress: Option<String>,
    /// What a person decided about it, as JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) ruling: Option<String>,
    /// The replay that drove it anew last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) replay: Option<String>,
    /// By which rules it was settled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) rules: Option<String>,
    #[serde(flatten)]
    pub(super) job: Job,
}

/// A case's row in the table `events`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Case {
    /// Its last event.
    pub tail: i64,
    /// SHA-256 of that event's body, hexadecimal.
    pub body: String,
    /// When that event came, milliseconds since 1970.
    pub at: i64,
}

/// Where an event stands, in the words of the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = EventStatus)]
pub enum Status {
    /// It waits to be worked through, or is of a type that nobody works through.
    Received,
    /// It is being worked through.
    Processing,
    /// It was worked through.
    Processed,
    /// It could not be worked through.
    Failed,
    /// A person must decide.
    RequiresAction,
}

/// The lists of events that ended otherwise than processed.
pub(super) const FAILED: &str = "failed";
pub(super) const IGNORED: &str = "ignored";
pub(super) const REQUIRES_ACTION: &str = "requires_action";

impl Event {
    /// Its number; numbers go up.
    pub fn id(&self) -> i64 {
        self.job.rank
    }

    /// What was sent.
    pub(super) async fn payload(&self, table: &Table) -> Result<String> {
        super::payload::unpack(table, &self.pk, self.payload.as_ref(), self.parts).await
    }

    /// Whose it is.
    pub fn tenant(&self) -> Result<Tenant> {
        let of = Tenant::of_pk(&self.pk);
        of.ok_or_else(|| shared::error::Error::bug("an event outside every tenant"))
    }

    /// Whether something was done or decided about it already.
    pub(super) fn is_under_way(&self) -> bool {
        self.progress.is_some() || self.ruling.is_some()
    }

    /// Where it stands.
    pub fn status(&self) -> Status {
        Status::at(Station::of(&self.job))
    }
}

impl Status {
    /// Where an event stands whose job is there.
    fn at(station: Station<'_>) -> Self {
        match (station.state, station.list) {
            (State::Ready, _) | (State::Done, Some(IGNORED)) => Self::Received,
            (State::Leased, _) => Self::Processing,
            (State::Failed, _) => Self::Failed,
            (State::Done, Some(REQUIRES_ACTION)) => Self::RequiresAction,
            (State::Done, _) => Self::Processed,
        }
    }

    /// As the API writes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Processing => "processing",
            Self::Processed => "processed",
            Self::Failed => "failed",
            Self::RequiresAction => "requires_action",
        }
    }
}

impl Row for Event {
    fn key(&self) -> Key {
        Key { pk: self.pk.clone(), sk: self.sk.clone() }
    }

    fn job(&self) -> &Job {
        &self.job
    }

    fn moved(&self, from: Station<'_>, to: Station<'_>, now: i64) -> Vec<Update> {
        let tenant = self.tenant().ok();
        let moved = tenant.map(|t| figures::moved(&t, self, Status::at(from), Status::at(to), now));
        moved.unwrap_or_default()
    }
}

/// The key of a tenant's event.
pub(super) fn event_key(tenant: &Tenant, id: i64) -> Key {
    Key::alone(tenant.pk("E", id))
}

/// The key of a tenant's case.
pub(super) fn case_key(tenant: &Tenant, case_id: &str) -> Key {
    Key::alone(tenant.pk("C", case_id))
}

/// The partition of the index `by_type` for a tenant's events of one type.
pub(super) fn type_partition(tenant: &Tenant, event: &str) -> String {
    tenant.pk("Y", event)
}

/// The table `events`.
pub(super) fn events_table(env: &Env) -> Result<Table> {
    env.table("EVENTS_TABLE")
}

/// The jobs on the table `events`.
pub(super) fn jobs(env: &Env) -> Result<Jobs> {
    Ok(Jobs { table: events_table(env)?, clock: env.clock(), policy: Policy::of(env)? })
}
