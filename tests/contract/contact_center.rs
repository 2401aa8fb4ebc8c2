//! Contact centres as the walk and the fuzzer call them.

use anyhow::{Context, Result, bail};
use reqwest::Method;
use serde_json::{Value, json};
use simulators::contact_center::{ContactCenter, GroupLoad, Service};
use tests::support::{Answer, Caller};

/// Whether this operation is one of contact centres.
pub fn has(operation: &str) -> bool {
    operation.contains("contact_center")
}

/// An import of one record; its id.
pub async fn import(admin: &Caller, connection: &str) -> Result<String> {
    let done = admin.post_json(&at("bulk-import", connection), &records()).await;
    Ok(done.json["batch_id"].as_str().with_context(|| done.text.clone())?.to_owned())
}

/// An import into a centre of its own; its id.
pub async fn object(admin: &Caller) -> Result<String> {
    import(admin, &admin.contact_center("http://127.0.0.1:9").await).await
}

fn records() -> Value {
    json!({ "data_type": "agent_status", "data": [{ "agent_id": "object", "status": "object",
        "start_time": "2026-06-01T10:00:00Z" }] })
}

fn at(path: &str, connection: &str) -> String {
    format!("/integrations/cc/{path}?connection_id={connection}")
}

/// A contact centre to which there is a connection in use, and an import into it.
pub async fn seed(admin: &Caller) -> Result<(ContactCenter, String)> {
    let centre = ContactCenter::start().await?;
    centre.service(Service::new("1", "Sales").group("7", "Phones"));
    centre.load("7", GroupLoad::default());
    let id = import(admin, &admin.contact_center(&centre.url()).await).await?;
    Ok((centre, id))
}

/// How each operation that changes something is called so that it does.
pub async fn change(operation: &str, admin: &Caller) -> Result<Answer> {
    let id = admin.contact_center("http://127.0.0.1:9").await;
    let at = |path: &str| at(path, &id);
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
        "import_contact_center_data" => admin.post_json(&at("bulk-import"), &records()).await,
        "validate_contact_center_data" => admin.post_json(&at("validate-data"), &records()).await,
        other => bail!("{other} changes something, and this test does not know how to call it"),
    })
}
