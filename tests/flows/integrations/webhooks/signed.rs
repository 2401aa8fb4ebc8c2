//! What receivers get: bodies, headers, and signatures that Standard Webhooks' own
//! library takes.

use serde_json::json;
use simulators::receiver::Taken;
use standardwebhooks::Webhook;

use super::{event, path, register, world};

/// Whether this secret signed a request, by the library of Standard Webhooks.
fn signed(taken: &Taken, secret: &str) -> bool {
    let webhook = Webhook::new(secret).expect("a secret");
    let timestamp = taken.header("webhook-timestamp").parse().expect("seconds");
    let expected = webhook.sign(taken.header("webhook-id"), timestamp, &taken.body);
    let expected = expected.expect("a signature");
    taken.header("webhook-signature").split(' ').any(|one| one == expected)
}

fn hex_of(secret: &str, body: &[u8]) -> String {
    use hmac::{Hmac, KeyInit, Mac};
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(secret.as_bytes()).expect("a key");
    mac.update(body);
    mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test]
async fn a_message_comes_as_the_contract_has_it_and_signed_both_ways() {
    let (world, receiver) = world().await;
    let more = json!({"headers": {"X-Team": "hr"}, "method": "PUT"});
    let webhook = register(&world, &receiver, more).await;
    let secret = webhook["secret"].as_str().expect("a secret");
    event(&world, "HR-1").await;
    world.deliver().await;
    let taken = receiver.took(1).await.remove(0);
    assert_eq!((taken.method.as_str(), taken.path.as_str()), ("PUT", "/hook"));
    let body = taken.json();
    let data = json!({"event_id": 1, "event": "role_change", "case_id": "HR-1"});
    assert_eq!((&body["payload"], &body["event_data"]), (&data, &data));
    assert_eq!(body["event_type"], "pega.event.received");
    assert_eq!(body["webhook_id"], webhook["id"]);
    assert_eq!(body["delivery_id"], taken.header("webhook-id"));
    assert!(body["timestamp"].as_str().expect("a time").starts_with("2026-06-01T12:00:00"));
    assert!(signed(&taken, secret));
    let hex = hex_of(secret, &taken.body);
    assert_eq!(taken.header("x-webhook-signature"), hex);
    assert_eq!(taken.header("x-webhook-signature-256"), format!("sha256={hex}"));
    assert_eq!(taken.header("x-team"), "hr");
    assert_eq!(taken.header("content-type"), "application/json");
    assert!(taken.header("user-agent").starts_with("WFM-Integration-Webhook/1.0 "));
}

#[tokio::test]
async fn a_rotated_secret_overlaps_with_the_old_one() {
    let (world, receiver) = world().await;
    let webhook = register(&world, &receiver, json!({})).await;
    let old = webhook["secret"].as_str().expect("a secret").to_owned();
    let rotate = format!("{}/rotate-secret", path(&webhook));
    let renewed = world.admin().send("POST", &rotate, json!({"overlap_seconds": 3600})).await;
    let new = renewed.json["secret"].as_str().expect("a secret").to_owned();
    let last = async |many: usize| {
        event(&world, "HR-1").await;
        world.deliver().await;
        receiver.took(many).await.remove(many - 1)
    };
    let during = last(1).await;
    assert!(signed(&during, &old) && signed(&during, &new));
    world.wait(3601);
    let after = last(2).await;
    assert!(!signed(&after, &old) && signed(&after, &new));
    // One that replaces the others at once.
    let given = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    let changed = world.admin().send("PUT", &path(&webhook), json!({"secret": given})).await;
    assert!(!changed.text.contains(given), "a secret is not shown");
    let replaced = last(3).await;
    assert!(signed(&replaced, given) && !signed(&replaced, &new));
    for wrong in [-1, 2_592_001] {
        let refused = world.admin().send("POST", &rotate, json!({"overlap_seconds": wrong})).await;
        assert_eq!(refused.status, 422);
        assert!(refused.text.contains("overlap_seconds"));
    }
}

#[tokio::test]
async fn bodies_come_in_the_form_that_is_asked_for() {
    let (world, receiver) = world().await;
    register(&world, &receiver, json!({"format": "standard"})).await;
    register(&world, &receiver, json!({"format": "cloudevents"})).await;
    event(&world, "HR-1").await;
    world.deliver().await;
    let taken = receiver.took(2).await;
    let (cloud, standard): (Vec<_>, Vec<_>) =
        taken.iter().partition(|one| one.header("content-type").contains("cloudevents"));
    let (cloud, standard) = (cloud[0].json(), standard[0].json());
    assert_eq!(standard["type"], "pega.event.received");
    assert_eq!(
        (&standard["data"]["case_id"], &cloud["data"]["case_id"]),
        (&json!("HR-1"), &json!("HR-1"))
    );
    assert_eq!((&cloud["specversion"], &cloud["source"]), (&json!("1.0"), &json!("/caseway")));
    assert_eq!(cloud["type"], "pega.event.received");
}

#[tokio::test]
async fn deliveries_authenticate_as_they_are_told_and_never_show_how() {
    let (world, receiver) = world().await;
    let ways = [
        (
            "basic",
            json!({"username": "hr", "password": "canary-one"}),
            "authorization",
            "Basic aHI6Y2FuYXJ5LW9uZQ==",
        ),
        ("bearer", json!({"token": "canary-two"}), "authorization", "Bearer canary-two"),
        ("api_key", json!({"api_key": "canary-three"}), "x-api-key", "canary-three"),
    ];
    for (at, (auth_type, credentials, header, value)) in ways.into_iter().enumerate() {
        let more = json!({"auth_type": auth_type, "auth_credentials": credentials});
        let webhook = register(&world, &receiver, more).await;
        let test = format!("{}/test", path(&webhook));
        world.admin().raw("POST", &test, String::new()).await;
        world.deliver().await;
        let taken = receiver.took(at + 1).await;
        assert_eq!(taken[at].header(header), value);
        let shown = world.admin().get(&path(&webhook)).await;
        assert!(!shown.text.contains("canary"), "{}", shown.text);
    }
    let trail = world.admin().get("/api/v1/audit-logs").await;
    assert!(!trail.text.contains("canary") && !trail.text.contains("whsec_"));
}
