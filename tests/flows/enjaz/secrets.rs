//! Where credentials are: in the vault, for as long as the account has them.

use std::time::Duration;

use futures_util::future::join;
use serde_json::{Value, json};
use shared::table::Query;
use shared::tenant::Tenant;
use shared::vault::{ExposeSecret, SecretName};
use simulators::Fault;
use simulators::portal::Mishap;

use super::{Desk, USER, cases, done, path};

/// What the vault calls the credentials of the admin's account.
async fn name(desk: &Desk) -> SecretName {
    let tenant = Tenant::parse("default").expect("a name");
    let table = desk.world.env.table("ENJAZ_TABLE").expect("a table");
    let accounts = Query::partition(&tenant.pk("ENJAZ-ACCOUNTS", "key:1"));
    let accounts: Vec<Value> = table.query_all(accounts).await.expect("accounts");
    let record = accounts[0]["secret"].as_str().expect("a name");
    SecretName::of(&tenant, record).expect("a name")
}

async fn kept(desk: &Desk, name: &SecretName) -> Option<String> {
    let kept = desk.world.vault().read(name).await.expect("a vault");
    kept.map(|secret| secret.expose_secret().to_owned())
}

#[tokio::test]
async fn the_vault_has_what_an_account_signs_in_with_until_it_is_replaced_or_disconnected() {
    let desk = Desk::connected(cases(3)).await;
    let first = name(&desk).await;
    assert!(kept(&desk, &first).await.is_some_and(|text| text.contains("canary")));
    desk.connect().await;
    let second = name(&desk).await;
    assert_ne!(first, second);
    assert_eq!(kept(&desk, &first).await, None);
    desk.comes_to("ok").await;
    done(desk.admin().send("DELETE", &path("/disconnect"), Value::Null).await);
    assert_eq!(kept(&desk, &second).await, None);
}

#[tokio::test]
async fn each_look_at_credentials_is_in_the_audit_trail_under_its_correlation_id() {
    let desk = Desk::connected(cases(3)).await;
    let key = format!("Bearer {}", desk.world.admin_key);
    let with = [("authorization", &*key), ("x-correlation-id", "look-1")];
    done(desk.world.who(&with).send("POST", &path("/sync-cases"), Value::Null).await);
    let trail = desk.admin().get("/api/v1/audit-logs?limit=100").await;
    let entries = trail.json.as_array().cloned().unwrap_or_default();
    let of = |action: &str| entries.iter().find(|entry| entry["action"] == action).cloned();
    for action in ["enjaz.credentials.read", "enjaz.sync", "enjaz.sync.end"] {
        let entry = of(action).unwrap_or_else(|| panic!("{action}: {}", trail.text));
        assert_eq!(entry["correlation_id"], json!("look-1"), "{entry}");
    }
    assert!(of("enjaz.account.connect").is_some());
}

/// Disconnects the account while a synchronisation waits for its first page, which takes so
/// many seconds, and looks again the day after. Answers the synchronisation.
async fn disconnected_on_the_way(desk: &Desk, seconds: u64) -> String {
    let (held, there, go_on) = Fault::held(Fault::Delay(Duration::ZERO));
    desk.portal.mishap("/cases", 1, Mishap::Goes(held));
    let gone = async {
        there.await.expect("a call");
        let running = desk.account().await["running_sync_id"].clone();
        done(desk.admin().send("DELETE", &path("/disconnect"), Value::Null).await);
        desk.world.wait(seconds);
        go_on.send(()).expect("it waits");
        running.as_str().expect("an id").to_owned()
    };
    let (_, running) = join(desk.post("/sync-cases"), gone).await;
    desk.world.wait(24 * 3600);
    desk.world.enjaz().await;
    running
}

#[tokio::test]
async fn nothing_of_a_session_comes_back_after_its_account_was_disconnected() {
    let desk = Desk::with(cases(3)).await;
    let session = desk.portal.session_of(USER.0).into_iter();
    let cookies: Value = session.map(|(name, value)| (name, json!(value))).collect();
    done(desk.admin().send("POST", &path("/session"), json!({ "cookies": cookies })).await);
    let name = name(&desk).await;
    let sync = disconnected_on_the_way(&desk, 0).await;
    assert_eq!(kept(&desk, &name).await, None);
    assert!(!desk.has_session(&sync).await);
}

#[tokio::test]
async fn a_step_that_ends_after_its_account_was_disconnected_leaves_no_session() {
    let desk = Desk::connected(cases(25)).await;
    let sync = disconnected_on_the_way(&desk, 9).await;
    assert!(!desk.has_session(&sync).await);
}
