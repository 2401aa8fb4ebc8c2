//! Synchronisations that take longer than a caller waits, and sessions that are lost.

use std::time::Duration;

use futures_util::future::join;
use serde_json::{Value, json};
use simulators::Fault;
use simulators::portal::{Lost, Mishap};

use super::{Desk, cases, done, numbers, path};

#[tokio::test]
async fn whoever_does_not_wait_is_told_where_it_can_be_watched() {
    let desk = Desk::connected(cases(12)).await;
    let key = format!("Bearer {}", desk.world.admin_key);
    let hurried = desk.world.who(&[("authorization", &key), ("prefer", "respond-async")]);
    let left = hurried.send("POST", &path("/sync-cases"), Value::Null).await;
    assert_eq!((left.status, left.header("preference-applied")), (202, "respond-async"));
    assert_eq!(
        (&left.json["success"], &left.json["data"]["sync"]["state"]),
        (&json!(true), &json!("running"))
    );
    let place = left.header("location").to_owned();
    assert_eq!(done(desk.admin().get(&place).await)["outcome"], Value::Null);
    desk.world.enjaz().await;
    let watched = done(desk.admin().get(&place).await);
    assert_eq!(
        (&watched["state"], &watched["outcome"], &watched["pages"]),
        (&json!("ended"), &json!("ok"), &json!(2))
    );
    assert_eq!(desk.numbers("").await, numbers(1..=12));
}

#[tokio::test]
async fn a_session_that_is_lost_on_the_way_is_begun_once_more_and_no_more_than_that() {
    let desk = Desk::connected(cases(25)).await;
    desk.portal.mishap("/cases?page=2", 1, Mishap::SessionEnds(Lost::Redirect));
    assert_eq!(desk.comes_to("ok").await["total_cases"], 25);
    assert_eq!(desk.logins(), 2);
    desk.portal.mishap("/cases?page=2", 2, Mishap::SessionEnds(Lost::Redirect));
    desk.comes_to("partial").await;
    assert_eq!(desk.logins(), 4);
    assert_eq!(desk.get("/cases?presence=present").await["total_count"], 25);
}

#[tokio::test]
async fn who_is_sent_elsewhere_between_two_pages_signs_in_once_more_before_that_is_believed() {
    let desk = Desk::connected(cases(25)).await;
    desk.portal.mishap("/cases?page=2", 1, Mishap::Elsewhere);
    assert_eq!(desk.comes_to("ok").await["total_cases"], 25);
    assert_eq!(desk.logins(), 2);
    desk.portal.mishap("/cases?page=2", 2, Mishap::Elsewhere);
    desk.comes_to("partial").await;
    assert_ne!(desk.account().await["next_sync_at"], Value::Null, "the schedule goes on");
}

#[tokio::test]
async fn what_takes_several_steps_is_read_in_one_session_and_kept_between_them() {
    let desk = Desk::connected(cases(45)).await;
    let slow = async {
        for page in ["/cases", "/cases?page=3"] {
            let (held, there, go_on) = Fault::held(Fault::Delay(Duration::ZERO));
            desk.portal.mishap(page, 1, Mishap::Goes(held));
            there.await.expect("a call");
            desk.world.wait(9);
            go_on.send(()).expect("it waits");
        }
    };
    let (answer, ()) = join(desk.post("/sync-cases"), slow).await;
    assert!(!answer.headers.contains_key("preference-applied"), "nobody asked for it");
    let sync = done(answer)["sync"].clone();
    let long = "x".repeat(3000);
    for before in ["", long.as_str()] {
        let list = desk.get(&format!("/accounts/1/syncs?before={before}")).await;
        assert_eq!(list, json!([]), "no id can be before it");
    }
    assert_eq!((&sync["outcome"], &sync["cases_imported"]), (&json!("ok"), &json!(45)), "{sync}");
    assert_eq!((desk.logins(), desk.portal.requests("/cases")), (1, 5));
    desk.world.enjaz().await;
    assert!(!desk.has_session(sync["sync_id"].as_str().expect("an id")).await);
}
