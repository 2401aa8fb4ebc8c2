//! The same request under the same key reaches Pega once.

use std::time::Duration;

use serde_json::{Value, json};
use simulators::Fault;
use tests::support::Answer;

use super::{Beside, Version, at, changes};

/// What an answer tells, but for when it was made.
fn told(answer: &Answer) -> Value {
    let mut told = answer.json.clone();
    if let Some(members) = told.as_object_mut() {
        members.remove("timestamp");
    }
    told
}

#[tokio::test]
async fn a_repeat_is_answered_with_what_came_of_the_first() {
    let beside = Beside::of(Version::V1).await;
    let case = at(&beside.case());
    let (action, missing) = (format!("{case}/action/Approve"), at("HRSR-WORK C-9"));
    for (key, method, path, body) in [
        ("a", "POST", "/pega/case?case_type=HRSR-Work", json!({ "a": 1 })),
        ("b", "PUT", case.as_str(), json!({ "a": 1 })),
        ("c", "POST", &format!("{case}/note?note=once"), Value::Null),
        ("d", "POST", &action, Value::Null),
        ("e", "PUT", &missing, json!({})),
    ] {
        let with = beside.with_headers(&[("idempotency-key", key)]);
        let first = with.send(method, path, body.clone()).await;
        let asked = changes(&beside.pega);
        let again = with.send(method, path, body).await;
        assert_eq!((again.status, told(&again)), (first.status, told(&first)), "{key}");
        assert_eq!(
            (again.header("idempotent-replayed"), first.header("idempotent-replayed")),
            ("true", "")
        );
        assert_eq!(again.header("location"), first.header("location"));
        assert_eq!(again.header("etag"), first.header("etag"));
        assert_eq!(changes(&beside.pega), asked, "{key}");
        let other = with.send(method, path, json!({ "note": "other", "n": 2 })).await;
        assert_eq!(other.status, 422, "{key} {}", other.text);
        assert_eq!(changes(&beside.pega), asked, "{key}");
    }
}

#[tokio::test]
async fn a_repeat_that_comes_while_the_first_is_under_way_waits_for_it_elsewhere() {
    let beside = Beside::of(Version::V1).await;
    let with = beside.with_headers(&[("idempotency-key", "k")]);
    let path = "/pega/case?case_type=HRSR-Work";
    let (reached, go_on) =
        beside.pega.faults.plan_held("POST", "/cases", Fault::Delay(Duration::ZERO));
    let first = with.send("POST", path, json!({}));
    let second = async {
        reached.await.expect("the first is there");
        let second = with.send("POST", path, json!({})).await;
        go_on.send(()).expect("the first waits");
        second
    };
    let (first, second) = tokio::join!(first, second);
    assert_eq!((first.status, second.status), (200, 409), "{}", second.text);
    assert_eq!(second.header("retry-after"), "1");
    let third = with.send("POST", path, json!({})).await;
    assert_eq!((third.status, &third.json), (200, &first.json));
    assert_eq!(beside.pega.cases().len(), 1);
}

#[tokio::test]
async fn of_many_at_the_same_instant_one_reaches_pega() {
    let beside = Beside::of(Version::V1).await;
    let with = beside.with_headers(&[("idempotency-key", "k")]);
    let path = "/pega/case?case_type=HRSR-Work";
    let all = (0..8).map(|_| with.send("POST", path, json!({})));
    let statuses = futures_util::future::join_all(all).await;
    let statuses: Vec<u16> = statuses.iter().map(|answer| answer.status).collect();
    assert!(statuses.iter().all(|status| [200, 409].contains(status)), "{statuses:?}");
    assert_eq!(beside.pega.cases().len(), 1, "{statuses:?}");
}
