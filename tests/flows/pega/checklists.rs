//! Checklists: made by events, ticked off by people, one after the other and at once.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};
use tests::support::{Answer, Caller, Target, events};

/// The checklist of a new onboarding.
async fn onboarding(admin: &Caller, employee: &str) -> Value {
    let body = json!({ "caseId": events::new_case(), "event": "employee_onboarding",
        "employeeId": employee, "department": "IT" });
    let id = admin.event(&body).await.event_id();
    let event = admin.settled(id).await;
    let list = event["processing_result"]["steps"][0]["detail"].as_str().expect("an id").to_owned();
    admin.get(&format!("/pega/checklists/{list}")).await.json
}

async fn tick(admin: &Caller, id: &str, number: usize, body: Value) -> Answer {
    let path = format!("/pega/checklists/{id}/items/{number}");
    admin.send(admin.request(Method::PATCH, &path).json(&body)).await
}

/// Items are ticked off, and the list is completed by the last.
pub async fn tick_off(target: &Target) {
    let admin = target.admin();
    let list = onboarding(&admin, "E-TICK").await;
    let texts: Vec<_> = list["items"]
        .as_array()
        .expect("items")
        .iter()
        .map(|item| item["text"].as_str().expect("text"))
        .collect();
    let expected = [
        "IT equipment assignment",
        "Badge creation",
        "Email account setup",
        "System access requests",
        "Orientation scheduling",
    ];
    assert_eq!(texts, expected);
    let id = list["id"].as_str().expect("an id");
    let done = tick(&admin, id, 2, json!({ "done": true, "note": "Badge 17" })).await.json;
    assert_eq!((&done["done"], &done["items"][1]["note"]), (&json!(1), &json!("Badge 17")));
    let by = done["items"][1]["done_by"].as_str().expect("who");
    assert!(by.starts_with("key:"), "{by}");
    assert_eq!(tick(&admin, id, 2, json!({ "done": true })).await.json["items"], done["items"]);
    // Everybody at once: nobody's tick is lost.
    let rest = [1, 3, 4, 5].map(|number| tick(&admin, id, number, json!({ "done": true })));
    for answer in futures_util::future::join_all(rest).await {
        assert_eq!(answer.status, 200, "{}", answer.text);
    }
    let path = format!("/pega/checklists/{id}");
    let list = admin.get(&path).await.json;
    assert_eq!((&list["status"], &list["done"]), (&json!("completed"), &json!(5)), "{list:#}");
    let undone = tick(&admin, id, 1, json!({ "done": false })).await.json;
    assert_eq!((&undone["status"], &undone["completed_at"]), (&json!("open"), &Value::Null));
    for (number, body, status) in [
        (0, json!({ "done": true }), 404),
        (6, json!({ "done": true }), 404),
        (1, json!({}), 422),
        (1, json!({ "done": "yes" }), 422),
        (1, json!({ "note": "x".repeat(1001) }), 422),
        (1, json!({ "done": true, "by": "me" }), 422),
    ] {
        let answer = tick(&admin, id, number, body.clone()).await;
        assert_eq!(answer.status, status, "{body}: {}", answer.text);
    }
    assert_eq!(tick(&admin, "no-such", 1, json!({ "done": true })).await.status, 404);
}

/// Lists, newest first, by status and by employee, page by page.
pub async fn lists(target: &Target) {
    let admin = target.admin();
    let employee = format!("E-{}", shared::ids::unique());
    let mut made = Vec::new();
    for _ in 0..5 {
        made.push(onboarding(&admin, &employee).await["id"].as_str().expect("an id").to_owned());
    }
    for number in 1..=5 {
        tick(&admin, &made[2], number, json!({ "done": true })).await;
    }
    made.reverse();
    let ids = |page: &Value| -> Vec<String> {
        let rows = page.as_array().expect("a list").iter();
        rows.map(|row| row["id"].as_str().expect("an id").to_owned()).collect()
    };
    for (status, expected) in [
        ("", made.clone()),
        ("&status=completed", vec![made[2].clone()]),
        ("&status=open", [&made[..2], &made[3..]].concat()),
    ] {
        let mut path = format!("/pega/checklists?employee_id={employee}&limit=2{status}");
        let mut found = Vec::new();
        loop {
            let page = admin.get(&path).await;
            assert_eq!(page.status, 200, "{}", page.text);
            found.extend(ids(&page.json));
            let link = page.header("link").to_owned();
            let Some(next) = link.strip_prefix('<').and_then(|link| link.split('>').next()) else {
                break;
            };
            path = format!("/pega/checklists{next}");
        }
        assert_eq!(found, expected, "{status}");
        assert_eq!(found.iter().collect::<BTreeSet<_>>().len(), found.len());
    }
    let wrong = admin.get("/pega/checklists?status=half").await;
    assert_eq!(wrong.status, 422, "{}", wrong.text);
}
