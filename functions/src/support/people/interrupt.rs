//! What a ticket waits for: a question to somebody, or an approval by one or several, and
//! what their answers make of it. Pure.
//! Source of the kinds of questions: the IT support service; of the rules of approval: what
//! Jira Service Management and ServiceNow have.

use serde::{Deserialize, Serialize};
use shared::error::{Error, Kind, Result};
use shared::ids;
use utoipa::ToSchema;

use crate::support::policies::Due;

/// Who of those that are asked must approve.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ApprovalRule {
    /// Any one: the first yes is enough, and it is denied once nobody is left to say it.
    #[default]
    AnyOne,
    /// So many of them.
    AtLeast(usize),
    /// All of them.
    All,
    /// All of them, one after the other.
    Sequence,
}

/// What kind of answer is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum QuestionType {
    /// Whether what is asked for may be done.
    ApprovalDecision,
    /// Whether the policies were understood rightly.
    ClassificationReview,
    /// What is missing to decide.
    PolicyInterpretation,
    /// That somebody has done something.
    TaskConfirmation,
}

/// What the answer is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum About {
    /// The ticket as a whole.
    Ticket,
    /// These values, which are missing.
    Fields(Vec<String>),
    /// These steps of the plan, by their ids.
    Steps(Vec<String>),
}

/// What a ticket waits for. Moments are milliseconds since 1970.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interrupt {
    /// What it is known by: `hil_q_` and eight hexadecimal digits.
    pub id: String,
    pub question_type: QuestionType,
    pub about: About,
    /// In words.
    pub question: String,
    /// What can be answered, as callers know it.
    pub options: Vec<String>,
    /// Whose work it is, for people: a role, or an employee's id.
    pub assignee: String,
    /// Who may answer; whoever is allowed to approve, when it is nobody.
    pub approvers: Vec<String>,
    pub rule: ApprovalRule,
    /// What was answered so far.
    pub votes: Vec<Vote>,
    pub asked_at: i64,
    /// When they are reminded.
    pub remind_at: i64,
    /// When those who are higher up are asked.
    pub due_at: i64,
    /// Those who are asked one after the other when nobody answers.
    pub ladder: Vec<String>,
    /// How many of those were asked.
    pub level: usize,
}

/// One answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vote {
    /// Who answered.
    pub by: String,
    /// For whom, if for somebody else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instead_of: Option<String>,
    pub approval: bool,
    pub answer: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comments: Option<String>,
    pub at: i64,
}

/// A decision of people, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decided {
    /// The interrupt that it ended.
    pub interrupt: String,
    pub question_type: QuestionType,
    /// In which round of its workflow.
    #[serde(default)]
    pub round: u32,
    pub approved: bool,
    /// Every answer that led to it.
    pub votes: Vec<Vote>,
    pub at: i64,
}

/// What the answers make of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// More are needed.
    Open,
    /// Yes.
    Approved,
    /// No.
    Denied,
}

impl QuestionType {
    /// Whether it is an approval, which nobody gives for himself.
    pub fn is_approval(self) -> bool {
        matches!(self, Self::ApprovalDecision | Self::ClassificationReview)
    }

    /// What can be answered.
    pub fn options(self) -> Vec<String> {
        let options: &[&str] = match self {
            Self::ApprovalDecision => &["approve", "deny"],
            Self::ClassificationReview => &["confirm", "modify", "escalate"],
            Self::PolicyInterpretation => &["clarify", "exception", "deny"],
            Self::TaskConfirmation => &["done", "escalate"],
        };
        options.iter().map(|option| (*option).to_owned()).collect()
    }
}

impl Interrupt {
    /// A new id.
    pub fn new_id() -> String {
        format!("hil_q_{}", &ids::unique()[..8])
    }

    /// Whether this person is among those who are asked.
    pub fn asks(&self, person: &str) -> bool {
        self.approvers.is_empty()
            || self.approvers.iter().any(|asked| asked == person)
            || self.is_above(person)
    }

    /// Whether a question, which is the employee's if it is nobody else's, is put to this
    /// person by name.
    pub fn is_to(&self, person: &str, employee: &str) -> bool {
        let is_own = !self.question_type.is_approval() && person == employee;
        is_own || self.approvers.iter().any(|asked| asked == person) || self.is_above(person)
    }

    /// Whether this person was asked as nobody else answered, and decides alone.
    fn is_above(&self, person: &str) -> bool {
        self.ladder[..self.level].iter().any(|asked| asked == person)
    }

    /// Whether it is this person's turn, who has not answered yet.
    pub fn awaits(&self, person: &str) -> bool {
        let in_turn = match self.rule {
            ApprovalRule::Sequence => self.approvers.get(self.votes.len()),
            _ => None,
        };
        in_turn.is_none_or(|next| next == person)
            && self.votes.iter().all(|vote| vote.of() != person)
    }

    /// How many must approve.
    pub fn needed(&self) -> usize {
        match self.rule {
            ApprovalRule::AnyOne => 1,
            ApprovalRule::AtLeast(many) if self.approvers.is_empty() => many,
            ApprovalRule::AtLeast(many) => many.min(self.approvers.len()),
            ApprovalRule::All | ApprovalRule::Sequence => self.approvers.len().max(1),
        }
    }

    /// Takes an answer, by somebody who may answer.
    ///
    /// # Errors
    /// `Conflict` when they answered before, or it is not their turn.
    pub fn take(&mut self, vote: Vote) -> Result<Outcome> {
        if !self.question_type.is_approval() {
            return Ok(self.take_word(vote));
        }
        let of = vote.of();
        let same = |before: &&Vote| before.of() == of || before.by == vote.by;
        if let Some(before) = self.votes.iter().find(same) {
            let told = format!("{of} has answered already, by {}", before.by);
            return Err(Error::new(Kind::Conflict, told));
        }
        let (is_above, approved) = (self.is_above(of), vote.approval);
        let next = self.approvers.get(self.votes.len()).filter(|next| *next != of && !is_above);
        if let Some(next) = next.filter(|_| self.rule == ApprovalRule::Sequence) {
            return Err(Error::new(Kind::Conflict, format!("{next} is to answer first")));
        }
        self.votes.push(vote);
        Ok(match (is_above, approved) {
            (false, _) => self.outcome(),
            (true, true) => Outcome::Approved,
            (true, false) => Outcome::Denied,
        })
    }

    /// Takes an answer to a question: what somebody said last counts.
    fn take_word(&mut self, vote: Vote) -> Outcome {
        let outcome = if vote.approval { Outcome::Approved } else { Outcome::Denied };
        self.votes.retain(|before| before.by != vote.by);
        self.votes.push(vote);
        outcome
    }

    /// What the answers so far make of it.
    fn outcome(&self) -> Outcome {
        let yes = self.votes.iter().filter(|vote| vote.approval).count();
        let no = self.votes.len() - yes;
        let asked = self.approvers.len().max(1);
        let needed = self.needed();
        let of_no_list = self.approvers.is_empty();
        if yes >= needed {
            Outcome::Approved
        } else if no > 0 && (of_no_list || asked.saturating_sub(no) < needed) {
            Outcome::Denied
        } else {
            Outcome::Open
        }
    }

    /// The same question to others, from the beginning.
    pub fn to_others(&self, approvers: &[String], due: Due, now: i64) -> Self {
        Self {
            id: Self::new_id(),
            assignee: approvers.first().cloned().unwrap_or_default(),
            approvers: approvers.to_vec(),
            votes: Vec::new(),
            asked_at: now,
            remind_at: due.remind_at,
            due_at: due.at,
            level: 0,
            ..self.clone()
        }
    }

    /// Asks the next one who is higher up; none when nobody is left.
    pub fn escalate(&mut self, due_at: i64) -> Option<String> {
        let next = self.ladder.get(self.level)?.clone();
        self.assignee.clone_from(&next);
        self.level += 1;
        self.due_at = due_at;
        Some(next)
    }
}

impl Vote {
    /// Whose answer it is.
    pub fn of(&self) -> &String {
        self.instead_of.as_ref().unwrap_or(&self.by)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(rule: ApprovalRule, approvers: &[&str]) -> Interrupt {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Interrupt {
            id: "hil_q_00000000".to_owned(),
            question_type: QuestionType::ApprovalDecision,
            about: About::Ticket,
            question: String::new(),
            options: Vec::new(),
            assignee: String::new(),
            approvers: names(approvers),
            rule,
            votes: Vec::new(),
            asked_at: 0,
            remind_at: 0,
            due_at: 0,
            ladder: names(&["supervisor", "manager"]),
            level: 0,
        }
    }

    fn vote(text: &str) -> Vote {
        let (by, approval) = text.split_once(' ').unwrap_or((text, "yes"));
        let (by, of) = by.split_once('/').map_or((by, None), |(by, of)| (by, Some(of.to_owned())));
        Vote {
            by: by.to_owned(),
            instead_of: of,
            approval: approval == "yes",
            answer: String::new(),
            comments: None,
            at: 0,
        }
    }

    /// The outcome of each answer; `None` where it is refused.
    fn check(rule: ApprovalRule, of: &[&str], votes: &[&str], expected: &[Option<Outcome>]) {
        let mut interrupt = asked(rule, of);
        let outcomes: Vec<_> = votes.iter().map(|text| interrupt.take(vote(text)).ok()).collect();
        assert_eq!(outcomes, expected, "{rule:?} of {of:?}: {votes:?}");
    }

    #[test]
    fn each_rule_ends_as_soon_as_its_end_is_sure() {
        use ApprovalRule::{All, AnyOne, AtLeast, Sequence};
        use Outcome::{Approved, Denied, Open};
        let (open, yes, no) = (Some(Open), Some(Approved), Some(Denied));
        check(AnyOne, &[], &["a"], &[yes]);
        check(AnyOne, &["a", "b"], &["b no"], &[open]);
        check(AnyOne, &["a", "b"], &["b no", "a no"], &[open, no]);
        check(AtLeast(2), &["a", "b", "c"], &["a", "b no", "c"], &[open, open, yes]);
        check(AtLeast(2), &["a", "b", "c"], &["a no", "b no"], &[open, no]);
        check(AtLeast(2), &["a", "b", "c"], &["a", "a", "a/b"], &[open, None, None]);
        check(AtLeast(2), &[], &["a", "b"], &[open, yes]);
        check(AtLeast(2), &[], &["a", "b no"], &[open, no]);
        check(AtLeast(5), &["a", "b"], &["a", "b"], &[open, yes]);
        check(All, &["a", "b"], &["b", "a"], &[open, yes]);
        check(All, &["a", "b"], &["b no"], &[no]);
        check(Sequence, &["a", "b"], &["b", "a", "b"], &[None, open, yes]);
        check(Sequence, &["a", "b"], &["d/a", "b no"], &[open, no]);
    }

    #[test]
    fn who_is_higher_up_decides_alone_once_they_are_asked() -> anyhow::Result<()> {
        let mut interrupt = asked(ApprovalRule::Sequence, &["a", "b"]);
        assert!(!interrupt.asks("supervisor") && interrupt.asks("a"));
        assert_eq!(interrupt.escalate(5).as_deref(), Some("supervisor"));
        assert_eq!((interrupt.due_at, &*interrupt.assignee), (5, "supervisor"));
        assert!(interrupt.asks("supervisor") && interrupt.asks("b") && !interrupt.asks("manager"));
        assert_eq!(interrupt.clone().take(vote("supervisor"))?, Outcome::Approved);
        assert_eq!(interrupt.escalate(6).as_deref(), Some("manager"));
        assert_eq!(interrupt.escalate(7), None);
        assert_eq!(interrupt.due_at, 6);
        assert_eq!(interrupt.take(vote("manager no"))?, Outcome::Denied);
        Ok(())
    }
}
