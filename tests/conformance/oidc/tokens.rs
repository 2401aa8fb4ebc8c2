//! What a token must say and how it must be signed.

use std::time::Duration;

use serde_json::{Value, json};
use shared::error::{Error, Kind};
use shared::oidc::peek;
use shared::outbound::Method;
use simulators::identity::{AUDIENCE, CLIENT, SCOPE, forgeries};

use super::{MILLISECOND, UNAUTHORIZED, World, claims, kind, outbound};

#[tokio::test]
async fn tokens_of_the_issuer_are_accepted() {
    let world = World::new().await;
    let claims = json!({
        "sub": "sender-1", "aud": ["https://other.example", AUDIENCE], "scope": "a b",
        "roles": ["c d", 7, "e"], "nbf": world.now_seconds() - 10,
    });
    let provider = &world.provider;
    let nameless = provider.token_with(json!({"kid": null}), claims.clone());
    let decorated = provider.token_with(json!({"jwk": 7, "jku": 7, "x5u": 7}), claims.clone());
    for token in
        [provider.token(claims.clone()), provider.token_es256(claims.clone()), nameless, decorated]
    {
        assert_eq!(peek(&token).map(|peek| peek.issuer).as_deref(), Some(world.issuer.name()));
        let said = world.verify(&token).await.expect("a good token");
        assert_eq!((said.subject(), said.text("scope")), ("sender-1", Some("a b")));
        assert_eq!(
            (said.words("scope"), said.words("roles")),
            (words("a b"), vec!["c d".into(), "e".into()])
        );
        assert_eq!((said.words("none"), said.text("roles")), (Vec::new(), None));
        assert_eq!(said.expires_ms(), (world.now_seconds() + 300) * 1000);
        assert!(!format!("{said:?}").contains("sender-1"));
    }
    assert_eq!((provider.jwks_calls(), provider.discovery_calls()), (1, 0));
}

fn words(text: &str) -> Vec<String> {
    text.split(' ').map(str::to_owned).collect()
}

#[tokio::test]
async fn forgeries_are_refused() {
    let world = World::new().await;
    for (name, forge) in forgeries::ALL {
        let token = forge(&world.provider, &claims());
        let refused = world.verify(&token).await;
        let error: Error = refused.err().unwrap_or_else(|| panic!("{name} was accepted"));
        assert_eq!(error.kind, Kind::Unauthorized, "{name}: {error:?}");
        for part in token.split('.').filter(|part| !part.is_empty()) {
            assert!(!format!("{error:?}").contains(part), "{name}: {error:?}");
        }
    }
    assert_eq!((world.provider.attacker_calls(), world.provider.jwks_calls()), (0, 1));
    assert!(world.verify(&world.token()).await.is_ok());
    let other = world.issuer.verify(&world.token(), "https://other.example").await;
    assert_eq!(kind(other), UNAUTHORIZED);
}

#[tokio::test]
async fn what_is_no_token_is_refused() {
    let world = World::new().await;
    let good = world.token();
    let parts: Vec<&str> = good.split('.').collect();
    let (header, payload, signature) = (parts[0], parts[1], parts[2]);
    for garbage in [
        String::new(),
        "..".to_owned(),
        "a.b.c".to_owned(),
        "ключ.ключ.ключ".to_owned(),
        format!("{header}.{payload}"),
        format!("{good}."),
        format!("{good}="),
        format!(" {good}"),
        format!("{header}.{payload}.{signature}.{signature}"),
        format!("{header}.bm9uZQ.{signature}"),
        format!("{payload}.{payload}.{signature}"),
        format!("W10.{payload}.{signature}"),
    ] {
        assert_eq!(kind(world.verify(&garbage).await), UNAUTHORIZED, "{garbage}");
    }
    for garbage in ["", "..", "a.b.c", header, &format!("{header}.bm9uZQ.{signature}")] {
        assert!(peek(garbage).is_none(), "{garbage}");
    }
    for kid in [json!(7), json!(["rsa-1"])] {
        let token = world.provider.token_with(json!({"kid": kid}), claims());
        assert_eq!(kind(world.verify(&token).await), UNAUTHORIZED);
    }
}

#[tokio::test]
async fn a_token_has_eight_kibibytes_at_most() {
    let world = World::new().await;
    let padded = |length| {
        let mut claims = claims();
        claims["padding"] = "x".repeat(length).into();
        world.provider.token(claims)
    };
    let (mut fits, mut exceeds) = (String::new(), String::new());
    for token in (5600..5900).map(padded) {
        if token.len() > 8192 {
            exceeds = token;
            break;
        }
        fits = token;
    }
    assert!((8189..=8192).contains(&fits.len()) && exceeds.len() <= 8196);
    assert!(world.verify(&fits).await.is_ok() && peek(&fits).is_some());
    assert_eq!(kind(world.verify(&exceeds).await), UNAUTHORIZED);
    assert!(peek(&exceeds).is_none());
}

#[tokio::test]
async fn clocks_may_differ_by_a_minute() {
    let world = World::new().await;
    let now = world.now_seconds();
    for claim in ["nbf", "iat"] {
        assert!(world.given(claim, json!(now + 60)).await.is_ok());
        assert_eq!(kind(world.given(claim, json!(now as f64 + 60.001)).await), UNAUTHORIZED);
    }
    assert!(world.given("exp", json!(now as f64 - 59.999)).await.is_ok());
    for exp in [json!(now - 60), json!(-1e300), json!(null), json!([now + 60])] {
        assert_eq!(kind(world.given("exp", exp).await), UNAUTHORIZED);
    }
    assert!(world.given("exp", json!(1e300)).await.is_ok());

    let token = world.token();
    world.clock.advance(Duration::from_secs(360) - MILLISECOND);
    assert!(world.verify(&token).await.is_ok());
    world.clock.advance(MILLISECOND);
    assert_eq!(kind(world.verify(&token).await), UNAUTHORIZED);
}

#[tokio::test]
async fn client_credentials_get_a_token() {
    let world = World::new().await;
    let url = world.provider.token_url();
    let call = || outbound().call(Method::POST, &url);
    let (grant, id, secret) = (
        ("grant_type", "client_credentials"),
        ("client_id", CLIENT.0),
        ("client_secret", CLIENT.1),
    );
    for call in [call().form(&[grant, id, secret]), call().basic(CLIENT.0, CLIENT.1).form(&[grant])]
    {
        let reply = call.send().await.expect("an answer");
        let answer: Value = serde_json::from_slice(&reply.body).expect("JSON");
        let token = answer["access_token"].as_str().expect("a token");
        let claims = world.verify(token).await.expect("a good token");
        assert_eq!((claims.subject(), claims.words("scope")), (CLIENT.0, vec![SCOPE.to_owned()]));
    }
    for (call, status, error) in [
        (call().form(&[grant, id, ("client_secret", "wrong")]), 401, "invalid_client"),
        (call().basic("stranger", CLIENT.1).form(&[grant]), 401, "invalid_client"),
        (call().form(&[grant]), 401, "invalid_client"),
        (call().basic(CLIENT.0, CLIENT.1).form(&[grant, id, secret]), 400, "invalid_request"),
        (call().form(&[id, secret]), 400, "invalid_request"),
        (call().form(&[grant, grant, id, secret]), 400, "invalid_request"),
        (call().json(&json!({"grant_type": "client_credentials"})), 400, "invalid_request"),
        (call().form(&[("grant_type", "password"), id, secret]), 400, "unsupported_grant_type"),
        (call().form(&[grant, id, secret, ("scope", "root")]), 400, "invalid_scope"),
        (call().form(&[grant, id, secret, ("audience", "else")]), 400, "invalid_target"),
    ] {
        let reply = call.send().await.expect("an answer");
        let answer: Value = serde_json::from_slice(&reply.body).expect("JSON");
        assert_eq!((reply.status.as_u16(), &answer["error"]), (status, &json!(error)));
    }
}
