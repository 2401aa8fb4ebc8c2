//! Connections over a real socket, against any installation.

use reqwest::Method;
use serde_json::json;
use tests::support::{Installation, Target};

use super::CONNECTIONS;

/// What needs nothing but a target: rows, the vault, both bases, a call that leads nowhere.
pub async fn all(target: &Target) {
    let admin = target.admin();
    let new = json!({"name": "1C", "integration_type": "1c",
        "endpoint_url": "https://1c.invalid", "authentication_type": "basic",
        "credentials": {"username": "wfm_user", "password": "secure_password"},
        "config": {"retry_attempts": 0}});
    let made = admin.post_json(&format!("/api/v1{CONNECTIONS}"), &new).await;
    assert_eq!((made.status, &made.json["status"]), (200, &json!("inactive")), "{}", made.text);
    let path = format!("{CONNECTIONS}/{}", made.json["id"].as_str().expect("an id"));
    for base in ["", "/api/v1"] {
        for below in ["", "/status", "/sync-logs", "/uptime", "/mappings", "/"] {
            let found = admin.get(&format!("{base}{path}{below}")).await;
            assert_eq!(found.status, 200, "{base}{path}{below} {}", found.text);
        }
        let health = admin.get(&format!("{base}{CONNECTIONS}/health")).await;
        assert_eq!(health.json["service_name"], "WFM Integration Service", "{}", health.text);
    }
    let tested = admin.post(&format!("{path}/test")).await;
    assert_eq!((tested.status, &tested.json["success"]), (200, &json!(false)), "{}", tested.text);
    assert_eq!(admin.get(&path).await.json["status"], "error");
    let change = json!({"credentials": {"username": "a", "password": "b"}, "status": "active"});
    let put = admin.request(Method::PUT, &format!("/api/v1{path}")).json(&change);
    assert_eq!(admin.send(put).await.json["status"], "active");
    let mapping = json!({"source_entity": "a", "target_entity": "b", "field_mappings": {"a": "b"}});
    let mapping = admin.post_json(&format!("/api/v1{path}/mappings"), &mapping).await;
    assert_eq!(mapping.json["version"], 1, "{}", mapping.text);
    let id = mapping.json["id"].as_str().expect("an id");
    let tried = format!("{path}/mappings/{id}/dry-run");
    let tried = admin.post_json(&tried, &json!({"records": [{"b": 5}]})).await;
    assert_eq!(tried.json["results"][0]["after"], json!({"a": 5}), "{}", tried.text);
    for status in [200, 404] {
        assert_eq!(admin.delete(&format!("/api/v1{path}")).await.status, status);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_work_over_a_socket() {
    let installation = Installation::start().await;
    all(&installation.target).await;
}
