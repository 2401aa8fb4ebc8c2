//! Reports: all there is to tell of an event and of a case, as JSON and as a page in which
//! nothing that was sent is more than text.

use serde_json::json;
use tests::support::{Target, World, events};

const RULES: &str = r#"
[events.moved]
facts = []

[events.moved.risk]
factors = [{ field = "far", points = 9, reason = "far away" }]
decide_above = 5

[[events.moved.steps]]
name = "list"
to_do = "Make a list"
done = "Made a list"
effect = { checklist = "move", items = ["<b>Desk</b>"] }

[[events.moved.steps]]
name = "tell"
to_do = "Tell {who}"
done = "Told {who}"
"#;

#[tokio::test]
async fn an_event_is_reported_with_its_evidence_and_what_was_done() {
    let world = World::with(&[]).await;
    let admin = world.admin();
    admin.send("PUT", "/pega/rules", json!({ "text": RULES })).await;
    let sent = r#"{"caseId":"C 1","event":"moved","far":true,"who":"<script>alert(1)</script>"}"#;
    admin.raw("POST", "/webhook/pega", sent.to_owned()).await;
    world.work().await;
    let body = json!({ "decision": "approve", "comment": "<i>fine</i>" });
    assert_eq!(admin.send("POST", "/events/1/decision", body).await.status, 200);
    world.work().await;
    // The rules that hold now are others; those that it was decided by are told.
    admin.send("PUT", "/pega/rules", json!({ "text": "" })).await;
    let report = admin.get("/events/1/report").await.json;
    let digest = |text: &str| shared::ids::hex_digest(text.as_bytes());
    assert_eq!(report["payload_sha256"], digest(sent));
    let evidence = &report["evidence"];
    assert_eq!(
        (&evidence["rules"], &evidence["rules_sha256"]),
        (&json!("version 1"), &json!(digest(RULES)))
    );
    assert_eq!(
        (&evidence["risk"]["score"], &evidence["required_decision"]),
        (&json!(9), &json!(true))
    );
    assert_eq!(evidence["risk"]["factors"][0]["reason"], "far away");
    assert_eq!(report["decision"]["decision"], "approve");
    assert_eq!(
        (&report["steps"][0]["name"], &report["steps"][0]["how"]),
        (&json!("list"), &json!("done"))
    );
    assert_eq!(report["checklists"][0]["items"][0]["text"], "<b>Desk</b>");
    assert_eq!(report["history"][0]["what"], "decided");
    assert!(report["event"]["source"].as_str().expect("who").starts_with("key:"));

    let page = admin.get("/events/1/report?format=html").await;
    let policy = page.headers["content-security-policy"].to_str().expect("text");
    assert!(policy.starts_with("default-src 'none'"), "{policy}");
    assert!(page.headers["content-type"].to_str().expect("text").starts_with("text/html"));
    for tag in ["<script>", "<b>", "<i>"] {
        assert!(!page.text.contains(tag), "{tag} stands in {}", page.text);
    }
    for told in ["version 1", "far away", "approve by key:", "Left to do: Tell", "Made a list"] {
        assert!(page.text.contains(told), "{told} is not in {}", page.text);
    }
    let browser = [
        ("authorization", &*format!("Bearer {}", world.admin_key)),
        ("accept", "text/html,*/*;q=0.8"),
    ];
    assert_eq!(world.who(&browser).get("/events/1/report").await.text.find("<!doctype"), Some(0));
    assert_eq!(admin.get("/events/2/report").await.status, 404);
    assert_eq!(admin.get("/events/1/report?format=pdf").await.status, 422);
}

/// A case is reported with its events and what was asked of Pega.
pub async fn of_a_case(target: &Target) {
    let admin = target.admin();
    let case = target.pega.case("HRSR-Work", &json!({})).expect("a case");
    let first = admin.event(&events::high_risk(&case)).await.event_id();
    admin.settled(first).await;
    let second = admin.event(&events::role_change(&case)).await.event_id();
    admin.settled(second).await;
    let path = format!("/pega/case/{}", shared::web::percent_encode(&case));
    let note = admin.post(&format!("{path}/note?note=seen")).await;
    assert_eq!(note.status, 200, "{}", note.text);
    let report = admin.get(&format!("{path}/report")).await.json;
    let ids: Vec<_> =
        report["events"].as_array().expect("events").iter().map(|e| &e["event"]["id"]).collect();
    assert_eq!(ids, [second, first]);
    let alerted = &report["events"][1];
    let rules = alerted["evidence"]["rules"].as_str().expect("a name");
    assert!(rules.starts_with("default "), "{rules}");
    assert!(
        alerted["evidence"]["rules_sha256"].as_str().expect("a digest").starts_with(&rules[8..])
    );
    assert_eq!(alerted["evidence"]["alert"], events::NOTE);
    assert!(alerted["alert_sent_at"].is_string(), "{alerted:#}");
    assert_eq!(alerted["evidence"]["risk"]["because"], "oldDepartment is IT");
    let asked = &report["requests"][0];
    assert_eq!(
        (&asked["operation"], &asked["status"]),
        (&json!("add_note"), &json!("done")),
        "{asked:#}"
    );
    assert_eq!((&report["more"], &report["case_id"]), (&json!(false), &json!(case)));
    let page = admin.get(&format!("{path}/report?format=html")).await;
    assert!(page.text.contains("Asked of Pega") && page.text.contains("HTTP 201"), "{}", page.text);
    assert_eq!(
        admin.get("/pega/case/unheard%20of/report").await.json["detail"],
        "Nothing is known of this case"
    );
    assert!(report["generated_at"].is_string());
}
