//! Contact centres as the walk and the fuzzer call them.

use anyhow::{Context, Result, bail};
use reqwest::Method;
use serde_json::json;
use simulators::contact_center::{ContactCenter, GroupLoad, Service};
use tests::support::{Answer, Caller};

use super::samples::CONNECTIONS;

/// Whether this operation is one of contact centres.
pub fn has(operation: &str) -> bool {
    operation.contains("contact_center")
}

/// A connection in use to the centre at this address; its id.
async fn connection(admin: &Caller, url: &str) -> Result<String> {
    let new = json!({ "name": "object", "integration_type": "contact_center",
        "endpoint_url": url, "authentication_type": "none", "config": { "retry_attempts": 0 } });
    let made = admin.post_json(CONNECTIONS, &new).await;
    let id = made.json["id"].as_str().with_context(|| made.text.clone())?.to_owned();
    let active = json!({ "status": "active" });
    let path = format!("{CONNECTIONS}/{id}");
    let answer = admin.send(admin.request(Method::PUT, &path).json(&active)).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    Ok(id)
}

/// A contact centre to which there is a connection in use.
pub async fn seed(admin: &Caller) -> Result<ContactCenter> {
    let centre = ContactCenter::start().await?;
    centre.service(Service::new("1", "Sales").group("7", "Phones"));
    centre.load("7", GroupLoad::default());
    connection(admin, &centre.url()).await?;
    Ok(centre)
}

/// How each operation that changes something is called so that it does.
pub async fn change(operation: &str, admin: &Caller) -> Result<Answer> {
    let id = connection(admin, "http://127.0.0.1:9").await?;
    let at = |path: &str| format!("/integrations/cc/{path}?connection_id={id}");
    Ok(match operation {
        "configure_contact_center" => {
            let request = admin.request(Method::PUT, &at("config"));
            admin.send(request.json(&json!({ "retry_attempts": 0 }))).await
        }
        "test_contact_center" => admin.post_json(&at("test-connection"), &json!({})).await,
        "pull_contact_center" => admin.post_json(&at("pull"), &json!({})).await,
        "export_contact_center_data" => {
            let wanted = json!({ "data_type": "agent_status", "start_date": "2026-06-01",
                "end_date": "2026-06-02" });
            admin.post_json(&at("export-data"), &wanted).await
        }
        other => bail!("{other} changes something, and this test does not know how to call it"),
    })
}
