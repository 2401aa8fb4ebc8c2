//! A caller's own rules, one for each member that they name.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value as Json};
use shared::error::{Error, Result};
use utoipa::ToSchema;

/// The most rules of a request.
const MOST: usize = 100;
/// The longest name of a member, in bytes.
const LONGEST: usize = 128;

/// Rules by the names of members; `metrics.aht` is a member of a member.
pub type Rules = BTreeMap<String, ValidationRule>;

/// What a member has to be. Without `required` it may be missing.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ValidationRule {
    /// Whether it must be there.
    #[serde(default)]
    required: bool,
    /// The least that it may be.
    min_value: Option<f64>,
    /// The most that it may be.
    max_value: Option<f64>,
}

/// That rules can be obeyed.
///
/// # Errors
/// `Invalid`, naming the rule.
pub fn check(rules: Option<&Rules>) -> Result<()> {
    let Some(rules) = rules else { return Ok(()) };
    if rules.len() > MOST {
        return Err(Error::invalid("validation_rules", format!("must be at most {MOST} rules")));
    }
    for (name, rule) in rules {
        let field = format!("validation_rules.{name}");
        if name.is_empty() || name.len() > LONGEST {
            return Err(Error::invalid("validation_rules", "must have names of 1 to 128 bytes"));
        }
        if let (Some(least), Some(most)) = (rule.min_value, rule.max_value)
            && least > most
        {
            return Err(Error::invalid(&field, "must not have a min_value above its max_value"));
        }
    }
    Ok(())
}

/// What a record is not by these rules, in the contract's words.
pub fn broken(rules: &Rules, record: &Map<String, Json>) -> Vec<String> {
    rules.iter().flat_map(|(name, rule)| rule.broken(name, member(record, name))).collect()
}

/// A member of a record, or of a member of it; null is as good as none.
fn member<'a>(record: &'a Map<String, Json>, name: &str) -> Option<&'a Json> {
    let whole = record.get(name).or_else(|| {
        let (outer, inner) = name.split_once('.')?;
        member(record.get(outer)?.as_object()?, inner)
    });
    whole.filter(|value| !value.is_null())
}

impl ValidationRule {
    fn broken(&self, name: &str, value: Option<&Json>) -> Vec<String> {
        let is_missing = value.is_none_or(|value| value.as_str() == Some(""));
        if is_missing && self.required {
            return vec![format!("{name} is required")];
        }
        let Some(value) = value.filter(|_| !is_missing) else { return Vec::new() };
        let limits = [self.min_value.map(|least| (">=", least)), self.max_value.map(|m| ("<=", m))];
        let limits = limits.into_iter().flatten();
        let Some(number) = value.as_f64() else {
            return limits.take(1).map(|_| format!("{name} must be a number")).collect();
        };
        let broken = limits.filter(|(how, limit)| match *how {
            ">=" => number < *limit,
            _ => number > *limit,
        });
        broken.map(|(how, limit)| format!("{name} must be {how} {limit}")).collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check_one(rule: Json, record: Json, expected: &[&str]) -> anyhow::Result<()> {
        let rules: Rules = serde_json::from_value(json!({ "aht": rule, "metrics.n": rule }))?;
        let record: Map<String, Json> = serde_json::from_value(record)?;
        assert_eq!(broken(&rules, &record), expected, "{record:?}");
        Ok(())
    }

    #[test]
    fn rules_speak_as_the_contract_does() -> anyhow::Result<()> {
        let range = || json!({ "min_value": 0, "max_value": 1.5 });
        let both = |value: Json| json!({ "aht": value, "metrics": { "n": value } });
        for value in [json!(0), json!(1.5), Json::Null] {
            check_one(range(), both(value), &[])?;
        }
        check_one(range(), json!({}), &[])?;
        check_one(range(), both(json!(-1)), &["aht must be >= 0", "metrics.n must be >= 0"])?;
        check_one(range(), both(json!(2)), &["aht must be <= 1.5", "metrics.n must be <= 1.5"])?;
        check_one(range(), json!({ "aht": "1" }), &["aht must be a number"])?;
        let needed = || json!({ "required": true, "min_value": 1 });
        check_one(needed(), json!({ "aht": "" }), &["aht is required", "metrics.n is required"])?;
        check_one(needed(), both(json!(0)), &["aht must be >= 1", "metrics.n must be >= 1"])?;
        check_one(json!({ "required": true }), both(json!("x")), &[])
    }
}
