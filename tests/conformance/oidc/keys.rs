//! When an issuer's keys are fetched, and what happens when they cannot be.

use std::time::Duration;

use axum::http::StatusCode;
use futures_util::future::join_all;
use serde_json::{Value, json};
use shared::error::Kind;
use shared::oidc::Issuer;
use simulators::Fault;
use simulators::identity::AUDIENCE;

use super::{HOUR, MILLISECOND, MINUTE, UNAUTHORIZED, UNAVAILABLE, World, claims, kind, outbound};

#[tokio::test]
async fn rotated_keys_are_picked_up() {
    let world = World::new().await;
    let (old, nameless_old) = (world.token(), world.nameless());
    assert!(world.verify(&old).await.is_ok());
    world.provider.rotate().expect("new keys");
    world.clock.advance(MINUTE);
    let new = world.token();
    for token in [&new, &old, &world.provider.token_es256(claims())] {
        assert!(world.verify(token).await.is_ok());
    }
    for nameless in [nameless_old, world.nameless()] {
        assert_eq!(kind(world.verify(&nameless).await), UNAUTHORIZED, "two keys fit");
    }
    assert_eq!(world.provider.jwks_calls(), 2);

    // A key that is no longer published is good for as long as keys are kept.
    world.provider.retire();
    world.clock.advance(MINUTE);
    assert!(world.verify(&old).await.is_ok());
    world.clock.advance(HOUR);
    let old = world.provider.token_with(json!({"kid": "rsa-1"}), claims());
    assert!(world.verify(&world.nameless()).await.is_ok(), "one key fits");
    assert_eq!(kind(world.verify(&old).await), UNAUTHORIZED);
    assert_eq!(world.provider.jwks_calls(), 3);
}

#[tokio::test]
async fn keys_are_kept_for_an_hour() {
    let world = World::new().await;
    for (later, calls) in [(Duration::ZERO, 1), (HOUR - MILLISECOND, 1), (MILLISECOND, 2)] {
        world.clock.advance(later);
        assert!(world.verify(&world.token()).await.is_ok());
        assert_eq!(world.provider.jwks_calls(), calls);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn unknown_keys_are_looked_for_once_a_minute() {
    let world = World::new().await;
    let strays = async |calls| {
        let tokens = (0..50)
            .map(|n| world.provider.token_with(json!({"kid": format!("stray-{n}")}), claims()));
        let verified = join_all(tokens.map(|token| {
            let issuer = world.issuer.clone();
            tokio::spawn(async move { issuer.verify(&token, AUDIENCE).await })
        }));
        for verified in verified.await {
            assert_eq!(kind(verified.expect("an end")), UNAUTHORIZED);
        }
        assert_eq!(world.provider.jwks_calls(), calls);
    };
    strays(1).await;
    strays(1).await;
    world.clock.advance(MINUTE - MILLISECOND);
    strays(1).await;
    world.clock.advance(MILLISECOND);
    strays(2).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn all_who_wait_for_a_new_key_get_it() {
    let world = World::new().await;
    assert!(world.verify(&world.token()).await.is_ok());
    world.provider.rotate().expect("new keys");
    world.clock.advance(MINUTE);
    let slow = Fault::Delay(Duration::from_millis(100));
    world.provider.faults.plan("GET", "/jwks", 1, slow);
    let token = world.token();
    // The caller who began the fetch goes away; the fetch does not.
    let first = tokio::spawn({
        let (issuer, token) = (world.issuer.clone(), token.clone());
        async move { issuer.verify(&token, AUDIENCE).await }
    });
    world.asked_for_keys(2).await;
    first.abort();
    for verified in join_all((0..50).map(|_| world.verify(&token))).await {
        assert!(verified.is_ok(), "{verified:?}");
    }
    assert_eq!(world.provider.jwks_calls(), 2);
}

#[tokio::test]
async fn a_provider_that_was_down_at_first_is_found_later() {
    let world = World::new().await;
    let token = world.token();
    let World { provider, issuer, clock } = world;
    let stopped = provider.stop().await;
    let down = issuer.verify(&token, AUDIENCE).await.expect_err("no keys");
    assert_eq!((down.kind, down.retry_after), (Kind::Unavailable, Some(Duration::from_secs(1))));
    let provider = stopped.start().await.expect("the same port");
    // Whoever repeats sooner than told is told again.
    assert_eq!(kind(issuer.verify(&token, AUDIENCE).await), UNAVAILABLE);
    assert_eq!(provider.jwks_calls(), 0);
    clock.advance(Duration::from_secs(1));
    assert!(issuer.verify(&token, AUDIENCE).await.is_ok());
    assert_eq!(provider.jwks_calls(), 1);
}

#[tokio::test]
async fn a_provider_that_goes_down_stops_nobody_whose_key_is_known() {
    let world = World::new().await;
    assert!(world.verify(&world.token()).await.is_ok());
    // An unknown key is refused while the keys are fresh, and in doubt afterwards.
    world.clock.advance(MINUTE - MILLISECOND);
    assert_eq!(kind(world.verify(&world.stray()).await), UNAUTHORIZED);
    world.clock.advance(MILLISECOND);
    world.fail_next_fetch();
    let mismatched = world.provider.token_with(json!({"kid": "ec-1"}), claims());
    for _ in 0..3 {
        assert_eq!(kind(world.verify(&world.stray()).await), UNAVAILABLE);
        assert_eq!(kind(world.verify(&mismatched).await), UNAUTHORIZED);
        assert!(world.verify(&world.token()).await.is_ok());
    }
    assert_eq!(world.provider.jwks_calls(), 2);
    // Keys that are too old are asked for once a minute, and used meanwhile.
    world.clock.advance(HOUR);
    world.fail_next_fetch();
    for _ in 0..3 {
        assert!(world.verify(&world.token()).await.is_ok());
        assert_eq!(kind(world.verify(&world.stray()).await), UNAVAILABLE);
    }
    assert_eq!(world.provider.jwks_calls(), 3);
    world.clock.advance(MINUTE);
    assert!(world.verify(&world.token()).await.is_ok());
    assert_eq!(kind(world.verify(&world.stray()).await), UNAUTHORIZED);
    assert_eq!(world.provider.jwks_calls(), 4);
}

#[tokio::test]
async fn whoever_has_a_key_does_not_wait_for_a_fetch() {
    let world = World::new().await;
    assert!(world.verify(&world.token()).await.is_ok());
    world.clock.advance(HOUR);
    world.provider.faults.plan("GET", "/jwks", 1, Fault::Delay(HOUR));
    let token = world.token();
    let waiting = tokio::spawn({
        let (issuer, token) = (world.issuer.clone(), token.clone());
        async move { issuer.verify(&token, AUDIENCE).await }
    });
    world.asked_for_keys(2).await;
    assert!(world.verify(&token).await.is_ok());
    assert!(!waiting.is_finished());
    // Nor does a fetch take as long as a call may.
    let waited = tokio::time::timeout(Duration::from_secs(12), waiting).await;
    assert!(waited.expect("an end in time").expect("an end").is_ok());
}

#[tokio::test]
async fn keys_are_found_through_the_discovery_document() {
    let world = World::finding(|_| None).await;
    let answer = |document: Value| {
        let fault = Fault::Answer(StatusCode::OK, document.to_string());
        world.provider.faults.plan("GET", "/openid-configuration", 1, fault);
    };
    let (issuer, jwks_uri) = (world.provider.issuer(), world.provider.jwks_url());
    for document in [
        json!({"issuer": format!("{issuer}/"), "jwks_uri": jwks_uri}),
        json!({"jwks_uri": jwks_uri}),
        json!({"issuer": issuer}),
        json!([]),
    ] {
        answer(document);
        assert_eq!(kind(world.verify(&world.token()).await), UNAVAILABLE);
        world.clock.advance(Duration::from_secs(1));
    }
    assert_eq!(world.provider.jwks_calls(), 0);
    assert!(world.verify(&world.token()).await.is_ok());
    assert_eq!((world.provider.jwks_calls(), world.provider.discovery_calls()), (1, 5));

    let slashed = format!("{issuer}/");
    answer(json!({"issuer": slashed, "jwks_uri": jwks_uri}));
    let token = world.provider.token(json!({"sub": "x", "aud": AUDIENCE, "iss": slashed}));
    let issuer = Issuer::new(&slashed, None, outbound(), world.clock.clone());
    assert!(issuer.verify(&token, AUDIENCE).await.is_ok());
    assert_eq!(world.provider.discovery_calls(), 6);
}

#[tokio::test]
async fn an_answer_that_is_no_key_set_changes_nothing() {
    let world = World::new().await;
    let answers = [(302, "{\"keys\":[]}"), (200, "<html>"), (200, "[]"), (200, "{\"keys\":{}}")];
    assert!(world.verify(&world.token()).await.is_ok());
    for (status, body) in answers {
        world.clock.advance(HOUR);
        let status = StatusCode::from_u16(status).expect("a status");
        world.provider.faults.plan("GET", "/jwks", 1, Fault::Answer(status, body.to_owned()));
        assert!(world.verify(&world.token()).await.is_ok(), "{body}");
    }
    assert_eq!(world.provider.jwks_calls(), 5);
}
