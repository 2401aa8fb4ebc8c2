//! Use case: send schedules to 1C, one employee a call. What it took is kept as the plan.

use futures_util::{StreamExt, stream};
use serde::Serialize;
use serde_json::{Map, Value as Json, json};
use shared::error::{Error, Result};
use shared::web::Caller;
use tokio::time::Instant;
use utoipa::ToSchema;

use super::super::OneC;
use super::super::client::{Client, Said};
use super::super::store::{BEGIN_WITHIN, Over, no_time};
use super::plan;
use super::read::{NewOnecSchedule, Schedule, VendorSchedule};
use crate::integrations::answer::IntegrationResponse;
use crate::integrations::connections::{Connection, Records, SyncType};
use crate::messages::catalogue::{ONEC_SCHEDULE_SENT, SCHEDULE_SENT};

/// How many employees are sent side by side: each call takes a licence of 1C.
const SIDE_BY_SIDE: usize = 4;

/// Either request.
#[derive(ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "the body is told apart by its members")]
pub enum ScheduleBody {
    /// This API's.
    Own(NewOnecSchedule),
    /// The vendor's.
    Vendor(VendorSchedule),
}

/// Either answer, in the shape of its request.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum ScheduleAnswer {
    /// This API's.
    Own(Box<IntegrationResponse>),
    /// The vendor's.
    Vendor(VendorSaid),
}

/// What 1C says.
#[derive(Debug, Serialize, ToSchema)]
pub struct VendorSaid {
    /// `true` or `false`, as a text.
    result: &'static str,
    message: String,
}

/// What came of an employee's schedule.
#[derive(Serialize)]
struct Outcome<'a> {
    employee_id: &'a str,
    success: bool,
    message: String,
}

impl OneC {
    /// Sends the schedule of a body, in either shape.
    ///
    /// # Errors
    /// `Invalid`, naming the member; `NotFound` without an active connection; what the calls
    /// to 1C fail with, when none of them was answered.
    pub(in super::super) async fn send_schedule(
        &self,
        by: &Caller,
        named: Option<&str>,
        body: Map<String, Json>,
    ) -> Result<ScheduleAnswer> {
        let is_vendor = body.contains_key("shift") || body.contains_key("period1");
        let (connection, client) = self.client(&by.tenant, named).await?;
        let zone = &client.settings.zone;
        let schedule = if is_vendor {
            Schedule::read_vendor(&Json::Object(body), zone)?
        } else {
            Schedule::read(body, zone, &connection.renamed("schedule"))?
        };
        let until = Instant::now() + BEGIN_WITHIN;
        let (to, plan) = ((&connection, &client), &schedule);
        let sent: Vec<Result<Said>> = stream::iter(0..schedule.employees.len())
            .map(|at| async move {
                if Instant::now() >= until {
                    return Err(no_time());
                }
                self.send_one(by, to, plan, at).await
            })
            .buffered(SIDE_BY_SIDE)
            .collect()
            .await;
        let log = self.keep_outcome(by, &connection, &schedule, &sent).await?;
        if sent.iter().all(Result::is_err) {
            // Nobody answered: that is no answer of ours either.
            return sent.into_iter().find_map(Result::err).map_or_else(|| Err(no_time()), Err);
        }
        if !is_vendor {
            return Ok(ScheduleAnswer::Own(Box::new(self.told(by, &schedule, &sent, &log))));
        }
        let said = sent.into_iter().next().unwrap_or_else(|| Err(no_time()))?;
        let result = if said.done { "true" } else { "false" };
        let message = said.told.unwrap_or_default();
        Ok(ScheduleAnswer::Vendor(VendorSaid { result, message }))
    }

    async fn send_one(
        &self,
        by: &Caller,
        (connection, client): (&Connection, &Client),
        schedule: &Schedule,
        at: usize,
    ) -> Result<Said> {
        let (employee, shifts) = schedule.employees.get(at).ok_or_else(no_time)?;
        let said = client.send_schedule(schedule.vendor(employee, shifts)).await?;
        let this_month = self.today(&client.settings.zone).first_of_month();
        let from = schedule.from.max(this_month);
        if said.done && from <= schedule.to {
            let span = (from, schedule.to, self.clock.now_ms());
            let items = plan::items(&by.tenant, &connection.id, employee, span, shifts)?;
            self.table.put_many(items).await?;
        }
        Ok(said)
    }

    async fn keep_outcome(
        &self,
        by: &Caller,
        connection: &Connection,
        schedule: &Schedule,
        sent: &[Result<Said>],
    ) -> Result<String> {
        let records = records(sent);
        let first = schedule.employees.iter().zip(sent).find_map(|((employee, _), sent)| {
            let told = words(sent);
            (!is_done(sent)).then(|| format!("{employee}: {told}"))
        });
        let told = json!({ "schedule_id": schedule.id, "employees_count": sent.len(),
            "shifts_count": schedule.shifts(), "records_failed": records.failed });
        let over = Over {
            sync_type: SyncType::Schedule,
            records,
            error: first,
            messages: [SCHEDULE_SENT, ONEC_SCHEDULE_SENT],
            told,
            action: Some("1c.schedule.send"),
        };
        self.over(by, connection, over).await
    }

    fn told(
        &self,
        by: &Caller,
        schedule: &Schedule,
        sent: &[Result<Said>],
        log: &str,
    ) -> IntegrationResponse {
        let all = schedule.employees.iter().zip(sent);
        let results = all.map(|((employee, _), sent)| Outcome {
            employee_id: employee,
            success: is_done(sent),
            message: words(sent),
        });
        let results: Vec<Outcome<'_>> = results.collect();
        let data = json!({ "schedule_id": schedule.id, "employees_count": sent.len(),
            "shifts_count": schedule.shifts(), "sync_log_id": log, "results": results });
        let Records { successful, failed, .. } = records(sent);
        let message = match failed {
            0 => "Schedule successfully sent to 1C".to_owned(),
            failed => format!("Sent {successful} schedules, {failed} failed"),
        };
        IntegrationResponse::done(message, data, &self.clock, &by.corr).unless(failed > 0)
    }
}

fn is_done(sent: &Result<Said>) -> bool {
    sent.as_ref().is_ok_and(|said| said.done)
}

/// 1C's own words, or why there are none.
fn words(sent: &Result<Said>) -> String {
    match sent {
        Ok(said) => said.told.clone().unwrap_or_else(|| "1C says nothing of it".to_owned()),
        Err(Error { detail, .. }) => detail.clone(),
    }
}

fn records(sent: &[Result<Said>]) -> Records {
    let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    let successful = sent.iter().filter(|sent| is_done(sent)).count();
    Records {
        processed: count(sent.len()),
        successful: count(successful),
        failed: count(sent.len() - successful),
    }
}
