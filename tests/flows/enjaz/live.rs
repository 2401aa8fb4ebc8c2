//! Enjaz of a running installation, which works through what is due by itself.

use anyhow::{Context, Result, ensure};
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use simulators::portal::{Case, Portal};
use tests::support::{Answer, Caller, Installation, Target};

use super::{USER, path};

/// Gives the tenant this portal.
async fn is_at(admin: &Caller, portal: &Portal) {
    let profile = json!({ "base_url": portal.url(), "min_delay_ms": 0 });
    let set = admin.send(admin.request(Method::PUT, &path("/portal")).json(&profile)).await;
    assert_eq!(set.status, 200, "{}", set.text);
}

async fn connect(admin: &Caller, (username, password): (&str, &str), label: &str) -> Result<i64> {
    let body = json!({ "username": username, "password": password, "label": label });
    let connected = admin.post_json(&path("/connect"), &body).await;
    connected.json["data"]["id"].as_i64().with_context(|| connected.text.clone())
}

/// Has an account synchronised without waiting for it.
async fn left(admin: &Caller, account: i64) -> Answer {
    let request = admin.request(Method::POST, &path(&format!("/sync-cases?account_id={account}")));
    admin.send(request.header("prefer", "respond-async")).await
}

/// Cases are read at once and by a worker, and go with their account.
pub async fn all(target: &Target) -> Result<()> {
    let (admin, portal) = (target.admin(), Portal::start().await?);
    portal.account(USER.0, USER.1);
    portal.cases(USER.0, (1..=25).map(Case::english));
    is_at(&admin, &portal).await;
    let account = connect(&admin, USER, "live").await?;
    let synced = admin.post(&path(&format!("/sync-cases?account_id={account}"))).await;
    ensure!(synced.json["data"]["message"] == "Successfully synced 25 cases", "{}", synced.text);
    portal.cases(USER.0, (2..=26).map(Case::english));
    let begun = left(&admin, account).await;
    ensure!(begun.status == 202, "{}", begun.text);
    let ended = |view: &Value| view["data"]["state"] == "ended";
    let view = admin.get_when(begun.header("location"), ended).await;
    let told = &view["data"];
    ensure!(told["outcome"] == "ok", "{view}");
    ensure!((&told["cases_imported"], &told["cases_absent"]) == (&json!(1), &json!(1)), "{view}");
    let query = format!("/cases?account_id={account}&presence=present&limit=10&sort=-case_number");
    let list = admin.get(&path(&query)).await;
    ensure!(list.json["data"]["data"][0]["case_number"] == "CASE-2024-026", "{}", list.text);
    let gone = admin.delete(&path(&format!("/disconnect?account_id={account}"))).await;
    ensure!(gone.json["data"]["cases_deleted"] == 26, "{}", gone.text);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_flow_holds_on_the_local_process() -> Result<()> {
    Installation::holds(all).await
}

#[tokio::test(flavor = "multi_thread")]
async fn never_are_more_under_way_at_a_time_than_may_be() -> Result<()> {
    const AT_ONCE: usize = 3;
    let installation = Installation::start_with(&[("ENJAZ_AT_ONCE", "3")]).await;
    let (admin, portal) = (installation.admin(), Portal::start().await?);
    is_at(&admin, &portal).await;
    let mut accounts = Vec::new();
    for n in 0..10 {
        let user = format!("user-{n}");
        portal.account(&user, "secret");
        portal.cases(&user, (1..=25).map(Case::english));
        accounts.push(connect(&admin, (&user, "secret"), &user).await?);
    }
    let begun = join_all(accounts.iter().map(|account| left(&admin, *account))).await;
    for begun in begun {
        ensure!(begun.status == 202, "{}", begun.text);
        let ended = |view: &Value| view["data"]["state"] == "ended";
        let view = admin.get_when(begun.header("location"), ended).await;
        ensure!(view["data"]["outcome"] == "ok", "{view}");
    }
    assert_eq!(portal.most_visits_at_once(), AT_ONCE);
    Ok(())
}
