//! Use case: tell the norm of hours as 1C has it, beside the one computed here.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};
use shared::error::{Error, Kind, Result};
use shared::tenant::Tenant;
use shared::web::{of_members, to_the_millisecond};
use utoipa::ToSchema;

use super::OneC;
use super::moment::{day, period};
use super::norm::{Norms, Years, number};
use super::read::{Members, Writer, objects};

const METHOD: Writer = Writer::OneC("getNormHours");
/// The most employees that are asked for at once.
const MOST_AGENTS: usize = 10_000;

/// Whose norm is asked for, by an employee's id.
#[derive(Debug, Deserialize, ToSchema)]
pub struct NormHoursRequest {
    #[schema(min_length = 1, max_length = 128)]
    employee_id: String,
    #[schema(format = "date", example = "2018-01-01")]
    start_date: String,
    #[schema(format = "date", example = "2018-12-31")]
    end_date: String,
    /// `month`, `quarter`, `year`, or `standard`, which is by month.
    #[serde(default)]
    calculation_type: Option<String>,
    /// Hours a week; when not given, those that 1C has of the employee now.
    #[schema(exclusive_minimum = 0.0, maximum = 168.0)]
    norm_week: Option<f64>,
}

/// The vendor's request.
#[derive(ToSchema)]
#[expect(dead_code, reason = "read by name; this is its documentation")]
#[expect(non_snake_case, reason = "the vendor's names")]
pub struct VendorNormHoursRequest {
    #[schema(format = "date")]
    startDate: String,
    #[schema(format = "date")]
    endDate: String,
    /// `month`, `quarter` or `year`.
    calculationMode: String,
    /// Objects of `agentId` and `AR_norms`, which are objects of `normWeek` and `changeDate`.
    #[schema(value_type = Vec<Object>, min_items = 1, max_items = 10000)]
    AR_agents: Vec<Json>,
}

/// Either request.
#[derive(ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "the body is told apart by its members")]
pub enum NormHoursBody {
    /// This API's.
    Own(NormHoursRequest),
    /// The vendor's.
    Vendor(VendorNormHoursRequest),
}

/// Either answer, in the shape of its request.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum NormHoursAnswer {
    /// This API's.
    Own(NormHoursView),
    /// The vendor's.
    Vendor(Vec<VendorNorm>),
}

/// The norm of an employee.
#[derive(Debug, Serialize, ToSchema)]
pub struct NormHoursView {
    employee_id: String,
    period: NormPeriod,
    norm_hours: NormSum,
    calculation_type: String,
    timestamp: String,
}

/// The period of a norm.
#[derive(Debug, Serialize, ToSchema)]
pub struct NormPeriod {
    #[schema(value_type = String, format = "date")]
    start_date: Date,
    #[schema(value_type = String, format = "date")]
    end_date: Date,
}

/// What 1C and this system say of a period.
#[derive(Debug, Serialize, ToSchema)]
pub struct NormSum {
    /// What 1C says.
    total: f64,
    /// What is computed here; null when a production calendar is missing.
    calculated: Option<f64>,
    /// How much more 1C says than is computed here.
    difference: Option<f64>,
    /// By month, quarter or year, clipped to the period and to the employment.
    rows: Vec<NormRow>,
    /// Years of which the tenant has no production calendar.
    missing_calendars: Vec<i16>,
}

/// A month, quarter or year of a norm.
#[derive(Debug, Serialize, ToSchema)]
pub struct NormRow {
    #[schema(value_type = String, format = "date")]
    start_date: Date,
    #[schema(value_type = String, format = "date")]
    end_date: Date,
    /// What 1C says.
    norm_hours: f64,
    /// What is computed here.
    calculated: Option<f64>,
    /// How much more 1C says.
    difference: Option<f64>,
}

/// A row as the vendor has it, with what is computed here beside it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct VendorNorm {
    agent_id: String,
    #[schema(value_type = f64)]
    norm_hours: Json,
    #[schema(value_type = String, format = "date")]
    start_date: Date,
    #[schema(value_type = String, format = "date")]
    end_date: Date,
    /// What is computed here; null when a production calendar is missing.
    #[schema(value_type = Option<f64>)]
    calculated_hours: Json,
    /// How much more 1C says.
    #[schema(value_type = Option<f64>)]
    difference: Json,
}

/// A row that 1C answered. Hours are in thousandths.
struct Row {
    agent: String,
    from: Date,
    to: Date,
    told: i64,
    computed: Option<i64>,
}

impl OneC {
    /// The norms that a body asks for, in either shape.
    ///
    /// # Errors
    /// `Invalid`, naming the member; `NotFound` for an employee that 1C does not tell of, and
    /// without an active connection; what the calls to 1C fail with.
    pub(super) async fn norm_hours(
        &self,
        tenant: &Tenant,
        named: Option<&str>,
        body: Map<String, Json>,
    ) -> Result<NormHoursAnswer> {
        if body.contains_key("AR_agents") || body.contains_key("calculationMode") {
            return self.vendor_norms(tenant, named, Json::Object(body)).await;
        }
        let asked: NormHoursRequest = of_members(body)?;
        let (from, to) = (day("start_date", &asked.start_date)?, day("end_date", &asked.end_date)?);
        let (from, to) = period(from, to)?;
        if !(1..=128).contains(&asked.employee_id.chars().count()) {
            return Err(Error::invalid("employee_id", "must have 1 to 128 characters"));
        }
        let calculation_type = asked.calculation_type.unwrap_or_else(|| "standard".to_owned());
        let mode = if calculation_type == "standard" { "month" } else { &calculation_type };
        let mode = mode_of("calculation_type", mode)?;
        let (_, client) = self.client(tenant, named).await?;
        let norms = match asked.norm_week {
            Some(week) => Norms::of(week, None)
                .ok_or_else(|| Error::invalid("norm_week", "must be above 0 and at most 168"))?,
            None => {
                let people = client.agents(from, to).await?;
                let one = people.agents.iter().find(|one| one.id == asked.employee_id);
                let one = one.ok_or_else(|| Error::not_found("1C tells of no such employee"))?;
                let norms = Norms::of(one.norm_week, one.norm_week_since);
                norms.ok_or_else(|| METHOD.error("normWeek", "of agents is no norm"))?
            }
        };
        let body = json!({"startDate": from, "endDate": to, "calculationMode": mode,
            "AR_agents": [{"agentId": asked.employee_id, "AR_norms": norms.vendor()}]});
        let zone = &client.settings.zone;
        let (years, missing) = self.years(tenant, from, to).await?;
        let rows = rows(&client.norm_hours(body).await?, zone, |_| Some(&norms), &years)?;
        Ok(NormHoursAnswer::Own(NormHoursView {
            employee_id: asked.employee_id,
            period: NormPeriod { start_date: from, end_date: to },
            norm_hours: NormSum::of(&rows, missing),
            calculation_type,
            timestamp: to_the_millisecond(self.clock.now_ms()),
        }))
    }

    async fn vendor_norms(
        &self,
        tenant: &Tenant,
        named: Option<&str>,
        body: Json,
    ) -> Result<NormHoursAnswer> {
        let asked = Members::of(&body, "", Writer::Caller)?;
        let utc = TimeZone::UTC;
        let (from, to) = period(asked.day("startDate", &utc)?, asked.day("endDate", &utc)?)?;
        let mode = asked.text("calculationMode")?;
        mode_of("calculationMode", &mode)?;
        let all = asked.list("AR_agents")?;
        if !(1..=MOST_AGENTS).contains(&all.len()) {
            return Err(asked.wrong("AR_agents", "must have 1 to 10000 objects"));
        }
        let norms = all.iter().map(|one| Ok((one.text("agentId")?, Norms::read(one)?)));
        let norms = norms.collect::<Result<BTreeMap<_, _>>>()?;
        let agents =
            norms.iter().map(|(id, norms)| json!({ "agentId": id, "AR_norms": norms.vendor() }));
        // As 1C reads numbers, however the caller wrote them.
        let body = json!({ "startDate": from, "endDate": to, "calculationMode": mode,
            "AR_agents": agents.collect::<Vec<_>>() });
        let (_, client) = self.client(tenant, named).await?;
        let (years, _) = self.years(tenant, from, to).await?;
        let answer = client.norm_hours(body).await?;
        let rows = rows(&answer, &client.settings.zone, |agent| norms.get(agent), &years)?;
        Ok(NormHoursAnswer::Vendor(rows.into_iter().map(VendorNorm::of).collect()))
    }
}

fn mode_of<'a>(field: &str, mode: &'a str) -> Result<&'a str> {
    let fits = matches!(mode, "month" | "quarter" | "year");
    fits.then_some(mode).ok_or_else(|| Error::invalid(field, "must be month, quarter or year"))
}

fn rows<'a>(
    answer: &Json,
    zone: &TimeZone,
    norms: impl Fn(&str) -> Option<&'a Norms>,
    years: &Years,
) -> Result<Vec<Row>> {
    let read = objects(answer, "", METHOD)?.into_iter().map(|row| {
        let (from, to) = (row.day("startDate", zone)?, row.day("endDate", zone)?);
        let told = (row.number("normHours")? * 1000.0).round() as i64;
        let agent = row.text("agentId")?;
        let norms = norms(&agent).ok_or_else(|| {
            let told = format!("1C answers for an employee who was not asked for: {agent}");
            Error::new(Kind::RefusedElsewhere, told)
        })?;
        let fits = from <= to && i32::from(to.year()) - i32::from(from.year()) <= 10;
        let computed = if fits { norms.thousandths(years, from, to) } else { None };
        Ok(Row { agent, from, to, told, computed })
    });
    read.collect()
}

impl NormSum {
    fn of(rows: &[Row], missing_calendars: Vec<i16>) -> Self {
        let told: i64 = rows.iter().map(|row| row.told).sum();
        let computed: Option<i64> = rows.iter().map(|row| row.computed).sum();
        Self {
            total: hours(told),
            calculated: computed.map(hours),
            difference: computed.map(|computed| hours(told - computed)),
            rows: rows.iter().map(NormRow::of).collect(),
            missing_calendars,
        }
    }
}

impl NormRow {
    fn of(row: &Row) -> Self {
        Self {
            start_date: row.from,
            end_date: row.to,
            norm_hours: hours(row.told),
            calculated: row.computed.map(hours),
            difference: row.computed.map(|computed| hours(row.told - computed)),
        }
    }
}

impl VendorNorm {
    fn of(row: Row) -> Self {
        let shown =
            |thousandths: Option<i64>| thousandths.map_or(Json::Null, |it| number(it, 1000));
        Self {
            agent_id: row.agent,
            norm_hours: number(row.told, 1000),
            start_date: row.from,
            end_date: row.to,
            calculated_hours: shown(row.computed),
            difference: shown(row.computed.map(|computed| row.told - computed)),
        }
    }
}

fn hours(thousandths: i64) -> f64 {
    thousandths as f64 / 1000.0
}
