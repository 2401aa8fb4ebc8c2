//! What follows from an event, decided from the rules and the event alone.

use serde_json::{Map, Value};

use super::rules::{Assessment, Effect, Rules};
use crate::fill::{fill, fill_value};

/// What is to be done about an event.
#[derive(Debug, PartialEq)]
pub(super) enum Decision {
    /// These things follow.
    Process(Plan),
    /// Nobody works through events of this type.
    Ignore,
}

/// What follows from an event.
#[derive(Debug, PartialEq)]
pub(super) struct Plan {
    /// The risk, where there is one to analyse.
    pub risk: Option<Assessment>,
    /// What is to be done, in order.
    pub steps: Vec<PlannedStep>,
    /// What the result tells beside that, in order.
    pub facts: Vec<(String, Value)>,
}

/// One thing that is to be done.
#[derive(Debug, PartialEq)]
pub(super) struct PlannedStep {
    pub name: String,
    /// In words, before and after.
    pub to_do: String,
    pub done: String,
    /// Who does it; nobody we know, if there is none.
    pub effect: Option<Effect>,
}

/// Decides about an event of this type with this payload.
pub(super) fn decide(rules: &Rules, event: &str, payload: &Map<String, Value>) -> Decision {
    let Some(rule) = rules.events.get(event) else { return Decision::Ignore };
    let steps = rule.steps.iter().map(|step| PlannedStep {
        name: step.name.clone(),
        to_do: fill(&step.to_do, payload),
        done: fill(&step.done, payload),
        effect: step.effect.clone(),
    });
    let facts = rule.facts.iter();
    Decision::Process(Plan {
        risk: rule.risk.as_ref().and_then(|risk| risk.assess(payload)),
        steps: steps.collect(),
        facts: facts.map(|fact| (fact.name.clone(), fill_value(&fact.value, payload))).collect(),
    })
}

impl Plan {
    /// The note that the case gets.
    pub fn alert(&self) -> Option<&str> {
        self.risk.as_ref()?.alert.as_deref()
    }

    /// Whether a person must approve.
    pub fn must_decide(&self) -> bool {
        self.risk.as_ref().is_some_and(|risk| risk.must_decide)
    }
}

#[cfg(test)]
mod tests {
    use anyhow::{Context, bail};
    use serde_json::json;

    use super::*;
    use crate::pega::rules::DEFAULT;
    use crate::rule_book::Rules as _;

    fn plan(event: &str, payload: Value) -> anyhow::Result<Plan> {
        let Value::Object(payload) = payload else { bail!("no object") };
        match decide(&Rules::parse(DEFAULT)?, event, &payload) {
            Decision::Process(plan) => Ok(plan),
            Decision::Ignore => bail!("ignored"),
        }
    }

    fn check_risk(
        (old, new): (&str, &str),
        flags: [bool; 3],
        score: Option<i64>,
        alert: bool,
    ) -> anyhow::Result<()> {
        let [financial, admin, sensitive] = flags;
        let plan = plan(
            "department_change",
            json!({
                "employeeId": "E1", "oldDepartment": old, "newDepartment": new,
                "hasFinancialAccess": financial, "hasAdminRights": admin,
                "accessToSensitiveData": sensitive,
            }),
        )?;
        let found = (plan.risk.as_ref().map(|risk| risk.score), plan.alert().is_some());
        assert_eq!(found, (score, alert), "{old} → {new} {flags:?}");
        assert!(!plan.must_decide());
        Ok(())
    }

    #[test]
    fn only_all_three_rights_in_a_risky_department_raise_an_alert() -> anyhow::Result<()> {
        check_risk(("Sales", "Marketing"), [true; 3], None, false)?;
        check_risk(("Sales", "finance"), [true; 3], None, false)?;
        check_risk(("Sales", "Finance"), [false; 3], Some(0), false)?;
        check_risk(("Legal", "Sales"), [true, false, false], Some(3), false)?;
        check_risk(("Legal", "Sales"), [false, true, false], Some(4), false)?;
        check_risk(("IT", "Sales"), [true, false, true], Some(6), false)?;
        check_risk(("IT", "Sales"), [true, true, false], Some(7), false)?;
        check_risk(("IT", "Security"), [false, true, true], Some(7), false)?;
        check_risk(("IT", "Finance"), [true; 3], Some(10), true)
    }

    #[test]
    fn missing_values_read_none() -> anyhow::Result<()> {
        let plan = plan("role_change", json!({}))?;
        assert_eq!(plan.steps[0].done, "Updated system permissions for None");
        assert_eq!(plan.facts[0], ("employee_id".to_owned(), Value::Null));
        assert_eq!(plan.facts[1].1, "None → None");
        let rules = Rules::parse(DEFAULT)?;
        assert_eq!(decide(&rules, "approval_request", &Map::new()), Decision::Ignore);
        Ok(())
    }

    fn check_lines(event: &str, items: Option<usize>, lines: &[&str]) -> anyhow::Result<()> {
        let payload = json!({"employeeId": "E1", "department": "D", "newDepartment": "D",
            "oldRole": "A", "newRole": "B"});
        let plan = plan(event, payload)?;
        let done: Vec<&str> = plan.steps.iter().map(|step| &*step.done).collect();
        assert_eq!(done, lines);
        let listed = plan.steps.iter().find_map(|step| match &step.effect {
            Some(Effect::Checklist(list)) => Some(list.items.len()),
            _ => None,
        });
        assert_eq!(listed, items);
        assert_eq!(plan.facts.first().context("a fact")?.1, "E1");
        Ok(())
    }

    #[test]
    fn the_lines_are_those_of_the_original_in_its_order() -> anyhow::Result<()> {
        let change = [
            "Updated employee directory for E1",
            "Updated badge access for department D",
            "Email signature updated",
        ];
        let onboarding = [
            "Onboarding checklist created with 5 items",
            "Created IT access request for E1",
            "Submitted department-specific system access for D",
        ];
        let offboarding = [
            "Revoked all system access for E1",
            "Disabled email account",
            "Returned badge access",
            "Asset return checklist created: 4 items",
        ];
        let role = ["Updated system permissions for E1", "Role changed from A to B in all systems"];
        check_lines("department_change", None, &change)?;
        check_lines("employee_onboarding", Some(5), &onboarding)?;
        check_lines("employee_offboarding", Some(4), &offboarding)?;
        check_lines("role_change", None, &role)
    }
}
