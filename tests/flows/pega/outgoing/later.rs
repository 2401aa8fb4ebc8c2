//! Requests that nobody waits for: accepted, worked through, tried again, and driven anew.

use axum::http::StatusCode;
use serde_json::{Value, json};
use simulators::Fault;
use tests::support::Act;

use super::{BOTH, Beside, Version, at};

/// Whoever does not wait.
fn patient(beside: &Beside) -> Act<'_> {
    beside.with_headers(&[("prefer", "wait=5, respond-async")])
}

#[tokio::test]
async fn what_is_accepted_is_done_and_can_be_watched() {
    for version in BOTH {
        let beside = Beside::of(version).await;
        let case = at(&beside.case());
        for (method, path, body) in [
            ("POST", "/pega/case?case_type=HRSR-Work".to_owned(), json!({})),
            ("PUT", case.clone(), json!({ "Color": "blue" })),
            ("POST", format!("{case}/note?note=a"), Value::Null),
            ("POST", format!("{case}/action/Approve"), Value::Null),
        ] {
            let accepted = patient(&beside).send(method, &path, body).await;
            assert_eq!(accepted.status, 202, "{}", accepted.text);
            assert_eq!(accepted.header("preference-applied"), "respond-async");
            let request = beside.request(&accepted).await;
            assert_eq!(accepted.json, json!({ "status": "accepted", "request_id": request["id"] }));
            assert_eq!(request["status"], "accepted");
            beside.world.work().await;
            let request = beside.request(&accepted).await;
            assert_eq!((&request["status"], &request["attempts"]), (&json!("done"), &json!(1)));
            assert!(request["settled_at"].is_string() && request["error"].is_null());
        }
        assert_eq!(beside.pega.cases().len(), 2);
        assert_eq!(beside.pega.notes_on("HRSR-WORK C-1").len(), 1);
        assert_eq!(beside.pega.content("HRSR-WORK C-1")["Color"], "blue");
    }
}

#[tokio::test]
async fn a_pega_that_is_down_gets_what_waited_when_it_is_up() {
    let Beside { world, pega } = Beside::of(Version::V1).await;
    let down = pega.stop().await;
    let key = format!("Bearer {}", world.admin_key);
    let patient = world.who(&[("authorization", &key), ("prefer", "respond-async")]);
    let accepted = patient.send("POST", "/pega/case?case_type=HRSR-Work", json!({})).await;
    world.work().await;
    let waiting = world.admin().get(accepted.header("location")).await.json;
    assert_eq!((&waiting["status"], &waiting["attempts"]), (&json!("accepted"), &json!(1)));
    assert_eq!(waiting["error"]["meaning"], "unreachable");
    assert!(waiting["next_attempt_at"].is_string(), "{waiting:#}");
    let beside = Beside { pega: down.start().await.expect("the same port"), world };
    beside.world.wait(60);
    beside.world.work().await;
    assert_eq!(beside.request(&accepted).await["status"], "done");
    assert_eq!(beside.pega.cases().len(), 1);
}

#[tokio::test]
async fn what_passes_is_tried_again_and_what_does_not_fails_until_somebody_drives_it_anew() {
    let beside = Beside::of(Version::V1).await;
    let case = beside.case();
    let change = at(&case);
    beside.pega.lock(&case, true);
    let accepted = patient(&beside).send("PUT", &change, json!({ "n": 1 })).await;
    beside.world.work().await;
    assert_eq!(beside.request(&accepted).await["error"]["meaning"], "locked");
    beside.pega.lock(&case, false);
    beside.world.wait(3600);
    beside.world.work().await;
    assert_eq!(beside.request(&accepted).await["status"], "done");
    let retry = |place: &str| format!("{place}/retry");
    let admin = beside.world.admin();
    let done = admin.send("POST", &retry(accepted.header("location")), Value::Null).await;
    assert_eq!(done.status, 409, "{}", done.text);

    let refusal = Fault::Answer(StatusCode::FORBIDDEN, String::new());
    beside.pega.faults.plan("POST", "/cases", 1, refusal);
    let made = admin.send("POST", "/pega/case?case_type=HRSR-Work", json!({})).await;
    assert_eq!(made.status, 502);
    let driven = admin.send("POST", &retry(made.header("location")), Value::Null).await;
    assert_eq!((driven.status, &driven.json["status"]), (202, &json!("accepted")));
    beside.world.work().await;
    let request = beside.request(&made).await;
    assert_eq!((&request["status"], &request["error"]), (&json!("done"), &Value::Null));
    assert_eq!(beside.pega.cases().len(), 2);
    assert_eq!(admin.send("POST", "/pega/requests/99/retry", Value::Null).await.status, 404);
}

#[tokio::test]
async fn a_version_that_is_stale_fails_and_nothing_is_saved_over_it() {
    for version in BOTH {
        let beside = Beside::of(version).await;
        let case = beside.case();
        let seen = beside.world.admin().get(&at(&case)).await.header("etag").to_owned();
        beside.pega.save(&case, &json!({ "Color": "green" }));
        let headers = [("prefer", "respond-async"), ("if-match", seen.as_str())];
        let accepted =
            beside.with_headers(&headers).send("PUT", &at(&case), json!({ "Color": "blue" })).await;
        beside.world.work().await;
        let request = beside.request(&accepted).await;
        assert_eq!(
            (&request["status"], &request["error"]["meaning"]),
            (&json!("failed"), &json!("stale_version"))
        );
        assert_eq!(beside.pega.content(&case)["Color"], "green");
    }
}
