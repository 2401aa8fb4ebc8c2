//! Rules: a tenant's own, their versions, what is wrong with them, and trying them out.

use serde_json::{Value, json};
use tests::support::{Answer, World};

async fn put(world: &World, body: Value) -> Answer {
    world.admin().send("PUT", "/pega/rules", body).await
}

#[tokio::test]
async fn a_tenant_has_its_own_rules_in_versions() {
    let world = World::with(&[]).await;
    let usual = world.admin().get("/pega/rules").await.json;
    assert_eq!((&usual["source"], &usual["version"]), (&json!("default"), &json!(0)));
    let text = "[events.moved]\n";
    let own = put(&world, json!({ "text": text, "version": 0 })).await.json;
    assert_eq!(
        (&own["source"], &own["version"], &own["text"]),
        (&json!("tenant"), &json!(1), &json!(text))
    );
    let stale = put(&world, json!({ "text": "", "version": 0 })).await;
    assert_eq!(stale.status, 409, "{}", stale.text);
    let reset = world.admin().send("DELETE", "/pega/rules", Value::Null).await.json;
    assert_eq!((&reset["source"], &reset["version"]), (&json!("default"), &json!(2)));
    assert_eq!(put(&world, json!({ "text": "" })).await.json["version"], 3);
    let versions = world.admin().get("/pega/rules/versions").await.json;
    let numbers: Vec<_> =
        versions.as_array().expect("a list").iter().map(|v| v["version"].as_i64()).collect();
    assert_eq!(numbers, [Some(3), Some(2), Some(1)]);
    let first = world.admin().get("/pega/rules/versions/1").await.json;
    assert_eq!(first["text"], text);
    assert!(first["created_by"].as_str().expect("who").starts_with("key:"), "{first}");
    assert_eq!(world.admin().get("/pega/rules/versions/9").await.status, 404);
    let other = world.admin().send("POST", "/api/v1/tenants", json!({ "id": "other" })).await;
    let other = other.json["admin_key"].as_str().expect("a key").to_owned();
    assert_eq!(world.bearer(&other).get("/pega/rules").await.json["version"], 0);
    assert_eq!(world.bearer(&other).get("/pega/rules/versions/1").await.status, 404);
}

#[tokio::test]
async fn what_is_wrong_with_rules_is_told_with_its_place() {
    let world = World::with(&[]).await;
    let step = |more: &str| {
        format!("[[events.a.steps]]\nname = \"s\"\nto_do = \"t\"\ndone = \"d\"\n{more}")
    };
    let risk = |more: &str| {
        format!("[events.a.risk]\nfactors = [{{ field = \"f\", points = 1 }}]\n{more}")
    };
    for (text, told) in [
        ("x".to_owned(), "line 1"),
        ("\n\n[events.a]\nfact = []".to_owned(), "line 4: unknown field `fact`"),
        ("[events.a]\nfacts = [{ name = \"status\", value = 1 }]".to_owned(), "status is taken"),
        (step("effect = { webhok = \"w\" }"), "line"),
        (step("effect = { checklist = \"c\", items = [] }"), "events.a.steps.s.effect.items"),
        (step("effect = { connection = \"c\", method = \"GET\", path = \"/\" }"), "effect.method"),
        (step("effect = { connection = \"c\", method = \"PUT\", path = \"x\" }"), "effect.path"),
        (
            step("effect = { connection = \"c\", method = \"PUT\", path = \"/a/../b\" }"),
            "effect.path: must not hold dots alone",
        ),
        (
            format!("[events.a]\nfacts = [{{ name = \"f\", value = \"{}\" }}]", "{a}".repeat(400)),
            "events.a.facts.f: must be at most",
        ),
        (step("effect = { webhook = \"w\" }"), "steps.s.effect: webhook: names no webhook"),
        (step("effect = { notify = \"t\" }"), "steps.s.effect: notify: names no target"),
        (
            step("effect = { connection = \"c\", method = \"PUT\", path = \"/\" }"),
            "steps.s.effect: connection: names no connection",
        ),
        (step("").replace("\"s\"", "\"S s\""), "a-z"),
        (step("") + &step(""), "is there twice"),
        (risk("alert_above = 1"), "events.a.risk.alert"),
        (risk("fields = [\"f\"]"), "both fields and values"),
        (risk("cap = 0"), "cap"),
        (risk("").replace("points = 1", "points = 0"), "needs points"),
        (risk("").replace("points = 1", "points = 1, equals = 1, at_most = 2"), "may have equals"),
        (format!("# {}", "x".repeat(70_000)), "bytes long"),
    ] {
        let answer = put(&world, json!({ "text": text })).await;
        assert_eq!(answer.status, 422, "{text}: {}", answer.text);
        assert_eq!(answer.json["errors"][0]["field"], "rules", "{}", answer.text);
        assert!(answer.text.contains(told), "{told} is not in {}", answer.text);
    }
    assert_eq!(world.admin().get("/pega/rules").await.json["version"], 0);
}

#[tokio::test]
async fn rules_are_tried_without_doing_anything() {
    let world = World::with(&[]).await;
    let event = json!({ "caseId": "C", "event": "department_change", "employeeId": "E1",
        "oldDepartment": "IT", "newDepartment": "Sales", "hasAdminRights": true,
        "hasFinancialAccess": true, "accessToSensitiveData": true });
    let tried = |body: Value| async { world.admin().send("POST", "/pega/rules/try", body).await };
    let usual = tried(json!({ "event": event })).await.json;
    assert_eq!((&usual["score"], &usual["requires_action"]), (&json!(10), &json!(false)));
    assert_eq!(
        usual["alert"],
        "HIGH RISK: Employee E1 department change requires additional approval"
    );
    assert_eq!((&usual["risk"], &usual["steps"][0]["by"]), (&Value::Null, &json!("nobody")));
    let text = "[events.department_change.risk]\nexplain = true\ndecide_above = 1\n\
        factors = [{ field = \"newDepartment\", any_of = [\"Sales\"], points = 2 }]";
    let other = tried(json!({ "event": event, "text": text })).await.json;
    assert_eq!((&other["score"], &other["requires_action"]), (&json!(2), &json!(true)));
    assert_eq!(other["risk"]["factors"][0]["value"], "Sales");
    let none = tried(json!({ "event": { "event": "unheard of" } })).await.json;
    assert_eq!(none["decision"], "ignore");
    let wrong = tried(json!({ "event": {} })).await;
    assert_eq!((wrong.status, &wrong.json["errors"][0]["field"]), (422, &json!("event.event")));
    assert_eq!(world.admin().get("/events").await.json, json!([]));
}

#[tokio::test]
async fn an_installation_has_a_file_of_its_own() {
    let folder = tempfile::TempDir::new().expect("a folder");
    let path = folder.path().join("rules.toml");
    std::fs::write(&path, "[events.moved]\n").expect("a file");
    let path = path.to_str().expect("a path").to_owned();
    let world = World::with(&[("PEGA_RULES_FILE", &path)]).await;
    let held = world.admin().get("/pega/rules").await.json;
    assert_eq!(
        (&held["source"], &held["text"]),
        (&json!("installation"), &json!("[events.moved]\n"))
    );
    let event = json!({ "caseId": "C", "event": "moved" });
    world.admin().send("POST", "/webhook/pega", event).await;
    world.work().await;
    let event = world.admin().get("/events/1").await.json;
    assert_eq!(event["status"], "processed", "{event:#}");
}
