//! What comes of each type of event.

use serde_json::{Value, json};
use tests::support::{Target, events};

/// Sends this and answers the event once it was worked through.
async fn outcome(target: &Target, mut body: Value) -> Value {
    body["caseId"] = events::new_case().into();
    let admin = target.admin();
    let id = admin.event(&body).await.event_id();
    admin.settled(id).await
}

/// The sample events and the results that the contract has for them.
pub async fn every_type(target: &Target) {
    let samples = [
        include_str!("../../events/department_change_high_risk.json"),
        include_str!("../../events/department_change.json"),
        include_str!("../../events/employee_onboarding.json"),
        include_str!("../../events/employee_offboarding.json"),
        include_str!("../../events/role_change.json"),
        include_str!("../../events/approval_request.json"),
    ];
    for (sample, (status, result)) in samples.into_iter().zip(expected()) {
        let body: Value = serde_json::from_str(sample).expect("a sample");
        let mut event = outcome(target, body).await;
        let steps = event.pointer_mut("/processing_result/steps").and_then(Value::as_array_mut);
        for step in steps.into_iter().flatten().filter(|step| step["name"] == "checklist") {
            let id = step.as_object_mut().expect("a step").remove("detail");
            let id = id.as_ref().and_then(Value::as_str).expect("a checklist").to_owned();
            let list = target.admin().get(&format!("/pega/checklists/{id}")).await.json;
            assert_eq!(list["status"], "open", "{list}");
        }
        assert_eq!(event["status"], status, "{event:#}");
        assert_eq!(event["processing_result"], result, "{event:#}");
    }
}

fn expected() -> [(&'static str, Value); 6] {
    let change = |risk: &[&str], employee: &str, to: &str, change: &str| {
        json!({
            "status": "processed", "event_type": "department_change", "actions_taken": risk,
            "employee_id": employee, "department_change": change,
            "steps": [
                to_do("directory", &format!("Update employee directory for {employee}")),
                to_do("badge", &format!("Update badge access for department {to}")),
                to_do("email_signature", "Update email signature"),
            ],
        })
    };
    let risk = ["Risk analysis completed. Score: 10", "Risk alert sent to Pega"];
    [
        ("processed", change(&risk, "EMP001", "Finance", "IT → Finance")),
        ("processed", change(&[], "EMP002", "Marketing", "Sales → Marketing")),
        ("processed", onboarding()),
        ("processed", offboarding()),
        ("processed", role_change()),
        (
            "received",
            json!({
                "status": "ignored",
                "message": "No processor found for event type: approval_request",
            }),
        ),
    ]
}

/// A step that nobody is known to do.
fn to_do(name: &str, text: &str) -> Value {
    json!({ "name": name, "status": "to_do", "text": text })
}

/// A step that made a checklist.
fn listed(line: &str) -> Value {
    json!({ "name": "checklist", "status": "done", "text": line })
}

fn onboarding() -> Value {
    let line = "Onboarding checklist created with 5 items";
    json!({
        "status": "processed", "event_type": "employee_onboarding", "actions_taken": [line],
        "employee_id": "EMP003", "checklist_items": 5,
        "steps": [
            listed(line),
            to_do("it_access", "Create IT access request for EMP003"),
            to_do(
                "system_access",
                "Submit department-specific system access for Engineering",
            ),
        ],
    })
}

fn offboarding() -> Value {
    let line = "Asset return checklist created: 4 items";
    json!({
        "status": "processed", "event_type": "employee_offboarding", "actions_taken": [line],
        "employee_id": "EMP004", "last_working_day": "2026-11-30",
        "steps": [
            to_do("access", "Revoke all system access for EMP004"),
            to_do("email", "Disable email account"),
            to_do("badge", "Return badge access"),
            listed(line),
        ],
    })
}

fn role_change() -> Value {
    json!({
        "status": "processed", "event_type": "role_change", "actions_taken": [],
        "employee_id": "EMP005", "role_change": "Analyst → Senior Analyst",
        "steps": [
            to_do("permissions", "Update system permissions for EMP005"),
            to_do("role", "Change role from Analyst to Senior Analyst in all systems"),
        ],
    })
}

/// A high-risk change puts one note on its case, in Pega.
pub async fn alert_is_noted_once(target: &Target) {
    let (admin, case) = (target.admin(), events::new_case());
    let id = admin.event(&events::high_risk(&case)).await.event_id();
    let event = admin.settled(id).await;
    let actions = &event["processing_result"]["actions_taken"];
    assert_eq!(actions[1], "Risk alert sent to Pega");
    let notes = target.pega.notes_on(&case);
    assert_eq!(notes.len(), 1);
    assert!(notes[0].starts_with(events::NOTE), "{notes:?}");
}

/// Admin rights and one more right make 7, which is not above 7.
pub async fn seven_is_no_alert(target: &Target) {
    let (admin, case) = (target.admin(), events::new_case());
    let mut body = events::high_risk(&case);
    body["hasFinancialAccess"] = false.into();
    let id = admin.event(&body).await.event_id();
    let event = admin.settled(id).await;
    let actions = event["processing_result"]["actions_taken"].as_array().expect("actions");
    assert_eq!(actions[0], "Risk analysis completed. Score: 7");
    assert_eq!(actions.len(), 1);
    assert!(target.pega.notes_on(&case).is_empty());
}
