//! Validation of one field's value.

use regex::{Regex, RegexBuilder};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use utoipa::ToSchema;

use super::transform::{is_readable, read};

/// The longest pattern and date format, in bytes, and the largest that a pattern may
/// become when it is made ready.
const LONGEST: usize = 512;
const LARGEST: usize = 256 * 1024;
/// The most values that one may be of.
const VALUES: usize = 1000;

/// What a field's value must be. A value that is missing or null is only ever refused by
/// `required`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Validation {
    /// Whether there must be one.
    pub(super) required: bool,
    /// Its type.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    kind: Option<ValueType>,
    /// The least number.
    #[serde(alias = "min_value", skip_serializing_if = "Option::is_none")]
    min: Option<f64>,
    /// The greatest number.
    #[serde(alias = "max_value", skip_serializing_if = "Option::is_none")]
    max: Option<f64>,
    /// The least length of a text, in characters, or of an array.
    #[serde(skip_serializing_if = "Option::is_none")]
    min_length: Option<u32>,
    /// The greatest length of a text, in characters, or of an array.
    #[serde(skip_serializing_if = "Option::is_none")]
    max_length: Option<u32>,
    /// A regular expression that its text must match somewhere. It is matched in time that
    /// grows with the text's length and no faster: it knows no look-around and no
    /// back-references.
    #[serde(skip_serializing_if = "Option::is_none")]
    pattern: Option<String>,
    /// The values that it may have.
    #[serde(rename = "enum", skip_serializing_if = "Option::is_none")]
    one_of: Option<Vec<Json>>,
    /// The format (of strftime) of the date that it must be.
    #[serde(skip_serializing_if = "Option::is_none")]
    date: Option<String>,
}

/// Types of values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ValueType {
    /// A text.
    String,
    /// Any number.
    Number,
    /// A number without decimals.
    Integer,
    /// `true` or `false`.
    Boolean,
    /// An object.
    Object,
    /// An array.
    Array,
}

/// A validation that is ready to be used.
pub(super) struct Check {
    rule: Validation,
    pattern: Option<Regex>,
}

impl Validation {
    /// Makes it ready.
    ///
    /// # Errors
    /// The member that is wrong, and why.
    pub(super) fn ready(&self) -> Result<Check, (&'static str, &'static str)> {
        if self.min.zip(self.max).is_some_and(|(min, max)| min > max) {
            return Err(("max", "must not be less than min"));
        }
        if self.min_length.zip(self.max_length).is_some_and(|(min, max)| min > max) {
            return Err(("max_length", "must not be less than min_length"));
        }
        if self.one_of.as_ref().is_some_and(|values| !(1..=VALUES).contains(&values.len())) {
            return Err(("enum", "must be 1 to 1000 values"));
        }
        let is_bad = |format: &String| format.len() > LONGEST || !is_readable(format);
        if self.date.as_ref().is_some_and(is_bad) {
            return Err(("date", "must be a format that a date can be read from"));
        }
        let compiled = self.pattern.as_deref().map(compile).transpose();
        let pattern = compiled.map_err(|why| ("pattern", why))?;
        Ok(Check { rule: self.clone(), pattern })
    }
}

fn compile(pattern: &str) -> Result<Regex, &'static str> {
    if pattern.len() > LONGEST {
        return Err("must have at most 512 characters");
    }
    let builder = &mut RegexBuilder::new(pattern);
    let built = builder.size_limit(LARGEST).dfa_size_limit(LARGEST).nest_limit(50).build();
    built.map_err(|_| "must be a regular expression, without look-around and back-references")
}

impl Check {
    /// What is wrong with a value.
    pub fn faults(&self, value: &Json) -> Vec<String> {
        let rule = &self.rule;
        if value.is_null() {
            return if rule.required { vec!["is required".to_owned()] } else { Vec::new() };
        }
        let mut faults = Vec::new();
        if let Some(kind) = rule.kind.filter(|kind| !kind.is_of(value)) {
            faults.push(format!("must be of type {}", kind.name()));
        }
        self.check_number(value, &mut faults);
        self.check_length(value, &mut faults);
        let text = value.as_str();
        if let Some(pattern) = &self.pattern
            && !text.is_some_and(|text| pattern.is_match(text))
        {
            faults.push("must match the pattern".to_owned());
        }
        if let Some(values) = &rule.one_of
            && !values.contains(value)
        {
            faults.push("must be one of the values listed".to_owned());
        }
        let is_date = |format: &str| text.is_some_and(|text| read(text, format).is_ok());
        if rule.date.as_deref().is_some_and(|format| !is_date(format)) {
            faults.push("must be a date in the given format".to_owned());
        }
        faults
    }

    fn check_number(&self, value: &Json, faults: &mut Vec<String>) {
        let number = value.as_f64();
        for (bound, fits, word) in [
            (self.rule.min, number >= self.rule.min, ">="),
            (self.rule.max, number <= self.rule.max, "<="),
        ] {
            if let Some(bound) = bound.filter(|_| number.is_none() || !fits) {
                faults.push(format!("must be {word} {bound}"));
            }
        }
    }

    fn check_length(&self, value: &Json, faults: &mut Vec<String>) {
        let length = match value {
            Json::String(text) => text.chars().count(),
            Json::Array(members) => members.len(),
            _ => return,
        };
        let length = u32::try_from(length).unwrap_or(u32::MAX);
        if let Some(least) = self.rule.min_length.filter(|least| length < *least) {
            faults.push(format!("must have a length of at least {least}"));
        }
        if let Some(most) = self.rule.max_length.filter(|most| length > *most) {
            faults.push(format!("must have a length of at most {most}"));
        }
    }
}

impl ValueType {
    fn is_of(self, value: &Json) -> bool {
        match self {
            Self::String => value.is_string(),
            Self::Number => value.is_number(),
            Self::Integer => value.as_f64().is_some_and(|number| number.fract() == 0.0),
            Self::Boolean => value.is_boolean(),
            Self::Object => value.is_object(),
            Self::Array => value.is_array(),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Number => "number",
            Self::Integer => "integer",
            Self::Boolean => "boolean",
            Self::Object => "object",
            Self::Array => "array",
        }
    }
}

#[cfg(test)]
mod tests {
    use anyhow::Context;
    use serde_json::json;

    use super::*;

    fn check(rule: Json, good: &[Json], bad: &[Json]) -> anyhow::Result<()> {
        let rule: Validation = serde_json::from_value(rule)?;
        let ready = rule.ready().map_err(|(at, why)| anyhow::anyhow!("{at} {why}"))?;
        for value in good {
            assert_eq!(ready.faults(value), [""; 0], "{rule:?} {value}");
        }
        for value in bad {
            assert!(!ready.faults(value).is_empty(), "{rule:?} {value}");
        }
        Ok(())
    }

    #[test]
    fn values_are_held_to_their_rules() -> anyhow::Result<()> {
        let text = json!("text");
        check(json!({"required": true}), &[json!(0), json!("")], &[json!(null)])?;
        check(json!({"type": "string"}), &[text.clone(), json!(null)], &[json!(1), json!([])])?;
        check(json!({"type": "integer"}), &[json!(1), json!(2.0)], &[json!(1.5), text.clone()])?;
        check(json!({"type": "number"}), &[json!(1.5)], &[text.clone(), json!(true)])?;
        check(json!({"type": "boolean"}), &[json!(false)], &[json!(0)])?;
        check(json!({"type": "object"}), &[json!({})], &[json!([])])?;
        check(json!({"min": 1, "max": 3}), &[json!(1), json!(3)], &[json!(0.9), json!(4), text])?;
        check(json!({"min_value": 1}), &[json!(1)], &[json!(0)])?;
        check(
            json!({"min_length": 2, "max_length": 3}),
            &[json!("äö"), json!([1, 2, 3]), json!(7)],
            &[json!("a"), json!("abcd"), json!([])],
        )?;
        check(json!({"pattern": "^[A-Z]{2}$"}), &[json!("AB")], &[json!("ABC"), json!(12)])?;
        check(json!({"enum": ["a", 1]}), &[json!("a"), json!(1)], &[json!("b"), json!("1")])?;
        check(
            json!({"date": "%d.%m.%Y"}),
            &[json!("29.02.2024")],
            &[json!("29.02.2023"), json!("2024-02-29"), json!(5)],
        )
    }

    #[test]
    fn a_rule_that_cannot_hold_is_refused_and_named() -> anyhow::Result<()> {
        for (rule, member) in [
            (json!({"min": 2, "max": 1}), "max"),
            (json!({"min_length": 2, "max_length": 1}), "max_length"),
            (json!({"enum": []}), "enum"),
            (json!({"pattern": "("}), "pattern"),
            (json!({"pattern": "(?=a)"}), "pattern"),
            (json!({"pattern": "(a{1000}){1000}"}), "pattern"),
            (json!({"pattern": "a".repeat(513)}), "pattern"),
            (json!({"date": "%Q!"}), "date"),
        ] {
            let rule: Validation = serde_json::from_value(rule.clone())?;
            let refused = rule.ready().err().with_context(|| member.to_owned())?;
            assert_eq!(refused.0, member, "{rule:?}");
        }
        Ok(())
    }

    /// Where engines that backtrack take years.
    #[test]
    fn no_pattern_takes_long() -> anyhow::Result<()> {
        let text = json!(format!("{}!", "a".repeat(50_000)));
        check(json!({"pattern": "^(a+)+$"}), &[], std::slice::from_ref(&text))
    }
}
