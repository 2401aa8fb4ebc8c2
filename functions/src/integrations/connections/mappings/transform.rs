//! Transformations of one field's value: a closed list, each without any effect but its
//! result. A value that is not there is left alone, except where it says otherwise.

use std::collections::BTreeMap;

use jiff::fmt::strtime::BrokenDownTime;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use serde::{Deserialize, Serialize};
use serde_json::{Number, Value as Json};
use utoipa::ToSchema;

use super::field_path::{fault, get};

/// The longest text that a transformation makes, in bytes.
const LONGEST: usize = 64 * 1024;
/// Characters of a masked text that stay, if it is not said.
const KEPT: usize = 4;
/// The most fields that are put together.
const PARTS: usize = 16;
/// The longest format or piece of text in a rule, in bytes.
const PIECE: usize = 256;

/// A transformation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Transformation {
    /// Takes blanks off both ends.
    Trim {},
    /// Upper case.
    Upper {},
    /// Lower case.
    Lower {},
    /// What stands for a value that is missing, null or an empty text.
    Default {
        /// That value.
        value: Json,
    },
    /// What stands for each value. One that is not listed becomes `otherwise`; without
    /// that it is an error.
    Map {
        /// By the value as text.
        values: BTreeMap<String, Json>,
        /// For all others.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        otherwise: Option<Json>,
    },
    /// Writes a date or time in another way. Formats are those of strftime; a time without
    /// a zone is UTC.
    Date {
        /// How it is written over there, for example `%d.%m.%Y`.
        from: String,
        /// How it is to be written, for example `%Y-%m-%d`.
        to: String,
    },
    /// Makes a number of a text such as `1 234,56`. Blanks and the other sign group digits.
    Number {
        /// What separates decimals; a point if it is not said.
        #[serde(default)]
        decimal: Decimal,
    },
    /// Puts other fields' values behind this one's, leaving out what is missing or empty.
    Concat {
        /// Their paths in the source record.
        with: Vec<String>,
        /// What comes between; a blank if it is not said.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        separator: Option<String>,
    },
    /// One part of a text; null when there are fewer.
    Split {
        /// What separates parts.
        separator: String,
        /// Which part, from 0.
        index: u32,
    },
    /// Puts a text in the place of each occurrence of another.
    Replace {
        /// What is looked for.
        from: String,
        /// What is put there.
        to: String,
    },
    /// Some of a text's characters.
    Substring {
        /// The first, from 0.
        start: u32,
        /// How many; all others if it is not said.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        length: Option<u32>,
    },
    /// The text's SHA-256, hexadecimal.
    Hash {},
    /// Stars in place of all but the last characters.
    Mask {
        /// How many stay; 4 if it is not said.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        keep: Option<u32>,
    },
}

/// What separates decimals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Decimal {
    /// `1,234.56`
    #[default]
    Point,
    /// `1.234,56`
    Comma,
}

impl Transformation {
    /// What is wrong with it, if anything is: the member and why.
    pub(super) fn fault(&self) -> Option<(String, String)> {
        let wrong = |name: &str, why: &str| Some((name.to_owned(), why.to_owned()));
        let long = |text: &str| text.len() > PIECE;
        match self {
            Self::Date { from, to } if long(from) || long(to) => {
                wrong(if long(from) { "from" } else { "to" }, "must have at most 256 characters")
            }
            Self::Date { from, to } => {
                if !is_readable(from) {
                    return wrong("from", "must be a format that a date can be read from");
                }
                match write(&sample(), to) {
                    Ok(_) => None,
                    Err(_) => wrong("to", "must be a format that a date can be written in"),
                }
            }
            Self::Concat { with, .. } if !(1..=PARTS).contains(&with.len()) => {
                wrong("with", "must be 1 to 16 paths")
            }
            Self::Concat { separator: Some(separator), .. } if long(separator) => {
                wrong("separator", "must have at most 256 characters")
            }
            Self::Concat { with, .. } => {
                let mut faults = with.iter().enumerate();
                faults.find_map(|(at, path)| Some((format!("with[{at}]"), fault(path)?.to_owned())))
            }
            Self::Split { separator, .. } if separator.is_empty() || long(separator) => {
                wrong("separator", "must have 1 to 256 characters")
            }
            Self::Replace { from, .. } if from.is_empty() || long(from) => {
                wrong("from", "must have 1 to 256 characters")
            }
            Self::Replace { to, .. } if long(to) => wrong("to", "must have at most 256 characters"),
            _ => None,
        }
    }

    /// The value after it; `record` is the source record as a whole.
    ///
    /// # Errors
    /// Why it cannot be done, without the value.
    pub(super) fn apply(&self, value: Json, record: &Json) -> Result<Json, &'static str> {
        match (self, &value) {
            (Self::Default { value: instead }, Json::Null) => return Ok(instead.clone()),
            (Self::Default { value: instead }, Json::String(text)) if text.is_empty() => {
                return Ok(instead.clone());
            }
            (Self::Default { .. }, _) => return Ok(value),
            (Self::Concat { with, separator }, _) => {
                return concat(&value, with, separator.as_deref().unwrap_or(" "), record);
            }
            (Self::Number { .. }, Json::Number(_)) | (_, Json::Null) => return Ok(value),
            _ => {}
        }
        self.apply_to_text(text(&value)?)
    }

    /// What becomes of a value that is there, as text.
    fn apply_to_text(&self, text: String) -> Result<Json, &'static str> {
        let made = match self {
            Self::Trim {} => text.trim().to_owned(),
            Self::Upper {} => text.to_uppercase(),
            Self::Lower {} => text.to_lowercase(),
            Self::Map { values, otherwise } => {
                let found = values.get(&text).or(otherwise.as_ref());
                return found.cloned().ok_or("is not in the table of values");
            }
            Self::Date { from, to } => {
                let read = read(&text, from).map_err(|_| "is no date in the given format")?;
                write(&read, to).map_err(|_| "is a date that cannot be written so")?
            }
            Self::Number { decimal } => return number(&text, *decimal),
            Self::Split { separator, index } => {
                let part = text.split(separator.as_str()).nth(number_of(*index));
                return Ok(part.map_or(Json::Null, Json::from));
            }
            Self::Replace { from, to } => {
                let more = text.matches(from.as_str()).count() * to.len();
                if text.len() + more > LONGEST {
                    return Err(TOO_LONG);
                }
                text.replace(from.as_str(), to)
            }
            Self::Substring { start, length } => {
                let (start, length) = (number_of(*start), length.map_or(usize::MAX, number_of));
                text.chars().skip(start).take(length).collect()
            }
            Self::Hash {} => shared::ids::hex_digest(text.as_bytes()),
            Self::Mask { keep } => {
                let hidden = text.chars().count().saturating_sub(keep.map_or(KEPT, number_of));
                let masked = text.chars().enumerate();
                masked.map(|(at, c)| if at < hidden { '*' } else { c }).collect()
            }
            // Both are done with the value as it is.
            Self::Default { .. } | Self::Concat { .. } => text,
        };
        if made.len() > LONGEST { Err(TOO_LONG) } else { Ok(made.into()) }
    }
}

const TOO_LONG: &str = "becomes longer than 64 KiB";

fn number_of(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// A value as text.
fn text(value: &Json) -> Result<String, &'static str> {
    match value {
        Json::String(text) => Ok(text.clone()),
        Json::Number(number) => Ok(number.to_string()),
        Json::Bool(truth) => Ok(truth.to_string()),
        Json::Null => Ok(String::new()),
        Json::Array(_) | Json::Object(_) => Err("must be a single value"),
    }
}

fn concat(
    value: &Json,
    with: &[String],
    separator: &str,
    record: &Json,
) -> Result<Json, &'static str> {
    let others = with.iter().filter_map(|path| get(record, path));
    let mut made = String::new();
    for part in [value].into_iter().chain(others) {
        let part = text(part)?;
        if made.len() + separator.len() + part.len() > LONGEST {
            return Err(TOO_LONG);
        }
        if !made.is_empty() && !part.is_empty() {
            made.push_str(separator);
        }
        made.push_str(&part);
    }
    Ok(if made.is_empty() { Json::Null } else { made.into() })
}

fn number(text: &str, decimal: Decimal) -> Result<Json, &'static str> {
    let (point, group) = match decimal {
        Decimal::Point => ('.', ','),
        Decimal::Comma => (',', '.'),
    };
    let digits = text.trim().chars().filter(|c| !c.is_whitespace() && *c != group);
    let digits: String = digits.map(|c| if c == point { '.' } else { c }).collect();
    let is_plain = digits.chars().all(|c| c.is_ascii_digit() || ".+-".contains(c));
    if let (true, Ok(whole)) = (is_plain, digits.parse::<i64>()) {
        return Ok(whole.into());
    }
    let number = digits.parse::<f64>().ok().filter(|_| is_plain && !digits.is_empty());
    number.and_then(Number::from_f64).map(Json::Number).ok_or("is no number")
}

/// Whether a date can be read from what is written in this format.
pub(super) fn is_readable(format: &str) -> bool {
    write(&sample(), format).is_ok_and(|written| read(&written, format).is_ok())
}

fn sample() -> Zoned {
    Timestamp::UNIX_EPOCH.to_zoned(TimeZone::UTC)
}

/// A moment as it is written; without a time it is midnight, without a zone UTC.
pub(super) fn read(text: &str, format: &str) -> Result<Zoned, jiff::Error> {
    let read = BrokenDownTime::parse(format, text)?;
    if let Ok(zoned) = read.to_zoned() {
        return Ok(zoned);
    }
    if let Ok(moment) = read.to_timestamp() {
        return Ok(moment.to_zoned(TimeZone::UTC));
    }
    let time = read.to_time().unwrap_or_default();
    read.to_date()?.to_datetime(time).to_zoned(TimeZone::UTC)
}

fn write(moment: &Zoned, format: &str) -> Result<String, jiff::Error> {
    BrokenDownTime::from(moment).to_string(format)
}

#[cfg(test)]
mod tests;
