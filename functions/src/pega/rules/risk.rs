//! How risky an event is: a sum of points, and how it came about.

use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::file::{Factor, RiskRule};
use crate::fill::{fill, in_sentence};
use crate::pega::envelope::truthy;

/// What was found of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::pega) struct Assessment {
    pub score: i64,
    /// The note that the case gets.
    pub alert: Option<String>,
    /// Whether a person must approve.
    pub must_decide: bool,
    /// How the score came about, if that is to be told.
    pub explained: Option<Explained>,
}

/// How a score came about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(in crate::pega) struct Explained {
    pub score: i64,
    /// The most that it can be.
    pub cap: Option<i64>,
    /// Above which score a note is sent.
    pub alert_above: Option<i64>,
    /// Above which score a person must approve.
    pub decide_above: Option<i64>,
    /// What made the event one to look at.
    pub because: Option<String>,
    /// What was counted.
    pub factors: Vec<Counted>,
}

/// A factor that was counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(in crate::pega) struct Counted {
    pub field: String,
    /// What the event said there.
    pub value: String,
    pub points: i64,
    /// In words, if the rule has some.
    pub reason: Option<String>,
}

impl RiskRule {
    /// The risk of an event; none when it is not of those to look at.
    pub fn assess(&self, payload: &Map<String, Value>) -> Option<Assessment> {
        let is_it = |field: &&String| {
            let value = payload.get(*field).and_then(Value::as_str);
            value.is_some_and(|value| self.values.iter().any(|known| known == value))
        };
        let because = self.fields.iter().find(is_it);
        if because.is_none() && !self.fields.is_empty() {
            return None;
        }
        let factors: Vec<&Factor> = self.factors.iter().filter(|f| f.holds(payload)).collect();
        let sum = factors.iter().fold(0, |sum: i64, factor| sum.saturating_add(factor.points));
        let score = sum.clamp(0, self.cap.unwrap_or(i64::MAX));
        let above = |limit: Option<i64>| limit.is_some_and(|limit| score > limit);
        let alert = self.alert.as_ref().filter(|_| above(self.alert_above));
        let explained = self.explain.then(|| Explained {
            score,
            cap: self.cap,
            alert_above: self.alert_above,
            decide_above: self.decide_above,
            because: because.map(|f| format!("{f} is {}", in_sentence(payload.get(f)))),
            factors: factors.iter().map(|factor| factor.counted(payload)).collect(),
        });
        Some(Assessment {
            score,
            alert: alert.map(|alert| fill(alert, payload)),
            must_decide: above(self.decide_above),
            explained,
        })
    }
}

impl Factor {
    fn holds(&self, payload: &Map<String, Value>) -> bool {
        let value = payload.get(&self.field);
        if let Some(wanted) = &self.equals {
            return value == Some(wanted);
        }
        if let Some(wanted) = &self.any_of {
            return value.is_some_and(|value| wanted.contains(value));
        }
        if self.at_least.is_none() && self.at_most.is_none() {
            return truthy(value);
        }
        let number = value.and_then(|value| match value {
            Value::String(text) => text.trim().parse().ok(),
            other => other.as_f64(),
        });
        number.is_some_and(|number| {
            self.at_least.is_none_or(|least| number >= least)
                && self.at_most.is_none_or(|most| number <= most)
        })
    }

    fn counted(&self, payload: &Map<String, Value>) -> Counted {
        Counted {
            field: self.field.clone(),
            value: in_sentence(payload.get(&self.field)),
            points: self.points,
            reason: self.reason.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use anyhow::Context;
    use serde_json::json;

    use super::*;
    use crate::pega::rules::file::Rules;
    use crate::rule_book::Rules as _;

    fn assess(rule: &str, payload: Value) -> anyhow::Result<Option<Assessment>> {
        let rules = Rules::parse(&format!("[events.x.risk]\n{rule}"))?;
        let rule = rules.events["x"].risk.clone().context("a rule")?;
        let Value::Object(payload) = payload else { anyhow::bail!("no object") };
        Ok(rule.assess(&payload))
    }

    fn check(factor: &str, payload: Value, score: i64) -> anyhow::Result<()> {
        let told = format!("{factor} of {payload}");
        let found = assess(&format!("factors = [{{ {factor}, points = 5 }}]"), payload)?;
        assert_eq!(found.context("a score")?.score, score, "{told}");
        Ok(())
    }

    #[test]
    fn a_factor_counts_when_what_it_asks_for_holds() -> anyhow::Result<()> {
        check(r#"field = "f""#, json!({"f": "false"}), 5)?;
        check(r#"field = "f""#, json!({"f": 0}), 0)?;
        check(r#"field = "f""#, json!({}), 0)?;
        check(r#"field = "f", equals = "Legal""#, json!({"f": "Legal"}), 5)?;
        check(r#"field = "f", equals = "Legal""#, json!({"f": "legal"}), 0)?;
        check(r#"field = "f", any_of = ["a", 3]"#, json!({"f": 3}), 5)?;
        check(r#"field = "f", any_of = ["a", 3]"#, json!({"f": "3"}), 0)?;
        check(r#"field = "f", at_most = 1"#, json!({"f": 1}), 5)?;
        check(r#"field = "f", at_most = 1"#, json!({"f": " 0.5 "}), 5)?;
        check(r#"field = "f", at_least = 1, at_most = 3"#, json!({"f": 4}), 0)?;
        check(r#"field = "f", at_least = 1"#, json!({"f": "many"}), 0)?;
        check(r#"field = "f", at_least = 1"#, json!({}), 0)
    }

    #[test]
    fn a_score_explains_itself() -> anyhow::Result<()> {
        let rule = r#"
            fields = ["to"]
            values = ["Legal"]
            cap = 9
            decide_above = 8
            explain = true
            factors = [
              { field = "admin", points = 7, reason = "may change everything" },
              { field = "days", at_most = 30, points = 4 },
              { field = "trained", points = -1 },
              { field = "other", points = 3 },
            ]"#;
        let payload = json!({"to": "Legal", "admin": true, "days": 3, "trained": "yes"});
        let found = assess(rule, payload)?.context("a score")?;
        let explained = found.explained.context("an explanation")?;
        assert_eq!((found.score, found.must_decide, found.alert), (9, true, None));
        assert_eq!(explained.because.as_deref(), Some("to is Legal"));
        let factors: Vec<_> =
            explained.factors.iter().map(|f| (&*f.field, &*f.value, f.points)).collect();
        assert_eq!(factors, [("admin", "True", 7), ("days", "3", 4), ("trained", "yes", -1)]);
        assert_eq!(explained.factors[0].reason.as_deref(), Some("may change everything"));
        assert_eq!(assess(rule, json!({"to": "Sales", "admin": true}))?, None);
        assert_eq!(assess(rule, json!({"to": "Legal", "trained": 1}))?.context("none")?.score, 0);
        Ok(())
    }
}
