//! How Pega refuses, in both versions, and what callers are told.

use axum::http::StatusCode;
use serde_json::{Value, json};
use simulators::Fault;
use tests::support::Answer;

use super::{BOTH, Beside, STRICT, Version, at, changes};

/// A refusal with its word, and the request that it is kept on.
async fn check(beside: &Beside, answer: &Answer, status: u16, word: &str) -> Value {
    assert_eq!(
        (answer.status, &answer.json["error_type"]),
        (status, &json!(word)),
        "{}",
        answer.text
    );
    let request = beside.request(answer).await;
    assert_eq!(request["status"], "failed");
    request
}

/// The path that each version saves a case at ends so.
fn save_of(version: Version) -> (&'static str, &'static str) {
    match version {
        Version::V1 => ("PUT", "C-1"),
        Version::V2 => ("PATCH", "pyUpdateCaseDetails"),
    }
}

#[tokio::test]
async fn of_two_changes_at_once_one_is_told_that_its_version_is_stale() {
    for version in BOTH {
        let beside = Beside::of(version).await;
        let (admin, case) = (beside.world.admin(), beside.case());
        let (method, path) = save_of(version);
        let (reached, go_on) =
            beside.pega.faults.plan_held(method, path, Fault::Delay(std::time::Duration::ZERO));
        let change = at(&case);
        let first = admin.send("PUT", &change, json!({ "Color": "blue" }));
        let second = async {
            reached.await.expect("the first is there");
            let second = admin.send("PUT", &at(&case), json!({ "Color": "green" })).await;
            go_on.send(()).expect("the first waits");
            second
        };
        let (first, second) = tokio::join!(first, second);
        assert_eq!(second.status, 200, "{}", second.text);
        let request = check(&beside, &first, 409, "stale_version").await;
        assert_eq!(request["error"]["meaning"], "stale_version");
        assert_eq!(beside.pega.content(&case)["Color"], "green", "{version:?}");
    }
}

#[tokio::test]
async fn a_caller_s_own_version_is_what_is_compared() {
    for version in BOTH {
        let beside = Beside::of(version).await;
        let case = beside.case();
        let seen = beside.world.admin().get(&at(&case)).await.header("etag").to_owned();
        assert_eq!(seen.starts_with('"'), version == Version::V1, "{seen}");
        let with = [("if-match", seen.as_str())];
        let calls = beside.pega.calls().len();
        let first = beside.with_headers(&with).send("PUT", &at(&case), json!({ "n": 1 })).await;
        assert_eq!(first.status, 200, "{}", first.text);
        let asked = &beside.pega.calls()[calls..];
        assert!(!asked[0].starts_with("GET"), "{asked:?}");
        for path in [
            at(&case),
            format!("{}/action/Escalate", at(&case)),
            format!("{}/action/Approve", at(&case)),
        ] {
            let method = if path.contains("action") { "POST" } else { "PUT" };
            let stale = beside.with_headers(&with).send(method, &path, json!({ "n": 2 })).await;
            let request = check(&beside, &stale, 409, "stale_version").await;
            assert_eq!(request["if_match"], json!(seen));
        }
        assert_eq!(beside.pega.content(&case)["n"], 1);
        let any = beside.with_headers(&[("if-match", "*")]);
        assert_eq!(any.send("PUT", &at(&case), json!({ "n": 3 })).await.status, 200);
    }
}

#[tokio::test]
async fn a_locked_case_is_told_as_such() {
    for version in BOTH {
        let beside = Beside::of(version).await;
        let (admin, case) = (beside.world.admin(), beside.case());
        beside.pega.lock(&case, true);
        let locked = admin.send("PUT", &at(&case), json!({ "n": 1 })).await;
        check(&beside, &locked, 423, "locked").await;
        assert!(locked.text.contains("locked by System Admin"));
        beside.pega.lock(&case, false);
        assert_eq!(admin.send("PUT", &at(&case), json!({ "n": 1 })).await.status, 200);
    }
}

#[tokio::test]
async fn fields_at_fault_are_passed_on() {
    for version in BOTH {
        let beside = Beside::of(version).await;
        let admin = beside.world.admin();
        let blank = json!({ "case_type": STRICT, "content": { "EmployeeName": " " } });
        let made = admin.send("POST", "/pega/case", blank).await;
        let field =
            json!([{ "field": "content.EmployeeName", "message": "Value cannot be blank" }]);
        let request = check(&beside, &made, 422, "validation_error").await;
        assert_eq!((&made.json["errors"], &request["error"]["fields"]), (&field, &field));
        let case = beside.pega.case(STRICT, &json!({ "EmployeeName": "Ann" })).expect("a type");
        let changed = admin.send("PUT", &at(&case), json!({ "EmployeeName": "" })).await;
        check(&beside, &changed, 422, "validation_error").await;
        assert_eq!(changed.json["errors"], field);
        let unknown = admin.send("POST", "/pega/case?case_type=Nothing", json!({})).await;
        check(&beside, &unknown, 422, "validation_error").await;
    }
}

#[tokio::test]
async fn what_is_not_there_and_what_pega_s_operator_may_not_do() {
    for version in BOTH {
        let beside = Beside::of(version).await;
        let admin = beside.world.admin();
        for (method, path) in [("PUT", ""), ("POST", "/action/Escalate")] {
            let path = format!("{}{path}", at("HRSR-WORK C-9"));
            let missing = admin.send(method, &path, json!({})).await;
            check(&beside, &missing, 404, "not_found").await;
        }
        for (answered, status, word) in [
            (StatusCode::FORBIDDEN, 502, "refused_elsewhere"),
            (StatusCode::FAILED_DEPENDENCY, 502, "refused_elsewhere"),
            (StatusCode::UNAUTHORIZED, 502, "refused_elsewhere"),
            (StatusCode::INTERNAL_SERVER_ERROR, 504, "unknown_outcome"),
        ] {
            beside.pega.faults.plan("POST", "/cases", 1, Fault::Answer(answered, String::new()));
            let refused = admin.send("POST", "/pega/case?case_type=HRSR-Work", json!({})).await;
            let request = check(&beside, &refused, status, word).await;
            assert_eq!(request["error"]["pega_status"], answered.as_u16());
        }
        let busy = Fault::Busy(StatusCode::TOO_MANY_REQUESTS, 7);
        beside.pega.faults.plan("POST", "/cases", 1, busy);
        let busy = admin.send("POST", "/pega/case?case_type=HRSR-Work", json!({})).await;
        check(&beside, &busy, 503, "unavailable").await;
        assert_eq!(busy.header("retry-after"), "7");
        let page = Fault::Answer(StatusCode::OK, "<html>Sign in</html>".to_owned());
        beside.pega.faults.plan("POST", "/cases", 1, page);
        let page = admin.send("POST", "/pega/case?case_type=HRSR-Work", json!({})).await;
        check(&beside, &page, 503, "unavailable").await;
        assert_eq!((beside.pega.cases().len(), changes(&beside.pega)), (0, 6), "{version:?}");
    }
}

#[tokio::test]
async fn an_answer_that_is_lost_is_an_unknown_outcome_and_no_second_try() {
    for version in BOTH {
        let beside = Beside::of(version).await;
        let admin = beside.world.admin();
        beside.pega.faults.plan("POST", "/cases", 1, Fault::DoneThenCut);
        let lost = admin.send("POST", "/pega/case?case_type=HRSR-Work", json!({})).await;
        let request = check(&beside, &lost, 504, "unknown_outcome").await;
        assert_eq!(request["error"]["meaning"], "unknown_outcome");
        assert!(lost.text.contains(&format!("see request {}", request["id"])), "{}", lost.text);
        beside.world.wait(3600);
        beside.world.work().await;
        assert_eq!(beside.pega.cases().len(), 1, "{version:?}");
    }
}

#[tokio::test]
async fn a_pega_that_is_down_is_told_with_when_to_try_again() {
    for version in BOTH {
        let Beside { world, pega } = Beside::of(version).await;
        let down = pega.stop().await;
        let made = world.admin().send("POST", "/pega/case?case_type=HRSR-Work", json!({})).await;
        assert_eq!((made.status, &made.json["error_type"]), (503, &json!("unavailable")));
        assert!(!made.header("retry-after").is_empty(), "{}", made.text);
        let shown = world.admin().get(&at("HRSR-WORK C-1")).await;
        assert_eq!((shown.status, &shown.json["error_type"]), (503, &json!("unavailable")));
        let pega = down.start().await.expect("the same port");
        world.wait(3600);
        world.work().await;
        assert!(pega.cases().is_empty(), "its caller was told that it was not done");
    }
}
