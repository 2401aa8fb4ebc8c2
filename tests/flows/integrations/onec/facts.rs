//! Times worked on their way to 1C: each once.

use jiff::civil::date;
use reqwest::StatusCode;
use serde_json::{Value, json};
use simulators::onec::{ABSENCE, DAY_OFF_WORKED, Mishap, OVERTIME, Zup};

use super::{beside_1c, june, newest_log, post, refusal, worked};

const HOUR: i64 = 3_600_000;

fn documents(zup: &Zup) -> Vec<(&'static str, Vec<(&'static str, i64)>)> {
    let hours = |time: Vec<(&'static str, i64)>| {
        time.into_iter().map(|(code, time)| (code, time / HOUR)).collect()
    };
    zup.documents().into_iter().map(|one| (one.name, hours(one.time))).collect()
}

#[tokio::test]
async fn documents_are_those_of_the_vendor_s_table() {
    let (world, zup) = beside_1c().await;
    post(&world, "sendSchedule", june(&["a-1"], &[8, 9, 10])).await;
    let facts = json!([
        worked("a-1", 2, "09:00", "17:00", 8.0),
        worked("a-1", 3, "22:00", "02:00", 4.0),
        worked("a-1", 8, "09:00", "18:00", 0.0),
        worked("a-1", 9, "09:00", "13:00", 4.0),
        worked("a-1", 10, "09:00", "19:00", 10.0),
    ]);
    let answer = post(&world, "sendFactWorkTime", facts).await;
    let shown = (answer.status, &answer.json["success"], &answer.json["message"]);
    assert_eq!(
        shown,
        (200, &json!(true), &json!("Sent 5 time records, 0 failed")),
        "{}",
        answer.text
    );
    let mut made = documents(&zup);
    made.sort();
    let mut expected = vec![
        (DAY_OFF_WORKED, vec![("РВ", 8)]),
        (DAY_OFF_WORKED, vec![("РВН", 4)]),
        (ABSENCE, vec![("НН", 8)]),
        (ABSENCE, vec![("НН", 4)]),
        (OVERTIME, vec![("С", 2)]),
    ];
    expected.sort();
    assert_eq!(made, expected);
    let results = &answer.json["data"]["results"];
    let first = (&results[0]["doc"], &results[0]["state"], &results[0]["repeated"]);
    assert_eq!(first, (&json!(DAY_OFF_WORKED), &json!("sent"), &json!(false)));
    assert_eq!(results[1]["id"], "2026-06-03T22:00:00~a-1");
    // Overnight: sixteen quarters of an hour, four of them before midnight.
    let body = zup.bodies("sendFactWorkTime").into_iter();
    let night = body.clone().find(|body| body["date_start"] == "2026-06-03T22:00:00").expect("it");
    let slices = night["loginfo"].as_array().expect("slices");
    assert_eq!(
        (slices.len(), &slices[8]),
        (16, &json!({"start": "2026-06-04T00:00:00", "time": 900_000}))
    );
    assert_eq!(newest_log(&world, "timesheet").await, ("completed".into(), [5, 5, 0], Value::Null));
}

#[tokio::test]
async fn what_1c_has_is_not_sent_again() {
    let (world, zup) = beside_1c().await;
    let fact = json!([worked("a-1", 2, "09:00", "17:00", 8.0)]);
    post(&world, "sendFactWorkTime", fact.clone()).await;
    let again = post(&world, "sendFactWorkTime", fact).await.json;
    let result = &again["data"]["results"][0];
    let shown = (&again["success"], &result["repeated"], &result["doc"]);
    assert_eq!(shown, (&json!(true), &json!(true), &json!(DAY_OFF_WORKED)));
    let other =
        json!([worked("a-1", 2, "09:00", "16:00", 7.0), worked("a-2", 2, "09:00", "17:00", 8.0)]);
    let other = post(&world, "sendFactWorkTime", other).await.json;
    assert_eq!(other["message"], "Sent 1 time records, 1 failed");
    let words = other["data"]["results"][0]["message"].as_str().expect("words");
    assert!(words.starts_with("Conflict: 1C has this shift with other contents"), "{words}");
    assert_eq!((zup.calls("sendFactWorkTime"), zup.documents().len()), (2, 2));
    // The same shift twice in one call, and in two calls at the same instant, is one document.
    let twice =
        json!([worked("a-1", 5, "09:00", "17:00", 8.0), worked("a-1", 5, "09:00", "17:00", 8.0)]);
    let (one, two) = tokio::join!(
        post(&world, "sendFactWorkTime", twice.clone()),
        post(&world, "sendFactWorkTime", twice)
    );
    assert_eq!((one.status, two.status), (200, 200), "{} {}", one.text, two.text);
    assert_eq!(zup.documents().iter().filter(|one| one.day == date(2026, 6, 5)).count(), 1);
}

#[tokio::test]
async fn what_1c_refuses_may_be_sent_again() {
    let (world, zup) = beside_1c().await;
    // Nothing differs from the plan, so that 1C makes nothing of it.
    post(&world, "sendSchedule", june(&["a-1"], &[8])).await;
    let fact = worked("a-1", 8, "09:00", "18:00", 8.0);
    for status in [StatusCode::OK, StatusCode::INTERNAL_SERVER_ERROR] {
        zup.habits(|habits| habits.not_done = status);
        let answer = post(&world, "sendFactWorkTime", json!([fact])).await;
        let result = &answer.json["data"]["results"][0];
        let shown = (answer.status, &result["state"], &result["message"]);
        assert_eq!(shown, (200, &json!("refused"), &json!("1C made no document of it")));
    }
    assert_eq!(zup.calls("sendFactWorkTime"), 2);
    let other =
        post(&world, "sendFactWorkTime", json!([worked("a-1", 8, "09:00", "19:00", 9.0)])).await;
    assert_eq!(other.json["success"], true, "{}", other.text);
}

#[tokio::test]
async fn what_did_not_reach_1c_may_be_sent_again() {
    let (world, zup) = beside_1c().await;
    let fact = json!([worked("a-1", 2, "09:00", "17:00", 8.0)]);
    zup.mishap("sendFactWorkTime", 1, &Mishap::NoLicence(StatusCode::INTERNAL_SERVER_ERROR));
    let busy = post(&world, "sendFactWorkTime", fact.clone()).await;
    assert_eq!((busy.status, busy.header("retry-after")), (503, "300"), "{}", busy.text);
    let stopped = zup.stop().await;
    let down = post(&world, "sendFactWorkTime", fact.clone()).await;
    assert_eq!(down.status, 503, "{}", down.text);
    let zup = stopped.start().await.expect("a 1C");
    let sent = post(&world, "sendFactWorkTime", fact).await;
    assert_eq!(sent.json["success"], true, "{}", sent.text);
    assert_eq!(zup.documents().len(), 1);
}

#[tokio::test]
async fn the_vendor_s_request_is_answered_in_its_shape() {
    let (world, zup) = beside_1c().await;
    let sample = json!({"agentId": "a-1", "initiator_name": "Иванов И.И.",
        "date_start": "2026-06-02T18:00:00", "loginfo": [
            {"start": "2026-06-02T18:00:00", "time": 600_000},
            {"start": "2026-06-02T18:10:00", "time": 580_000}]});
    for _ in 0..2 {
        let answer = post(&world, "sendFactWorkTime", sample.clone()).await;
        assert_eq!(
            (answer.status, &answer.json),
            (200, &json!({"result": true, "doc": DAY_OFF_WORKED}))
        );
    }
    assert_eq!((zup.documents().len(), zup.bodies("sendFactWorkTime")), (1, vec![sample.clone()]));
    let mut other = sample.clone();
    other["loginfo"] = json!([]);
    assert_eq!(post(&world, "sendFactWorkTime", other).await.status, 409);
    let mut nothing = sample;
    (nothing["date_start"], nothing["loginfo"]) = (json!("2026-06-03T18:00:00"), json!([]));
    let answer = post(&world, "sendFactWorkTime", nothing).await;
    assert_eq!((answer.status, &answer.json), (200, &json!({"result": false, "doc": null})));
}

#[tokio::test]
async fn one_wrong_record_is_named_and_none_is_sent() {
    let (world, zup) = beside_1c().await;
    let good = worked("a-1", 2, "09:00", "17:00", 8.0);
    let with = |member: &str, value: Value| {
        let mut record = good.clone();
        record[member] = value;
        json!([good, record])
    };
    for (body, field) in [
        (json!([]), "body"),
        (json!("x"), "body"),
        (with("employee_id", json!(7)), "[1].employee_id"),
        (with("hours_worked", json!(25)), "[1].hours_worked"),
        (with("end_time", json!("09:00")), "[1].end_time"),
        (with("time_type", json!("B")), "[1].time_type"),
        (json!({"agentId": "a-1"}), "date_start"),
        (json!(vec![good.clone(); 1001]), "body"),
    ] {
        let refused = post(&world, "sendFactWorkTime", body).await;
        assert_eq!(
            (refused.status, refusal(&refused).1.as_str()),
            (422, field),
            "{}",
            refused.text
        );
    }
    assert_eq!(zup.calls("sendFactWorkTime"), 0);
}
