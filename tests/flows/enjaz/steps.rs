//! Synchronisations that take longer than a caller waits, and sessions that are lost.

use serde_json::{Value, json};
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
