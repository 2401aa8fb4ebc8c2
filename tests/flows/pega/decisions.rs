//! Events that a person must decide about: nothing is done before, whoever is first
//! decides, and what was decided is told.

use reqwest::Method;
use serde_json::{Value, json};
use tests::support::{Caller, Target, events};

use super::steps::change_rules;

const RULES: &str = r#"
[events.department_change]
facts = [{ name = "employee_id", value = "{employeeId}" }]

[events.department_change.risk]
factors = [{ field = "hasAdminRights", points = 8, reason = "may change everything" }]
decide_above = 7
explain = true

[[events.department_change.steps]]
name = "checklist"
to_do = "Make a list"
done = "Made a list"
effect = { checklist = "move", items = ["Desk"] }
"#;

async fn waiting(admin: &Caller) -> i64 {
    let id = admin.event(&events::high_risk(&events::new_case())).await.event_id();
    let waits = |event: &Value| event["status"] == "requires_action";
    let event = admin.get_when(&format!("/events/{id}"), waits).await;
    let result = &event["processing_result"];
    assert_eq!(result["status"], "requires_action");
    assert_eq!(result["actions_taken"], json!(["Risk analysis completed. Score: 8"]));
    assert_eq!(result["steps"][0]["status"], "to_do");
    let factors = json!([{ "field": "hasAdminRights", "value": "True", "points": 8,
        "reason": "may change everything" }]);
    assert_eq!(result["risk"]["factors"], factors);
    id
}

async fn reset(admin: &Caller) {
    let answer = admin.send(admin.request(Method::DELETE, "/pega/rules")).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

/// Approved, what follows is done; rejected, nothing more is.
pub async fn approve_and_reject(target: &Target) {
    let admin = target.admin();
    change_rules(&admin, RULES).await;
    for (decision, status, done) in [("approve", "processed", true), ("reject", "rejected", false)]
    {
        let id = waiting(&admin).await;
        let refused = admin.post(&format!("/events/{id}/reprocess")).await;
        assert_eq!(refused.status, 400, "{}", refused.text);
        let body = json!({ "decision": decision, "comment": "as discussed" });
        let path = format!("/events/{id}/decision");
        assert_eq!(admin.post_json(&path, &body).await.json["status"], "queued");
        let decided = |event: &Value| event["status"] == "processed";
        let event = admin.get_when(&format!("/events/{id}"), decided).await;
        let result = &event["processing_result"];
        assert_eq!(result["status"], status, "{event:#}");
        assert_eq!(result["decision"]["decision"], decision);
        assert_eq!(result["decision"]["comment"], "as discussed");
        let actions = result["actions_taken"].as_array().expect("actions");
        assert_eq!(actions.contains(&json!("Made a list")), done, "{event:#}");
        let late = admin.post_json(&path, &body).await;
        assert_eq!(late.status, 409, "{}", late.text);
        let by = result["decision"]["by"].as_str().expect("who");
        assert!(late.text.contains(by), "{} names nobody", late.text);
        let history = admin.get(&format!("/events/{id}/history")).await.json;
        assert_eq!(history[0]["what"], "decided", "{history:#}");
    }
    reset(&admin).await;
}

/// Of two who decide at the same instant one does, and the other hears who.
pub async fn two_at_once(target: &Target) {
    let admin = target.admin();
    change_rules(&admin, RULES).await;
    let path = format!("/events/{}/decision", waiting(&admin).await);
    let (yes, no) = (json!({ "decision": "approve" }), json!({ "decision": "reject" }));
    let (first, second) = tokio::join!(admin.post_json(&path, &yes), admin.post_json(&path, &no));
    let mut answers = [first.status, second.status];
    answers.sort_unstable();
    assert_eq!(answers, [200, 409], "{} {}", first.text, second.text);
    reset(&admin).await;
}

/// Where there is nothing to decide.
pub async fn nothing_to_decide(target: &Target) {
    let admin = target.admin();
    let id = admin.event(&events::role_change(&events::new_case())).await.event_id();
    admin.settled(id).await;
    let path = format!("/events/{id}/decision");
    for (path, body, status) in [
        (path.as_str(), json!({ "decision": "approve" }), 409),
        (path.as_str(), json!({ "decision": "maybe" }), 422),
        (path.as_str(), json!({ "decision": "approve", "comment": "x".repeat(1001) }), 422),
        ("/events/999999999/decision", json!({ "decision": "approve" }), 404),
    ] {
        let answer = admin.post_json(path, &body).await;
        assert_eq!(answer.status, status, "{body}: {}", answer.text);
    }
}

/// What a person approved is what is done, whatever the rules say by then.
pub async fn rules_that_change_meanwhile(target: &Target) {
    let admin = target.admin();
    change_rules(&admin, RULES).await;
    let id = waiting(&admin).await;
    let held = admin.get("/pega/rules").await.json;
    let other = RULES.replace("Made a list", "Made another list").replace("move", "other");
    change_rules(&admin, &other).await;
    let path = format!("/events/{id}/decision");
    admin.post_json(&path, &json!({ "decision": "approve" })).await;
    let decided = |event: &Value| event["status"] == "processed";
    let event = admin.get_when(&format!("/events/{id}"), decided).await;
    let actions = event["processing_result"]["actions_taken"].to_string();
    assert!(actions.contains("Made a list"), "{event:#}");
    let report = admin.get(&format!("/events/{id}/report")).await.json;
    assert_eq!(report["evidence"]["rules"], format!("version {}", held["version"]));
    reset(&admin).await;
}
