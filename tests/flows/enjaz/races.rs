//! What happens at the same instant, and processes that die on the way.

use std::sync::Arc;
use std::time::Duration;

use functions::enjaz;
use futures_util::future::{join, join_all};
use serde_json::{Value, json};
use shared::env::Env;
use simulators::Fault;
use simulators::portal::{Case, Mishap};

use super::{Desk, USER, cases, done, numbers, path};
use tests::support::{Faults, Nowhere, dying_anywhere, faulty};

#[tokio::test]
async fn two_synchronisations_at_the_same_instant_are_one_sign_in() {
    let desk = Desk::connected(cases(3)).await;
    let both = join(desk.post("/sync-cases"), desk.post("/sync-cases")).await;
    let mut statuses = [both.0.status, both.1.status];
    statuses.sort_unstable();
    let other = if both.0.status == 202 { &both.0 } else { &both.1 };
    assert_eq!(statuses, [200, 202], "{} {}", both.0.text, both.1.text);
    assert_eq!(desk.logins(), 1);
    // The other one is told where to watch, and that is the one that went on.
    let watched = done(desk.admin().get(other.header("location")).await);
    assert_eq!((&watched["outcome"], &watched["cases_imported"]), (&json!("ok"), &json!(3)));
    let syncs = desk.get("/accounts/1/syncs").await;
    assert_eq!(syncs.as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn whoever_connects_twice_at_the_same_instant_has_one_account() {
    let desk = Desk::with(cases(1)).await;
    let body = json!({ "username": USER.0, "password": USER.1 });
    let (admin, path) = (desk.admin(), path("/connect"));
    let all = join_all((0..5).map(|_| admin.send("POST", &path, body.clone()))).await;
    let messages: Vec<_> = all.iter().map(|answer| answer.json["message"].clone()).collect();
    let new = "Enjaz account connected successfully";
    assert_eq!(messages.iter().filter(|message| *message == new).count(), 1, "{messages:?}");
    assert_eq!(desk.get("/accounts").await.as_array().map(Vec::len), Some(1));
    desk.comes_to("ok").await;
}

#[tokio::test]
async fn an_account_that_is_connected_anew_on_the_way_keeps_nothing_of_before() {
    let desk = Desk::connected(cases(3)).await;
    let (held, is_there, go_on) = Fault::held(Fault::Delay(Duration::ZERO));
    desk.portal.mishap("/cases", 1, Mishap::Goes(held));
    let anew = async {
        is_there.await.expect("a call");
        desk.connect_as(&desk.admin(), (USER.0, "another"), None).await;
        go_on.send(()).expect("a call that waits");
    };
    let (answer, ()) = join(desk.post("/sync-cases"), anew).await;
    assert_eq!((answer.status, &answer.json["success"]), (200, &json!(false)), "{}", answer.text);
    assert_eq!(answer.json["data"]["sync"]["outcome"], Value::Null);
    assert_eq!(desk.get("/cases").await["total_count"], 0);
    let account = desk.account().await;
    assert_eq!((&account["status"], &account["running_sync_id"]), (&Value::Null, &Value::Null));
}

#[tokio::test]
async fn an_account_that_is_disconnected_on_the_way_leaves_nothing() {
    let desk = Desk::connected(cases(3)).await;
    let (held, is_there, go_on) = Fault::held(Fault::Delay(Duration::ZERO));
    desk.portal.mishap("/cases", 1, Mishap::Goes(held));
    let gone = async {
        is_there.await.expect("a call");
        done(desk.admin().send("DELETE", &path("/disconnect"), Value::Null).await);
        go_on.send(()).expect("a call that waits");
    };
    let (answer, ()) = join(desk.post("/sync-cases"), gone).await;
    assert!(answer.status == 200 || answer.status == 202, "{}", answer.text);
    assert_eq!(desk.get("/cases").await["total_count"], 0);
    assert_eq!(desk.get("/accounts").await, json!([]));
    desk.world.wait(24 * 3600);
    desk.world.enjaz().await;
    let body = json!({ "username": USER.0, "password": USER.1 });
    let again = desk.admin().send("POST", &path("/connect"), body).await;
    assert_eq!(again.json["message"], "Enjaz account connected successfully");
    assert_eq!(desk.comes_to("ok").await["sync"]["cases_imported"], 3);
}

/// A process of the desk's whose calls of the database suffer faults.
fn amid(desk: &Desk, faults: &Faults) -> Env {
    let env = Env::new(desk.world.vars(), faulty(&desk.world.database, faults));
    let env = env.with_clock(desk.world.clock.clone()).with_vault(desk.world.vault());
    let env = env.with_queue("ENJAZ_QUEUE_URL", desk.world.enjaz.clone());
    env.with_private_targets().with_other_queues(Arc::new(Nowhere))
}

#[tokio::test]
async fn a_worker_that_dies_anywhere_loses_and_invents_no_case() {
    let deaths = dying_anywhere(async |calls| {
        let desk = Desk::connected(cases(12)).await;
        desk.comes_to("ok").await;
        done(desk.post("/accounts/1/pause").await);
        desk.shows(cases(11).chain([Case::english(20)]));
        let left = desk.world.who(&[
            ("prefer", "respond-async"),
            ("authorization", &format!("Bearer {}", desk.world.admin_key)),
        ]);
        let left = left.send("POST", &path("/sync-cases"), Value::Null).await;
        assert_eq!(left.status, 202, "{}", left.text);
        let faults = Faults::death_after(calls);
        let worker = enjaz::worker(&amid(&desk, &faults)).expect("a worker");
        for hint in desk.world.enjaz.take() {
            let _ = worker.deliver(hint).await;
        }
        for _ in 0..2 {
            desk.world.wait(300);
            desk.world.enjaz().await;
        }
        assert_eq!(desk.numbers("?presence=absent").await, numbers([12]), "{calls}");
        assert_eq!(
            desk.numbers("?presence=present").await,
            numbers((1..=11).chain([20])),
            "{calls}"
        );
        let watched = done(desk.admin().get(left.header("location")).await);
        assert_eq!(
            (&watched["outcome"], &watched["cases_imported"], &watched["cases_absent"]),
            (&json!("ok"), &json!(1), &json!(1)),
            "{calls}"
        );
        let changes = desk.get("/cases/12/history").await;
        assert_eq!(changes.as_array().map(Vec::len), Some(2), "{calls} {changes}");
        (faults.has_died(), desk.logins())
    })
    .await;
    // The sign-in of an attempt that died is made once more, and not again.
    assert!(deaths.iter().all(|logins| *logins <= 3), "{deaths:?}");
}
