//! A fact as a caller gives it: in this API's shape or in the vendor's; and the slices of a
//! quarter of an hour that it is sent in. Pure.
//! Source: Argus's requirements to the integration with 1C:ZUP, method `sendFactWorkTime`. Its
//! text, table and sample differ on how long a slice is, so that none is refused for it.

use jiff::SignedDuration;
use jiff::civil::{DateTime, Time};
use jiff::tz::TimeZone;
use serde::Deserialize;
use serde_json::{Value as Json, json};
use shared::error::{Error, Result};
use shared::ids;
use utoipa::ToSchema;

use super::super::codes::{Code, code};
use super::super::moment::{DAY, HOUR, Split, day, local, split};
use super::super::read::{Members, Writer};
use super::super::schedules::employee;

/// A quarter of an hour, in milliseconds.
const SLICE: i64 = 900_000;
/// What hours may differ from the clock by, in milliseconds: they are rounded.
const ROUNDED: i64 = 60_000;
/// The most slices of a shift.
const MOST_SLICES: usize = 500;
/// Words that older clients have for types of time.
const WORDS: [&str; 5] = ["regular", "overtime", "night", "holiday", "weekend"];

/// What an employee worked of a shift.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct TimeRecord {
    /// The id in 1C.
    #[schema(min_length = 1, max_length = 128)]
    employee_id: String,
    /// The day that the shift starts on.
    #[schema(format = "date", example = "2026-11-20")]
    date: String,
    /// A time of day in the connection's zone.
    #[schema(example = "22:00")]
    start_time: String,
    /// A time of the next day, if it is before `start_time`.
    #[schema(example = "06:00")]
    end_time: String,
    /// 0 when nothing was worked of the shift.
    #[schema(minimum = 0, maximum = 24)]
    hours_worked: f64,
    /// Those of the hours that are overtime.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 24)]
    overtime_hours: f64,
    /// Hours that were not worked between.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 24)]
    break_time: f64,
    /// `regular`, `overtime`, or a code of form T-13.
    #[serde(default)]
    time_type: Option<String>,
}

/// The vendor's request, of one shift.
#[derive(ToSchema)]
#[expect(dead_code, reason = "read by name; this is its documentation")]
#[expect(non_snake_case, reason = "the vendor's names")]
pub struct VendorFact {
    agentId: String,
    initiator_name: String,
    /// ISO 8601: the start of the shift.
    date_start: String,
    /// Objects of `start` (ISO 8601) and `time` (milliseconds).
    #[schema(value_type = Vec<Object>, max_items = 500)]
    loginfo: Vec<Json>,
}

/// A fact that was read.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Given {
    pub employee: String,
    /// In the time of the place, as all that follows.
    pub start: DateTime,
    /// Starts and milliseconds.
    pub slices: Vec<(DateTime, i64)>,
    /// Who it is said to come from, if it says so.
    pub initiator: Option<String>,
    /// What of it 1C is not told.
    beside: String,
}

impl Given {
    /// Reads a record of this API's, the one at this place of a list.
    pub fn read(record: &TimeRecord, at: usize) -> Result<Self> {
        let field = |name: &str| format!("[{at}].{name}");
        let invalid = |name: &str, message: &str| Err(Error::invalid(&field(name), message));
        let members = json!({ "employee_id": record.employee_id });
        let employee = employee(&Members::of(&members, format!("[{at}]"), Writer::Caller)?)?;
        let date = day(&field("date"), &record.date)?;
        let clock = |name: &str, text: &str| -> Result<Time> {
            let message = "must be a time such as 08:00";
            text.parse().map_err(|_| Error::invalid(&field(name), message))
        };
        let from = clock("start_time", &record.start_time)?;
        let to = clock("end_time", &record.end_time)?;
        for (name, hours) in [
            ("hours_worked", record.hours_worked),
            ("overtime_hours", record.overtime_hours),
            ("break_time", record.break_time),
        ] {
            if !(0.0..=24.0).contains(&hours) {
                return invalid(name, "must be between 0 and 24");
            }
        }
        if from == to {
            return invalid("end_time", "must not be start_time");
        }
        let time_type = record.time_type.as_deref().unwrap_or("regular");
        let time_type = time_type_of(&field("time_type"), time_type)?;
        let between = i64::try_from(from.duration_until(to).as_millis()).unwrap_or_default();
        let long = if between > 0 { between } else { between + DAY };
        let (worked, pause) = (milliseconds(record.hours_worked), milliseconds(record.break_time));
        if worked > long - pause + ROUNDED {
            let message = "must be at most what start_time, end_time and break_time leave";
            return invalid("hours_worked", message);
        }
        if record.overtime_hours > record.hours_worked {
            return invalid("overtime_hours", "must be at most hours_worked");
        }
        let start = date.to_datetime(from);
        let slices = slices(start, long, worked.min(long))?;
        let beside = format!("{time_type} {}", milliseconds(record.overtime_hours));
        Ok(Self { employee, start, slices, initiator: None, beside })
    }

    /// Reads the vendor's shape.
    pub fn read_vendor(body: &Json, zone: &TimeZone) -> Result<Self> {
        let one = Members::of(body, "", Writer::Caller)?;
        let moment = |of: &Members<'_>, name: &str| -> Result<DateTime> {
            let read = local(&of.text(name)?, zone);
            read.ok_or_else(|| of.wrong(name, "must be an ISO 8601 time"))
        };
        let start = moment(&one, "date_start")?;
        let all = one.list("loginfo")?;
        if all.len() > MOST_SLICES {
            return Err(one.wrong("loginfo", "must have at most 500 objects"));
        }
        let mut slices = Vec::with_capacity(all.len());
        for slice in all {
            let time = slice.milliseconds("time")?;
            if time > DAY {
                return Err(slice.wrong("time", "must be at most a day"));
            }
            slices.push((moment(&slice, "start")?, time));
        }
        let initiator = Some(one.text("initiator_name")?);
        Ok(Self { employee: employee(&one)?, start, slices, initiator, beside: String::new() })
    }

    /// What of it is by day and by night.
    pub fn worked(&self) -> Split {
        let parts = self.slices.iter().map(|(start, time)| split(start.time(), *time));
        parts.fold(Split::default(), Split::and)
    }

    /// The vendor's request, from this initiator if it names none itself.
    pub fn vendor(&self, initiator: &str) -> Json {
        let told = |moment: &DateTime| moment.strftime("%Y-%m-%dT%H:%M:%S").to_string();
        let slices: Vec<Json> = self
            .slices
            .iter()
            .map(|(start, time)| json!({ "start": told(start), "time": time }))
            .collect();
        json!({ "agentId": self.employee,
            "initiator_name": self.initiator.as_deref().unwrap_or(initiator),
            "date_start": told(&self.start), "loginfo": slices })
    }

    /// A digest of what was worked, whoever sends it.
    pub fn digest(&self) -> String {
        let worked = self.slices.iter().map(|(start, time)| format!("{start}+{time}"));
        let worked: Vec<String> = worked.collect();
        ids::hex_digest(format!("{}|{}", worked.join(","), self.beside).as_bytes())
    }
}

fn milliseconds(hours: f64) -> i64 {
    (hours * HOUR as f64).round() as i64
}

/// A type of time as it is compared: a word in small letters, or a code in Cyrillic.
fn time_type_of(field: &str, given: &str) -> Result<String> {
    let word = given.trim().to_lowercase();
    if WORDS.contains(&word.as_str()) {
        return Ok(word);
    }
    match code(given) {
        Code::Of(one) => Ok(one.code.to_owned()),
        Code::OneOf(one, other) => {
            let message = format!("may be {} or {}: write it in Cyrillic", one.code, other.code);
            Err(Error::invalid(field, message))
        }
        Code::Unknown => Err(Error::invalid(field, "is no time type")),
    }
}

/// What was worked of a shift, in quarters of an hour. What was not is taken from its middle,
/// as nobody says when it was.
fn slices(start: DateTime, long: i64, worked: i64) -> Result<Vec<(DateTime, i64)>> {
    let before = match worked {
        worked if worked == long => worked,
        worked => worked / 2 / SLICE * SLICE,
    };
    let mut slices = Vec::new();
    for (from, to) in [(0, before), (long - (worked - before), long)] {
        let mut at = from;
        while at < to {
            let time = SLICE.min(to - at);
            let moment = start.checked_add(SignedDuration::from_millis(at));
            slices.push((moment.map_err(|_| Error::invalid("date", "is out of range"))?, time));
            at += time;
        }
    }
    Ok(slices)
}

#[cfg(test)]
mod tests {
    use anyhow::Context;

    use super::*;

    fn record(json: &Json) -> anyhow::Result<TimeRecord> {
        let mut usual = json!({"employee_id": "a-1", "date": "2018-08-01", "start_time": "09:00",
            "end_time": "18:00", "hours_worked": 8, "break_time": 1});
        for (name, value) in json.as_object().context("an object")? {
            usual[name] = value.clone();
        }
        Ok(serde_json::from_value(usual)?)
    }

    fn worked(json: &Json) -> anyhow::Result<(usize, Split)> {
        let given = Given::read(&record(json)?, 0)?;
        Ok((given.slices.len(), given.worked()))
    }

    #[test]
    fn a_shift_is_sliced_into_quarters_of_an_hour() -> anyhow::Result<()> {
        let split = |day: i64, night: i64| Split { day: day * HOUR, night: night * HOUR };
        for (given, count, parts) in [
            (json!({}), 32, split(8, 0)),
            (json!({"start_time": "22:00", "end_time": "06:00", "break_time": 0}), 32, split(0, 8)),
            // The break is in the middle, at night.
            (
                json!({"start_time": "19:00", "end_time": "07:00", "hours_worked": 11}),
                44,
                split(4, 7),
            ),
            (json!({"hours_worked": 0}), 0, split(0, 0)),
            (
                json!({"end_time": "09:20", "hours_worked": 0.33, "break_time": 0}),
                2,
                Split { day: 1_188_000, night: 0 },
            ),
            (json!({"end_time": "08:00", "hours_worked": 23, "break_time": 0}), 92, split(15, 8)),
        ] {
            assert_eq!(worked(&given)?, (count, parts), "{given}");
        }
        let given = Given::read(
            &record(&json!({"start_time": "23:30", "end_time": "00:30",
            "hours_worked": 1, "break_time": 0}))?,
            0,
        )?;
        let starts: Vec<DateTime> = given.slices.iter().map(|(start, _)| *start).collect();
        let first: DateTime = "2018-08-01T23:30:00".parse()?;
        let midnight: DateTime = "2018-08-02T00:00:00".parse()?;
        assert_eq!((starts[0], starts[2]), (first, midnight));
        assert!(given.slices.iter().all(|(_, time)| *time == SLICE));
        Ok(())
    }

    #[test]
    fn what_is_wrong_is_named() -> anyhow::Result<()> {
        for (given, field) in [
            (json!({"employee_id": " "}), "[3].employee_id"),
            (json!({"employee_id": "a~b"}), "[3].employee_id"),
            (json!({"date": "01.08.2018"}), "[3].date"),
            (json!({"start_time": "24:30"}), "[3].start_time"),
            (json!({"end_time": "09:00"}), "[3].end_time"),
            (json!({"hours_worked": 24.5}), "[3].hours_worked"),
            (json!({"hours_worked": 8.1}), "[3].hours_worked"),
            (json!({"hours_worked": -1}), "[3].hours_worked"),
            (json!({"break_time": -1}), "[3].break_time"),
            (json!({"overtime_hours": 9}), "[3].overtime_hours"),
            (json!({"time_type": "B"}), "[3].time_type"),
            (json!({"time_type": "fun"}), "[3].time_type"),
        ] {
            let refused = Given::read(&record(&given)?, 3).err().context(field)?;
            assert_eq!(refused.fields[0].field, field, "{given}");
        }
        Ok(())
    }

    #[test]
    fn contents_are_told_apart_by_what_was_worked() -> anyhow::Result<()> {
        let digest = |given: &Json| anyhow::Ok(Given::read(&record(given)?, 0)?.digest());
        let usual = digest(&json!({}))?;
        assert_eq!(digest(&json!({"time_type": "REGULAR"}))?, usual);
        for other in [
            json!({"hours_worked": 7}),
            json!({"end_time": "18:15"}),
            json!({"overtime_hours": 1}),
            json!({"time_type": "С"}),
        ] {
            assert_ne!(digest(&other)?, usual, "{other}");
        }
        Ok(())
    }

    #[test]
    fn the_vendor_s_sample_is_read_and_written_in_the_time_of_the_place() -> anyhow::Result<()> {
        let moscow = crate::zone::zone("Europe/Moscow").unwrap_or(TimeZone::UTC);
        let sample = json!({"agentId": "a-1", "initiator_name": "Иванов И.И.",
            "date_start": "2019-02-01T18:00:00", "loginfo": [
                {"start": "2019-02-01T18:00:00", "time": 600_000},
                {"start": "2019-02-01T16:00:00Z", "time": "580000"}]});
        let given = Given::read_vendor(&sample, &moscow)?;
        let mut expected = sample.clone();
        expected["loginfo"][1] = json!({"start": "2019-02-01T19:00:00", "time": 580_000});
        assert_eq!(given.vendor("somebody"), expected);
        assert_eq!(given.worked(), Split { day: 1_180_000, night: 0 });
        for (member, value) in [
            ("agentId", json!(null)),
            ("initiator_name", json!("")),
            ("date_start", json!("вчера")),
            ("loginfo", json!({})),
            ("loginfo", json!([{"start": "2019-02-01T18:00:00", "time": -1}])),
        ] {
            let mut wrong = sample.clone();
            wrong[member] = value;
            assert!(Given::read_vendor(&wrong, &moscow).is_err(), "{member}");
        }
        Ok(())
    }
}
