//! Sources: each way of proving itself, rotation with overlap, and nothing beyond
//! sending events.

use serde_json::{Value, json};
use shared::clock::Clock;
use shared::signature::SigningSecret;
use simulators::identity::{AUDIENCE, IdentityProvider};
use tests::support::{Answer, World};

const SOURCES: &str = "/api/v1/sources";

async fn register(world: &World, new: Value) -> Value {
    let made = world.admin().send("POST", SOURCES, new).await;
    assert_eq!(made.status, 201, "{}", made.text);
    made.json
}

fn event() -> Value {
    json!({"caseId": "HR-1", "event": "role_change"})
}

async fn send(world: &World, headers: &[(&str, &str)]) -> u16 {
    world.who(headers).send("POST", "/webhook/pega", event()).await.status
}

fn basic(credentials: &Value) -> String {
    use base64::Engine;
    let text = |name: &str| credentials["basic"][name].as_str().expect("a text").to_owned();
    let both = format!("{}:{}", text("username"), text("password"));
    format!("Basic {}", base64::prelude::BASE64_STANDARD.encode(both))
}

/// A request as a source signs it.
struct Letter<'a> {
    secret: &'a str,
    source: &'a str,
    id: &'a str,
    timestamp: i64,
    body: &'a str,
}

impl Letter<'_> {
    fn headers(&self) -> Vec<(&str, String)> {
        let secret = SigningSecret::parse(self.secret).expect("a secret");
        let signature = secret.sign(self.id, self.timestamp, self.body.as_bytes());
        vec![
            ("x-caseway-source", self.source.to_owned()),
            ("webhook-id", self.id.to_owned()),
            ("webhook-timestamp", self.timestamp.to_string()),
            ("webhook-signature", signature.expect("a signature")),
        ]
    }

    async fn post(&self, world: &World) -> Answer {
        post(world, &self.headers(), "/webhook/pega", self.body).await
    }
}

async fn post(world: &World, headers: &[(&str, String)], path: &str, body: &str) -> Answer {
    let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    world.who(&headers).raw("POST", path, body.to_owned()).await
}

#[tokio::test]
async fn a_source_sends_by_each_of_its_ways_and_does_nothing_else() {
    let world = World::with(&[]).await;
    let new = json!({"name": "hr", "basic": {"username": "hr"}, "header": {}, "signature": {}});
    let made = register(&world, new).await;
    assert_eq!(made["ways"], json!(["basic", "header", "signature"]));
    let (basic, given) = (basic(&made["credentials"]), &made["credentials"]);
    let value = given["header"]["value"].as_str().expect("a value");
    assert_eq!(given["header"]["name"], "X-Sender-Key");
    for credential in [("authorization", basic.as_str()), ("x-sender-key", value)] {
        assert_eq!(send(&world, &[credential]).await, 200);
        assert_eq!(world.who(&[credential]).get("/events").await.status, 401);
        assert_eq!(world.who(&[credential]).get("/api/v1/auth/me").await.status, 401);
    }
    let listed = world.admin().get(SOURCES).await;
    for secret in [value, given["basic"]["password"].as_str().expect("a password")] {
        assert!(!listed.text.contains(secret));
    }
    let seen = world.admin().get("/events").await.json;
    assert_eq!(seen[0]["source"], "source:hr");
}

#[tokio::test]
async fn what_is_wrong_with_a_new_source_is_named() {
    let world = World::with(&[("TRUSTED_ISSUERS", "https://trusted.example")]).await;
    let token = |issuer: &str| json!({"issuer": issuer, "audience": "a", "subject": "s"});
    for (body, field) in [
        (json!({}), "name"),
        (json!({"name": "a"}), "basic"),
        (json!({"name": "A b", "header": {}}), "name"),
        (json!({"name": "a", "basic": {"username": "a:b"}}), "basic.username"),
        (json!({"name": "a", "basic": {"username": ""}}), "basic.username"),
        (json!({"name": "a", "basic": {"username": "u", "password": "short"}}), "basic.password"),
        (json!({"name": "a", "basic": {"username": "u", "password": 5}}), "basic.password"),
        (json!({"name": "a", "header": {"value": "tooshort"}}), "header.value"),
        (json!({"name": "a", "header": {"value": "with a ütf sign 123"}}), "header.value"),
        (json!({"name": "a", "signature": {"secret": "whsec_x"}}), "signature.secret"),
        (json!({"name": "a", "token": token("https://other.example")}), "token.issuer"),
        (json!({"name": "a", "token": {"issuer": "x"}}), "token.audience"),
        (json!({"name": "a", "header": {}, "extra": 1}), "extra"),
        (json!({"name": "a", "header": {}, "description": "x".repeat(257)}), "description"),
    ] {
        let answer = world.admin().send("POST", SOURCES, body.clone()).await;
        assert_eq!(answer.status, 422, "{body} {}", answer.text);
        assert_eq!(answer.json["errors"][0]["field"], field, "{body}");
        assert!(!answer.text.contains("whsec_x") && !answer.text.contains("tooshort"));
    }
    let taken = json!({"name": "a", "header": {"value": "the-same-value-twice"}});
    assert_eq!(world.admin().send("POST", SOURCES, taken).await.status, 201);
    for again in ["a", "b"] {
        let again = json!({"name": again, "header": {"value": "the-same-value-twice"}});
        assert_eq!(world.admin().send("POST", SOURCES, again).await.status, 409);
    }
    assert_eq!(world.admin().get(&format!("{SOURCES}/b")).await.status, 404, "nothing half-made");
}

#[tokio::test]
async fn a_signature_is_of_these_bytes_this_id_and_this_time() {
    let world = World::with(&[]).await;
    let made = register(&world, json!({"name": "hr", "signature": {}})).await;
    let shown = &made["credentials"]["signature"];
    let (secret, source) =
        (shown["secret"].as_str().expect("one"), shown["source_id"].as_str().expect("one"));
    let (now, body) = (world.clock.now_ms() / 1000, event().to_string());
    let letter = Letter { secret, source, id: "msg_1", timestamp: now, body: &body };
    assert_eq!(letter.post(&world).await.status, 200);
    for (what, letter) in [
        ("too old", Letter { timestamp: now - 301, id: "m2", ..letter }),
        ("too new", Letter { timestamp: now + 301, id: "m3", ..letter }),
        ("another source", Letter { source: "src_0123456789abcdef", id: "m4", ..letter }),
    ] {
        let answer = letter.post(&world).await;
        assert_eq!(answer.status, 401, "{what}");
    }
    for old in [now - 300, now + 300] {
        let id = format!("at{old}");
        assert_eq!(Letter { timestamp: old, id: &id, ..letter }.post(&world).await.status, 200);
    }
    let mut headers = letter.headers();
    headers[1].1 = "msg_other".to_owned();
    assert_eq!(post(&world, &headers, "/webhook/pega", &body).await.status, 401, "another id");
    let other = body.replace("HR-1", "HR-2");
    assert_eq!(post(&world, &letter.headers(), "/webhook/pega", &other).await.status, 401);
    let blank = format!("{body} ");
    assert_eq!(post(&world, &letter.headers(), "/webhook/pega", &blank).await.status, 401);
    let fresh = Letter { id: "m5", ..letter };
    let mut unnamed = fresh.headers();
    unnamed.remove(0);
    let query = format!("/webhook/pega?source={source}");
    assert_eq!(post(&world, &unnamed, &query, &body).await.status, 200, "named by the query");
    assert_eq!(post(&world, &unnamed, "/webhook/pega", &body).await.status, 401);
    let big = format!("{{\"caseId\":\"{}\"}}", "x".repeat(1024 * 1024));
    assert_eq!(Letter { body: &big, id: "m6", ..letter }.post(&world).await.status, 413);
}

/// The same signed request again makes no second event, whatever unsigned header asks
/// for one.
#[tokio::test]
async fn a_replay_makes_no_second_event() {
    let world = World::with(&[]).await;
    let made = register(&world, json!({"name": "hr", "signature": {}})).await;
    let shown = &made["credentials"]["signature"];
    let (secret, source) =
        (shown["secret"].as_str().expect("one"), shown["source_id"].as_str().expect("one"));
    let (timestamp, body) = (world.clock.now_ms() / 1000, event().to_string());
    let letter = Letter { secret, source, id: "msg_1", timestamp, body: &body };
    let first = letter.post(&world).await.json["eventId"].clone();
    for extra in ["idempotency-key", "ce-id", "ce-type", "x-request-id"] {
        let mut headers = letter.headers();
        headers.push((extra, "fresh".to_owned()));
        let replayed = post(&world, &headers, "/webhook/pega", &body).await;
        assert_eq!((replayed.status, &replayed.json["eventId"]), (200, &first), "{extra}");
        assert_eq!(replayed.header("idempotent-replayed"), "true", "{extra}");
    }
    assert_eq!(world.admin().get("/events").await.json.as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn a_secret_is_rotated_with_overlap() {
    let world = World::with(&[]).await;
    let new = json!({"name": "hr", "basic": {"username": "hr"}, "header": {}, "signature": {}});
    let old = register(&world, new).await["credentials"].clone();
    let rotate = async |way: &str| {
        let body = json!({"way": way, "grace_seconds": 600});
        let answer = world.admin().send("POST", &format!("{SOURCES}/hr/rotate"), body).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json["credentials"].clone()
    };
    let new = [rotate("basic").await, rotate("header").await, rotate("signature").await];
    let source = old["signature"]["source_id"].as_str().expect("an id");
    let works = async |n: usize, which: &Value, id: &str| match n {
        0 => send(&world, &[("authorization", &basic(which))]).await,
        1 => {
            send(&world, &[("x-sender-key", which["header"]["value"].as_str().expect("one"))]).await
        }
        _ => {
            let secret = which["signature"]["secret"].as_str().expect("one");
            let (timestamp, body) = (world.clock.now_ms() / 1000, event().to_string());
            Letter { secret, source, id, timestamp, body: &body }.post(&world).await.status
        }
    };
    for (n, new) in new.iter().enumerate() {
        let now = (works(n, &old, "a").await, works(n, new, "b").await);
        assert_eq!(now, (200, 200), "{n}: both while one replaces the other");
    }
    world.wait(616);
    for (n, new) in new.iter().enumerate() {
        assert_eq!((works(n, &old, "c").await, works(n, new, "d").await), (401, 200), "{n}");
    }
    let wrong = json!({"way": "signature", "secret": "short"});
    let wrong = world.admin().send("POST", &format!("{SOURCES}/hr/rotate"), wrong).await;
    assert_eq!(
        (wrong.status, &wrong.json["errors"][0]["field"]),
        (422, &json!("signature.secret"))
    );
}

#[tokio::test]
async fn a_source_that_is_off_or_gone_sends_nothing() {
    let world = World::with(&[]).await;
    let made = register(&world, json!({"name": "hr", "header": {}})).await;
    let value = made["credentials"]["header"]["value"].as_str().expect("a value");
    let toggle = format!("{SOURCES}/hr/toggle");
    assert_eq!(send(&world, &[("x-sender-key", value)]).await, 200);
    assert_eq!(world.admin().send("PATCH", &toggle, Value::Null).await.json["is_active"], false);
    world.wait(16);
    assert_eq!(send(&world, &[("x-sender-key", value)]).await, 401);
    world.admin().send("PATCH", &toggle, Value::Null).await;
    assert_eq!(send(&world, &[("x-sender-key", value)]).await, 200);
    assert_eq!(
        world.admin().send("DELETE", &format!("{SOURCES}/hr"), Value::Null).await.status,
        200
    );
    world.wait(16);
    assert_eq!(send(&world, &[("x-sender-key", value)]).await, 401);
    register(&world, json!({"name": "hr", "header": {"value": value}})).await;
    assert_eq!(send(&world, &[("x-sender-key", value)]).await, 200);
}

#[tokio::test]
async fn a_source_s_token_opens_what_senders_may_and_nothing_else() {
    let clock = Clock::manual("2026-06-01T12:00:00Z".parse().expect("a moment"));
    let time = clock.clone();
    let provider = IdentityProvider::start(move || time.now_ms()).await.expect("a provider");
    let issuer = provider.issuer();
    let world = World::at(clock, &[("TRUSTED_ISSUERS", &issuer)]).await;
    let token = json!({"issuer": issuer, "audience": AUDIENCE, "subject": "hr-suite"});
    register(&world, json!({"name": "hr", "token": token})).await;
    let good = provider.token(json!({"sub": "hr-suite", "aud": AUDIENCE, "permissions": "admin"}));
    let sent = world.bearer(&good).send("POST", "/webhook/pega", event()).await;
    assert_eq!(sent.status, 200, "{}", sent.text);
    assert_eq!(world.admin().get("/events").await.json[0]["source"], "source:hr");
    assert_eq!(world.bearer(&good).get("/events").await.status, 401, "it is nobody's token here");
    for claims in
        [json!({"sub": "other", "aud": AUDIENCE}), json!({"sub": "hr-suite", "aud": "other"})]
    {
        let token = provider.token(claims);
        let answer = world.bearer(&token).send("POST", "/webhook/pega", event()).await;
        assert_eq!(answer.status, 401);
    }
}

/// Whom a token names, no other tenant can claim for a source of its own.
#[tokio::test]
async fn a_tenant_claims_no_token_that_is_another_s() {
    let clock = Clock::manual("2026-06-01T12:00:00Z".parse().expect("a moment"));
    let time = clock.clone();
    let people = IdentityProvider::start(move || time.now_ms()).await.expect("a provider");
    let (issuer, acme) = (people.issuer(), "acme=https://acme.example".to_owned());
    let vars =
        [("OIDC_ISSUER", issuer.as_str()), ("OIDC_AUDIENCE", AUDIENCE), ("TRUSTED_ISSUERS", &acme)];
    let world = World::at(clock, &vars).await;
    let made = world.admin().send("POST", "/api/v1/tenants", json!({"id": "acme"})).await.json;
    let acme = world.bearer(made["admin_key"].as_str().expect("a key"));
    let source = |issuer: &str, name: &str| json!({"name": name, "token": {"issuer": issuer, "audience": AUDIENCE, "subject": "anna"}});
    for (who, issuer) in [(&acme, issuer.as_str()), (&world.admin(), "https://acme.example")] {
        let refused = who.send("POST", SOURCES, source(issuer, "steal")).await;
        assert_eq!(
            (refused.status, &refused.json["errors"][0]["field"]),
            (422, &json!("token.issuer"))
        );
    }
    assert_eq!(acme.send("POST", SOURCES, source("https://acme.example", "own")).await.status, 201);
    let anna = people.token(json!({"sub": "anna", "aud": AUDIENCE, "permissions": "user"}));
    assert_eq!(world.bearer(&anna).send("POST", "/webhook/pega", event()).await.status, 200);
    assert_eq!(world.admin().get("/events").await.json[0]["source"], "user:anna");
    assert_eq!(acme.get("/events").await.json, json!([]));
}

/// Signatures are looked at in number and cost one pass over the body together.
#[tokio::test]
async fn many_wrong_signatures_hold_nobody_up_and_lock_no_sender_out() {
    let world = World::with(&[("AUTH_FAILURES_PER_MINUTE", "2")]).await;
    let made = register(&world, json!({"name": "hr", "signature": {}})).await;
    let shown = &made["credentials"]["signature"];
    let (secret, source) =
        (shown["secret"].as_str().expect("one"), shown["source_id"].as_str().expect("one"));
    let (timestamp, body) = (world.clock.now_ms() / 1000, event().to_string());
    let letter = Letter { secret, source, id: "m1", timestamp, body: &body };
    let mut headers = letter.headers();
    let good = headers[3].1.clone();
    let wrong = format!("v1,{} ", "A".repeat(43) + "=");
    for _ in 0..4 {
        headers[3].1 = format!("{}{good}", wrong.repeat(16));
        let refused = post(&world, &headers, "/webhook/pega", &body).await;
        assert!(matches!(refused.status, 401 | 429), "the seventeenth is not looked at");
    }
    headers[3].1 = format!("{}{good}", wrong.repeat(15));
    assert_eq!(post(&world, &headers, "/webhook/pega", &body).await.status, 200);
}
