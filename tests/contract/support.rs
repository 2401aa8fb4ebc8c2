//! IT support as the walk calls it.

use anyhow::{Context, Result, bail};
use reqwest::Method;
use serde_json::{Value, json};
use tests::support::{Answer, Caller};

const POLICIES: &str = "/support/policies";

/// Whether this operation is one of IT support.
pub fn has(operation: &str) -> bool {
    let of_tickets = operation.contains("ticket") && operation != "create_live_ticket";
    of_tickets || ["support", "polic", "delegation"].iter().any(|part| operation.contains(part))
}

fn request() -> Value {
    json!({ "employee_id": "EMP1", "request_type": "access", "title": "object",
        "description": "object" })
}

/// A ticket that waits for an approval.
async fn waiting(admin: &Caller) -> Result<String> {
    let made = admin.post_json("/support/request", &request()).await;
    let id = made.json["ticket_id"].as_str().context("an id")?.to_owned();
    let path = format!("/support/tickets/{id}");
    admin.get_when(&path, |ticket| ticket["status"] == "waiting_for_approval").await;
    Ok(id)
}

fn answer() -> Value {
    json!({ "answer": "no", "approval": false, "approver_id": "A" })
}

async fn put(admin: &Caller, path: &str, body: &Value) -> Answer {
    admin.send(admin.request(Method::PUT, path).json(body)).await
}

async fn delegate(admin: &Caller, approver: &str) -> Answer {
    let to = json!({ "to": "other", "ends_at": "2126-01-01" });
    put(admin, &format!("/support/delegations/{approver}"), &to).await
}

/// One object of each kind, by the path parameter that names it. The ticket has ended, so
/// that its stream does as well.
pub async fn objects(admin: &Caller) -> Result<impl Fn(&str) -> Option<String> + use<>> {
    let ticket = waiting(admin).await?;
    let denied = admin.post_json(&format!("/support/hil/{ticket}"), &answer()).await;
    assert_eq!(denied.status, 200, "{}", denied.text);
    assert_eq!(delegate(admin, "object").await.status, 200);
    let text = admin.get(POLICIES).await.json["text"].clone();
    assert_eq!(put(admin, POLICIES, &json!({ "text": text })).await.status, 200);
    Ok(move |parameter: &str| match parameter {
        "ticket_id" => Some(ticket.clone()),
        "approver_id" => Some("object".to_owned()),
        _ => None,
    })
}

/// How each operation that changes something is called so that it does.
pub async fn change(operation: &str, admin: &Caller, fresh: &str) -> Result<Answer> {
    let below = async |what: &str, body: Value| -> Result<Answer> {
        let path = format!("/support/tickets/{}/{what}", waiting(admin).await?);
        if what == "reopen" {
            let cancel = path.replace("reopen", "cancel");
            admin.post_json(&cancel, &json!({})).await;
        }
        Ok(admin.post_json(&path, &body).await)
    };
    Ok(match operation {
        "request_support" => admin.post_json("/support/request", &request()).await,
        "comment_ticket" => below("comments", json!({ "comment": fresh })).await?,
        "reassign_ticket" => below("reassign", json!({ "approvers": [fresh] })).await?,
        "cancel_ticket" => below("cancel", json!({})).await?,
        "reopen_ticket" => below("reopen", json!({})).await?,
        "answer_ticket" => {
            let path = format!("/support/hil/{}", waiting(admin).await?);
            admin.post_json(&path, &answer()).await
        }
        "set_delegation" => delegate(admin, fresh).await,
        "remove_delegation" => {
            delegate(admin, fresh).await;
            admin.delete(&format!("/support/delegations/{fresh}")).await
        }
        "change_policies" => {
            let text = admin.get(POLICIES).await.json["text"].clone();
            put(admin, POLICIES, &json!({ "text": text })).await
        }
        "reset_policies" => admin.delete(POLICIES).await,
        other => bail!("{other} changes something, and this test does not know how to call it"),
    })
}
