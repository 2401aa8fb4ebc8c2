//! Tickets as the API shows them.
//! Source of the first two shapes: the IT support service.

use std::collections::BTreeMap;

use serde::Serialize;
use shared::web::{to_the_millisecond, to_the_second};
use utoipa::ToSchema;

use super::model::Ticket;
use super::status::{Decision, TicketStatus};
use crate::support::people::{ApprovalRule, Decided, Interrupt, QuestionType, Vote};
use crate::support::workflow::{Actor, Assessment, Plan, Step, StepState};

/// Where a ticket stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct TicketState {
    #[schema(example = "9b2f5a44-5d0e-5c0f-9f43-0d7bb0c4a111")]
    pub ticket_id: String,
    pub decision: Decision,
    /// What is to be done, in a line, once that is known.
    pub plan_summary: Option<String>,
    pub status: TicketStatus,
    /// What is to happen next: `workflow_starting`, `workflow_in_progress`,
    /// `human_input_required`, `approval_required`, `completed` or `request_denied`.
    #[schema(example = "workflow_starting")]
    pub next_action: Option<&'static str>,
}

/// A ticket in a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct TicketItem {
    ticket_id: String,
    title: String,
    status: TicketStatus,
    employee_id: String,
    request_type: String,
    #[schema(format = DateTime)]
    created_at: String,
    priority: String,
}

/// Tickets, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct TicketList {
    tickets: Vec<TicketItem>,
    /// How many these are.
    count: usize,
    /// Where to go on with `cursor`; none on the last page.
    next_cursor: Option<String>,
}

/// A ticket, whole.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SupportTicket)]
pub struct TicketView {
    #[serde(flatten)]
    state: TicketState,
    title: String,
    description: String,
    employee_id: String,
    request_type: String,
    priority: String,
    urgency: String,
    business_justification: Option<String>,
    #[schema(format = DateTime)]
    desired_completion_date: Option<String>,
    /// What was told since, by its name.
    given: BTreeMap<String, String>,
    /// Who sent the request.
    requested_by: String,
    /// What the policies say of it.
    assessment: Option<Assessment>,
    plan: Option<PlanView>,
    /// What it waits for.
    pending: Option<QuestionView>,
    /// What people decided, in order.
    decisions: Vec<DecisionView>,
    /// Why it could not go on.
    error: Option<String>,
    /// How it ended, in words.
    summary: Option<String>,
    /// The number of its last event.
    last_event: i64,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    updated_at: String,
    #[schema(format = DateTime)]
    ended_at: Option<String>,
}

/// What is to be done.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TicketPlan)]
pub struct PlanView {
    #[schema(example = "PLAN_0A1B2C3D")]
    plan_id: String,
    request_summary: String,
    /// How long all of it takes, in minutes.
    estimated_duration: u32,
    steps: Vec<StepView>,
}

/// One thing that is to be done.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TicketStep)]
struct StepView {
    step_id: String,
    /// Its place, from 1.
    order: usize,
    description: String,
    actor: Actor,
    /// In minutes.
    estimated_duration: u32,
    dependencies: Vec<String>,
    /// Whether it is done without a person.
    automation_possible: bool,
    fallback_actor: Actor,
    state: StepState,
    /// How it went.
    detail: Option<String>,
    #[schema(format = DateTime)]
    done_at: Option<String>,
}

/// What a ticket waits for.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TicketQuestion)]
struct QuestionView {
    #[schema(example = "hil_q_0a1b2c3d")]
    question_id: String,
    question_type: QuestionType,
    question: String,
    options: Vec<String>,
    /// Whose work it is.
    assignee: String,
    /// Who may answer; whoever is allowed to approve, when it is nobody.
    approvers: Vec<String>,
    rule: ApprovalRule,
    answers: Vec<VoteView>,
    /// Who else may answer by now, as nobody did in time.
    escalated_to: Vec<String>,
    #[schema(format = DateTime)]
    asked_at: String,
    #[schema(format = DateTime)]
    due_at: String,
}

/// What somebody answered.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TicketAnswer)]
struct VoteView {
    approver_id: String,
    /// For whom, if for somebody else.
    instead_of: Option<String>,
    approval: bool,
    answer: String,
    comments: Option<String>,
    #[schema(format = DateTime)]
    at: String,
}

/// What people decided.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TicketDecisionMade)]
struct DecisionView {
    question_id: String,
    question_type: QuestionType,
    approved: bool,
    answers: Vec<VoteView>,
    #[schema(format = DateTime)]
    at: String,
}

impl TicketState {
    pub(in crate::support) fn of(ticket: &Ticket) -> Self {
        Self {
            ticket_id: ticket.ticket_id.clone(),
            decision: ticket.decision,
            plan_summary: ticket.plan.as_ref().map(|plan| plan.summary.clone()),
            status: ticket.status,
            next_action: ticket.status.next_action(),
        }
    }
}

impl TicketList {
    pub(super) fn of(tickets: &[Ticket], next: Option<i64>) -> Self {
        let items: Vec<TicketItem> = tickets.iter().map(TicketItem::of).collect();
        let next_cursor = next.map(|rank| rank.to_string());
        Self { count: items.len(), tickets: items, next_cursor }
    }
}

impl TicketItem {
    fn of(ticket: &Ticket) -> Self {
        let request = &ticket.request;
        Self {
            ticket_id: ticket.ticket_id.clone(),
            title: request.title.clone(),
            status: ticket.status,
            employee_id: request.employee_id.clone(),
            request_type: request.request_type.clone(),
            created_at: to_the_second(ticket.created_at),
            priority: request.priority_said.clone(),
        }
    }
}

impl TicketView {
    pub(super) fn of(ticket: &Ticket) -> Self {
        let request = ticket.request.clone();
        Self {
            state: TicketState::of(ticket),
            title: request.title,
            description: request.description,
            employee_id: request.employee_id,
            request_type: request.request_type,
            priority: request.priority_said,
            urgency: request.urgency,
            business_justification: request.business_justification,
            desired_completion_date: request.desired_completion.map(to_the_second),
            given: ticket.given.clone(),
            requested_by: ticket.requested_by.clone(),
            assessment: ticket.assessment.clone(),
            plan: ticket.plan.as_ref().map(PlanView::of),
            pending: ticket.pending.as_ref().map(QuestionView::of),
            decisions: ticket.decided.iter().map(DecisionView::of).collect(),
            error: ticket.error.clone(),
            summary: ticket.summary.clone(),
            last_event: ticket.seq,
            created_at: to_the_second(ticket.created_at),
            updated_at: to_the_millisecond(ticket.updated_at),
            ended_at: ticket.ended_at.map(to_the_millisecond),
        }
    }
}

impl PlanView {
    pub(in crate::support) fn of(plan: &Plan) -> Self {
        Self {
            plan_id: plan.plan_id.clone(),
            request_summary: plan.summary.clone(),
            estimated_duration: plan.steps.iter().map(|step| step.estimated_duration).sum(),
            steps: plan.steps.iter().zip(1..).map(|(step, n)| StepView::of(step, n)).collect(),
        }
    }
}

impl StepView {
    fn of(step: &Step, order: usize) -> Self {
        Self {
            step_id: step.step_id.clone(),
            order,
            description: step.description.clone(),
            actor: step.actor,
            estimated_duration: step.estimated_duration,
            dependencies: step.dependencies.clone(),
            automation_possible: step.effect.is_some(),
            fallback_actor: step.fallback_actor,
            state: step.state,
            detail: step.detail.clone(),
            done_at: step.done_at.map(to_the_millisecond),
        }
    }
}

impl QuestionView {
    fn of(asked: &Interrupt) -> Self {
        Self {
            question_id: asked.id.clone(),
            question_type: asked.question_type,
            question: asked.question.clone(),
            options: asked.options.clone(),
            assignee: asked.assignee.clone(),
            approvers: asked.approvers.clone(),
            rule: asked.rule,
            answers: asked.votes.iter().map(VoteView::of).collect(),
            escalated_to: asked.ladder[..asked.level].to_vec(),
            asked_at: to_the_second(asked.asked_at),
            due_at: to_the_second(asked.due_at),
        }
    }
}

impl VoteView {
    fn of(vote: &Vote) -> Self {
        Self {
            approver_id: vote.by.clone(),
            instead_of: vote.instead_of.clone(),
            approval: vote.approval,
            answer: vote.answer.clone(),
            comments: vote.comments.clone(),
            at: to_the_millisecond(vote.at),
        }
    }
}

impl DecisionView {
    fn of(decided: &Decided) -> Self {
        Self {
            question_id: decided.interrupt.clone(),
            question_type: decided.question_type,
            approved: decided.approved,
            answers: decided.votes.iter().map(VoteView::of).collect(),
            at: to_the_millisecond(decided.at),
        }
    }
}
