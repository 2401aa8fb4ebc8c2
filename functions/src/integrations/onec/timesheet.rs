//! Timesheets as 1C tells of them: what `getTimetypeInfo` answers.
//! Source: Argus's requirements to the integration with 1C:ZUP. Days are midnights of the
//! place, shown in UTC; a day may have several rows; hours are 0 where a type has none.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Serialize;
use serde_json::{Value as Json, json};
use shared::error::Result;
use utoipa::ToSchema;

use super::codes::{Code, code};
use super::read::{Members, Writer, decimal, objects};

const METHOD: Writer = Writer::OneC("getTimetypeInfo");

/// The timesheet of one employee.
#[derive(Clone, Debug, PartialEq)]
pub struct Timesheet {
    /// The employee.
    pub agent: String,
    /// By day, in the order of the answer.
    pub rows: Vec<Row>,
    /// What was not worked, by reason.
    pub absences: Vec<Absence>,
    /// Days and hours worked, of days 1 to 15 and of the others.
    pub halves: [Half; 2],
}

/// How much of a type a day has.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = TimesheetRow)]
pub struct Row {
    /// The day, in the time of the place.
    #[schema(value_type = String, format = "date")]
    pub date: Date,
    /// The code.
    #[serde(flatten)]
    pub time_type: Shown,
    /// Hours; 0 of a type of whole days.
    pub hours: f64,
}

/// A code as it is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = TimeTypeShown)]
pub struct Shown {
    /// In Cyrillic; as 1C wrote it where that is not known, or could be two.
    pub time_type: String,
    /// Two digits of form T-13.
    pub number: Option<&'static str>,
    /// What it means; why that is not known, for a code that is none.
    pub meaning: String,
}

/// What was not worked for a reason.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = TimesheetAbsence)]
pub struct Absence {
    /// The code.
    #[serde(flatten)]
    pub time_type: Shown,
    /// Days.
    pub days: f64,
    /// Hours; null for types of whole days.
    pub hours: Option<f64>,
}

/// Days and hours worked of half a month.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, ToSchema)]
#[schema(as = TimesheetHalf)]
pub struct Half {
    /// Days.
    pub days: f64,
    /// Hours.
    pub hours: f64,
}

impl Shown {
    /// A code that 1C wrote.
    pub fn of(text: &str) -> Self {
        match code(text) {
            Code::Of(one) => Self {
                time_type: one.code.to_owned(),
                number: one.number,
                meaning: one.meaning.to_owned(),
            },
            Code::OneOf(one, other) => Self {
                time_type: text.to_owned(),
                number: None,
                meaning: format!("Either {} or {}", one.code, other.code),
            },
            Code::Unknown => Self {
                time_type: text.to_owned(),
                number: None,
                meaning: "Not known here".to_owned(),
            },
        }
    }
}

impl Timesheet {
    /// Reads the answer.
    ///
    /// # Errors
    /// `RefusedElsewhere`, naming what cannot be read.
    pub fn read(answer: &Json, zone: &TimeZone) -> Result<Vec<Self>> {
        let sheets = objects(answer, "", METHOD)?;
        sheets.iter().map(|sheet| Self::read_one(sheet, zone)).collect()
    }

    fn read_one(sheet: &Members<'_>, zone: &TimeZone) -> Result<Self> {
        let rows = sheet.list("AR_date")?.into_iter().map(|row| {
            let time_type = Shown::of(&row.text("timetype")?);
            let hours = row.maybe_number("hours")?.unwrap_or_default();
            Ok(Row { date: row.day("date", zone)?, time_type, hours })
        });
        let absences = sheet.maybe_list("AR_N")?.into_iter().map(|one| {
            let told = one.text("hours_N")?;
            let unread = || one.wrong("hours_N", "must be days, or days(hours)");
            let (days, hours) = days_and_hours(&told).ok_or_else(unread)?;
            Ok(Absence { time_type: Shown::of(&one.text("timetype_N")?), days, hours })
        });
        let number = |name: &str| sheet.maybe_number(name).map(|number| number.unwrap_or_default());
        let half = |days: &str, hours: &str| -> Result<Half> {
            Ok(Half { days: number(days)?, hours: number(hours)? })
        };
        Ok(Self {
            agent: sheet.text("agentId")?,
            rows: rows.collect::<Result<_>>()?,
            absences: absences.collect::<Result<_>>()?,
            halves: [half("half1_days", "half1_hours")?, half("half2_days", "half2_hours")?],
        })
    }
}

/// `2(5)` is two days with five hours, `5` is five days.
fn days_and_hours(text: &str) -> Option<(f64, Option<f64>)> {
    let Some((days, rest)) = text.split_once('(') else { return Some((decimal(text)?, None)) };
    Some((decimal(days)?, Some(decimal(rest.strip_suffix(')')?)?)))
}

/// What asks for the timesheets of these employees from one day to another.
pub fn request(from: Date, to: Date, agents: &[String]) -> Json {
    let agents: Vec<Json> = agents.iter().map(|id| json!({ "agentId": id })).collect();
    json!({
        "date_start": format!("{from}T00:00:00"),
        "date_end": format!("{to}T00:00:00"),
        "AR_agents": agents,
    })
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use shared::error::Kind;

    use super::*;

    #[test]
    fn the_vendor_s_sample_is_read_in_the_time_of_the_place() -> anyhow::Result<()> {
        let answer = json!([{"agentId": "a-1",
            "AR_date": [{"date": "2018-03-27T21:00:00Z", "timetype": "Я", "hours": 11},
                {"date": "2018-03-27T21:00:00Z", "timetype": "C", "hours": "2,75"},
                {"date": "2018-03-28T21:00:00Z", "timetype": "B", "hours": 0}],
            "AR_N": [{"timetype_N": "НН", "hours_N": "2(5)"}, {"timetype_N": "ОТ", "hours_N": "5"},
                {"timetype_N": "XX", "hours_N": "1(2,5)"}],
            "half1_days": 6, "half1_hours": 61, "half2_days": 7, "half2_hours": "68,5"}]);
        let moscow = crate::zone::zone("Europe/Moscow").unwrap_or(TimeZone::UTC);
        let read = Timesheet::read(&answer, &moscow)?;
        let sheet = &read[0];
        let shown = |row: &Row| {
            let Shown { time_type, number, .. } = row.time_type.clone();
            (row.date, time_type, number, row.hours)
        };
        let rows: Vec<_> = sheet.rows.iter().map(shown).collect();
        let (first, second) = (date(2018, 3, 28), date(2018, 3, 29));
        let expected = [
            (first, "Я".to_owned(), Some("01"), 11.0),
            (first, "С".to_owned(), Some("04"), 2.75),
            (second, "B".to_owned(), None, 0.0),
        ];
        assert_eq!(rows, expected);
        assert_eq!(sheet.rows[2].time_type.meaning, "Either В or Б");
        let absences: Vec<_> = sheet.absences.iter().map(|one| (one.days, one.hours)).collect();
        assert_eq!(absences, [(2.0, Some(5.0)), (5.0, None), (1.0, Some(2.5))]);
        assert_eq!(sheet.halves[1], Half { days: 7.0, hours: 68.5 });
        Ok(())
    }

    #[test]
    fn what_cannot_be_read_is_a_failure_of_1c_s() {
        for (answer, told) in [
            (json!({}), "the whole must be an array"),
            (json!([{"agentId": "a"}]), "[0].AR_date is required"),
            (
                json!([{"agentId": "a", "AR_date": [{"date": "x", "timetype": "Я"}]}]),
                "[0].AR_date[0].date must be a date or an ISO 8601 time",
            ),
            (
                json!([{"agentId": "a", "AR_date": [],
                    "AR_N": [{"timetype_N": "НН", "hours_N": "2(5"}]}]),
                "[0].AR_N[0].hours_N must be days, or days(hours)",
            ),
        ] {
            let error = Timesheet::read(&answer, &TimeZone::UTC).err();
            let error = error.map(|error| (error.kind, error.detail));
            let expected = format!("1C's answer to getTimetypeInfo cannot be read: {told}");
            assert_eq!(error, Some((Kind::RefusedElsewhere, expected)), "{answer}");
        }
    }
}
