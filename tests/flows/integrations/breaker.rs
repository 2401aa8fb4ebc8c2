//! A connection whose other side keeps failing is left alone, and one whose other side
//! is slow takes no more places than its own.

use std::time::Duration;

use functions::integrations::connections::client::{Connector, Connectors, Failed, Request};
use reqwest::StatusCode;
use serde_json::{Value, json};
use shared::env::Env;
use shared::error::{Error, Kind};
use shared::outbound::Method;
use shared::tenant::Tenant;
use simulators::Fault;

use super::{beside_a_system, but, create, to};

async fn open(env: &Env, path: &str) -> Connector {
    let tenant = Tenant::parse("default").expect("a name");
    let id = path.rsplit('/').next().expect("an id");
    let connectors = Connectors::load(env).expect("a client");
    connectors.open(&tenant, id).await.expect("a connection")
}

async fn status(connector: &Connector) -> Option<u16> {
    match connector.call(Request::get("/agents")).await {
        Ok(reply) => Some(reply.status.as_u16()),
        Err(Failed::Held(_)) => None,
        Err(Failed::Call(error)) => panic!("{error}"),
    }
}

#[tokio::test]
async fn it_opens_lets_one_probe_through_and_closes() {
    let (world, system) = beside_a_system().await;
    let path = create(&world, to(&system)).await;
    let connector = open(&world.env, &path).await;
    let broken = Fault::Answer(StatusCode::SERVICE_UNAVAILABLE, String::new());
    system.faults.plan("GET", "/agents", 11, broken);
    for _ in 0..10 {
        assert_eq!(status(&connector).await, Some(503));
    }
    assert_eq!(status(&connector).await, None, "it is open");
    let refused = world.admin().send("POST", &format!("{path}/test"), Value::Null).await;
    assert_eq!(refused.status, 503, "for all processes together: {}", refused.text);
    let after: u64 = refused.header("retry-after").parse().expect("seconds");
    assert!((30..=61).contains(&after), "{after}");
    assert_eq!(world.admin().get(&path).await.json["status"], "inactive", "no test was made");
    world.wait(31);
    assert_eq!(status(&connector).await, Some(503), "the probe fails");
    assert_eq!(status(&connector).await, None, "and it is open for longer");
    world.wait(31);
    assert_eq!(status(&connector).await, None);
    world.wait(31);
    let connectors = [open(&world.env, &path).await, open(&world.env, &path).await, connector];
    // Long enough for all to ask while the probe is under way.
    system.faults.plan("GET", "/agents", 1, Fault::Delay(Duration::from_millis(500)));
    let all = futures_util::future::join_all(connectors.iter().map(status)).await;
    let mut let_through = all.iter().flatten();
    assert_eq!((let_through.next(), let_through.next()), (Some(&200), None), "{all:?}");
    assert_eq!(status(&connectors[0]).await, Some(200), "it is closed");
}

#[tokio::test]
async fn refusals_do_not_open_it() {
    let (world, system) = beside_a_system().await;
    let path = create(&world, to(&system)).await;
    let connector = open(&world.env, &path).await;
    system.faults.plan("GET", "/agents", 20, Fault::Answer(StatusCode::CONFLICT, String::new()));
    for _ in 0..20 {
        assert_eq!(status(&connector).await, Some(409));
    }
    assert_eq!(status(&connector).await, Some(200));
}

/// What failed at the old address says nothing of the new one.
#[tokio::test]
async fn a_new_address_is_not_held_up_by_the_old_one() {
    let (world, system) = beside_a_system().await;
    let path = create(&world, to(&system)).await;
    let connector = open(&world.env, &path).await;
    let broken = Fault::Answer(StatusCode::BAD_GATEWAY, String::new());
    system.faults.plan("GET", "/agents", 10, broken);
    for _ in 0..10 {
        status(&connector).await;
    }
    assert_eq!(status(&connector).await, None);
    let moved = json!({"endpoint_url": format!("{}/v2", system.url())});
    assert_eq!(world.admin().send("PUT", &path, moved).await.status, 200);
    let tested = world.admin().send("POST", &format!("{path}/test"), Value::Null).await;
    assert_eq!(tested.json["success"], true, "{}", tested.text);
    assert_eq!(system.asked(), ["GET /v2/api/test"]);
}

#[tokio::test]
async fn only_what_may_be_repeated_is() {
    let (world, system) = beside_a_system().await;
    let path = create(&world, but(to(&system), json!({"config": {"retry_attempts": 3}}))).await;
    let connector = open(&world.env, &path).await;
    let broken = || Fault::Answer(StatusCode::BAD_GATEWAY, String::new());
    for (method, attempts) in [(Method::POST, 1), (Method::PUT, 2)] {
        let name = if method == Method::POST { "POST" } else { "PUT" };
        system.faults.clear();
        system.faults.plan(name, "/things", 1, broken());
        let reply = connector.call(Request::new(method, "/things").json(json!({}))).await;
        let status = reply.expect("an answer").status;
        assert_eq!(status.is_success(), attempts == 2, "{name}");
    }
}

#[tokio::test]
async fn too_many_calls_at_once_wait_no_longer_than_their_time() {
    let (world, system) = beside_a_system().await;
    let config = json!({"config": {"retry_attempts": 0, "timeout_seconds": 2}});
    let path = create(&world, but(to(&system), config)).await;
    let mut vars = world.vars();
    vars.insert("CONNECTION_CALLS".to_owned(), "2".to_owned());
    let env = Env::new(vars, world.database.sdk()).with_clock(world.clock.clone());
    let env = env.with_vault(world.vault()).with_private_targets();
    let connectors = Connectors::load(&env).expect("a client");
    let tenant = Tenant::parse("default").expect("a name");
    let id = path.rsplit('/').next().expect("an id");
    let slow = connectors.open(&tenant, id).await.expect("a connection");
    let third = connectors.open(&tenant, id).await.expect("a connection");
    let third = third.within(Duration::from_millis(300));
    system.faults.plan("GET", "/slow", 2, Fault::Delay(Duration::from_secs(60)));
    let (first, second, third) = tokio::join!(
        slow.call(Request::get("/slow")),
        slow.call(Request::get("/slow")),
        third.call(Request::get("/quick")),
    );
    for late in [first, second] {
        assert!(matches!(late, Err(Failed::Call(_))), "{late:?}");
    }
    let held = Error::from(third.expect_err("there was no place"));
    assert_eq!((held.kind, held.retry_after.is_some()), (Kind::Unavailable, true));
    assert_eq!(status(&slow).await, Some(200), "the places are free again");
}
