//! What a method reads in its request: members by name, in the spellings that are known.
//! Whatever is missing or wrong is an exception in the words that 1C has for it.

use jiff::civil::{Date, DateTime};
use jiff::tz::Offset;
use serde_json::{Map, Value};

use super::answer::{Exception, exception};
use super::moment;

/// An object in a request, and the zone in which its times are local.
#[derive(Clone, Copy)]
pub(super) struct Members<'a> {
    members: &'a Map<String, Value>,
    place: Offset,
}

/// A request's body. 1C does not look at its type.
pub(super) fn body(bytes: &[u8]) -> Result<Value, Exception> {
    let text = std::str::from_utf8(bytes).unwrap_or_default();
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    serde_json::from_str(text)
        .or_else(|error| exception(format!("Ошибка при чтении JSON: {error}")))
}

impl<'a> Members<'a> {
    /// Of this value, which must be an object.
    pub fn of(value: &'a Value, place: Offset) -> Result<Self, Exception> {
        match value {
            Value::Object(members) => Ok(Self { members, place }),
            _ => exception("Значение не является значением объектного типа"),
        }
    }

    /// The member, which must be there.
    fn value(self, name: &str) -> Result<&'a Value, Exception> {
        let value = self.members.get(name).filter(|value| !value.is_null());
        value.map_or_else(|| exception(format!("Поле объекта не обнаружено ({name})")), Ok)
    }

    /// Whether there is such a member, and something in it.
    pub fn has(self, name: &str) -> bool {
        self.members.get(name).is_some_and(|value| !value.is_null())
    }

    /// A text that is not empty.
    pub fn text(self, name: &str) -> Result<&'a str, Exception> {
        let text = self.value(name)?.as_str().filter(|text| !text.trim().is_empty());
        text.map_or_else(|| wrong("Строка", name), Ok)
    }

    /// `YYYY-MM-DD`.
    pub fn day(self, name: &str) -> Result<Date, Exception> {
        moment::day(self.text(name)?).map_or_else(|| wrong("Дата", name), Ok)
    }

    /// A moment, in the time of the place.
    pub fn moment(self, name: &str) -> Result<DateTime, Exception> {
        let read = moment::local(self.text(name)?, self.place);
        read.map_or_else(|| wrong("Дата", name), Ok)
    }

    /// Milliseconds, as a number or as a text.
    pub fn milliseconds(self, name: &str) -> Result<i64, Exception> {
        let value = self.value(name)?;
        let read = value.as_i64().or_else(|| value.as_str()?.trim().parse().ok());
        read.filter(|time| *time >= 0).map_or_else(|| wrong("Число", name), Ok)
    }

    /// A number above nothing.
    pub fn number(self, name: &str) -> Result<f64, Exception> {
        let read = self.value(name)?.as_f64().filter(|number| *number > 0.0);
        read.map_or_else(|| wrong("Число", name), Ok)
    }

    /// The objects of a list.
    pub fn list(self, name: &str) -> Result<Vec<Self>, Exception> {
        match self.value(name)? {
            Value::Array(items) => items.iter().map(|item| Self::of(item, self.place)).collect(),
            _ => wrong("Массив", name),
        }
    }
}

fn wrong<T>(kind: &str, name: &str) -> Result<T, Exception> {
    exception(format!("Преобразование значения к типу {kind} не может быть выполнено ({name})"))
}
