//! The model: a request to Pega, one row a request, which is also the row of its job and
//! keeps what came of it; and the item by which it is found among those of its case.

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use shared::env::Env;
use shared::error::{Error, Result};
use shared::jobs::{Job, Jobs, Policy, Row, State};
use shared::table::{Item, Key, Table, Write};
use shared::tenant::Tenant;
use utoipa::ToSchema;

use super::super::client::Trouble;
use super::super::event::{events_table, jobs};
use super::super::payload;
use super::operation::{Kind, Operation};

/// What partitions of requests are called.
pub(in crate::pega) const REQUEST: &str = "PEGA_REQUEST";
/// Requests stand in the same lists as events, below all of them: their numbers begin here.
const RANKS: i64 = -4_000_000_000_000_000;
/// The largest answer that is kept whole, in bytes.
const LARGEST_ANSWER: usize = 64 * 1024;

/// A request's row in the table `events`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PegaRequest {
    pub(super) pk: String,
    pub(super) sk: String,
    /// Its number; numbers go up.
    pub(super) id: i64,
    pub(super) operation: Kind,
    /// Which Pega it is for.
    pub(super) environment: String,
    /// The case that it is about, once there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) case_id: Option<String>,
    /// Partition of the index `by_type`: all requests of the tenant.
    pub(super) by_type: String,
    /// The operation, when it is short enough to stand here.
    #[serde(default, with = "serde_bytes", skip_serializing_if = "Option::is_none")]
    pub(super) input: Option<Vec<u8>>,
    /// How many items beside this row hold it otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) parts: Option<usize>,
    /// Who asked, and under which correlation id.
    pub(super) asked_by: String,
    pub(super) corr: String,
    /// When, milliseconds since 1970.
    pub(super) asked_at: i64,
    /// The version that the caller saw.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) if_match: Option<String>,
    /// The version that an attempt in doubt was made over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) pinned: Option<String>,
    /// There while it is its caller's own process alone that may do it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) once: Option<bool>,
    /// The status that Pega answered when it took it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) pega_status: Option<u16>,
    /// What it answered then, as JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) answer: Option<String>,
    /// The case's version after it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) etag: Option<String>,
    /// How Pega last refused, as JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) trouble: Option<String>,
    /// When it was settled, milliseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) settled_at: Option<i64>,
    #[serde(flatten)]
    pub(super) job: Job,
}

/// What driving a request anew takes off its row: what came of it, and that it was its
/// caller's own process that did it. The version that was pinned stays.
pub(super) const OUTCOME: [&str; 6] =
    ["once", "pega_status", "answer", "etag", "trouble", "settled_at"];

/// Where a request stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = PegaRequestStatus)]
pub(in crate::pega) enum Status {
    /// It waits for its first or another attempt.
    Accepted,
    /// Pega is being asked.
    Running,
    /// Pega took it.
    Done,
    /// It was refused, or nobody knows what came of it.
    Failed,
}

impl PegaRequest {
    /// Whose it is.
    pub fn tenant(&self) -> Result<Tenant> {
        Tenant::of_pk(&self.pk).ok_or_else(|| Error::bug("a request outside every tenant"))
    }

    /// Where it stands.
    pub(super) fn status(&self) -> Status {
        match self.job.state {
            State::Ready => Status::Accepted,
            State::Leased => Status::Running,
            State::Done => Status::Done,
            State::Failed => Status::Failed,
        }
    }

    /// What is asked.
    pub(super) async fn operation(&self, table: &Table) -> Result<Operation> {
        let text = payload::unpack(table, &self.pk, self.input.as_ref(), self.parts).await?;
        serde_json::from_str(&text).map_err(Error::internal)
    }

    /// What Pega answered; null when that was nothing.
    pub(super) fn answer(&self) -> Result<Json> {
        let answer = self.answer.as_deref().map(serde_json::from_str).transpose();
        Ok(answer.map_err(Error::internal)?.unwrap_or_default())
    }

    /// How it was refused last.
    pub(super) fn trouble(&self) -> Result<Option<Trouble>> {
        let trouble = self.trouble.as_deref().map(serde_json::from_str).transpose();
        trouble.map_err(Error::internal)
    }
}

impl Row for PegaRequest {
    fn key(&self) -> Key {
        Key { pk: self.pk.clone(), sk: self.sk.clone() }
    }

    fn job(&self) -> &Job {
        &self.job
    }
}

/// The key of a tenant's request.
pub(super) fn request_key(tenant: &Tenant, id: i64) -> Key {
    Key::alone(tenant.pk(REQUEST, id))
}

/// The place of a request in lists.
pub(super) fn rank_of(id: i64) -> i64 {
    RANKS.saturating_add(id)
}

/// The request with this place in lists.
pub(super) fn id_at(rank: i64) -> i64 {
    rank.saturating_sub(RANKS)
}

/// The partition of the index `by_type` with all requests of a tenant.
pub(super) fn all_requests(tenant: &Tenant) -> String {
    tenant.pk("PEGA_REQUESTS", "")
}

/// The partition of the items that name a case's requests.
pub(super) fn of_case(tenant: &Tenant, case_id: &str) -> String {
    tenant.pk("PEGA_CASE", case_id)
}

/// The sort key of the item that names a request among those of its case.
pub(super) fn sort_key(id: i64) -> String {
    format!("{id:016}")
}

/// The write that makes a request one of its case's.
pub(super) fn enter(table: &Table, tenant: &Tenant, case_id: &str, id: i64) -> Result<Write> {
    let item = Key { pk: of_case(tenant, case_id), sk: sort_key(id) };
    Ok(table.put(Item::of(&item)?, None))
}

/// An answer as it is kept: one that is too large by its case's id alone.
pub(super) fn kept(answer: &Json) -> String {
    let text = answer.to_string();
    if text.len() <= LARGEST_ANSWER {
        return text;
    }
    json!({ "ID": case_in(answer), "truncated": true }).to_string()
}

/// The case that an answer shows.
pub(super) fn case_in(answer: &Json) -> Option<&str> {
    answer["ID"].as_str().or_else(|| answer["data"]["caseInfo"]["ID"].as_str())
}

/// The jobs of requests that wait for nobody.
pub(super) fn patient(env: &Env) -> Result<Jobs> {
    jobs(env)
}

/// The jobs of requests whose callers wait: one attempt, within the time that they have.
pub(super) fn at_once(env: &Env) -> Result<Jobs> {
    let seconds: u64 = env.parsed("PEGA_DEADLINE_SECONDS", 25)?;
    let attempt_timeout = std::time::Duration::from_secs(seconds);
    let usual = Policy::of(env)?;
    let lease = attempt_timeout + std::time::Duration::from_secs(30);
    let policy = Policy { attempt_timeout, lease, max_attempts: 1, ..usual };
    Ok(Jobs { table: events_table(env)?, clock: env.clock(), policy })
}
