//! The rules: what follows from an event. Pure, and exactly the originals':
//! which department changes are risky, and what is done for each type.

use serde_json::{Map, Value};

use super::envelope::truthy;

/// Departments that make a change risky, whether left or entered.
const HIGH_RISK: [&str; 4] = ["Finance", "Security", "IT", "Legal"];
/// The longest value that a result repeats, in characters.
const LONGEST: usize = 256;
/// Above this score the case gets a note that asks for another approval.
const ALERT_ABOVE: u32 = 7;

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
    pub score: Option<u32>,
    /// The note that the case gets.
    pub note: Option<String>,
    /// What is done, in words.
    pub actions: Vec<String>,
    /// What the result tells beside that, in order.
    pub facts: Vec<(&'static str, Value)>,
}

/// Decides about an event of this type with this payload.
pub(super) fn decide(event: &str, payload: &Map<String, Value>) -> Decision {
    let employee = text(payload.get("employeeId"));
    let plan = match event {
        "department_change" => department_change(payload, &employee),
        "employee_onboarding" => onboarding(payload, &employee),
        "employee_offboarding" => offboarding(payload, &employee),
        "role_change" => role_change(payload, &employee),
        _ => return Decision::Ignore,
    };
    Decision::Process(plan)
}

fn department_change(payload: &Map<String, Value>, employee: &str) -> Plan {
    let (old, new) = (payload.get("oldDepartment"), payload.get("newDepartment"));
    let score = score(payload);
    let alert = score.is_some_and(|score| score > ALERT_ABOVE);
    let note =
        format!("HIGH RISK: Employee {employee} department change requires additional approval");
    Plan {
        score,
        note: alert.then_some(note),
        actions: vec![
            format!("Updated employee directory for {employee}"),
            format!("Updated badge access for department {}", text(new)),
            "Email signature updated".to_owned(),
        ],
        facts: vec![
            ("employee_id", given(payload, "employeeId")),
            ("department_change", format!("{} → {}", text(old), text(new)).into()),
        ],
    }
}

/// The risk of a department change; none when no risky department is involved.
fn score(payload: &Map<String, Value>) -> Option<u32> {
    let risky =
        |field| payload.get(field).and_then(Value::as_str).is_some_and(|d| HIGH_RISK.contains(&d));
    if !risky("oldDepartment") && !risky("newDepartment") {
        return None;
    }
    let weights = [("hasFinancialAccess", 3), ("hasAdminRights", 4), ("accessToSensitiveData", 3)];
    let score = weights.iter().filter(|(field, _)| truthy(payload.get(*field))).map(|(_, w)| w);
    Some(score.sum::<u32>().min(10))
}

fn onboarding(payload: &Map<String, Value>, employee: &str) -> Plan {
    let department = text(payload.get("department"));
    plan(
        vec![
            "Onboarding checklist created with 5 items".to_owned(),
            format!("Created IT access request for {employee}"),
            format!("Submitted department-specific system access for {department}"),
        ],
        vec![("employee_id", given(payload, "employeeId")), ("checklist_items", 5.into())],
    )
}

fn offboarding(payload: &Map<String, Value>, employee: &str) -> Plan {
    plan(
        vec![
            format!("Revoked all system access for {employee}"),
            "Disabled email account".to_owned(),
            "Returned badge access".to_owned(),
            "Asset return checklist created: 4 items".to_owned(),
        ],
        vec![
            ("employee_id", given(payload, "employeeId")),
            ("last_working_day", given(payload, "lastWorkingDay")),
        ],
    )
}

fn role_change(payload: &Map<String, Value>, employee: &str) -> Plan {
    let (old, new) = (text(payload.get("oldRole")), text(payload.get("newRole")));
    plan(
        vec![
            format!("Updated system permissions for {employee}"),
            format!("Role changed from {old} to {new} in all systems"),
        ],
        vec![
            ("employee_id", given(payload, "employeeId")),
            ("role_change", format!("{old} → {new}").into()),
        ],
    )
}

fn plan(actions: Vec<String>, facts: Vec<(&'static str, Value)>) -> Plan {
    Plan { score: None, note: None, actions, facts }
}

/// A value of the payload as a fact of the result; one that is too long is told as
/// its beginning.
fn given(payload: &Map<String, Value>, field: &str) -> Value {
    match payload.get(field) {
        Some(value) if value.to_string().len() > LONGEST => text(Some(value)).into(),
        value => value.cloned().unwrap_or_default(),
    }
}

/// A value inside a sentence, as the original wrote it: `None` when missing. The
/// payload keeps what is cut here.
fn text(value: Option<&Value>) -> String {
    let whole = match value {
        None | Some(Value::Null) => "None".to_owned(),
        Some(Value::Bool(true)) => "True".to_owned(),
        Some(Value::Bool(false)) => "False".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    };
    match whole.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &whole[..end]),
        None => whole,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check_risk(old: &str, new: &str, flags: [bool; 3], score: Option<u32>, alert: bool) {
        let [financial, admin, sensitive] = flags;
        let payload = json!({
            "employeeId": "E1", "oldDepartment": old, "newDepartment": new,
            "hasFinancialAccess": financial, "hasAdminRights": admin,
            "accessToSensitiveData": sensitive,
        });
        let Value::Object(payload) = payload else { unreachable!() };
        let Decision::Process(plan) = decide("department_change", &payload) else {
            panic!("ignored")
        };
        assert_eq!((plan.score, plan.note.is_some()), (score, alert), "{old} → {new} {flags:?}");
    }

    #[test]
    fn only_all_three_rights_in_a_risky_department_raise_an_alert() {
        check_risk("Sales", "Marketing", [true; 3], None, false);
        check_risk("Sales", "finance", [true; 3], None, false);
        check_risk("Sales", "Finance", [false; 3], Some(0), false);
        check_risk("Legal", "Sales", [true, false, false], Some(3), false);
        check_risk("Legal", "Sales", [false, true, false], Some(4), false);
        check_risk("IT", "Sales", [true, false, true], Some(6), false);
        check_risk("IT", "Sales", [true, true, false], Some(7), false);
        check_risk("IT", "Security", [false, true, true], Some(7), false);
        check_risk("IT", "Finance", [true; 3], Some(10), true);
    }

    #[test]
    fn a_flag_counts_when_it_is_given_whatever_its_type() {
        for (flag, score) in [(json!("false"), 3), (json!(1), 3), (json!(0), 0), (json!(""), 0)] {
            let payload = json!({"newDepartment": "IT", "hasFinancialAccess": flag});
            assert_eq!(super::score(payload.as_object().expect("object")), Some(score), "{flag}");
        }
    }

    #[test]
    fn missing_values_read_none() {
        let Decision::Process(plan) = decide("role_change", &Map::new()) else { panic!("ignored") };
        assert_eq!(plan.actions[0], "Updated system permissions for None");
        assert_eq!(plan.facts[0], ("employee_id", Value::Null));
        assert_eq!(plan.facts[1].1, "None → None");
        assert_eq!(decide("approval_request", &Map::new()), Decision::Ignore);
    }
}
