//! The form of the file (TOML). Members that it does not know are refused, so that a
//! misspelt one is not overlooked.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use shared::error::Result;

use super::check::check;
use crate::outlets::{Call, Notice, Webhook};
use crate::rule_book::{self, Rules};
use crate::support::calendar::Calendar;
use crate::support::people::ApprovalRule;
use crate::support::tickets::Priority;
use crate::support::workflow::{Actor, Verdict};

/// A whole file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policies {
    /// A person looks at what is less sure than this, 0 to 1.
    #[serde(default = "threshold")]
    pub confidence_threshold: f64,
    /// Who is asked when nobody answers in time, one after the other.
    #[serde(default)]
    pub escalation: Vec<String>,
    /// In which part of their time people are reminded, 0 to 1.
    #[serde(default = "half")]
    pub remind_after: f64,
    /// How much time people have.
    #[serde(default)]
    pub due_hours: DueHours,
    /// Business hours, if time passes in those alone.
    #[serde(default)]
    pub calendar: Option<Calendar>,
    /// The language model that is asked, if one is.
    #[serde(default)]
    pub model: Option<Model>,
    /// In their order; the first that applies decides.
    pub policies: Vec<Policy>,
}

/// How much time people have, in hours, by how much a ticket matters.
/// Source of what holds when they are not given: the IT support service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DueHours {
    pub urgent: u32,
    pub high: u32,
    pub medium: u32,
    pub low: u32,
}

/// When an answer is due. Milliseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// Those who are higher up are asked then.
    pub at: i64,
    /// Whoever is asked is reminded then.
    pub remind_at: i64,
}

/// A language model behind a connection, asked by the OpenAI chat protocol.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// The connection's id. Its address is what comes before `/chat/completions`, and its
    /// credentials hold the key.
    pub connection: String,
    /// What the other side calls the model.
    pub model: String,
    /// How long it may think, in seconds, 1 to 60.
    #[serde(default = "patience")]
    pub timeout_seconds: u64,
}

/// What is done with requests of a kind.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    pub id: String,
    pub title: String,
    /// The policy itself, as people read it, and as it is cited.
    pub text: String,
    /// It applies to requests whose type has one of these in it, whatever the case; to all
    /// that no other applies to, when there are none.
    #[serde(default)]
    pub applies_to: Vec<String>,
    /// Words in a request that it has to do with.
    #[serde(default)]
    pub words: Vec<String>,
    pub decision: Verdict,
    /// How sure that is, 0 to 1.
    pub confidence: f64,
    /// What a request must have, beside what every request has.
    #[serde(default)]
    pub required_fields: Vec<String>,
    #[serde(default)]
    pub approval: Approval,
    /// What is done.
    #[serde(default)]
    pub steps: Vec<StepRule>,
}

/// Who approves.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Approval {
    pub rule: ApprovalRule,
    /// Whoever is allowed to approve, when it is nobody.
    pub approvers: Vec<String>,
}

/// One thing that is done.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepRule {
    pub id: String,
    /// In words, with `{field}` filled in.
    pub description: String,
    pub actor: Actor,
    /// How long it takes, in minutes.
    #[serde(default)]
    pub minutes: u32,
    /// The steps that must be done before, by their ids.
    #[serde(default)]
    pub after: Vec<String>,
    /// Who does it when it cannot be done so.
    #[serde(default = "employee")]
    pub fallback: Actor,
    /// How it is done without a person; instructions for the employee, if it is not.
    #[serde(default)]
    pub effect: Option<Effect>,
}

/// How a step is done without a person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Effect {
    /// A case in Pega gets a note.
    PegaNote(PegaNote),
    /// A case in Pega is opened.
    PegaCase(PegaCase),
    /// A webhook is told.
    Webhook(Webhook),
    /// People are told.
    Notice(Notice),
    /// A system behind a connection is called.
    Call(Call),
}

/// A note on a case in Pega.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PegaNote {
    /// The case's id, with `{field}` filled in.
    #[serde(rename = "pega_note")]
    pub case_id: String,
    /// The note, with `{field}` filled in.
    pub text: String,
}

/// A case that is opened in Pega.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PegaCase {
    /// The case type's id.
    #[serde(rename = "pega_case")]
    pub case_type: String,
    /// Its content, with `{field}` filled in.
    #[serde(default)]
    pub content: Map<String, Json>,
}

fn threshold() -> f64 {
    0.6
}

fn half() -> f64 {
    0.5
}

fn patience() -> u64 {
    20
}

fn employee() -> Actor {
    Actor::Employee
}

impl Default for DueHours {
    fn default() -> Self {
        Self { urgent: 1, high: 4, medium: 8, low: 24 }
    }
}

impl DueHours {
    /// How much time people of a ticket that matters so much have, in milliseconds.
    pub fn of(self, priority: Priority) -> i64 {
        let hours = match priority {
            Priority::Urgent => self.urgent,
            Priority::High => self.high,
            Priority::Medium => self.medium,
            Priority::Low => self.low,
        };
        i64::from(hours) * 3_600_000
    }
}

impl Rules for Policies {
    const FILE_VARIABLE: &'static str = "SUPPORT_POLICIES_FILE";
    const DEFAULT: &'static str = include_str!("default.toml");
    const TABLE: &'static str = "TICKETS_TABLE";
    const SUBJECT: &'static str = "support-policies";
    const KIND: &'static str = "POLICIES";

    fn parse(text: &str) -> Result<Self> {
        let policies: Self = rule_book::read(text)?;
        check(&policies)?;
        Ok(policies)
    }
}

impl Policies {
    /// The policy that decides about requests of this type.
    pub fn deciding(&self, request_type: &str) -> Option<&Policy> {
        let kind = request_type.to_lowercase();
        let applies = |policy: &&Policy| {
            policy.applies_to.iter().any(|part| kind.contains(&part.to_lowercase()))
        };
        let usual = || self.policies.iter().find(|policy| policy.applies_to.is_empty());
        self.policies.iter().find(applies).or_else(usual)
    }

    /// The policy of this id.
    pub fn policy(&self, id: &str) -> Option<&Policy> {
        self.policies.iter().find(|policy| policy.id == id)
    }

    /// When those who are asked at `now` must have answered.
    pub fn due(&self, priority: Priority, now: i64) -> Due {
        let whole = self.due_hours.of(priority);
        #[expect(clippy::cast_possible_truncation, reason = "a part of some hours")]
        let part = (whole as f64 * self.remind_after) as i64;
        match &self.calendar {
            Some(calendar) => {
                Due { at: calendar.after(now, whole), remind_at: calendar.after(now, part) }
            }
            None => Due { at: now + whole, remind_at: now + part },
        }
    }
}
