//! Whether what a file says can be: each refusal names the place in it.

use std::collections::BTreeSet;

use shared::error::Result;

use super::file::{Effect, Factor, RiskRule, Rule, Rules, Step};
use crate::rule_book::{few, text, wrong};

/// The most there may be of each.
const TYPES: usize = 50;
const STEPS: usize = 20;
const ITEMS: usize = 50;
const FACTORS: usize = 50;
const FACTS: usize = 20;
/// The largest number of points.
const POINTS: i64 = 1_000_000;
/// What a result says of itself.
const TAKEN: [&str; 7] =
    ["status", "event_type", "actions_taken", "steps", "risk", "decision", "message"];

/// Checks a whole file.
pub(super) fn rules(rules: &Rules) -> Result<()> {
    few("events", rules.events.len(), TYPES)?;
    for (event, rule) in &rules.events {
        text("events", event)?;
        of_type(&format!("events.{event}"), rule)?;
    }
    Ok(())
}

fn of_type(place: &str, rule: &Rule) -> Result<()> {
    few(&format!("{place}.facts"), rule.facts.len(), FACTS)?;
    few(&format!("{place}.steps"), rule.steps.len(), STEPS)?;
    let mut facts: BTreeSet<&str> = BTreeSet::from(TAKEN);
    for fact in &rule.facts {
        text(&format!("{place}.facts.{}", fact.name), &fact.value.to_string())?;
        if !facts.insert(&fact.name) {
            return Err(wrong(&format!("{place}.facts"), &format!("{} is taken", fact.name)));
        }
    }
    if let Some(risk) = &rule.risk {
        of_risk(&format!("{place}.risk"), risk)?;
    }
    let mut names = BTreeSet::new();
    for step in &rule.steps {
        let place = format!("{place}.steps.{}", step.name);
        if !names.insert(&step.name) {
            return Err(wrong(&place, "is there twice"));
        }
        of_step(&place, step)?;
    }
    Ok(())
}

fn of_risk(place: &str, risk: &RiskRule) -> Result<()> {
    few(&format!("{place}.factors"), risk.factors.len(), FACTORS)?;
    if risk.fields.is_empty() != risk.values.is_empty() {
        return Err(wrong(place, "needs both fields and values, or neither"));
    }
    match (risk.alert_above, &risk.alert) {
        (Some(_), None) => return Err(wrong(&format!("{place}.alert"), "is missing")),
        (None, Some(_)) => return Err(wrong(&format!("{place}.alert_above"), "is missing")),
        (_, alert) => text(&format!("{place}.alert"), alert.as_deref().unwrap_or("-"))?,
    }
    if risk.cap.is_some_and(|cap| cap < 1) {
        return Err(wrong(&format!("{place}.cap"), "must be at least 1"));
    }
    risk.factors.iter().try_for_each(|factor| of_factor(&format!("{place}.factors"), factor))
}

fn of_factor(place: &str, factor: &Factor) -> Result<()> {
    let place = format!("{place}.{}", factor.field);
    if factor.points == 0 || factor.points.abs() > POINTS {
        return Err(wrong(&place, "needs points, and not more than a million"));
    }
    let ways = [
        factor.equals.is_some(),
        factor.any_of.is_some(),
        factor.at_least.is_some() || factor.at_most.is_some(),
    ];
    if ways.into_iter().filter(|way| *way).count() > 1 {
        return Err(wrong(&place, "may have equals, any_of, or at_least and at_most"));
    }
    text(&place, factor.reason.as_deref().unwrap_or("-"))
}

fn of_step(place: &str, step: &Step) -> Result<()> {
    let name = &step.name;
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
    if name.is_empty() || name.len() > 64 || !name.bytes().all(plain) {
        return Err(wrong(place, "must be called by up to 64 of a-z, 0-9 and _"));
    }
    text(&format!("{place}.to_do"), &step.to_do)?;
    text(&format!("{place}.done"), &step.done)?;
    match &step.effect {
        Some(Effect::Checklist(list)) => {
            few(&format!("{place}.effect.items"), list.items.len(), ITEMS)?;
            if list.items.is_empty() {
                return Err(wrong(&format!("{place}.effect.items"), "must not be empty"));
            }
            text(&format!("{place}.effect.checklist"), &list.name)?;
            list.items.iter().try_for_each(|item| text(&format!("{place}.effect.items"), item))
        }
        Some(Effect::Call(call)) => call.check(&format!("{place}.effect")),
        _ => Ok(()),
    }
}
