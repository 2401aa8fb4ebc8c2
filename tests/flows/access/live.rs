//! Access over a real socket, against any installation.

use serde_json::json;
use shared::clock::Clock;
use shared::ids;
use shared::signature::SigningSecret;
use tests::support::{Credential, Installation, Target, events, second_tenant};

/// Every flow of access that needs nothing but a target.
pub async fn all(target: &Target) {
    signed_requests(target).await;
    keys_and_tenants(target).await;
    the_trail(target).await;
    the_system(target).await;
}

/// What anybody may ask, in the words of each of the services before.
async fn the_system(target: &Target) {
    let nobody = target.admin().with(Credential::None);
    let health = nobody.get("/health").await.json;
    assert_eq!((&health["status"], &health["database"]), (&json!("healthy"), &json!("connected")));
    assert!(health["uptime"].as_str().is_some_and(|uptime| uptime.ends_with('m')), "{health}");
    assert_eq!(nobody.get("/pega/health").await.json, json!({"status": "ok"}));
    let system = nobody.get("/").await.json;
    for member in ["name", "version", "description", "environment", "features", "status"] {
        assert!(!system[member].is_null(), "{member}");
    }
    for path in system["endpoints"].as_object().expect("addresses").values() {
        let status = nobody.get(path.as_str().expect("a path")).await.status;
        // Nobody gets the webhook's address, which API Gateway says in its own way.
        let answered = matches!(status, 200 | 401) || path == "/webhook/pega";
        assert!(answered, "{path}: {status}");
    }
}

/// A source's secret goes into the vault, and what is signed with it is let in.
async fn signed_requests(target: &Target) {
    let (admin, name) = (target.admin(), format!("signer-{}", &ids::unique()[..8]));
    let made = admin.post_json("/api/v1/sources", &json!({"name": name, "signature": {}})).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let shown = &made.json["credentials"]["signature"];
    let text = |name: &str| shown[name].as_str().expect("a text").to_owned();
    let secret = SigningSecret::parse(&text("secret")).expect("a secret");
    let (id, now) = (ids::unique(), Clock::system().now_ms() / 1000);
    let body = events::role_change(&events::new_case()).to_string();
    let signature = secret.sign(&id, now, body.as_bytes()).expect("a signature");
    let post = async |body: &str, signature: &str| {
        let nobody = admin.with(Credential::None);
        let request = nobody.request(reqwest::Method::POST, "/webhook/pega");
        let request = request.header("content-type", "application/json").body(body.to_owned());
        let request = request.header("x-caseway-source", text("source_id"));
        let request = request.header("webhook-id", &id).header("webhook-timestamp", now);
        nobody.send(request.header("webhook-signature", signature)).await
    };
    let first = post(&body, &signature).await;
    assert_eq!(admin.settled(first.event_id()).await["source"], format!("source:{name}"));
    let again = post(&body, &signature).await;
    assert_eq!((again.event_id(), again.header("idempotent-replayed")), (first.event_id(), "true"));
    assert_eq!(post(&format!("{body} "), &signature).await.status, 401);
    let rotate = json!({"way": "signature", "grace_seconds": 60});
    let rotated = admin.post_json(&format!("/api/v1/sources/{name}/rotate"), &rotate).await;
    assert_eq!(rotated.status, 200, "{}", rotated.text);
    assert_eq!(post(&body, &signature).await.status, 200, "the old secret's grace");
    assert_eq!(admin.delete(&format!("/api/v1/sources/{name}")).await.status, 200);
}

async fn keys_and_tenants(target: &Target) {
    let admin = target.admin();
    let made = admin.post_json("/api/v1/api-keys", &json!({"name": "live"})).await;
    let key = made.json["key"].as_str().expect("a key").to_owned();
    let user = admin.with(Credential::Bearer(key));
    let me = user.get("/api/v1/auth/me").await.json;
    assert_eq!((&me["name"], &me["role"]), (&json!("live"), &json!("user")));
    let stats = user.get("/api/v1/auth/usage-stats/").await;
    assert_eq!((stats.status, &stats.json["key_id"]), (200, &made.json["id"]));
    assert_eq!(user.get("/api/v1/api-keys/").await.status, 403);
    let other = second_tenant(target).await;
    let path = format!("/api/v1/api-keys/{}", made.json["id"]);
    assert_eq!(other.get(&path).await.status, 404);
    assert_eq!(other.get("/api/v1/tenants").await.status, 403);
    assert_eq!(admin.delete(&path).await.status, 200);
    assert_eq!(admin.get(&path).await.status, 404);
    let preflight = admin.request(reqwest::Method::OPTIONS, "/api/v1/api-keys");
    assert!(admin.send(preflight).await.status < 500);
}

async fn the_trail(target: &Target) {
    let admin = target.admin();
    let revoked = admin.get("/api/v1/audit-logs?action=api-key.revoke&limit=1").await;
    assert_eq!(revoked.json[0]["action"], "api-key.revoke", "{}", revoked.text);
    let stats = admin.get("/api/v1/audit-logs/stats").await.json;
    assert!(stats["by_action"]["source.rotate"].as_u64() >= Some(1), "{stats}");
    let exported = admin.get("/api/v1/audit-logs/export").await.text;
    let verified = functions::audit::verify::Verifier::default().read(&exported).expect("whole");
    assert!(verified.from_the_beginning && verified.entries > 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_flow_of_access_holds_on_the_local_process() {
    let installation = Installation::start().await;
    all(&installation.target).await;
    installation.app.stop().await;
}
