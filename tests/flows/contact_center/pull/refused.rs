//! Contact centres that fail, refuse, or answer what is not the protocol's.

use axum::http::StatusCode;
use serde_json::{Value, json};
use simulators::{Fault, contact_center::Mishap};

use super::{
    METHODS, asked, beside, days, is_kept, kept, logs, pulled, state, tick, watermark, worked,
};

const PERIOD: (&str, &str) = ("2026-05-26T00:00:00Z", "2026-06-02T00:00:00Z");

fn error_of(last: &Value, kind: &str) -> Value {
    let kinds = last["kinds"].as_array().expect("kinds").iter();
    kinds.filter(|one| one["kind"] == kind).map(|one| one["error"].clone()).next().expect("one")
}

#[tokio::test]
async fn one_that_is_down_fails_the_pull_and_the_next_tick_makes_it_good() {
    let (world, centre, id) = beside(json!({ "scheduled": true, "sync_interval": 600 })).await;
    days(&centre);
    let down = centre.stop().await;
    tick(&world).await;
    worked(&world).await;
    let log = logs(&world, &id).await.remove(0);
    assert_eq!((&log["status"], &log["records_processed"]), (&json!("failed"), &json!(0)));
    let words = log["error_details"].as_str().expect("words");
    assert!(words.contains("left alone") || words.contains("does not answer"), "{words}");
    assert_eq!(state(&world).await["last"]["status"], "failed");
    for (method, _) in METHODS {
        assert_eq!(watermark(&world, method).await, Value::Null);
    }
    let centre = down.start().await.expect("up again");
    world.wait(600);
    tick(&world).await;
    worked(&world).await;
    assert_eq!(state(&world).await["last"]["status"], "completed");
    is_kept(&world, &centre, PERIOD).await;
}

#[tokio::test]
async fn what_still_goes_on_stops_nothing() {
    let (world, centre, _) = beside(json!({ "pull": { "first_days": 1 } })).await;
    let state = json!([{ "agentId": "1", "states": [{ "startDate": "2026-06-01T09:00:00Z",
        "endDate": null, "stateCode": "WORK", "stateName": "Work" }] }]);
    let login = json!([{ "agentId": "1", "logins": [{ "loginDate": "2026-06-01T09:00:00Z",
        "logoutDate": null, "duration": null }] }]);
    for (path, told) in [("/historic/agentStatusData", state), ("/historic/agentLoginData", login)]
    {
        let told = Fault::Answer(StatusCode::OK, told.to_string());
        centre.faults.plan("GET", path, 9, told);
    }
    let last = pulled(&world, json!({})).await;
    assert_eq!(last["status"], "completed", "{last:#}");
    let day = ("2026-06-01", "2026-06-02");
    let states = crate::flows::contact_center::stretches(&world, "1", day.0, day.1).await;
    assert_eq!(states, ["WORK 09:00:00 -"]);
    let logins =
        crate::flows::contact_center::historic(&world, "agentLoginData", day.0, day.1, "").await;
    assert_eq!(logins.json["total_count"], 0, "it is told of when it is over");
}

#[tokio::test]
async fn a_kind_that_fails_does_not_stop_the_others() {
    let (world, centre, id) = beside(json!({})).await;
    days(&centre);
    centre.mishap("/historic/agentStatusData", 100, &Mishap::Fails);
    let last = pulled(&world, json!({})).await;
    assert_eq!(last["status"], "partial", "{last:#}");
    let told = "The contact centre refuses agentStatusData (500): Internal error, \
                The database does not answer";
    assert_eq!(error_of(&last, "agentStatusData"), told);
    assert!(centre.calls("/historic/agentStatusData") > 3, "it was tried again");
    let log = logs(&world, &id).await.remove(0);
    assert_eq!(log["status"], "failed");
    assert_eq!(log["error_details"], format!("agentStatusData: {told}"));
    let by_kind = &log["records_by_kind"];
    assert_eq!((&by_kind["agentStatusData"], &by_kind["agentCallsData"]), (&json!(0), &json!(81)));
    assert_eq!(log["records_processed"].as_i64(), last["records_processed"].as_i64());
    for (method, _) in METHODS {
        let stayed = method == "agentStatusData";
        let until = watermark(&world, method).await;
        assert_eq!(until.is_null(), stayed, "{method}: {until}");
    }
    let refused = centre.calls("/historic/agentStatusData");
    centre.mishap("/historic/agentStatusData", 0, &Mishap::Fails);
    for _ in refused..100 {
        let _ = reqwest::get(format!("{}/historic/agentStatusData", centre.url())).await;
    }
    assert_eq!(pulled(&world, json!({})).await["status"], "completed");
    is_kept(&world, &centre, PERIOD).await;
}

#[tokio::test]
async fn a_failure_in_the_middle_leaves_the_watermark_at_the_last_whole_day() {
    let (world, centre, _) = beside(json!({ "pull": { "first_days": 2, "ids_at_once": 2 } })).await;
    days(&centre);
    let refusal = json!({"field": "agentId", "message": "Invalid data type", "description": "no"});
    // The first day is told of, and half of the second.
    let path = "/historic/agentCallsData";
    for _ in 0..3 {
        centre.faults.plan("GET", path, 1, Fault::Delay(std::time::Duration::ZERO));
    }
    centre.faults.plan(
        "GET",
        path,
        100,
        Fault::Answer(StatusCode::BAD_REQUEST, refusal.to_string()),
    );
    let last = pulled(&world, json!({})).await;
    assert_eq!(last["status"], "partial");
    let told = "The contact centre refuses agentCallsData (400): Invalid data type, agentId, no";
    assert_eq!(error_of(&last, "agentCallsData"), told);
    assert_eq!(watermark(&world, "agentCallsData").await, "2026-05-31T00:00:00Z");
    centre.faults.clear();
    let before = asked(&centre, "agentCallsData", "startDate").len();
    world.wait(600);
    pulled(&world, json!({})).await;
    let starts = asked(&centre, "agentCallsData", "startDate");
    assert_eq!(starts[before], "2026-05-30T22:00:00Z");
    is_kept(&world, &centre, ("2026-05-31T12:00:00Z", "2026-06-01T12:00:00Z")).await;
}

#[tokio::test]
async fn one_that_goes_down_is_waited_for_once() {
    let (world, centre, _) = beside(json!({ "pull": { "first_days": 1 } })).await;
    for method in METHODS.map(|(method, _)| method) {
        let path: &'static str = match method {
            "serviceGroupData" => "/historic/serviceGroupData",
            "agentStatusData" => "/historic/agentStatusData",
            "agentLoginData" => "/historic/agentLoginData",
            "agentCallsData" => "/historic/agentCallsData",
            _ => "/historic/agentChatsWorkTime",
        };
        centre.mishap(path, 100, &Mishap::Fails);
    }
    let last = pulled(&world, json!({})).await;
    assert_eq!(last["status"], "failed", "{last:#}");
    let calls = METHODS.map(|(method, _)| centre.calls(&format!("/historic/{method}")));
    assert!(calls[0] > 3 && calls[1..].iter().all(|calls| *calls <= 1), "{calls:?}");
}

#[tokio::test]
async fn a_body_that_is_not_the_protocol_s_is_named_and_leaves_nothing() {
    let whole = json!({"startCall": "2026-06-01T10:00:00Z", "endCall": "2026-06-01T10:01:00Z",
        "duration": 60_000});
    let but = |name: &str, value: Value| {
        let mut other = whole.clone();
        other[name] = value;
        if other[name].is_null() {
            other.as_object_mut().expect("an object").remove(name);
        }
        json!([{"agentId": "1", "serviceId": "1", "groupId": "1", "agentCalls": [whole, other]}])
    };
    let nobody =
        json!([{"agentId": "", "serviceId": "1", "groupId": "1", "agentCalls": [whole.clone()]}]);
    for (body, named) in [
        (but("endCall", Value::Null).to_string(), "[0].agentCalls[1].endCall"),
        (but("startCall", json!(7)).to_string(), "[0].agentCalls[1].startCall"),
        (but("startCall", json!("yesterday")).to_string(), "[0].agentCalls[1].startCall"),
        (but("startCall", json!("2026-06-01T10:00:00")).to_string(), "startCall"),
        (but("endCall", json!("2026-06-01T09:00:00Z")).to_string(), "[0].agentCalls[1]: endCall"),
        (nobody.to_string(), "[0].agentCalls[0]: agentId"),
        (json!({"calls": []}).to_string(), "body"),
        ("<html>".to_owned(), "it is not JSON"),
        (String::new(), "it is not JSON"),
    ] {
        let (world, centre, _) = beside(json!({ "pull": { "first_days": 1 } })).await;
        let fault = Fault::Answer(StatusCode::OK, body.clone());
        centre.faults.plan("GET", "/historic/agentCallsData", 1, fault);
        let last = pulled(&world, json!({ "kinds": ["agentCallsData", "agentLoginData"] })).await;
        assert_eq!(last["status"], "partial", "{body}");
        let error = error_of(&last, "agentCallsData");
        let words = error.as_str().expect("words");
        assert!(words.contains("cannot be read") && words.contains(named), "{body}: {words}");
        assert_eq!(centre.calls("/historic/agentCallsData"), 0, "it was not asked again");
        assert_eq!(kept(&world, METHODS[3], PERIOD).await.len(), 0, "{body}");
        assert_eq!(watermark(&world, "agentCallsData").await, Value::Null);
        assert_eq!(watermark(&world, "agentLoginData").await, "2026-06-01T12:00:00Z");
    }
}

#[tokio::test]
async fn nothing_is_no_failure_but_a_page_of_the_web_server_is_one() {
    let (world, centre, _) = beside(json!({})).await;
    assert_eq!(pulled(&world, json!({})).await["status"], "completed", "404 without a body");
    for (method, _) in METHODS {
        assert_eq!(watermark(&world, method).await, "2026-06-01T12:00:00Z");
    }
    centre.habits(|habits| habits.empty_lists = true);
    assert_eq!(pulled(&world, json!({})).await["status"], "completed", "empty lists");
    let page = || Fault::Answer(StatusCode::NOT_FOUND, "<h1>404</h1>".to_owned());
    centre.faults.plan("GET", "/historic/agentChatsWorkTime", 1, page());
    world.wait(60);
    let last = pulled(&world, json!({})).await;
    assert_eq!(last["status"], "completed", "it is no chat platform: {last:#}");
    assert_eq!(watermark(&world, "agentChatsWorkTime").await, "2026-06-01T12:01:00Z");
    centre.faults.plan("GET", "/historic/agentCallsData", 1, page());
    world.wait(60);
    let last = pulled(&world, json!({})).await;
    assert_eq!(last["status"], "partial");
    let told = "The contact centre has no method agentCallsData at its path";
    assert_eq!(error_of(&last, "agentCallsData"), told);
    assert_eq!(watermark(&world, "agentCallsData").await, "2026-06-01T12:01:00Z");
}

#[tokio::test]
async fn kinds_that_the_settings_leave_out_are_not_asked_for() {
    let kinds = json!(["serviceGroupData", "agentCallsData"]);
    let (world, centre, _) = beside(json!({ "pull": { "kinds": kinds } })).await;
    days(&centre);
    let last = pulled(&world, json!({})).await;
    assert_eq!(
        (&last["status"], last["kinds"].as_array().map(Vec::len)),
        (&json!("completed"), Some(2))
    );
    assert_eq!(centre.calls("/historic/agentChatsWorkTime"), 0);
    assert_eq!(watermark(&world, "agentChatsWorkTime").await, Value::Null);
}

#[tokio::test]
async fn no_word_of_its_tells_the_secret() {
    let (world, centre, id) = beside(json!({ "pull": { "first_days": 1 } })).await;
    let new = json!({ "name": "keyed", "integration_type": "contact_center",
        "endpoint_url": centre.url(), "authentication_type": "api_key",
        "credentials": { "api_key": "sesame-opens-it" }, "config": { "retry_attempts": 0 } });
    let connections = crate::flows::integrations::CONNECTIONS;
    let made = world.admin().send("POST", connections, new).await;
    let keyed = made.json["id"].as_str().unwrap_or_else(|| panic!("{}", made.text)).to_owned();
    for (id, status) in [(&keyed, "active"), (&id, "inactive")] {
        let path = format!("{connections}/{id}");
        world.admin().send("PUT", &path, json!({ "status": status })).await;
    }
    let refusal = json!({"field": "", "message": "Bad key sesame-opens-it", "description": ""});
    let fault = Fault::Answer(StatusCode::BAD_REQUEST, refusal.to_string());
    centre.faults.plan("GET", "/personnel", 100, fault);
    let last = pulled(&world, json!({})).await;
    assert_eq!(last["status"], "failed");
    let log = logs(&world, &keyed).await.remove(0).to_string();
    assert!(log.contains("Bad key") && !log.contains("sesame"), "{log}");
}
