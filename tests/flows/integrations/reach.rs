//! Tests of a connection: each way of signing in, tokens, retries, and what comes of it.

use std::time::Duration;

use reqwest::StatusCode;
use serde_json::{Value, json};
use simulators::Fault;
use simulators::rest::{API_KEY, BEARER, CLIENT, LIFETIME_SECONDS, Rest};
use tests::support::{Answer, World};

use super::{beside_a_system, but, create, to};

async fn test(world: &World, path: &str) -> Answer {
    let answer = world.admin().send("POST", &format!("{path}/test"), Value::Null).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer
}

fn by_oauth(system: &Rest) -> Value {
    let credentials = json!({"token_url": system.token_url(), "client_id": CLIENT.0,
        "client_secret": CLIENT.1});
    but(to(system), json!({"authentication_type": "oauth", "credentials": credentials}))
}

#[tokio::test]
async fn a_test_that_goes_well_activates_a_connection() {
    let (world, system) = beside_a_system().await;
    let path = create(&world, to(&system)).await;
    let id = path.rsplit('/').next().expect("an id");
    let body = json!({"connection_id": id, "test_type": "full", "test_parameters": {"a": 1}});
    let answer = world.admin().send("POST", &format!("{path}/test"), body).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let took = &answer.json["response_time_ms"];
    assert!(took.as_i64().is_some_and(|ms| ms >= 0));
    let expected = json!({"connection_id": id, "test_type": "full", "success": true,
        "response_time_ms": took, "test_results": {"success": true, "status_code": 200,
            "response_time_ms": took, "message": "Connection successful"},
        "recommendations": answer.json["recommendations"], "timestamp": "2026-06-01T12:00:00Z"});
    assert_eq!(answer.json, expected);
    assert_eq!(answer.json["recommendations"].as_array().map(Vec::len), Some(3));
    assert_eq!(system.asked(), ["GET /api/test"]);
    let shown = world.admin().get(&path).await.json;
    assert_eq!((&shown["status"], &shown["last_error"]), (&json!("active"), &Value::Null));
    for (body, field) in [
        (json!({"connection_id": "00000000-0000-7000-8000-000000000001"}), "connection_id"),
        (json!({"test_type": ""}), "test_type"),
        (json!({"more": 1}), "more"),
    ] {
        let refused = world.admin().send("POST", &format!("{path}/test"), body).await;
        assert_eq!((refused.status, &refused.json["errors"][0]["field"]), (422, &json!(field)));
    }
}

#[tokio::test]
async fn a_test_that_fails_says_how_and_shows_it_on_the_connection() {
    let (world, system) = beside_a_system().await;
    let path = create(&world, to(&system)).await;
    assert_eq!(test(&world, &path).await.json["success"], true);
    system.faults.plan("GET", "/api/test", 1, Fault::Answer(StatusCode::FORBIDDEN, "no".into()));
    let failed = test(&world, &path).await.json;
    assert_eq!(failed["test_results"]["status_code"], 403);
    assert_eq!(failed["test_results"]["message"], "Connection failed with status 403");
    assert_eq!(failed["recommendations"].as_array().map(Vec::len), Some(6));
    let shown = world.admin().get(&path).await.json;
    assert_eq!(shown["status"], "error");
    assert_eq!(shown["last_error"], "Connection failed with status 403");
    system.faults.plan("GET", "/api/test", 1, Fault::Cut);
    let failed = test(&world, &path).await.json;
    let results = &failed["test_results"];
    assert_eq!((&results["status_code"], &results["response_time_ms"]), (&json!(0), &json!(0)));
    assert!(
        results["message"].as_str().is_some_and(|text| text.starts_with("Connection failed: "))
    );
    let active = world.admin().send("PUT", &path, json!({"status": "active"})).await.json;
    assert_eq!((&active["status"], &active["last_error"]), (&json!("active"), &Value::Null));
}

#[tokio::test]
async fn every_way_of_signing_in_is_used() {
    let (world, system) = beside_a_system().await;
    for (way, good, bad) in [
        ("bearer", json!({"token": BEARER}), json!({"token": "wrong"})),
        ("api_key", json!({"api_key": API_KEY}), json!({"api_key": "wrong"})),
    ] {
        let new = but(to(&system), json!({"authentication_type": way, "credentials": good}));
        let path = create(&world, new).await;
        assert_eq!(test(&world, &path).await.json["success"], true, "{way}");
        let changed = world.admin().send("PUT", &path, json!({"credentials": bad})).await;
        assert_eq!(changed.status, 200);
        let failed = test(&world, &path).await.json;
        assert_eq!(failed["test_results"]["status_code"], 401, "{way}");
    }
    let none = json!({"authentication_type": "none", "credentials": null});
    let path = create(&world, but(to(&system), none)).await;
    assert_eq!(test(&world, &path).await.json["test_results"]["status_code"], 401);
}

#[tokio::test]
async fn the_path_of_a_test_and_its_time_are_the_connection_s() {
    let (world, system) = beside_a_system().await;
    let config = json!({"paths": {"test": "/ping"}, "timeout_seconds": 1, "retry_attempts": 0});
    let path = create(&world, but(to(&system), json!({"config": config}))).await;
    assert_eq!(test(&world, &path).await.json["success"], true);
    assert_eq!(system.asked(), ["GET /ping"]);
    system.faults.plan("GET", "/ping", 1, Fault::Delay(Duration::from_secs(20)));
    let began = std::time::Instant::now();
    let failed = test(&world, &path).await.json;
    assert!(began.elapsed() < Duration::from_secs(10));
    let message = failed["test_results"]["message"].as_str().expect("a text");
    assert!(message.contains("no answer in time"), "{message}");
}

#[tokio::test]
async fn a_call_is_tried_again_as_often_as_the_connection_says() {
    let (world, system) = beside_a_system().await;
    let path = create(&world, but(to(&system), json!({"config": {"retry_attempts": 2}}))).await;
    let broken = || Fault::Answer(StatusCode::BAD_GATEWAY, String::new());
    system.faults.plan("GET", "/api/test", 2, broken());
    assert_eq!(test(&world, &path).await.json["success"], true);
    system.faults.plan("GET", "/api/test", 3, broken());
    assert_eq!(test(&world, &path).await.json["test_results"]["status_code"], 502);
    assert_eq!(system.asked().len(), 1, "the third attempt was the last");
    system.faults.clear();
    // Whoever names the path is tested by it alone.
    let config = json!({"config": {"retry_attempts": 2, "paths": {"test": "/api/test"}}});
    assert_eq!(world.admin().send("PUT", &path, config).await.status, 200);
    system.faults.plan("GET", "/api/test", 1, Fault::Answer(StatusCode::NOT_FOUND, String::new()));
    assert_eq!(test(&world, &path).await.json["test_results"]["status_code"], 404);
    assert_eq!(system.asked().len(), 1, "a refusal is not asked again");
}

#[tokio::test]
async fn a_token_is_kept_renewed_early_and_fetched_anew_once_when_it_is_refused() {
    let (world, system) = beside_a_system().await;
    let path = create(&world, by_oauth(&system)).await;
    for _ in 0..3 {
        assert_eq!(test(&world, &path).await.json["success"], true);
    }
    assert_eq!(system.token_calls(), 1, "it is kept");
    world.wait(LIFETIME_SECONDS * 79 / 100);
    assert_eq!(test(&world, &path).await.json["success"], true);
    assert_eq!(system.token_calls(), 1, "it is good for long enough");
    world.wait(LIFETIME_SECONDS * 11 / 100);
    assert_eq!(test(&world, &path).await.json["success"], true);
    assert_eq!(system.token_calls(), 2, "it is renewed before it ends");
    system.expire_tokens();
    assert_eq!(test(&world, &path).await.json["success"], true);
    assert_eq!(system.token_calls(), 3, "it is fetched anew when it is refused");
    let refusal = || Fault::Answer(StatusCode::UNAUTHORIZED, String::new());
    system.faults.plan("GET", "/api/test", 2, refusal());
    assert_eq!(test(&world, &path).await.json["test_results"]["status_code"], 401);
    assert_eq!(system.token_calls(), 4, "once and not again");
}

#[tokio::test]
async fn those_who_need_a_token_at_once_fetch_one_together() {
    let (world, system) = beside_a_system().await;
    let path = create(&world, by_oauth(&system)).await;
    let connectors = functions::integrations::connections::client::Connectors::load(&world.env)
        .expect("a client");
    let tenant = shared::tenant::Tenant::parse("default").expect("a name");
    let id = path.rsplit('/').next().expect("an id");
    let connector = connectors.open(&tenant, id).await.expect("a connection");
    let request = functions::integrations::connections::client::Request::get("/agents");
    let calls = (0..6).map(|_| connector.call(request.clone()));
    for reply in futures_util::future::join_all(calls).await {
        assert_eq!(reply.expect("an answer").status, StatusCode::OK);
    }
    assert_eq!((system.token_calls(), system.asked().len()), (1, 6));
}

/// New credentials and a new address count from the next call on.
#[tokio::test]
async fn new_credentials_take_effect_at_once() {
    let (world, system) = beside_a_system().await;
    let path = create(&world, by_oauth(&system)).await;
    assert_eq!(test(&world, &path).await.json["success"], true);
    let wrong = json!({"credentials": {"token_url": system.token_url(), "client_id": CLIENT.0,
        "client_secret": "another-secret"}});
    assert_eq!(world.admin().send("PUT", &path, wrong).await.status, 200);
    let failed = test(&world, &path).await.json;
    let told = "Connection failed: the token endpoint gave no token: HTTP 401 invalid_client";
    assert_eq!(failed["test_results"]["message"], told);
}
