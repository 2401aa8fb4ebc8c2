//! Rate limits: of a key's requests, and of an address's failures.

use serde_json::{Value, json};
use tests::support::World;

#[tokio::test]
async fn a_key_s_requests_of_a_minute_are_counted_over_all_processes() {
    let world = World::with(&[]).await;
    let key = world.key(json!({"name": "slow", "rate_limit_per_minute": 5})).await;
    let bearer = format!("Bearer {}", key["key"].as_str().expect("a key"));
    let other = World::service(&world.env);
    let headers = [("authorization", bearer.as_str())];
    let mut left = Vec::new();
    for n in 0..5 {
        let service = if n % 2 == 0 { &world.service } else { &other };
        let answer = service.ask("GET", "/events", &headers, String::new()).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("x-ratelimit-limit"), "5");
        assert_eq!(answer.header("x-ratelimit-policy"), "requests-per-minute");
        left.push(answer.header("x-ratelimit-remaining").to_owned());
    }
    assert_eq!(left, ["4", "3", "2", "1", "0"]);
    world.wait(20);
    for service in [&world.service, &other] {
        let refused = service.ask("GET", "/events", &headers, String::new()).await;
        assert_eq!(refused.status, 429);
        assert_eq!(refused.header("retry-after"), "40");
        assert_eq!(refused.header("x-ratelimit-remaining"), "0");
        assert_eq!(refused.header("x-ratelimit-reset"), "1780315260");
        assert_eq!(refused.json["policy"], "requests-per-minute");
        assert_eq!(refused.json["error_type"], "rate_limited");
    }
    world.wait(40);
    assert_eq!(world.service.ask("GET", "/events", &headers, String::new()).await.status, 200);
}

#[tokio::test]
async fn large_limits_hold_although_they_are_taken_in_pieces() {
    let world = World::with(&[("RATE_LIMIT_PER_MINUTE", "2000")]).await;
    let key = world.key(json!({"name": "fast"})).await;
    let caller = world.bearer(key["key"].as_str().expect("a key"));
    let mut passed = 0;
    while caller.get("/api/v1/auth/verify").await.status == 200 {
        passed += 1;
    }
    assert!((2000..=2002).contains(&passed), "{passed}");
}

#[tokio::test]
async fn an_admin_is_not_locked_out_of_administration() {
    let world = World::with(&[("RATE_LIMIT_PER_MINUTE", "3")]).await;
    for _ in 0..10 {
        assert_eq!(world.admin().get("/api/v1/api-keys").await.status, 200);
        assert_eq!(world.admin().get("/api/v1/audit-logs").await.status, 200);
    }
    for status in [200, 200, 200, 429] {
        assert_eq!(world.admin().get("/events").await.status, status);
    }
    assert_eq!(world.admin().get("/api/v1/api-keys").await.status, 200);
}

/// Whoever guesses is not told whether the next guess is right; whoever shares the
/// address and has a key gets in.
#[tokio::test]
async fn an_address_that_failed_too_often_may_not_guess_on() {
    let world = World::with(&[("AUTH_FAILURES_PER_MINUTE", "3")]).await;
    let password = "right-password-of-16";
    let source = json!({"name": "s", "basic": {"username": "u", "password": password}});
    assert_eq!(world.admin().send("POST", "/api/v1/sources", source).await.status, 201);
    let guess = async |address: &str, password: &str| {
        let header = format!("Basic {}", base64(&format!("u:{password}")));
        let forwarded = format!("9.9.9.9, {address}");
        let who = world.who(&[("authorization", &header), ("x-forwarded-for", &forwarded)]);
        who.send("POST", "/webhook/pega", json!({"caseId": "C", "event": "role_change"})).await
    };
    for _ in 0..3 {
        assert_eq!(guess("1.1.1.1", "wrong").await.status, 401);
    }
    let refused = guess("1.1.1.1", "wrong").await;
    assert_eq!((refused.status, &refused.json["policy"]), (429, &json!("failed-authentication")));
    assert_eq!(guess("1.1.1.1", password).await.status, 429, "not told");
    assert_eq!(guess("2.2.2.2", password).await.status, 200, "another address");
    assert_eq!(guess("1.1.1.1", password).await.status, 200, "known by now");
    let bearer = format!("Bearer {}", world.admin_key);
    let same = world.who(&[("authorization", &bearer), ("x-forwarded-for", "1.1.1.1")]);
    assert_eq!(same.get("/events").await.status, 200, "a key cannot be guessed");
    let unknown = functions::access::ApiKey::generate();
    let unknown = format!("Bearer {}", unknown.reveal());
    let unknown = world.who(&[("authorization", &unknown), ("x-forwarded-for", "1.1.1.1")]);
    assert_eq!(unknown.get("/events").await.status, 429);
    let none = world.who(&[("x-forwarded-for", "1.1.1.1")]);
    assert_eq!(none.send("GET", "/events", Value::Null).await.status, 401, "no guess at all");
    world.wait(61);
    assert_eq!(guess("1.1.1.1", "wrong").await.status, 401);
}

fn base64(text: &str) -> String {
    use base64::Engine;
    base64::prelude::BASE64_STANDARD.encode(text)
}

#[tokio::test]
async fn the_greatest_limits_are_told_and_harm_nobody() {
    let world = World::with(&[("RATE_LIMIT_PER_MINUTE", "4294967295")]).await;
    let answer = world.admin().get("/events").await;
    assert_eq!((answer.status, answer.header("x-ratelimit-limit")), (200, "4294967295"));
    let much = json!({"name": "much", "rate_limit_per_minute": 1_000_001});
    let refused = world.admin().send("POST", "/api/v1/api-keys", much).await;
    assert_eq!(refused.json["errors"][0]["field"], "rate_limit_per_minute");
}
