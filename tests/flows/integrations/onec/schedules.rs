//! Schedules on their way to 1C.

use jiff::civil::date;
use reqwest::StatusCode;
use serde_json::{Value, json};
use simulators::onec::{Mishap, Schedule, Shift};

use super::{beside_1c, june, newest_log, post, refusal};

const HOUR: i64 = 3_600_000;

#[tokio::test]
async fn a_schedule_is_made_for_each_employee_and_replaced() {
    let (world, zup) = beside_1c().await;
    let answer = post(&world, "sendSchedule", june(&["a-1", "a-2"], &[2, 3])).await;
    assert_eq!((answer.status, &answer.json["success"]), (200, &json!(true)), "{}", answer.text);
    assert_eq!(answer.json["message"], "Schedule successfully sent to 1C");
    let data = &answer.json["data"];
    assert_eq!((&data["employees_count"], &data["shifts_count"]), (&json!(2), &json!(4)));
    assert_eq!(data["schedule_id"], "0f9d7c1e-3c55-4a0e-9a53-6a8c5f0e1b7d");
    let words = "Индивидуальные графики созданы в базе 1С:ЗУП";
    assert_eq!(
        data["results"][1],
        json!({"employee_id": "a-2", "success": true, "message": words})
    );
    let held = zup.schedule("a-1", date(2026, 6, 1)).expect("a schedule");
    let shift = Shift { day: 8 * HOUR, night: 0 };
    let shifts = [(date(2026, 6, 2), shift), (date(2026, 6, 3), shift)];
    assert_eq!(held.shifts.into_iter().collect::<Vec<_>>(), shifts);
    assert_eq!(newest_log(&world, "schedule").await, ("completed".into(), [2, 2, 0], Value::Null));
    post(&world, "sendSchedule", june(&["a-1"], &[4])).await;
    let held = zup.schedule("a-1", date(2026, 6, 1)).expect("a schedule");
    assert_eq!((held.shifts.len(), held.written), (1, 2));
}

#[tokio::test]
async fn what_1c_refuses_is_told_in_its_words_and_does_not_stop_the_rest() {
    let (world, zup) = beside_1c().await;
    let part = Schedule { part_of_month: true, ..Schedule::default() };
    zup.hold_schedule("a-1", date(2026, 6, 1), part);
    for status in [StatusCode::OK, StatusCode::INTERNAL_SERVER_ERROR] {
        zup.habits(|habits| habits.not_done = status);
        let answer = post(&world, "sendSchedule", june(&["a-1", "a-2"], &[2])).await;
        let shown = (answer.status, &answer.json["success"], &answer.json["message"]);
        assert_eq!(shown, (200, &json!(false), &json!("Sent 1 schedules, 1 failed")));
        let first = &answer.json["data"]["results"][0];
        let words = first["message"].as_str().expect("words");
        assert!(words.contains("график на неполный месяц"), "{words}");
        let (is, records, error) = newest_log(&world, "schedule").await;
        assert_eq!((is.as_str(), records), ("failed", [2, 1, 1]));
        assert!(error.as_str().is_some_and(|error| error.starts_with("a-1: ")), "{error}");
    }
    // A refusal under 500 is no failure of the connection: its breaker stays closed.
    zup.habits(|habits| habits.not_done = StatusCode::INTERNAL_SERVER_ERROR);
    for _ in 0..12 {
        let answer = post(&world, "sendSchedule", june(&["a-1"], &[2])).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
    }
    assert_eq!(zup.calls("sendSchedule"), 16);
}

#[tokio::test]
async fn when_nobody_answers_it_is_a_failure_that_is_logged() {
    let (world, zup) = beside_1c().await;
    zup.mishap("sendSchedule", 2, &Mishap::NoLicence(StatusCode::INTERNAL_SERVER_ERROR));
    let answer = post(&world, "sendSchedule", june(&["a-1", "a-2"], &[2])).await;
    assert_eq!((answer.status, answer.header("retry-after")), (503, "300"), "{}", answer.text);
    assert!(refusal(&answer).2.contains("Не обнаружено свободной лицензии!"));
    let (status, records, _) = newest_log(&world, "schedule").await;
    assert_eq!((status.as_str(), records), ("failed", [2, 0, 2]));
    assert_eq!((zup.schedules(), zup.calls("sendSchedule")), (0, 2));
}

#[tokio::test]
async fn the_vendor_s_request_is_answered_in_its_shape() {
    let (world, zup) = beside_1c().await;
    let sample = json!({"agentID": "a-1", "period1": "2026-06-01T00:00:00Z",
        "period2": "2026-07-31T00:00:00Z", "shift": [{"date_start": "2026-06-01T19:00:00Z",
            "daily_hours": "12600000", "night_hours": 27_000_000}]});
    let answer = post(&world, "sendSchedule", sample.clone()).await;
    let made = json!({"result": "true", "message": "Индивидуальные графики созданы в базе 1С:ЗУП"});
    assert_eq!((answer.status, &answer.json), (200, &made));
    // 19:00 in UTC is the evening of the same day in Moscow.
    let held = zup.schedule("a-1", date(2026, 6, 1)).expect("a schedule");
    assert_eq!(held.shifts.keys().collect::<Vec<_>>(), [&date(2026, 6, 1)]);
    assert_eq!(zup.schedules(), 2);
    let mut past = sample;
    (past["period1"], past["period2"]) = (json!("2026-01-01"), json!("2026-01-31"));
    past["shift"] = json!([]);
    let refused = post(&world, "sendSchedule", past).await;
    assert_eq!((refused.status, &refused.json["result"]), (200, &json!("false")));
    let words = refused.json["message"].as_str().expect("words");
    assert!(words.contains("за прошедшие периоды"), "{words}");
}

#[tokio::test]
async fn what_is_wrong_is_named_and_nothing_is_sent() {
    let (world, zup) = beside_1c().await;
    let with = |member: &str, value: Value| {
        let mut body = june(&["a-1"], &[2]);
        body[member] = value;
        body
    };
    for (body, status, field) in [
        (json!({}), 422, "schedule_id"),
        (with("schedule_id", json!("7")), 422, "schedule_id"),
        (with("employees", json!([])), 422, "employees"),
        (with("employees", json!([{"employee_id": "a-2"}])), 422, "shifts[0].employee_id"),
        (with("end_date", json!("2026-05-31")), 400, "end_date"),
        (with("shifts", json!({})), 422, "shifts"),
        (
            with(
                "shifts",
                json!([{"employee_id": "a-1", "date": "2026-07-01", "start_time": "1:00",
            "end_time": "02:00"}]),
            ),
            422,
            "shifts[0].start_time",
        ),
    ] {
        let refused = post(&world, "sendSchedule", body.clone()).await;
        let (is, at, _) = refusal(&refused);
        assert_eq!((is, at.as_str()), (status, field), "{body}");
    }
    assert_eq!(zup.calls("sendSchedule"), 0);
}
