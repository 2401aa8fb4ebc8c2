//! People's tokens: what the identity provider says of them is what they may do.

use serde_json::{Value, json};
use shared::clock::Clock;
use simulators::identity::{AUDIENCE, IdentityProvider, forgeries};
use tests::support::World;

struct Signed {
    world: World,
    provider: IdentityProvider,
}

async fn signed_with(extra: &[(&str, &str)]) -> Signed {
    let clock = Clock::manual("2026-06-01T12:00:00Z".parse().expect("a moment"));
    let time = clock.clone();
    let provider = IdentityProvider::start(move || time.now_ms()).await.expect("a provider");
    let issuer = provider.issuer();
    let vars = [
        ("OIDC_ISSUER", issuer.as_str()),
        ("OIDC_AUDIENCE", AUDIENCE),
        ("AUTH_FAILURES_PER_MINUTE", "1000"),
    ];
    let vars: Vec<_> = vars.into_iter().chain(extra.iter().copied()).collect();
    Signed { world: World::at(clock, &vars).await, provider }
}

impl Signed {
    fn token(&self, permissions: Value) -> String {
        self.provider.token(json!({"sub": "anna", "aud": AUDIENCE, "permissions": permissions}))
    }

    async fn status(&self, token: &str, path: &str) -> u16 {
        self.world.bearer(token).get(path).await.status
    }
}

#[tokio::test]
async fn a_token_s_claim_says_what_its_subject_may_do() {
    let signed = signed_with(&[]).await;
    let reader = signed.token(json!(["events.read", "of.another.service"]));
    let me = signed.world.bearer(&reader).get("/api/v1/auth/me").await.json;
    assert_eq!((&me["actor"], &me["name"]), (&json!("user:anna"), &json!("anna")));
    assert_eq!((&me["permissions"], &me["tenant"]), (&json!(["events.read"]), &json!("default")));
    assert_eq!((&me["id"], &me["role"]), (&Value::Null, &json!("user")));
    assert_eq!(signed.status(&reader, "/events").await, 200);
    assert_eq!(signed.status(&reader, "/api/v1/api-keys").await, 403);
    assert_eq!(signed.status(&signed.token(json!("admin")), "/api/v1/api-keys").await, 200);
    assert_eq!(signed.status(&signed.token(json!("user")), "/events").await, 200);
    assert_eq!(signed.status(&signed.token(json!([])), "/events").await, 403);
    assert_eq!(signed.status(&signed.token(json!(["ADMIN"])), "/events").await, 403);

    let verified = signed.world.bearer(&reader).get("/api/v1/auth/verify").await.json;
    assert_eq!(verified["message"], "Token is valid");
    let usage = signed.world.bearer(&reader).get("/api/v1/auth/usage-stats").await.json;
    assert_eq!((&usage["key_id"], &usage["daily_usage"]), (&Value::Null, &json!(9)));
}

#[tokio::test]
async fn every_forgery_is_a_401() {
    let signed = signed_with(&[]).await;
    for (name, forge) in forgeries::ALL {
        let claims = json!({"sub": "anna", "aud": AUDIENCE, "permissions": ["admin"]});
        let forged = forge(&signed.provider, &claims);
        assert_eq!(signed.status(&forged, "/api/v1/api-keys").await, 401, "{name}");
    }
    for (name, claims) in [
        ("another audience", json!({"sub": "a", "aud": "x", "permissions": "admin"})),
        (
            "a long subject",
            json!({"sub": "a".repeat(300), "aud": AUDIENCE, "permissions": "admin"}),
        ),
        ("a control character", json!({"sub": "a\nb", "aud": AUDIENCE, "permissions": "admin"})),
    ] {
        let token = signed.provider.token(claims);
        assert_eq!(signed.status(&token, "/api/v1/api-keys").await, 401, "{name}");
    }
    let none = World::with(&[]).await;
    let good = signed.token(json!(["admin"]));
    assert_eq!(none.bearer(&good).get("/events").await.status, 401, "no issuer is configured");
}

#[tokio::test]
async fn a_token_is_worth_nothing_after_its_end_although_it_was_known() {
    let signed = signed_with(&[]).await;
    let end = signed.world.clock.now_ms() / 1000 + 5;
    let token = json!({"sub": "a", "aud": AUDIENCE, "exp": end, "permissions": "user"});
    let token = signed.provider.token(token);
    assert_eq!(signed.status(&token, "/events").await, 200);
    signed.world.wait(5 + 61);
    assert_eq!(signed.status(&token, "/events").await, 401);
}

#[tokio::test]
async fn a_provider_that_is_down_is_a_503_and_not_a_401() {
    let signed = signed_with(&[]).await;
    let token = signed.token(json!("user"));
    let stopped = signed.provider.stop().await;
    let answer = signed.world.bearer(&token).get("/events").await;
    assert_eq!(answer.status, 503);
    assert!(!answer.header("retry-after").is_empty());
    let _provider = stopped.start().await.expect("a provider");
    signed.world.wait(2);
    assert_eq!(signed.world.bearer(&token).get("/events").await.status, 200);
}

#[tokio::test]
async fn a_claim_may_name_the_tenant_and_only_one_that_is_registered() {
    let signed =
        signed_with(&[("OIDC_TENANT_CLAIM", "org"), ("OIDC_PERMISSIONS_CLAIM", "scope")]).await;
    let made = signed.world.admin().send("POST", "/api/v1/tenants", json!({"id": "acme"})).await;
    assert_eq!(made.status, 201);
    let token = |org: Value| {
        let claims =
            json!({"sub": "a", "aud": AUDIENCE, "org": org, "scope": "openid events.read admin"});
        signed.provider.token(claims)
    };
    let me = signed.world.bearer(&token(json!("acme"))).get("/api/v1/auth/me").await.json;
    assert_eq!(me["tenant"], "acme");
    assert!(!me["permissions"].as_array().expect("names").contains(&json!("installation.admin")));
    assert_eq!(signed.status(&token(json!("nobody")), "/events").await, 403);
    assert_eq!(signed.status(&token(json!("A#B")), "/events").await, 401);
    assert_eq!(signed.status(&token(Value::Null), "/events").await, 401);
    assert_eq!(signed.status(&token(json!(["acme"])), "/events").await, 401);
}
