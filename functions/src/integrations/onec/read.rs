//! Members of objects in the vendor's shape, read as generously as 1C writes them: numbers
//! as texts and with a comma, days as moments, empty values for none. Whatever cannot be
//! read is told by its path, to the caller or as a failure of 1C's, by who wrote it.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::{Map, Value as Json};
use shared::error::{Error, Kind, Result};

use super::moment;

/// Who wrote what is read.
#[derive(Clone, Copy, Debug)]
pub enum Writer {
    /// Who calls this API.
    Caller,
    /// 1C, as its answer to this method.
    OneC(&'static str),
}

/// An object, and where it is.
#[derive(Clone, Debug)]
pub struct Members<'a> {
    members: &'a Map<String, Json>,
    path: String,
    writer: Writer,
}

impl Writer {
    /// What is told when something of it cannot be read.
    pub fn error(self, path: &str, message: &str) -> Error {
        match self {
            Self::Caller => Error::invalid(if path.is_empty() { "body" } else { path }, message),
            Self::OneC(method) => {
                let path = if path.is_empty() { "the whole" } else { path };
                let told = format!("1C's answer to {method} cannot be read: {path} {message}");
                Error::new(Kind::RefusedElsewhere, told)
            }
        }
    }
}

impl<'a> Members<'a> {
    /// The members of a value at this path, which must be an object.
    pub fn of(value: &'a Json, path: impl Into<String>, writer: Writer) -> Result<Self> {
        let path = path.into();
        match value {
            Json::Object(members) => Ok(Self { members, path, writer }),
            _ => Err(writer.error(&path, "must be an object")),
        }
    }

    /// Where a member is.
    pub fn at(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }

    /// That a member is wrong.
    pub fn wrong(&self, name: &str, message: &str) -> Error {
        self.writer.error(&self.at(name), message)
    }

    /// A member that is there and neither null nor an empty text.
    pub fn given(&self, name: &str) -> Option<&'a Json> {
        let is_empty = |value: &Json| value.as_str().is_some_and(|text| text.trim().is_empty());
        self.members.get(name).filter(|value| !value.is_null() && !is_empty(value))
    }

    fn required<T>(&self, name: &str, value: Option<T>) -> Result<T> {
        value.ok_or_else(|| self.wrong(name, "is required"))
    }

    /// A text; a number counts as its digits.
    pub fn maybe_text(&self, name: &str) -> Result<Option<String>> {
        match self.given(name) {
            None => Ok(None),
            Some(Json::String(text)) => Ok(Some(text.trim().to_owned())),
            Some(Json::Number(number)) => Ok(Some(number.to_string())),
            Some(_) => Err(self.wrong(name, "must be a string")),
        }
    }

    /// A text that must be there.
    pub fn text(&self, name: &str) -> Result<String> {
        self.required(name, self.maybe_text(name)?)
    }

    /// A number.
    pub fn maybe_number(&self, name: &str) -> Result<Option<f64>> {
        let Some(value) = self.given(name) else { return Ok(None) };
        let read = match value {
            Json::Number(number) => number.as_f64(),
            Json::String(text) => decimal(text),
            _ => None,
        };
        read.map(Some).ok_or_else(|| self.wrong(name, "must be a number"))
    }

    /// A number that must be there.
    pub fn number(&self, name: &str) -> Result<f64> {
        self.required(name, self.maybe_number(name)?)
    }

    /// Milliseconds, of no more than a year.
    pub fn milliseconds(&self, name: &str) -> Result<i64> {
        let number = self.number(name)?;
        let most = 366.0 * 24.0 * 3_600_000.0;
        let fits = number.fract() == 0.0 && (0.0..=most).contains(&number);
        fits.then_some(number as i64)
            .ok_or_else(|| self.wrong(name, "must be a whole number of milliseconds"))
    }

    /// The day that a date is, or that a moment is in this zone. The empty date of 1C,
    /// 1 January of the year 1, is none.
    pub fn maybe_day(&self, name: &str, zone: &TimeZone) -> Result<Option<Date>> {
        let Some(value) = self.given(name) else { return Ok(None) };
        let read = value.as_str().and_then(|text| moment::local(text, zone));
        let read = read.ok_or_else(|| self.wrong(name, "must be a date or an ISO 8601 time"))?;
        Ok(Some(read.date()).filter(|day| day.year() > 1))
    }

    /// The same, of a member that must be there.
    pub fn day(&self, name: &str, zone: &TimeZone) -> Result<Date> {
        self.required(name, self.maybe_day(name, zone)?)
    }

    /// The objects of a list; one that is not there is empty.
    pub fn maybe_list(&self, name: &str) -> Result<Vec<Members<'a>>> {
        match self.given(name) {
            None => Ok(Vec::new()),
            Some(list) => objects(list, &self.at(name), self.writer),
        }
    }

    /// The objects of a list that must be there.
    pub fn list(&self, name: &str) -> Result<Vec<Members<'a>>> {
        match self.members.get(name).filter(|value| !value.is_null()) {
            None => Err(self.wrong(name, "is required")),
            Some(_) => self.maybe_list(name),
        }
    }
}

/// The objects of an array at this path.
pub fn objects<'a>(list: &'a Json, path: &str, writer: Writer) -> Result<Vec<Members<'a>>> {
    let items = list.as_array().ok_or_else(|| writer.error(path, "must be an array"))?;
    let items = items.iter().enumerate();
    items.map(|(at, item)| Members::of(item, format!("{path}[{at}]"), writer)).collect()
}

/// A number as 1C may write it: `2.75`, `2,75`, `1 970`.
pub fn decimal(text: &str) -> Option<f64> {
    let plain: String = text
        .chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| if c == ',' { '.' } else { c })
        .collect();
    let is_plain = plain.bytes().all(|b| b.is_ascii_digit() || b"+-.".contains(&b));
    plain.parse().ok().filter(|number: &f64| is_plain && number.is_finite())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_are_read_as_they_are_written_in_russia() {
        for (text, number) in [
            ("2.75", Some(2.75)),
            ("2,75", Some(2.75)),
            ("0,5", Some(0.5)),
            ("1\u{a0}970", Some(1970.0)),
            ("12600000", Some(12_600_000.0)),
            ("-3", Some(-3.0)),
            ("", None),
            ("1,970.5", None),
            ("NaN", None),
            ("1e3", None),
            ("восемь", None),
        ] {
            assert_eq!(decimal(text), number, "{text}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_told_by_its_path_and_by_who_wrote_it() -> anyhow::Result<()> {
        let value = json!({"AR_agents": [{"rate": "0,5", "tabN": 12, "finishwork": ""},
            {"rate": true}]});
        let told = |writer| -> Result<_> {
            let all = Members::of(&value, "", writer)?.list("AR_agents")?;
            assert_eq!(all[0].number("rate")?, 0.5);
            assert_eq!(all[0].text("tabN")?, "12");
            assert_eq!(all[0].maybe_text("finishwork")?, None);
            Ok((all[0].text("agentId"), all[1].number("rate")))
        };
        let (missing, wrong) = told(Writer::Caller)?;
        let error = missing.err().map(|error| (error.kind, error.detail));
        let expected = "AR_agents[0].agentId is required".to_owned();
        assert_eq!(error, Some((Kind::Invalid, expected)));
        assert_eq!(
            wrong.err().map(|e| e.fields[0].field.clone()),
            Some("AR_agents[1].rate".into())
        );
        let (missing, _) = told(Writer::OneC("agents"))?;
        let error = missing.err().map(|error| (error.kind, error.detail));
        let expected = "1C's answer to agents cannot be read: AR_agents[0].agentId is required";
        assert_eq!(error, Some((Kind::RefusedElsewhere, expected.to_owned())));
        Ok(())
    }
}
