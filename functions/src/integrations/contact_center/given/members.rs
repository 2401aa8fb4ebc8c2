//! Members of a record that a caller gives, read one after the other; all that is wrong with
//! them is told at once.

use serde_json::{Map, Value as Json};
use shared::error::{Error, Result};
use shared::web::moment;

/// What is wrong with a record: its members by name, and what is wrong with each.
pub type Wrong = Vec<String>;
/// As much of that as is told of one record.
const MOST_WRONG: usize = 20;

/// A record's members while they are read.
pub struct Members<'a> {
    given: &'a Map<String, Json>,
    /// Where numbers may stand as well.
    inner: Option<&'a Map<String, Json>>,
    known: Vec<&'static str>,
    wrong: Wrong,
}

impl<'a> Members<'a> {
    /// Those of this object.
    pub fn of(given: &'a Map<String, Json>) -> Self {
        Self { given, inner: None, known: Vec::new(), wrong: Vec::new() }
    }

    /// The first of these members that is there, and neither null nor empty, and its name.
    fn find(&mut self, names: &[&'static str]) -> Option<(&'static str, &'a Json)> {
        self.known.extend(names);
        let given = self.given;
        names.iter().find_map(|name| {
            let there = |value: &&Json| !value.is_null() && value.as_str() != Some("");
            given.get(*name).filter(there).map(|value| (*name, value))
        })
    }

    /// A text under one of these names; empty when it is missing or wrong.
    pub fn text(&mut self, names: &[&'static str]) -> String {
        self.maybe_text(names).unwrap_or_else(|| self.required(names))
    }

    /// A text that may be missing.
    pub fn maybe_text(&mut self, names: &[&'static str]) -> Option<String> {
        let (name, value) = self.find(names)?;
        match value {
            Json::String(text) => Some(text.clone()),
            _ => Some(self.is_wrong(name, "must be a string")),
        }
    }

    /// A moment under one of these names, in milliseconds since 1970.
    pub fn moment(&mut self, names: &[&'static str]) -> i64 {
        self.maybe_moment(names).unwrap_or_else(|| self.required(names))
    }

    /// A moment that may be missing.
    pub fn maybe_moment(&mut self, names: &[&'static str]) -> Option<i64> {
        let (name, value) = self.find(names)?;
        let read = match value {
            Json::String(text) => moment(name, text),
            _ => Err(Error::invalid(name, "must be an RFC 3339 time or a date")),
        };
        Some(match read {
            Ok(moment) => moment.as_millisecond(),
            Err(error) => {
                self.wrong.extend(error.fields.iter().map(|of| format!("{name} {}", of.message)));
                0
            }
        })
    }

    /// A whole number that counts as 0 when it is missing; of the object or, if that was
    /// opened, of the one inside.
    pub fn number(&mut self, name: &'static str) -> i64 {
        self.maybe_number(name).unwrap_or(0)
    }

    /// A whole number that may be missing.
    pub fn maybe_number(&mut self, name: &'static str) -> Option<i64> {
        self.known.push(name);
        let there = |all: &'a Map<String, Json>| all.get(name).filter(|value| !value.is_null());
        let value = self.inner.and_then(there).or_else(|| there(self.given))?;
        Some(whole(value).unwrap_or_else(|| self.is_wrong(name, "must be a whole number")))
    }

    /// An object under this name, in which numbers are looked for from here on.
    pub fn open(&mut self, name: &'static str) -> Option<&'a Map<String, Json>> {
        let (_, value) = self.find(&[name])?;
        self.inner = value.as_object();
        if self.inner.is_none() {
            self.is_wrong::<()>(name, "must be an object");
        }
        self.inner
    }

    /// Members that are known and not kept.
    pub fn beside(&mut self, names: &[&'static str]) {
        self.known.extend(names);
    }

    /// Tells what is wrong with a member.
    pub fn is_wrong<T: Default>(&mut self, name: &str, what: &str) -> T {
        self.wrong.push(format!("{name} {what}"));
        T::default()
    }

    fn required<T: Default>(&mut self, names: &[&'static str]) -> T {
        self.is_wrong(names.first().copied().unwrap_or_default(), "is required")
    }

    /// The record that was read, if nothing is wrong with it. `names` says how its members
    /// are called here; `strict`, that no others may be there.
    pub fn over<T>(
        mut self,
        record: T,
        check: impl FnOnce(&T) -> Result<()>,
        names: &[(&str, &str)],
        strict: bool,
    ) -> Result<T, Wrong> {
        if strict {
            let known = &self.known;
            let unknown = self.given.keys().filter(|name| !known.contains(&name.as_str()));
            self.wrong.extend(unknown.map(|name| format!("{name} is not known")));
        }
        if self.wrong.is_empty()
            && let Err(error) = check(&record)
        {
            let called = |field: &str| {
                let name = names.iter().find(|(own, _)| *own == field);
                name.map_or(field, |(_, name)| name).to_owned()
            };
            let told =
                error.fields.iter().map(|of| format!("{} {}", called(&of.field), of.message));
            self.wrong.extend(told);
        }
        self.wrong.truncate(MOST_WRONG);
        if self.wrong.is_empty() { Ok(record) } else { Err(self.wrong) }
    }
}

/// A number without a fraction.
fn whole(value: &Json) -> Option<i64> {
    let number = value.as_f64().filter(|number| number.fract() == 0.0)?;
    // Every whole number of this size is one that a float holds.
    let fits = number.abs() < 9_007_199_254_740_992.0;
    value.as_i64().or_else(|| fits.then(|| format!("{number:.0}").parse().ok()).flatten())
}
