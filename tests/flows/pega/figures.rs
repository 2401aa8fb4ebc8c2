//! `/metrics` and `/dashboard`: at any moment what a recount of the events says, whatever
//! happened to them, and the same for Prometheus.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use simulators::Fault;
use simulators::pega::{OPERATOR, Pega};
use tests::support::{Installation, Target, World, events};

use super::beside_no_pega;

async fn receive(world: &World, body: &Value) -> i64 {
    let answer = world.admin().send("POST", "/webhook/pega", body.clone()).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json["eventId"].as_i64().expect("a number")
}

/// The events that the list shows since then.
async fn listed(world: &World, since: &str) -> Vec<Value> {
    let (mut found, mut cursor) = (Vec::new(), String::new());
    loop {
        let path = format!("/events?limit=100&since={since}{cursor}");
        let page = world.admin().get(&path).await;
        found.extend(page.json.as_array().expect("a list").iter().cloned());
        let Some(link) = page.headers.get("link") else { return found };
        let link = link.to_str().expect("text");
        let next = link.split("cursor=").nth(1).and_then(|rest| rest.split('>').next());
        cursor = format!("&cursor={}", next.expect("a cursor"));
    }
}

fn counted(events: &[Value], by: impl Fn(&Value) -> &str) -> BTreeMap<String, i64> {
    let mut counts = BTreeMap::new();
    for event in events {
        *counts.entry(by(event).to_owned()).or_default() += 1;
    }
    counts
}

fn shown(list: &Value, name: &str) -> BTreeMap<String, i64> {
    let entries = list.as_array().expect("a list").iter();
    let pair = |entry: &Value| {
        let name = entry[name].as_str().expect("a name").to_owned();
        (name, entry["count"].as_i64().expect("a count"))
    };
    entries.map(pair).collect()
}

/// The figures are those of a recount.
async fn check(world: &World, moment: &str) {
    let metrics = world.admin().get("/metrics").await.json;
    let week = listed(world, metrics["since"].as_str().expect("a moment")).await;
    let by_event = counted(&week, |event| event["event"].as_str().expect("a type"));
    assert_eq!(metrics["total"], week.len(), "{moment}");
    assert_eq!(shown(&metrics["by_event"], "event"), by_event, "{moment}");

    let dashboard = world.admin().get("/dashboard").await.json;
    let day = listed(world, dashboard["since"].as_str().expect("a moment")).await;
    assert_eq!(dashboard["total_events"], day.len(), "{moment}");
    let by_event = counted(&day, |event| event["event"].as_str().expect("a type"));
    assert_eq!(shown(&dashboard["event_breakdown"], "event"), by_event, "{moment}");
    let by_status = counted(&day, |event| event["status"].as_str().expect("a status"));
    assert_eq!(shown(&dashboard["status_breakdown"], "status"), by_status, "{moment}");
    let by_day = counted(&week, |event| &event["received_at"].as_str().expect("a moment")[..10]);
    assert_eq!(shown(&dashboard["daily_trend"], "day"), by_day, "{moment}");
    for list in [&metrics["by_event"], &dashboard["event_breakdown"]] {
        let counts = list.as_array().expect("a list").iter().map(|entry| entry["count"].as_i64());
        assert!(counts.rev().is_sorted(), "{moment}: {list}");
    }
}

/// Both answer in the shapes of the contract, and count what came meanwhile.
pub async fn shapes(target: &Target) {
    let admin = target.admin();
    let of_type = |list: &Value| shown(list, "event").get("role_change").copied().unwrap_or(0);
    let before = admin.get("/metrics").await.json;
    let id = admin.event(&events::role_change(&events::new_case())).await.event_id();
    admin.settled(id).await;
    let metrics = admin.get("/metrics").await.json;
    let names = |json: &Value| json.as_object().expect("an object").keys().cloned().collect();
    let named: Vec<String> = names(&metrics);
    assert_eq!(named, ["by_event", "since", "total"]);
    assert_eq!(metrics["since"].as_str().map(str::len), Some("2026-01-31T12:00:00Z".len()));
    assert_eq!(of_type(&metrics["by_event"]), of_type(&before["by_event"]) + 1);
    let dashboard = admin.get("/dashboard").await.json;
    assert_eq!(dashboard["period"], "last_24_hours");
    assert_eq!(dashboard["pega_connection"], "connected");
    assert!(dashboard["total_events"].as_i64() > Some(0), "{dashboard:#}");
    assert!(shown(&dashboard["status_breakdown"], "status").contains_key("processed"));
    assert_eq!(of_type(&dashboard["event_breakdown"]), of_type(&metrics["by_event"]));
    let today = &shared::web::to_the_second(shared::clock::Clock::system().now_ms())[..10];
    assert!(shown(&dashboard["daily_trend"], "day").contains_key(today), "{dashboard:#}");
    let text = admin.get("/metrics?format=prometheus").await;
    assert!(text.text.contains("caseway_pega_connected 1"), "{}", text.text);
    assert_eq!(admin.get("/pega/health").await.json, json!({ "status": "ok" }));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_figures_are_those_of_a_recount_at_any_moment() {
    let world = beside_no_pega().await;
    check(&world, "before any event").await;
    let mut failed = Vec::new();
    // Eight days and a bit in steps that hit no minute, hour or day twice alike.
    for step in 0..24_u64 {
        let case = format!("CASE {}", step % 5);
        receive(&world, &events::role_change(&case)).await;
        check(&world, "received").await;
        if step % 3 == 0 {
            failed.push(receive(&world, &events::high_risk(&case)).await);
        }
        if step % 4 == 0 {
            let body = json!({ "caseId": case, "event": "a#type of%its own" });
            receive(&world, &body).await;
        }
        if step % 2 == 0 {
            world.work().await;
        }
        check(&world, "worked through").await;
        if step % 5 == 4 {
            // Long after its hour was summed up.
            let path = format!("/events/{}/reprocess", failed.remove(0));
            let answer = world.admin().send("POST", &path, json!({})).await;
            assert_eq!(answer.status, 200, "{}", answer.text);
            check(&world, "driven anew").await;
        }
        world.wait(8 * 3600 + 1723 * step);
        check(&world, "later").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_is_being_worked_through_counts_as_that() {
    let installation = Installation::start().await;
    let faults = &installation.target.pega.faults;
    let (reached, answer) = faults.plan_held("POST", "/messages", Fault::Cut);
    let admin = installation.admin();
    let id = admin.event(&events::high_risk(&events::new_case())).await.event_id();
    reached.await.expect("a call");
    assert_eq!(admin.get(&format!("/events/{id}")).await.json["status"], "processing");
    let dashboard = admin.get("/dashboard").await.json;
    assert_eq!(shown(&dashboard["status_breakdown"], "status")["processing"], 1);
    assert_eq!(dashboard["pega_connection"], "connected");
    answer.send(()).expect("it waits");
    installation.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn prometheus_gets_its_own_format() {
    let world = beside_no_pega().await;
    receive(&world, &json!({ "caseId": "C", "event": "with \"quotes\"\nand lines" })).await;
    receive(&world, &events::role_change("C")).await;
    world.work().await;
    let asked = world.admin().get("/metrics?format=prometheus").await;
    let kind = asked.headers["content-type"].to_str().expect("text").to_owned();
    assert!(kind.starts_with("application/openmetrics-text"), "{kind}");
    for line in [
        r#"caseway_pega_events_7d{event="role_change"} 1"#,
        r#"caseway_pega_events_7d{event="with \"quotes\"\nand lines"} 1"#,
        r#"caseway_pega_events_24h{status="processed"} 1"#,
        r#"caseway_pega_events_24h{status="received"} 1"#,
        "caseway_pega_connected 0",
        "# EOF",
    ] {
        assert!(asked.text.contains(line), "{line} is not in {}", asked.text);
    }
    let key = format!("Bearer {}", world.admin_key);
    for (accept, json) in [
        ("application/openmetrics-text;version=1.0.0;q=0.5,text/plain;q=0.2,*/*;q=0.1", false),
        ("text/plain", false),
        ("*/*", true),
        ("application/json, text/plain, */*", true),
    ] {
        let who = world.who(&[("authorization", &key), ("accept", accept)]);
        let answer = who.get("/metrics").await;
        assert_eq!(answer.json.is_object(), json, "{accept}: {}", answer.text);
    }
    let wrong = world.admin().get("/metrics?format=xml").await;
    assert_eq!((wrong.status, &wrong.json["errors"][0]["field"]), (422, &json!("format")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_counts_its_own_events_alone() {
    let world = beside_no_pega().await;
    receive(&world, &events::role_change("C")).await;
    let new = json!({ "id": "other" });
    let made = world.admin().send("POST", "/api/v1/tenants", new).await;
    let other = made.json["admin_key"].as_str().expect("a key").to_owned();
    let metrics = world.bearer(&other).get("/metrics").await.json;
    assert_eq!((&metrics["total"], &metrics["by_event"]), (&json!(0), &json!([])));
}

#[tokio::test(flavor = "multi_thread")]
async fn pega_is_asked_how_it_is_and_the_answer_kept_for_a_while() {
    let pega = Pega::start().await.expect("a Pega");
    let url = pega.url();
    let (user, password) = OPERATOR;
    let vars = [("PEGA_URL", &*url), ("PEGA_USERNAME", user), ("PEGA_PASSWORD", password)];
    let world = World::with(&vars).await;
    let look = async || world.admin().get("/dashboard").await.json["pega_connection"].clone();
    assert_eq!(look().await, "connected");
    pega.faults.plan("GET", "/casetypes", 1, Fault::Cut);
    assert_eq!(look().await, "connected", "it is not asked every time");
    world.wait(31);
    assert_eq!(look().await, "disconnected");
    world.wait(31);
    assert_eq!(look().await, "connected");
    let none = World::with(&[]).await;
    let dashboard = none.admin().get("/dashboard").await.json;
    assert_eq!(dashboard["pega_connection"], "not_configured");
}
