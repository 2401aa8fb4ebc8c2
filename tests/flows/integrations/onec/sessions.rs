//! Sessions that the calls of a request share.

use reqwest::StatusCode;
use serde_json::json;

use super::{ONEC, beside_1c, june, post};

#[tokio::test]
async fn calls_of_a_request_share_a_session_if_the_settings_say_so() {
    let (world, zup) = beside_1c().await;
    post(&world, "sendSchedule", june(&["a-1", "a-2"], &[2])).await;
    assert_eq!((zup.sessions_begun(), zup.sessions_open()), (2, 0));
    let config = json!({"ib_session": true, "retry_attempts": 0});
    world.admin().send("PUT", &format!("{ONEC}/config"), config).await;
    let sent = post(&world, "sendSchedule", june(&["a-1", "a-2"], &[2])).await;
    assert_eq!(sent.json["success"], true, "{}", sent.text);
    assert_eq!((zup.sessions_begun(), zup.calls("sendSchedule")), (3, 4));
}

#[tokio::test]
async fn a_session_that_is_lost_is_begun_anew_once() {
    let norms = json!({"employee_id": "a-1", "start_date": "2018-01-01", "end_date": "2018-12-31"});
    for status in
        [StatusCode::NOT_FOUND, StatusCode::BAD_REQUEST, StatusCode::INTERNAL_SERVER_ERROR]
    {
        let (world, zup) = beside_1c().await;
        let config = json!({"ib_session": true, "retry_attempts": 0});
        world.admin().send("PUT", &format!("{ONEC}/config"), config).await;
        zup.habits(|habits| habits.session_lost = status);
        // Between the two calls of a request: people are asked for first.
        let (reached, go_on) = zup.faults.plan_held(
            "POST",
            "/getNormHours",
            simulators::Fault::Delay(std::time::Duration::ZERO),
        );
        let lost = async {
            reached.await.expect("a call");
            zup.lose_sessions();
            go_on.send(()).expect("a call that waits");
        };
        let (answer, ()) = tokio::join!(post(&world, "getNormHours", norms.clone()), lost);
        assert_eq!(answer.status, 200, "{status}: {}", answer.text);
        assert_eq!((zup.calls("getNormHours"), zup.sessions_begun()), (2, 2), "{status}");
    }
}
