//! The policies are read, changed, tried, and refused when they make no sense.

use serde_json::{Value, json};
use tests::support::World;

use super::{asked, request, steps, ticket};

const POLICIES: &str = "/support/policies";

#[tokio::test]
async fn those_that_hold_are_shown_changed_and_taken_back() {
    let world = World::with(&[]).await;
    let shown = world.admin().get(POLICIES).await.json;
    assert_eq!((&shown["source"], &shown["version"]), (&json!("default"), &json!(0)));
    let text = shown["text"].as_str().expect("a text");
    assert_eq!(world.admin().send("PUT", POLICIES, json!({ "text": text })).await.status, 200);
    super::go_by(&world, &steps::steps("")).await;
    let id = asked(&world, "software_access").await;
    let done = ticket(&world, &id).await;
    assert_eq!(
        (&done["status"], &done["assessment"]["policies"]),
        (&json!("resolved"), &json!("version 2"))
    );
    let stale = json!({ "text": text, "version": 1 });
    assert_eq!(world.admin().send("PUT", POLICIES, stale).await.status, 409);
    let versions = world.admin().get("/support/policies/versions").await.json;
    assert_eq!(versions.as_array().map(Vec::len), Some(2));
    let back = world.admin().send("DELETE", POLICIES, Value::Null).await;
    assert_eq!((back.status, &back.json["source"]), (200, &json!("default")));
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_with_its_place() {
    let world = World::with(&[]).await;
    let two = steps::steps("") + &steps::steps("");
    for (text, told) in [
        (String::new(), "policies"),
        ("confidence_threshold = 2\n".to_owned() + &steps::steps(""), "confidence_threshold"),
        (two.replacen("'all'", "'other'", 1), "policies"),
        (steps::steps("").replace("'Everything is allowed.'", "' '"), "text"),
        (steps::steps("approval = { rule = 'all' }"), "approval"),
        (steps::steps("approval = { rule = 'all', approvers = ['A', 'A'] }"), "approvers"),
        (steps::steps("approval = { rule = 'all', approvers = [''] }"), "approvers"),
        (steps::steps("approval = { rule = { at_least = 1000 } }"), "approval"),
        (
            steps::steps(
                "[[policies.steps]]\nid='a'\ndescription=''\nactor='employee'\n\
                minutes=4294967295",
            ),
            "minutes",
        ),
        (
            steps::steps(
                "[[policies.steps]]\nid='a'\ndescription=''\nactor='system'\n\
                fallback='manager_approval'",
            ),
            "fallback",
        ),
        (steps::steps("odd = 1"), "odd"),
        (
            steps::steps(
                "[[policies.steps]]\nid='a'\ndescription=''\nactor='manager_approval'\n\
                effect={webhook='w'}",
            ),
            "is done by a person",
        ),
        (
            steps::steps("[[policies.steps]]\nid='a'\ndescription=''\nactor='system'\nafter=['b']"),
            "step a",
        ),
    ] {
        let refused = world.admin().send("PUT", POLICIES, json!({ "text": text })).await;
        assert_eq!(refused.status, 422, "{text}");
        let message = refused.json["errors"][0]["message"].as_str().unwrap_or_default();
        assert!(message.contains(told), "{told}: {message}");
    }
}

#[tokio::test]
async fn they_are_tried_without_a_ticket() {
    let world = World::with(&[]).await;
    let path = "/support/policies/try";
    let body = json!({ "request": request("software_access") });
    let outlook = world.admin().send("POST", path, body).await;
    assert_eq!(outlook.status, 200, "{}", outlook.text);
    assert_eq!(outlook.json["assessment"]["decision"], "REQUIRES_APPROVAL");
    assert_eq!(outlook.json["plan"]["steps"].as_array().map(Vec::len), Some(2));
    let body = json!({ "request": request("x"), "text": steps::steps("") });
    let outlook = world.admin().send("POST", path, body).await.json;
    assert_eq!(outlook["assessment"]["decision"], "ALLOWED");
    assert_eq!(world.admin().get("/support/tickets").await.json["count"], 0);
}
