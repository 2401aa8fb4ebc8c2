//! Use case: list how plan and fact differ in a period, by employee and day.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::json;
use shared::error::{Error, Result};
use shared::ids;
use shared::table::{Cond, Item, Key, Read, Written};
use shared::tenant::Tenant;
use shared::web::to_the_millisecond;
use utoipa::ToSchema;

use super::super::OneC;
use super::super::agents::DateRange;
use super::super::client::Client;
use super::super::codes::is_work;
use super::super::facts::{FactState, facts_of};
use super::super::moment::{HOUR, Split, hours};
use super::super::schedules::{Plan, plans};
use super::super::timesheet::{Row, Shown, Timesheet, request};
use super::rule::{Part, parts};
use crate::integrations::connections::Connection;
use crate::messages::catalogue::ONEC_DEVIATIONS_RECEIVED;

/// Employees whose timesheets are asked for in one call.
const AT_ONCE: usize = 500;
/// The longest period, in days.
const LONGEST: i32 = 92;
/// The largest answer, in bytes: a function answers 6 MB at most.
const LARGEST: usize = 5 * 1024 * 1024;
/// How long it is known what was told of a period, in seconds.
const KEPT: i64 = 92 * 24 * 3600;

/// How plan and fact differ.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeviationList {
    deviations: Vec<Deviation>,
    /// How many there are.
    total_count: usize,
    date_range: DateRange,
    timestamp: String,
}

/// A part of a day on which plan and fact differ.
#[derive(Debug, Serialize, ToSchema)]
pub struct Deviation {
    employee_id: String,
    /// The day that the shift starts on.
    #[schema(value_type = String, format = "date")]
    date: Date,
    planned_hours: f64,
    actual_hours: f64,
    /// By how much they differ; never negative.
    deviation_hours: f64,
    /// A code in Cyrillic: РВ, РВН, НН or С, or the reason of 1C's timesheet in place of НН.
    deviation_type: String,
    /// What the code means.
    reason: Option<String>,
}

/// What was last told of a period.
#[derive(Serialize, Deserialize)]
struct Told {
    pk: String,
    sk: String,
    digest: String,
    expires_at: i64,
}

/// What is known of one employee.
#[derive(Default)]
struct Known {
    plan: Plan,
    /// What was sent as worked.
    sent: BTreeMap<Date, Split>,
    /// Rows of 1C's timesheet.
    rows: BTreeMap<Date, Vec<Row>>,
}

impl OneC {
    /// How plan and fact differ in a period, of all employees or of this one. Days that are
    /// not over are left out, unless what was worked of them was sent.
    ///
    /// # Errors
    /// `Invalid` for a period that is too long; `NotFound` without an active connection; what
    /// the calls to 1C fail with.
    pub(super) async fn deviations(
        &self,
        tenant: &Tenant,
        named: Option<&str>,
        period: (Date, Date),
        only: Option<&str>,
    ) -> Result<DeviationList> {
        if period.0.until(period.1).is_ok_and(|span| span.get_days() >= LONGEST) {
            return Err(Error::invalid("end_date", "must be less than 92 days after start_date"));
        }
        let (connection, client) = self.client(tenant, named).await?;
        let known = self.known(tenant, (&connection, &client), period, only).await?;
        let today = self.today(&client.settings.zone);
        let mut deviations = Vec::new();
        for (employee, known) in &known {
            for day in known.days(today) {
                deviations.extend(known.of_day(employee, day));
            }
        }
        deviations.sort_by(|a, b| (a.date, &a.employee_id).cmp(&(b.date, &b.employee_id)));
        let list = DeviationList {
            total_count: deviations.len(),
            deviations,
            date_range: DateRange::of(period),
            timestamp: to_the_millisecond(self.clock.now_ms()),
        };
        let text = serde_json::to_vec(&list.deviations).map_err(Error::internal)?;
        if text.len() > LARGEST {
            let message = "must be nearer to start_date: the answer would have more than 5 MiB";
            return Err(Error::invalid("end_date", message));
        }
        if list.total_count > 0 && only.is_none() {
            self.tell(tenant, &connection, period, list.total_count, &text).await?;
        }
        Ok(list)
    }

    async fn known(
        &self,
        tenant: &Tenant,
        (connection, client): (&Connection, &Client),
        (from, to): (Date, Date),
        only: Option<&str>,
    ) -> Result<BTreeMap<String, Known>> {
        let mut known = BTreeMap::<String, Known>::new();
        let planned = plans(&self.table, tenant, &connection.id, (from, to), only).await?;
        for (employee, plan) in planned {
            known.entry(employee).or_default().plan = plan;
        }
        let facts = facts_of(&self.table, tenant, &connection.id, (from, to)).await?;
        let facts = facts.into_iter().filter(|fact| fact.state == FactState::Sent);
        for fact in facts.filter(|fact| only.is_none_or(|only| only == fact.employee_id)) {
            let worked = fact.worked();
            let sent = &mut known.entry(fact.employee_id).or_default().sent;
            let day = sent.entry(fact.date).or_default();
            *day = day.and(worked);
        }
        match only {
            Some(only) => drop(known.entry(only.to_owned()).or_default()),
            // Nothing was sent from here: everybody whom 1C tells of may have something in it.
            None if known.is_empty() => {
                let people = client.agents(from, to).await?;
                known.extend(people.agents.into_iter().map(|one| (one.id, Known::default())));
            }
            None => {}
        }
        let employees: Vec<String> = known.keys().cloned().collect();
        for employees in employees.chunks(AT_ONCE) {
            let answer = client.time_types(request(from, to, employees)).await?;
            for sheet in Timesheet::read(&answer, &client.settings.zone)? {
                let Some(known) = known.get_mut(&sheet.agent) else { continue };
                for row in sheet.rows {
                    known.rows.entry(row.date).or_default().push(row);
                }
            }
        }
        Ok(known)
    }

    /// Tells those who listen, once for the same deviations of a period.
    async fn tell(
        &self,
        tenant: &Tenant,
        connection: &Connection,
        (from, to): (Date, Date),
        total_count: usize,
        text: &[u8],
    ) -> Result<()> {
        if !connection.config()?.enable_webhooks {
            return Ok(());
        }
        let key =
            Key { pk: tenant.pk("ONEC-DEVIATIONS", &connection.id), sk: format!("{from}#{to}") };
        let digest = ids::hex_digest(text);
        let told: Option<Told> = self.table.get(&key, Read::Consistent).await?;
        if told.as_ref().is_some_and(|told| told.digest == digest) {
            return Ok(());
        }
        let when = match &told {
            None => Cond::Absent("pk"),
            Some(told) => Cond::Eq("digest", told.digest.as_str().into()),
        };
        let expires_at = self.clock.now_ms() / 1000 + KEPT;
        let row = Told { pk: key.pk, sk: key.sk, digest, expires_at };
        let data = json!({ "connection_id": connection.id, "start_date": from, "end_date": to,
            "total_count": total_count });
        let kind = ONEC_DEVIATIONS_RECEIVED;
        let mut emission = self.emitter.prepare(tenant, kind, &data).await?;
        let mut writes = vec![self.table.put(Item::of(&row)?, Some(when))];
        writes.extend(emission.take_writes());
        // Somebody who was faster told it.
        if let Written::Done = self.table.transact(&ids::time_ordered(), writes).await? {
            self.emitter.announce(emission).await;
        }
        Ok(())
    }
}

impl Known {
    /// The days on which something is known and that are over, or were sent.
    fn days(&self, today: Date) -> BTreeSet<Date> {
        let days = self.plan.0.keys().chain(self.rows.keys());
        let over = days.filter(|day| **day < today);
        over.chain(self.sent.keys()).copied().collect()
    }

    fn of_day(&self, employee: &str, date: Date) -> Vec<Deviation> {
        let rows = self.rows.get(&date).map(Vec::as_slice).unwrap_or_default();
        let of = |code: &str| -> i64 {
            let rows = rows.iter().filter(|row| row.time_type.time_type == code);
            rows.map(|row| (row.hours * HOUR as f64).round() as i64).sum()
        };
        let worked =
            Split { day: of("Я") + of("РВ") + of("С"), night: of("Н") + of("РВН") };
        let fact = self.sent.get(&date).copied().unwrap_or(worked);
        let found = match self.plan.0.get(&date) {
            Some(plan) => parts(*plan, fact),
            None => told(&of, worked.total()),
        };
        let excuse = rows.iter().map(|row| &row.time_type).find(|one| is_excuse(one));
        let shown = |part: Part| {
            let of_part = Shown::of(part.code);
            let told = excuse.filter(|_| part.code == "НН").cloned().unwrap_or(of_part);
            Deviation {
                employee_id: employee.to_owned(),
                date,
                planned_hours: hours(part.planned),
                actual_hours: hours(part.worked),
                deviation_hours: hours(part.by),
                deviation_type: told.time_type,
                reason: Some(told.meaning),
            }
        };
        found.into_iter().map(shown).collect()
    }
}

/// The deviations that 1C's own timesheet tells of a day whose plan is not known here.
fn told(of: &impl Fn(&str) -> i64, worked: i64) -> Vec<Part> {
    let planned = of("Я") + of("Н") + of("НН");
    ["РВ", "РВН", "НН", "С"]
        .into_iter()
        .map(|code| Part { code, planned, worked, by: of(code) })
        .filter(|part| part.by > 0)
        .collect()
}

/// Whether a type says why somebody did not work: anything known but work, a day off, and what
/// has no reason.
fn is_excuse(one: &Shown) -> bool {
    let code = one.time_type.as_str();
    one.number.is_some() && !is_work(code) && !matches!(code, "В" | "НН")
}
