//! Exports that are streamed: all of them, as they are read, and honest about where they end.

use std::collections::BTreeSet;

use axum::body::Body;
use axum::http::Request;
use functions::integrations::contact_center::records::{AgentLogin, Record};
use functions::integrations::contact_center::{ContactCenter, export};
use futures_util::StreamExt;
use reqwest::Method;
use serde_json::{Value, json};
use shared::env::Env;
use simulators::Server;
use tests::support::{Caller, Credential, Faults, Service, World};
use tower::ServiceExt;

use super::{CC, beside_a_centre, keep, ms};

/// Records that are kept: three pages of them.
const MANY: i64 = 4_500;

/// A world that keeps so many records of two agents.
async fn with_many() -> (World, simulators::contact_center::ContactCenter) {
    let (world, centre, id) = beside_a_centre().await;
    let begin = ms("2026-06-01T00:00:00Z");
    let login = |n: i64| {
        let login = begin + n * 10_000;
        let agent = (n % 2).to_string();
        Record::AgentLogin(AgentLogin { agent, login, logout: login + 5_000 })
    };
    keep(&world, &id, (0..MANY).map(login)).await;
    (world, centre)
}

fn wanted(format: &str) -> Value {
    json!({ "data_type": "agent_logins", "start_date": "2026-06-01", "end_date": "2026-06-02",
        "format": format })
}

/// A function of its own with this environment.
fn function(env: &Env) -> Service {
    let center = ContactCenter::load(env).expect("a centre");
    Service::guarded(env, export::api::routes().with(center))
}

/// How many exports the trail knows of, and how many records they were of.
async fn told(world: &World) -> (usize, i64) {
    let path = "/api/v1/audit-logs?action=contact-center.export&limit=100";
    let trail = world.admin().get(path).await;
    let entries = trail.json.as_array().unwrap_or_else(|| panic!("{}", trail.text)).clone();
    let of = |entry: &Value| entry["details"]["total_records"].as_i64().expect("a number");
    (entries.len(), entries.iter().map(of).sum())
}

#[tokio::test]
async fn everything_is_told_once_page_after_page_and_nothing_is_read_before_it_is_wanted() {
    let (world, _centre) = with_many().await;
    let key = format!("Bearer {}", world.admin_key);
    let request = Request::post(format!("{CC}/export-data"))
        .header("authorization", key)
        .header("content-type", "application/json")
        .body(Body::from(wanted("ndjson").to_string()))
        .expect("a request");
    let response = function(&world.env).router().oneshot(request).await.expect("an answer");
    assert_eq!(response.status(), 200);
    assert!(!response.headers().contains_key("x-next-cursor"));
    let mut parts = response.into_body().into_data_stream();
    let (mut ids, mut pages) = (BTreeSet::new(), 0);
    while let Some(part) = parts.next().await {
        pages += 1;
        for line in String::from_utf8(part.expect("a part").into()).expect("text").lines() {
            let record: Value = serde_json::from_str(line).expect("a record");
            assert!(ids.insert(record["id"].as_str().expect("an id").to_owned()), "{line}");
        }
        // The trail knew of it before it was handed over, and of no more.
        assert_eq!(told(&world).await, (pages, i64::try_from(ids.len()).expect("few")));
    }
    assert!(pages > 2, "{pages}");
    assert_eq!(i64::try_from(ids.len()).expect("few"), MANY);
}

#[tokio::test]
async fn values_have_one_header_line_however_many_pages_there_are() {
    let (world, _centre) = with_many().await;
    let all = world.admin().send("POST", &format!("{CC}/export-data"), wanted("csv")).await;
    assert_eq!((all.status, all.text.lines().count()), (200, 4_501));
    assert_eq!(all.text.lines().filter(|line| line.starts_with("id,data_type,")).count(), 1);
    let nothing = json!({ "data_type": "agent_calls", "start_date": "2026-06-01",
        "end_date": "2026-06-02", "format": "csv" });
    let none = world.admin().send("POST", &format!("{CC}/export-data"), nothing).await;
    assert_eq!((none.status, none.text.lines().count()), (200, 1), "{}", none.text);
}

/// What somebody gets who is at the other end of a socket: the status, and the lines that
/// came whole; none of those when the transfer broke off.
async fn fetched(server: &Server, world: &World) -> (u16, usize, bool) {
    let caller = Caller::new(&server.url(), Credential::Bearer(world.admin_key.clone()));
    let request = caller.request(Method::POST, &format!("{CC}/export-data"));
    let mut answer = caller.open(request.json(&wanted("ndjson"))).await;
    let (status, mut text) = (answer.status().as_u16(), Vec::new());
    loop {
        match answer.chunk().await {
            Ok(Some(part)) => text.extend_from_slice(&part),
            end => {
                let lines = text.iter().filter(|byte| **byte == b'\n').count();
                return (status, lines, end.is_ok());
            }
        }
    }
}

#[tokio::test]
async fn a_stream_whose_source_fails_on_the_way_breaks_off_and_never_seems_whole() {
    let (world, _centre) = with_many().await;
    let mut broken = 0;
    for calls in (5..).step_by(13) {
        let faults = Faults::death_after(calls);
        let service = function(&world.workforce_amid(&faults));
        let server = Server::start(service.router(), 0).await.expect("a server");
        let (status, lines, is_whole) = fetched(&server, &world).await;
        match (status, is_whole) {
            (200, true) => {
                assert_eq!(lines, 4_500, "after {calls}");
                break;
            }
            (200, false) => {
                assert!(lines < 4_500, "after {calls}: {lines}");
                broken += 1;
            }
            (status, _) => assert!(status >= 500, "after {calls}: {status}"),
        }
    }
    assert!(broken > 1, "it was broken off in the middle: {broken}");
}
