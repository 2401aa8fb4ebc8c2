//! What a ticket becomes as its workflow goes on: the transitions that the worker makes. Pure
//! but for new ids, so that each can be tried again on the ticket as it is then.

use serde::{Deserialize, Serialize};
use shared::error::Result;

use super::assessment::{Assessment, Verdict};
use super::plan::{Plan, Step, StepState};
use crate::support::people::{About, ApprovalRule, Interrupt, QuestionType};
use crate::support::policies::{Approval, Policies};
use crate::support::tickets::{Decision, Priority, Signal, Ticket};

/// Where a workflow is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// It is to be found out what the policies say.
    Classify,
    /// The plan is being carried out.
    Execute,
}

/// Takes the ticket up.
pub fn begin(ticket: &mut Ticket, now: i64) -> Result<()> {
    ticket.signal(Signal::Begin, now)
}

/// Goes by what the policies say of it: denies it if that is sure, asks for what is missing,
/// or for an approval; otherwise the plan is carried out.
pub fn classified(
    ticket: &mut Ticket,
    file: &Policies,
    assessment: Assessment,
    plan: Plan,
    now: i64,
) -> Result<()> {
    let seen = assessment.clone();
    ticket.assessment = Some(assessment);
    if seen.decision == Verdict::Denied && !seen.needs_human {
        ticket.decision = Decision::Denied;
        ticket.summary = Some(seen.justification_brief);
        return ticket.signal(Signal::Deny, now);
    }
    if !seen.missing_fields.is_empty() {
        let question = format!("Please tell: {}", seen.missing_fields.join(", "));
        let asked = asked(ticket, file, QuestionType::PolicyInterpretation, question, now);
        return ask(ticket, Interrupt { about: About::Fields(seen.missing_fields), ..asked }, now);
    }
    ticket.plan = Some(plan);
    if seen.needs_human || seen.decision == Verdict::RequiresApproval {
        ticket.decision = Decision::RequiresApproval;
        return ask_approval(ticket, file, &seen, now);
    }
    ticket.decision = Decision::Approved;
    ticket.stage = Stage::Execute;
    Ok(())
}

/// Asks whether it may be done as planned: those whom the deciding policy names.
fn ask_approval(ticket: &mut Ticket, file: &Policies, seen: &Assessment, now: i64) -> Result<()> {
    let (kind, question) = match seen.decision {
        Verdict::RequiresApproval => (QuestionType::ApprovalDecision, "Is this approved?"),
        _ => (QuestionType::ClassificationReview, "May this be done as planned?"),
    };
    let question = format!("{question} {}", ticket.request.title);
    let asked = approved_by(ticket, file, asked(ticket, file, kind, question, now));
    ask(ticket, asked, now)
}

/// The question to those whom the deciding policy names, but for who asks for it: they are
/// never waited for.
fn approved_by(ticket: &Ticket, file: &Policies, asked: Interrupt) -> Interrupt {
    let deciding = ticket.assessment.as_ref().and_then(|seen| file.policy(&seen.policy));
    let approval = deciding.map(|policy| policy.approval.clone());
    let Approval { rule, mut approvers } = approval.unwrap_or_default();
    approvers.retain(|name| !ticket.is_asked_for_by(name));
    Interrupt { rule, approvers, ..asked }
}

/// Asks a manager whether these steps of the plan may be done.
pub fn ask_manager(ticket: &mut Ticket, file: &Policies, steps: &[Step], now: i64) -> Result<()> {
    let question = format!("May this go on? {}", described(steps));
    let asked = asked(ticket, file, QuestionType::ApprovalDecision, question, now);
    let asked = approved_by(ticket, file, asked);
    ask_about(ticket, asked, steps, now)
}

/// Tells whoever asked what is left for them to do, and asks whether it is done.
pub fn instruct(ticket: &mut Ticket, file: &Policies, steps: &[Step], now: i64) -> Result<()> {
    let question =
        format!("Please do the following, and say when it is done. {}", described(steps));
    let asked = asked(ticket, file, QuestionType::TaskConfirmation, question, now);
    ask_about(ticket, asked, steps, now)
}

/// Ends it: everything is done.
pub fn finish(ticket: &mut Ticket, now: i64) -> Result<()> {
    let done = ticket.plan.as_ref().map_or(0, |plan| plan.steps.len());
    ticket.summary = Some(match done {
        1 => "Done: one step was carried out".to_owned(),
        many => format!("Done: {many} steps were carried out"),
    });
    ticket.signal(Signal::Finish, now)
}

/// Ends it: it cannot go on.
pub fn fail(ticket: &mut Ticket, reason: &str, now: i64) -> Result<()> {
    ticket.error = Some(reason.to_owned());
    ticket.decision = match ticket.decision {
        Decision::Approved => Decision::Approved,
        _ => Decision::Error,
    };
    ticket.signal(Signal::Fail, now)
}

/// A question that is asked now.
fn asked(
    ticket: &Ticket,
    file: &Policies,
    question_type: QuestionType,
    question: String,
    now: i64,
) -> Interrupt {
    let due = file.due(ticket.request.priority, now);
    let assignee = match (question_type, ticket.request.priority == Priority::Urgent) {
        (QuestionType::PolicyInterpretation | QuestionType::TaskConfirmation, _) => {
            ticket.request.employee_id.clone()
        }
        (_, true) => "senior_analyst".to_owned(),
        (QuestionType::ApprovalDecision, _) => "team_lead".to_owned(),
        _ => "analyst".to_owned(),
    };
    Interrupt {
        id: Interrupt::new_id(),
        question_type,
        about: About::Ticket,
        question,
        options: question_type.options(),
        assignee,
        approvers: Vec::new(),
        rule: ApprovalRule::AnyOne,
        votes: Vec::new(),
        asked_at: now,
        remind_at: due.remind_at,
        due_at: due.at,
        ladder: file.escalation.clone(),
        level: 0,
    }
}

fn ask_about(ticket: &mut Ticket, asked: Interrupt, steps: &[Step], now: i64) -> Result<()> {
    let ids: Vec<String> = steps.iter().map(|step| step.step_id.clone()).collect();
    if let Some(plan) = &mut ticket.plan {
        for id in &ids {
            plan.mark(id, StepState::Asked, None, now);
        }
    }
    ask(ticket, Interrupt { about: About::Steps(ids), ..asked }, now)
}

/// Has a ticket wait for an answer to this.
pub fn ask(ticket: &mut Ticket, asked: Interrupt, now: i64) -> Result<()> {
    let is_approval = asked.question_type.is_approval();
    ticket.signal(if is_approval { Signal::AskApproval } else { Signal::Ask }, now)?;
    ticket.pending = Some(asked);
    Ok(())
}

fn described(steps: &[Step]) -> String {
    let lines: Vec<String> =
        steps.iter().zip(1..).map(|(step, n)| format!("{n}. {}", step.description)).collect();
    lines.join(" ")
}
