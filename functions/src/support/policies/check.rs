//! Whether a file that can be read makes sense. Pure.

use std::collections::HashSet;

use shared::error::Result;

use super::file::{Effect, Policies, Policy, StepRule};
use crate::rule_book;
use crate::rule_book::wrong;
use crate::support::people::ApprovalRule;
use crate::support::tickets::name;
use crate::support::workflow::Actor;

/// The most policies, steps of one, and names in a list.
const MOST: usize = 50;

/// The longest that a step may take, in minutes: a year.
const LONGEST: u32 = 366 * 24 * 60;

/// # Errors
/// `Invalid`, naming `rules` and saying where.
pub(super) fn check(file: &Policies) -> Result<()> {
    part("confidence_threshold", file.confidence_threshold)?;
    part("remind_after", file.remind_after)?;
    names("escalation", &file.escalation)?;
    few("policies", &file.policies)?;
    let due = file.due_hours;
    if [due.urgent, due.high, due.medium, due.low].iter().any(|hours| !(1..=8760).contains(hours)) {
        return Err(wrong("due_hours", "must be between 1 and 8760"));
    }
    if file.model.as_ref().is_some_and(|model| !(1..=60).contains(&model.timeout_seconds)) {
        return Err(wrong("model.timeout_seconds", "must be between 1 and 60"));
    }
    let usual = file.policies.iter().filter(|policy| policy.applies_to.is_empty()).count();
    if usual != 1 {
        return Err(wrong("policies", "must be one without applies_to, for all other requests"));
    }
    let mut ids = HashSet::new();
    for policy in &file.policies {
        if policy.id.is_empty() || !ids.insert(&policy.id) {
            return Err(wrong("policies", &format!("has '{}' twice, or no id", policy.id)));
        }
        check_policy(policy)?;
    }
    Ok(())
}

fn check_policy(policy: &Policy) -> Result<()> {
    let place = |member: &str| format!("policy {}: {member}", policy.id);
    part(&place("confidence"), policy.confidence)?;
    names(&place("approvers"), &policy.approval.approvers)?;
    few(&place("required_fields"), &policy.required_fields)?;
    few(&place("steps"), &policy.steps)?;
    if policy.text.trim().is_empty() {
        return Err(wrong(&place("text"), "must not be empty, as it is cited"));
    }
    let (rule, many) = (policy.approval.rule, policy.approval.approvers.len());
    let fits = match rule {
        ApprovalRule::AnyOne => true,
        ApprovalRule::AtLeast(0) => false,
        ApprovalRule::AtLeast(needed) if many == 0 => needed <= MOST,
        ApprovalRule::AtLeast(needed) => needed <= many,
        ApprovalRule::All | ApprovalRule::Sequence => many > 0,
    };
    if !fits {
        return Err(wrong(&place("approval"), "must name as many approvers as its rule needs"));
    }
    // A step comes after others that stand before it, so that none waits for itself.
    let mut before = HashSet::new();
    for step in &policy.steps {
        check_step(&place(&format!("step {}", step.id)), step, &before)?;
        before.insert(step.id.as_str());
    }
    Ok(())
}

fn check_step(place: &str, step: &StepRule, before: &HashSet<&str>) -> Result<()> {
    if step.id.is_empty() || before.contains(step.id.as_str()) {
        return Err(wrong(place, "must have an id of its own"));
    }
    if let Some(other) = step.after.iter().find(|other| !before.contains(other.as_str())) {
        return Err(wrong(place, &format!("comes after '{other}', which is no step before it")));
    }
    if step.effect.is_some() && matches!(step.actor, Actor::Employee | Actor::ManagerApproval) {
        return Err(wrong(place, "is done by a person, so it must not have an effect"));
    }
    if step.fallback == Actor::ManagerApproval {
        return Err(wrong(place, "has a fallback that approves, and does not do it"));
    }
    if step.minutes > LONGEST {
        return Err(wrong(place, &format!("must take at most {LONGEST} minutes")));
    }
    match &step.effect {
        Some(Effect::Call(call)) => call.check(&format!("{place}.effect")),
        _ => Ok(()),
    }
}

fn part(place: &str, number: f64) -> Result<()> {
    if (0.0..=1.0).contains(&number) {
        Ok(())
    } else {
        Err(wrong(place, "must be between 0 and 1"))
    }
}

/// That these can be answered by: nobody answers twice, so who is named twice would be
/// waited for in vain.
fn names(place: &str, list: &[String]) -> Result<()> {
    few(place, list)?;
    let different: HashSet<&String> = list.iter().collect();
    if different.len() < list.len() || list.iter().any(|one| name(place, one).is_err()) {
        return Err(wrong(place, "must name somebody, and each once"));
    }
    Ok(())
}

fn few<T>(place: &str, list: &[T]) -> Result<()> {
    rule_book::few(place, list.len(), MOST)
}
