//! Enjaz as the walk and the fuzzer call it.

use anyhow::{Context, Result, bail, ensure};
use reqwest::Method;
use serde_json::{Value, json};
use simulators::portal::{Case, Portal};
use tests::support::{Answer, Caller};

const BASE: &str = "/api/v1/enjaz";
const USER: (&str, &str) = ("object", "secret");

/// Whether this operation is one of Enjaz.
pub fn has(operation: &str) -> bool {
    operation.contains("enjaz")
}

/// A portal that knows the user.
pub async fn portal() -> Result<Portal> {
    let portal = Portal::start().await?;
    portal.account(USER.0, USER.1);
    portal.cases(USER.0, [Case::english(1)]);
    Ok(portal)
}

/// An account of this label, connected; its id.
async fn connect(admin: &Caller, label: &str) -> Result<i64> {
    let body = json!({ "username": USER.0, "password": USER.1, "label": label });
    let connected = admin.post_json(&format!("{BASE}/connect"), &body).await;
    connected.json["data"]["id"].as_i64().with_context(|| connected.text.clone())
}

/// Gives the tenant this portal.
async fn is_at(admin: &Caller, portal: &Portal) -> Answer {
    let profile = json!({ "base_url": portal.url(), "min_delay_ms": 0 });
    put(admin, "/portal", &profile).await
}

async fn put(admin: &Caller, below: &str, body: &Value) -> Answer {
    admin.send(admin.request(Method::PUT, &format!("{BASE}{below}")).json(body)).await
}

/// How each operation that changes something is called so that it does.
pub async fn change(operation: &str, admin: &Caller) -> Result<Answer> {
    let portal = portal().await?;
    let set = is_at(admin, &portal).await;
    let id = connect(admin, "walked").await?;
    let post = async |below: &str| admin.post(&format!("{BASE}{below}")).await;
    Ok(match operation {
        "connect_enjaz_account" => {
            let body = json!({ "username": USER.0, "password": USER.1, "label": "walked" });
            admin.post_json(&format!("{BASE}/connect"), &body).await
        }
        "hand_enjaz_session_over" => {
            let body = json!({ "cookies": { "a": "b" }, "label": "walked" });
            admin.post_json(&format!("{BASE}/session"), &body).await
        }
        "disconnect_enjaz_account" => {
            admin.delete(&format!("{BASE}/disconnect?account_id={id}")).await
        }
        "update_enjaz_account" => {
            let path = format!("{BASE}/accounts/{id}");
            let body = json!({ "interval_minutes": 10 });
            admin.send(admin.request(Method::PATCH, &path).json(&body)).await
        }
        "pause_enjaz_account" => post(&format!("/accounts/{id}/pause")).await,
        "resume_enjaz_account" => post(&format!("/accounts/{id}/resume")).await,
        "check_enjaz_account" => post(&format!("/accounts/{id}/check")).await,
        "sync_enjaz_cases" => post(&format!("/sync-cases?account_id={id}")).await,
        "set_enjaz_portal" => set,
        "reset_enjaz_portal" => admin.delete(&format!("{BASE}/portal")).await,
        other => bail!("{other} changes something, and this test does not know how to call it"),
    })
}

/// One object of each kind, by the path parameter that names it: an account that was
/// synchronised once.
pub async fn objects(admin: &Caller) -> Result<impl Fn(&str) -> Option<String> + use<>> {
    let portal = portal().await?;
    let set = is_at(admin, &portal).await;
    ensure!(set.status == 200, "{}", set.text);
    let (account, case, sync) = seed(admin, "object").await?;
    Ok(move |parameter: &str| match parameter {
        "enjaz account_id" => Some(account.to_string()),
        "enjaz case_id" => Some(case.to_string()),
        "enjaz sync_id" => Some(sync.clone()),
        _ => None,
    })
}

/// An account that was synchronised once; its id, that of its case, and that of the
/// synchronisation.
pub async fn seed(admin: &Caller, label: &str) -> Result<(i64, i64, String)> {
    let account = connect(admin, label).await?;
    let synced = admin.post(&format!("{BASE}/sync-cases?account_id={account}")).await;
    let sync = synced.json["data"]["sync"]["sync_id"].as_str();
    let sync = sync.with_context(|| synced.text.clone())?.to_owned();
    let cases = admin.get(&format!("{BASE}/cases?account_id={account}")).await;
    let case = cases.json["data"]["data"][0]["id"].as_i64();
    Ok((account, case.with_context(|| cases.text.clone())?, sync))
}
