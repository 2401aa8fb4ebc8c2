//! Use case: send what was worked to 1C, one shift a call, each once.

use futures_util::{StreamExt, stream};
use serde::Serialize;
use serde_json::{Value as Json, json};
use shared::error::{Error, Kind, Result};
use shared::web::{Caller, of_value};
use tokio::time::Instant;
use utoipa::ToSchema;

use super::super::OneC;
use super::super::client::{Client, Sent};
use super::super::store::{BEGIN_WITHIN, Over, no_time};
use super::model::{Fact, FactState, id_of};
use super::read::{Given, TimeRecord, VendorFact};
use super::store::Begun;
use crate::integrations::answer::IntegrationResponse;
use crate::integrations::connections::{Connection, Records, SyncType};
use crate::messages::catalogue::{ONEC_TIMESHEET_SENT, TIMESHEET_SENT};

/// How many shifts are sent side by side: each call takes a licence of 1C.
const SIDE_BY_SIDE: usize = 4;
/// The most records of a call.
const MOST: usize = 1000;

/// Either request.
#[derive(ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "the body is told apart by its members")]
pub enum FactsBody {
    /// This API's.
    Own(Vec<TimeRecord>),
    /// The vendor's.
    Vendor(VendorFact),
}

/// Either answer, in the shape of its request.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum FactsAnswer {
    /// This API's.
    Own(Box<IntegrationResponse>),
    /// The vendor's.
    Vendor(VendorMade),
}

/// What 1C made of a shift.
#[derive(Debug, Serialize, ToSchema)]
pub struct VendorMade {
    result: bool,
    /// The document.
    doc: Option<String>,
}

/// What came of one record.
#[derive(Serialize)]
struct Came {
    /// By which it is resolved, if need be.
    id: String,
    employee_id: String,
    success: bool,
    state: Option<FactState>,
    doc: Option<String>,
    message: String,
    /// Whether 1C had it before this call.
    repeated: bool,
    #[serde(skip)]
    failure: Option<Error>,
}

impl OneC {
    /// Sends the facts of a body, in either shape.
    ///
    /// # Errors
    /// `Invalid`, naming the member; `NotFound` without an active connection; what the calls
    /// to 1C fail with, when nothing reached it. In the vendor's shape also `Conflict`, and
    /// `OutcomeUnknown` when the answer was lost.
    pub(super) async fn send_facts(
        &self,
        by: &Caller,
        named: Option<&str>,
        body: Json,
    ) -> Result<FactsAnswer> {
        let (connection, client) = self.client(&by.tenant, named).await?;
        let is_vendor = body.is_object();
        let facts = if is_vendor {
            vec![Given::read_vendor(&body, &client.settings.zone)?]
        } else {
            let records: Vec<TimeRecord> = of_value(body)?;
            if !(1..=MOST).contains(&records.len()) {
                return Err(Error::invalid("body", "must have 1 to 1000 records"));
            }
            let facts = records.iter().enumerate().map(|(at, one)| Given::read(one, at));
            facts.collect::<Result<_>>()?
        };
        let until = Instant::now() + BEGIN_WITHIN;
        let (to, given) = ((&connection, &client), &facts);
        let mut came: Vec<Came> = stream::iter(0..facts.len())
            .map(|at| async move {
                let left = Instant::now() < until;
                match given.get(at).filter(|_| left) {
                    Some(fact) => self.send_fact(by, to, fact).await,
                    None => {
                        given.get(at).map_or_else(Came::nothing, |fact| Came::not(fact, no_time()))
                    }
                }
            })
            .buffered(SIDE_BY_SIDE)
            .collect()
            .await;
        let log = self.keep_sent(by, &connection, &came).await?;
        if is_vendor {
            let one = came.pop().unwrap_or_else(Came::nothing);
            return one.vendor().map(FactsAnswer::Vendor);
        }
        if came.iter().all(|one| one.failure.is_some()) {
            // Nothing reached 1C: that is no answer of ours either.
            return Err(came.into_iter().find_map(|one| one.failure).unwrap_or_else(no_time));
        }
        Ok(FactsAnswer::Own(Box::new(self.told_of_facts(by, &came, &log))))
    }

    async fn send_fact(
        &self,
        by: &Caller,
        (connection, client): (&Connection, &Client),
        given: &Given,
    ) -> Came {
        let fact = match self.begin(by, &connection.id, given).await {
            Ok(Begun::Go(fact)) => fact,
            Ok(Begun::Done(fact)) => return Came::before(*fact),
            Ok(Begun::No(fact, why)) => return Came::refused(*fact, why),
            Err(error) => return Came::not(given, error),
        };
        let initiator = client.settings.initiator.as_deref().unwrap_or(&by.actor);
        let sent = client.send_fact(given.vendor(initiator)).await;
        let attempted = (*fact).clone();
        match self.end(*fact, &sent).await {
            Ok(fact) => Came::of(fact, sent),
            // It was sent, and what came of it could not be written down.
            Err(error) => Came::lost(attempted, error),
        }
    }

    async fn keep_sent(
        &self,
        by: &Caller,
        connection: &Connection,
        came: &[Came],
    ) -> Result<String> {
        let records = records(came);
        let first = came.iter().find(|one| !one.success);
        let told = json!({ "total_records": records.processed,
            "successful_records": records.successful, "failed_records": records.failed });
        let over = Over {
            sync_type: SyncType::Timesheet,
            records,
            error: first.map(|one| format!("{}: {}", one.id, one.message)),
            messages: [TIMESHEET_SENT, ONEC_TIMESHEET_SENT],
            told,
            // Each fact has its own entry.
            action: None,
        };
        self.over(by, connection, over).await
    }

    fn told_of_facts(&self, by: &Caller, came: &[Came], log: &str) -> IntegrationResponse {
        let Records { processed, successful, failed } = records(came);
        let data = json!({ "total_records": processed, "successful_records": successful,
            "failed_records": failed, "results": came, "sync_log_id": log });
        let message = format!("Sent {successful} time records, {failed} failed");
        IntegrationResponse::done(message, data, &self.clock, &by.corr).unless(failed > 0)
    }
}

impl Came {
    fn with(fact: Fact, message: String) -> Self {
        Self {
            id: fact.id,
            employee_id: fact.employee_id,
            success: fact.state == FactState::Sent,
            state: Some(fact.state),
            doc: fact.doc,
            message,
            repeated: false,
            failure: None,
        }
    }

    /// What came of an attempt.
    fn of(fact: Fact, sent: Sent) -> Self {
        let message = match fact.state {
            FactState::Sent => "Sent".to_owned(),
            _ => fact.told.clone().unwrap_or_default(),
        };
        let failure = match sent {
            Sent::NotDone(error) => Some(error),
            Sent::Said(_) | Sent::InDoubt(_) => None,
        };
        Self { failure, ..Self::with(fact, message) }
    }

    /// 1C had it before.
    fn before(fact: Fact) -> Self {
        Self { repeated: true, ..Self::with(fact, "Sent before".to_owned()) }
    }

    /// It was not sent for this reason.
    fn refused(fact: Fact, why: String) -> Self {
        Self { success: false, ..Self::with(fact, why) }
    }

    /// It was sent, and what came of it is lost.
    fn lost(fact: Fact, error: Error) -> Self {
        let id = fact.id.clone();
        let told = format!("The outcome could not be written down: look in 1C, then resolve {id}");
        tracing::error!(fact = id, cause = %error, "a fact's outcome is lost");
        Self::with(fact, told)
    }

    /// It could not be begun.
    fn not(given: &Given, error: Error) -> Self {
        Self {
            id: id_of(given.start, &given.employee),
            employee_id: given.employee.clone(),
            message: error.detail.clone(),
            failure: Some(error),
            ..Self::nothing()
        }
    }

    fn nothing() -> Self {
        Self {
            id: String::new(),
            employee_id: String::new(),
            success: false,
            state: None,
            doc: None,
            message: String::new(),
            repeated: false,
            failure: None,
        }
    }

    /// As the vendor answers it.
    fn vendor(self) -> Result<VendorMade> {
        if let Some(failure) = self.failure {
            return Err(failure);
        }
        match (self.state, self.success) {
            (Some(FactState::Sent), true) => Ok(VendorMade { result: true, doc: self.doc }),
            (Some(FactState::Refused), _) => Ok(VendorMade { result: false, doc: None }),
            (Some(FactState::Sent), false) => Err(Error::new(Kind::Conflict, self.message)),
            _ => {
                let told = format!("{} ({})", self.message, self.id);
                Err(Error::new(Kind::OutcomeUnknown, told))
            }
        }
    }
}

fn records(came: &[Came]) -> Records {
    let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    let successful = came.iter().filter(|one| one.success).count();
    Records {
        processed: count(came.len()),
        successful: count(successful),
        failed: count(came.len() - successful),
    }
}
