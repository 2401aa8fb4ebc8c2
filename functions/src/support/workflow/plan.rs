//! What is to be done for a request, step by step, and what is done of it. Which step is
//! next follows from that alone. Pure.
//! Source of the members: the IT support service's plan.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::support::policies::Effect;

/// Who does a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Actor {
    /// A system of IT support.
    ItAgent,
    /// Whoever asked for it.
    Employee,
    /// A manager, who approves that it goes on.
    ManagerApproval,
    /// Another system.
    System,
}

/// How a step is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StepState {
    /// Nothing was done yet.
    #[default]
    ToDo,
    /// Somebody is asked to do it.
    Asked,
    /// It is done.
    Done,
    /// It could not be done; the plan says who does it then.
    Failed,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// `PLAN_` and eight hexadecimal digits.
    pub plan_id: String,
    /// In a line.
    pub summary: String,
    pub steps: Vec<Step>,
}

/// One thing that is to be done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step {
    pub step_id: String,
    /// In words.
    pub description: String,
    pub actor: Actor,
    /// How long it takes, in minutes.
    pub estimated_duration: u32,
    /// The steps that must be done before.
    pub dependencies: Vec<String>,
    /// Who does it when it cannot be done so.
    pub fallback_actor: Actor,
    /// How it is done without a person, if it can be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effect: Option<Effect>,
    #[serde(default)]
    pub state: StepState,
    /// How it went, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// When it was done, milliseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub done_at: Option<i64>,
}

/// What is to be done next.
#[derive(Debug, PartialEq)]
pub enum Next<'a> {
    /// This, without a person.
    Perform(&'a Step),
    /// A manager is to approve these.
    Approve(Vec<&'a Step>),
    /// Whoever asked is told to do these.
    Instruct(Vec<&'a Step>),
    /// Nothing: all is done.
    Nothing,
}

impl Plan {
    /// What is to be done next: first what needs no person, in the order of the plan.
    pub fn next(&self) -> Next<'_> {
        let ready: Vec<&Step> = self.steps.iter().filter(|step| self.is_ready(step)).collect();
        if let Some(step) = ready.iter().find(|step| step.is_automatic()) {
            return Next::Perform(step);
        }
        let (approve, instruct): (Vec<_>, Vec<_>) =
            ready.into_iter().partition(|step| step.doer() == Actor::ManagerApproval);
        match (approve.is_empty(), instruct.is_empty()) {
            (false, _) => Next::Approve(approve),
            (true, false) => Next::Instruct(instruct),
            (true, true) => Next::Nothing,
        }
    }

    fn is_ready(&self, step: &Step) -> bool {
        let is_done = |id: &String| {
            let step = self.steps.iter().find(|step| step.step_id == *id);
            step.is_none_or(|step| step.state == StepState::Done)
        };
        step.state != StepState::Done && step.dependencies.iter().all(is_done)
    }

    /// Whether a step of this id was not tried yet.
    pub fn is_to_do(&self, id: &str) -> bool {
        self.steps.iter().any(|step| step.step_id == id && step.state == StepState::ToDo)
    }

    /// Says how a step is.
    pub fn mark(&mut self, id: &str, state: StepState, detail: Option<String>, now: i64) {
        if let Some(step) = self.steps.iter_mut().find(|step| step.step_id == id) {
            step.state = state;
            step.done_at = (state == StepState::Done).then_some(now);
            if detail.is_some() {
                step.detail = detail;
            }
        }
    }
}

impl Step {
    /// Whether it needs no person, and was not tried in vain.
    pub fn is_automatic(&self) -> bool {
        self.effect.is_some() && self.state == StepState::ToDo
    }

    /// Who does it now.
    fn doer(&self) -> Actor {
        let failed = self.effect.is_some() && self.state != StepState::ToDo;
        if failed { self.fallback_actor } else { self.actor }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outlets::Webhook;

    /// `a` is done by a person, `A` by a system; what stands behind it comes before it.
    fn plan(steps: &[&str]) -> Plan {
        let step = |text: &&str| {
            let (name, behind) = text.split_at(1);
            Step {
                step_id: name.to_lowercase(),
                description: String::new(),
                actor: if name == "m" { Actor::ManagerApproval } else { Actor::ItAgent },
                estimated_duration: 0,
                dependencies: behind.chars().map(|id| id.to_string()).collect(),
                fallback_actor: Actor::Employee,
                effect: (name.to_uppercase() == name)
                    .then(|| Effect::Webhook(Webhook { id: "w".to_owned() })),
                state: StepState::ToDo,
                detail: None,
                done_at: None,
            }
        };
        let steps = steps.iter().map(step).collect();
        Plan { plan_id: String::new(), summary: String::new(), steps }
    }

    /// What is done one after the other, when each succeeds but for `fails`.
    fn check(steps: &[&str], fails: &str, expected: &[&str]) {
        let (mut plan, mut done) = (plan(steps), Vec::new());
        while done.len() < 20 {
            let ids = |steps: &[&Step]| -> String {
                steps.iter().map(|step| step.step_id.as_str()).collect()
            };
            let (how, ids) = match plan.next() {
                Next::Perform(step) => ("run ", step.step_id.clone()),
                Next::Approve(steps) => ("approve ", ids(&steps)),
                Next::Instruct(steps) => ("tell ", ids(&steps)),
                Next::Nothing => break,
            };
            for id in ids.chars().map(|id| id.to_string()) {
                let fails = how == "run " && fails.contains(&id);
                let state = if fails { StepState::Failed } else { StepState::Done };
                plan.mark(&id, state, None, 1);
            }
            done.push(format!("{how}{ids}"));
        }
        assert_eq!(done, expected, "{steps:?}");
    }

    #[test]
    fn what_is_next_follows_from_what_is_done() {
        check(&[], "", &[]);
        check(&["a", "B", "C"], "", &["run b", "run c", "tell a"]);
        check(&["A", "ba", "cb", "Dc"], "", &["run a", "tell b", "tell c", "run d"]);
        check(&["m", "a", "Bm"], "", &["approve m", "run b", "tell a"]);
        check(&["A", "b"], "a", &["run a", "tell ab"]);
        check(&["Ax"], "", &["run a"]);
    }
}
