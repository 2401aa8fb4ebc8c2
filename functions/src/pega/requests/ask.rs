//! Use case: ask Pega for something. The request is written down first, with its audit
//! entry and its idempotency key, in one transaction; only then is Pega called: by this
//! process while the caller waits, or by the worker.

use serde_json::json;
use shared::error::{Error, Result};
use shared::idempotency::{IdempotencyKey, Remembered};
use shared::ids;
use shared::jobs::{Job, Row};
use shared::queue::Hint;
use shared::table::{Cond, Item, Refusal, Written};
use shared::web::Caller;

use super::super::payload;
use super::model::{PegaRequest, all_requests, enter, rank_of, request_key};
use super::operation::Operation;
use super::store::PegaRequests;

/// What a caller asks for, and how.
pub(super) struct Asked {
    pub operation: Operation,
    /// Which Pega, if several.
    pub environment: Option<String>,
    /// The version that they saw.
    pub if_match: Option<String>,
    /// Their idempotency key.
    pub key: Option<IdempotencyKey>,
    /// Whether they do not wait.
    pub later: bool,
}

/// What became of it so far.
pub(super) struct Answered {
    pub row: PegaRequest,
    /// Whether the same request had been made before.
    pub replayed: bool,
}

impl PegaRequests {
    /// Asks Pega, and answers what came of it, or that it will be asked.
    ///
    /// # Errors
    /// As [`super::super::client::Environments::choose`]; `Invalid` when the key was used
    /// for something else; `OutcomeUnknown` when it is not known what came of it. That Pega
    /// refused is no error here.
    pub(super) async fn ask(&self, by: &Caller, asked: Asked) -> Result<Answered> {
        let pega = self.pegas.choose(&by.tenant, asked.environment.as_deref()).await?;
        let text = serde_json::to_string(&asked.operation).map_err(Error::internal)?;
        let identity = json!([pega.environment, text, asked.if_match]).to_string();
        let digest = ids::hex_digest(identity.as_bytes());
        if let Some(key) = &asked.key
            && let Some(first) = key.look_up(&self.control, &by.tenant, &self.clock).await?
        {
            return self.replay(by, &first, &digest).await;
        }
        let row = self.row(by, &asked, pega.environment).await?;
        let refused = match self.write(by, &asked, row, &text, &digest).await? {
            Ok(row) => return self.go_on(row, asked.later).await,
            Err(refused) => refused,
        };
        match refused {
            Some(first) => self.replay(by, &first.parse()?, &digest).await,
            None => Err(Error::bug("a request's number was given twice")),
        }
    }

    async fn row(&self, by: &Caller, asked: &Asked, environment: String) -> Result<PegaRequest> {
        let (id, now) = (self.ids.next(&by.tenant).await?, self.clock.now_ms());
        let key = request_key(&by.tenant, id);
        let policy = if asked.later { &self.lane.jobs.policy } else { &self.jobs.policy };
        Ok(PegaRequest {
            pk: key.pk,
            sk: key.sk,
            id,
            operation: asked.operation.kind(),
            environment,
            case_id: asked.operation.case_id().map(str::to_owned),
            by_type: all_requests(&by.tenant),
            input: None,
            parts: None,
            asked_by: by.actor.clone(),
            corr: by.corr.clone(),
            asked_at: now,
            if_match: asked.if_match.clone(),
            pinned: None,
            once: (!asked.later).then_some(true),
            pega_status: None,
            answer: None,
            etag: None,
            trouble: None,
            settled_at: None,
            job: Job::fresh(now, rank_of(id), policy),
        })
    }

    /// Writes a request down. Refused when its key is known, with what is known of it.
    async fn write(
        &self,
        by: &Caller,
        asked: &Asked,
        mut row: PegaRequest,
        text: &str,
        digest: &str,
    ) -> Result<Result<PegaRequest, Option<Item>>> {
        let packed = payload::pack(text.as_bytes())?;
        (row.input, row.parts) = (packed.inline.clone(), packed.parts());
        let details = json!({
            "environment": row.environment, "case_id": row.case_id, "waits": !asked.later,
        });
        let (action, subject) = (row.operation.action(), format!("pega-request:{}", row.id));
        let mut writes = vec![
            self.table.put(Item::of(&row)?, Some(Cond::Absent("pk"))),
            self.trail.entry(by, action, subject, &details)?,
        ];
        if let Some(key) = &asked.key {
            let known = key.remember(&self.control, &by.tenant, &self.clock, row.id, digest)?;
            writes.push(known);
        }
        if let Some(case_id) = &row.case_id {
            writes.push(enter(&self.table, &by.tenant, case_id, row.id)?);
        }
        writes.extend(packed.writes(&self.table, &row.pk)?);
        Ok(match self.table.transact(&ids::time_ordered(), writes).await? {
            Written::Done => Ok(row),
            Written::Refused(refusals) => Err(known_key(asked, refusals)),
        })
    }

    /// Has a request worked through that was just written.
    async fn go_on(&self, row: PegaRequest, later: bool) -> Result<Answered> {
        let (hint, replayed) = (Hint::fresh(row.key()), false);
        if later {
            self.lane.hint(hint).await;
            return Ok(Answered { row, replayed });
        }
        let attendant = self.attendant.clone();
        // A caller who goes away breaks nothing off.
        let attempt = tokio::spawn(async move { attendant.deliver(hint).await });
        if let Ok(Err(error)) = attempt.await {
            tracing::error!(%error, request = row.id, "a request could not be settled");
        }
        // One that is open all the same is told as such.
        let row = self.find(&row.tenant()?, row.id).await.unwrap_or(row);
        Ok(Answered { row, replayed })
    }

    /// What became of the first request under a key.
    async fn replay(&self, by: &Caller, first: &Remembered, digest: &str) -> Result<Answered> {
        if first.body != digest {
            return Err(Error::invalid(
                "header Idempotency-Key",
                "was used before for another request",
            ));
        }
        Ok(Answered { row: self.find(&by.tenant, first.id).await?, replayed: true })
    }
}

/// What stood in the way of a key, which is the third write of a request.
fn known_key(asked: &Asked, refusals: Vec<Refusal>) -> Option<Item> {
    let known = refusals.into_iter().find(|refusal| asked.key.is_some() && refusal.at == 2);
    known.and_then(|refusal| refusal.found)
}
