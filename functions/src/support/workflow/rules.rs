//! The planner that needs nobody else: what the file of policies says of a request, and what
//! it has done. Pure.

use shared::ids;

use super::assessment::{Assessment, Author, Citation, Verdict};
use super::plan::{Plan, Step, StepState};
use super::route::{complexity, risk};
use crate::fill::fill_known;
use crate::support::policies::{Policies, Policy};
use crate::support::tickets::{Request, Ticket};

/// The longest passage that is cited, in characters.
const LONGEST_PASSAGE: usize = 300;
/// The most policies that are cited, and how little each may have to do with the request.
const MOST_CITED: usize = 15;
const LEAST_RELEVANT: f64 = 0.3;

/// What the policies, which are called so, say of a ticket that one of them decides about.
pub fn assess(file: &Policies, deciding: &Policy, called: &str, ticket: &Ticket) -> Assessment {
    let request = &ticket.request;
    let cited = cited(file, deciding, request);
    let known = ticket.fields();
    let is_missing = |name: &&String| !known.contains_key(*name);
    let missing: Vec<String> =
        deciding.required_fields.iter().filter(is_missing).cloned().collect();
    let policies: Vec<&Policy> = cited.iter().map(|(policy, _)| *policy).collect();
    let complexity = complexity(request, &policies);
    let decision = deciding.decision;
    let is_unsure = deciding.confidence < file.confidence_threshold;
    Assessment {
        decision,
        confidence: deciding.confidence,
        needs_human: is_unsure || decision == Verdict::RequiresApproval,
        missing_fields: missing,
        citations: cited.into_iter().map(|(policy, relevance)| cite(policy, relevance)).collect(),
        justification_brief: justification(deciding),
        complexity,
        risk: risk(request, complexity),
        policy: deciding.id.clone(),
        policies: called.to_owned(),
        author: Author::Rules,
    }
}

/// What is to be done for a ticket that this policy decides about.
pub fn plan(policy: &Policy, ticket: &Ticket) -> Plan {
    let fields = ticket.fields();
    let steps: Vec<Step> = policy
        .steps
        .iter()
        .map(|rule| Step {
            step_id: rule.id.clone(),
            description: fill_known(&rule.description, &fields),
            actor: rule.actor,
            estimated_duration: rule.minutes,
            dependencies: rule.after.clone(),
            fallback_actor: rule.fallback,
            effect: rule.effect.clone(),
            state: StepState::ToDo,
            detail: None,
            done_at: None,
        })
        .collect();
    let many = match steps.len() {
        0 => "nothing is left to do".to_owned(),
        1 => "one step".to_owned(),
        many => format!("{many} steps"),
    };
    Plan {
        plan_id: format!("PLAN_{}", ids::unique()[..8].to_uppercase()),
        summary: format!("{}: {many}", policy.title),
        steps,
    }
}

/// The policies that have to do with a request, and how much; the deciding one first.
pub(super) fn cited<'a>(
    file: &'a Policies,
    deciding: &'a Policy,
    request: &Request,
) -> Vec<(&'a Policy, f64)> {
    let text = format!("{} {} {}", request.request_type, request.title, request.description);
    let text = text.to_lowercase();
    let mut cited: Vec<(&Policy, f64)> = file
        .policies
        .iter()
        .map(|policy| (policy, relevance(policy, &text)))
        .filter(|(policy, relevance)| policy.id != deciding.id && *relevance > LEAST_RELEVANT)
        .collect();
    cited.sort_by(|(_, one), (_, other)| other.total_cmp(one));
    cited.insert(0, (deciding, relevance(deciding, &text).max(0.5)));
    cited.truncate(MOST_CITED);
    cited
}

/// How much a policy has to do with a text, 0 to 1: a third for each of its words in it.
fn relevance(policy: &Policy, text: &str) -> f64 {
    let found = policy.words.iter().filter(|word| text.contains(&word.to_lowercase())).count();
    (found as f64 / 3.0).min(1.0)
}

fn cite(policy: &Policy, relevance: f64) -> Citation {
    let text = policy.text.chars().take(LONGEST_PASSAGE).collect();
    Citation { source: policy.id.clone(), text, relevance }
}

fn justification(policy: &Policy) -> String {
    let what = match policy.decision {
        Verdict::Allowed => "allows it",
        Verdict::RequiresApproval => "asks for an approval",
        Verdict::Denied => "does not allow it",
    };
    format!("The policy \"{}\" {what}.", policy.title)
}
