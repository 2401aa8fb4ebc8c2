//! The form of the file (TOML). Members that it does not know are refused, so that a
//! misspelt one is not overlooked.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use shared::error::Result;

use super::check;
use crate::outlets::{Call, Notice, Webhook};
use crate::rule_book;

/// The rules that hold where nobody said otherwise.
pub(in crate::pega) const DEFAULT: &str = include_str!("default.toml");

/// A whole file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::pega) struct Rules {
    /// What follows from each type of event.
    #[serde(default)]
    pub events: BTreeMap<String, Rule>,
}

/// What follows from events of one type.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::pega) struct Rule {
    /// What the result tells beside what was done, in order.
    #[serde(default)]
    pub facts: Vec<Fact>,
    #[serde(default)]
    pub risk: Option<RiskRule>,
    #[serde(default)]
    pub steps: Vec<Step>,
}

/// A member of the result.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::pega) struct Fact {
    pub name: String,
    /// A text in which `{field}` is filled in; alone, it is that value itself.
    pub value: Value,
}

/// How risky events of a type are.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::pega) struct RiskRule {
    /// Only when one of these fields is one of `values`; always, when there are none.
    #[serde(default)]
    pub fields: Vec<String>,
    #[serde(default)]
    pub values: Vec<String>,
    pub factors: Vec<Factor>,
    #[serde(default)]
    pub cap: Option<i64>,
    /// Above this score the case gets the note `alert`.
    #[serde(default)]
    pub alert_above: Option<i64>,
    #[serde(default)]
    pub alert: Option<String>,
    /// Above this score a person must approve.
    #[serde(default)]
    pub decide_above: Option<i64>,
    /// Whether the result says how the score came about.
    #[serde(default)]
    pub explain: bool,
}

/// What adds to a score.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::pega) struct Factor {
    pub field: String,
    pub points: i64,
    #[serde(default)]
    pub equals: Option<Value>,
    #[serde(default)]
    pub any_of: Option<Vec<Value>>,
    #[serde(default)]
    pub at_least: Option<f64>,
    #[serde(default)]
    pub at_most: Option<f64>,
    /// In words, for people.
    #[serde(default)]
    pub reason: Option<String>,
}

/// One thing that is to be done.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::pega) struct Step {
    pub name: String,
    /// In words, before it is done.
    pub to_do: String,
    /// In words, once it is done.
    pub done: String,
    /// Who does it; nobody we know, if there is none.
    #[serde(default)]
    pub effect: Option<Effect>,
}

/// Who does a step.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(untagged)]
pub(in crate::pega) enum Effect {
    /// A checklist of our own is made.
    Checklist(ListOfItems),
    /// A webhook is told.
    Webhook(Webhook),
    /// People are told.
    Notice(Notice),
    /// A system behind a connection is called.
    Call(Call),
}

/// A checklist that is made.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::pega) struct ListOfItems {
    #[serde(rename = "checklist")]
    pub name: String,
    pub items: Vec<String>,
}

impl Effect {
    /// What kind it is, as its first member is called.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Checklist(_) => "checklist",
            Self::Webhook(_) => "webhook",
            Self::Notice(_) => "notify",
            Self::Call(_) => "connection",
        }
    }
}

impl rule_book::Rules for Rules {
    const FILE_VARIABLE: &'static str = "PEGA_RULES_FILE";
    const DEFAULT: &'static str = DEFAULT;
    const TABLE: &'static str = "EVENTS_TABLE";
    const SUBJECT: &'static str = "pega-rules";
    const KIND: &'static str = "RULES";

    fn parse(text: &str) -> Result<Self> {
        let rules: Self = rule_book::read(text)?;
        check::rules(&rules)?;
        Ok(rules)
    }
}
