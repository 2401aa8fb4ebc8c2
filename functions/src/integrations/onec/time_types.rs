//! Use case: tell an employee's timesheet as 1C has it.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use shared::error::{Error, Result};
use shared::tenant::Tenant;
use shared::web::{of_members, to_the_millisecond};
use utoipa::ToSchema;

use super::OneC;
use super::codes::{Code, code};
use super::moment::{day, period};
use super::read::{Members, Writer};
use super::timesheet::{Absence, Half, Row, Timesheet, request};

/// The most employees that are asked for at once.
const MOST_AGENTS: usize = 10_000;

/// Whose day is asked for.
#[derive(Debug, Deserialize, ToSchema)]
pub struct TimetypeRequest {
    #[schema(min_length = 1, max_length = 128)]
    employee_id: String,
    #[schema(format = "date", example = "2018-03-28")]
    date: String,
    /// Only of these types: codes in Cyrillic, numbers of form T-13, or names of the vendor.
    #[schema(max_items = 50)]
    time_type_codes: Option<Vec<String>>,
}

/// The vendor's request.
#[derive(ToSchema)]
#[expect(dead_code, reason = "read by name; this is its documentation")]
#[expect(non_snake_case, reason = "the vendor's names")]
pub struct VendorTimetypeRequest {
    /// ISO 8601.
    date_start: String,
    /// ISO 8601.
    date_end: String,
    /// Objects of `agentId`.
    #[schema(value_type = Vec<Object>, min_items = 1, max_items = 10000)]
    AR_agents: Vec<Json>,
}

/// Either request.
#[derive(ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "the body is told apart by its members")]
pub enum TimetypeBody {
    /// This API's.
    Own(TimetypeRequest),
    /// The vendor's.
    Vendor(VendorTimetypeRequest),
}

/// Either answer, in the shape of its request.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum TimetypeAnswer {
    /// This API's.
    Own(Box<TimetypeView>),
    /// 1C's own.
    #[schema(value_type = Vec<Object>)]
    Vendor(Json),
}

/// The timesheet of a day.
#[derive(Debug, Serialize, ToSchema)]
pub struct TimetypeView {
    employee_id: String,
    #[schema(value_type = String, format = "date")]
    date: Date,
    /// The types that were asked for, in Cyrillic.
    time_type_codes: Option<Vec<&'static str>>,
    timetype_info: TimetypeInfo,
    timestamp: String,
}

/// What 1C has of a day.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct TimetypeInfo {
    /// Types and hours.
    rows: Vec<Row>,
    /// What was not worked, by reason.
    absences: Vec<Absence>,
    /// Worked on days 1 to 15, of what was asked for.
    half1: Half,
    /// Worked on other days.
    half2: Half,
}

impl OneC {
    /// The timesheets that a body asks for, in either shape.
    ///
    /// # Errors
    /// `Invalid`, naming the member, an ambiguous code among them; `NotFound` without an active
    /// connection; what the call to 1C fails with.
    pub(super) async fn time_types(
        &self,
        tenant: &Tenant,
        named: Option<&str>,
        body: Map<String, Json>,
    ) -> Result<TimetypeAnswer> {
        if body.contains_key("AR_agents") || body.contains_key("date_start") {
            return self.vendor_time_types(tenant, named, Json::Object(body)).await;
        }
        let asked: TimetypeRequest = of_members(body)?;
        let date = day("date", &asked.date)?;
        if !(1..=128).contains(&asked.employee_id.chars().count()) {
            return Err(Error::invalid("employee_id", "must have 1 to 128 characters"));
        }
        let codes = asked.time_type_codes.as_deref().map(read_codes).transpose()?;
        let (_, client) = self.client(tenant, named).await?;
        let agents = [asked.employee_id.clone()];
        let answer = client.time_types(request(date, date, &agents)).await?;
        let sheets = Timesheet::read(&answer, &client.settings.zone)?;
        let sheet = sheets.into_iter().find(|sheet| sheet.agent == asked.employee_id);
        let info = sheet.map(|sheet| TimetypeInfo::of(sheet, codes.as_deref())).unwrap_or_default();
        Ok(TimetypeAnswer::Own(Box::new(TimetypeView {
            employee_id: asked.employee_id,
            date,
            time_type_codes: codes,
            timetype_info: info,
            timestamp: to_the_millisecond(self.clock.now_ms()),
        })))
    }

    async fn vendor_time_types(
        &self,
        tenant: &Tenant,
        named: Option<&str>,
        body: Json,
    ) -> Result<TimetypeAnswer> {
        let asked = Members::of(&body, "", Writer::Caller)?;
        let all = asked.list("AR_agents")?;
        if !(1..=MOST_AGENTS).contains(&all.len()) {
            return Err(asked.wrong("AR_agents", "must have 1 to 10000 objects"));
        }
        for one in all {
            one.text("agentId")?;
        }
        let (_, client) = self.client(tenant, named).await?;
        let zone = &client.settings.zone;
        period(asked.day("date_start", zone)?, asked.day("date_end", zone)?)?;
        let answer = client.time_types(body.clone()).await?;
        // What cannot be read is a failure of 1C's, whoever reads it.
        Timesheet::read(&answer, zone)?;
        Ok(TimetypeAnswer::Vendor(answer))
    }
}

/// Codes that a caller gives, in Cyrillic.
fn read_codes(given: &[String]) -> Result<Vec<&'static str>> {
    if given.len() > 50 {
        return Err(Error::invalid("time_type_codes", "must have at most 50 codes"));
    }
    let read = given.iter().enumerate().map(|(at, text)| {
        let field = format!("time_type_codes[{at}]");
        match code(text) {
            Code::Of(one) => Ok(one.code),
            Code::OneOf(one, other) => {
                let message =
                    format!("may be {} or {}: write it in Cyrillic", one.code, other.code);
                Err(Error::invalid(&field, message))
            }
            Code::Unknown => Err(Error::invalid(&field, "is no time type")),
        }
    });
    read.collect()
}

impl TimetypeInfo {
    fn of(sheet: Timesheet, only: Option<&[&'static str]>) -> Self {
        let wanted = |code: &str| only.is_none_or(|only| only.contains(&code));
        let [half1, half2] = sheet.halves;
        let (rows, absences) = (sheet.rows.into_iter(), sheet.absences.into_iter());
        Self {
            rows: rows.filter(|row| wanted(&row.time_type.time_type)).collect(),
            absences: absences.filter(|one| wanted(&one.time_type.time_type)).collect(),
            half1,
            half2,
        }
    }
}
