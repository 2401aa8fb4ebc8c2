//! `sendSchedule`.

use jiff::civil::{Date, date};
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::{Reply, post};
use crate::onec::{Agent, Mishap, Schedule, Shift, Zup};

const HOUR: i64 = 3_600_000;

async fn zup(today: Date) -> Zup {
    let zup = Zup::start().await.unwrap();
    zup.agent(Agent::new("a-1", "d-1"));
    zup.habits(|habits| habits.today = today);
    zup
}

/// Of the vendor's sample, for these months of 2018.
fn sample(from: &str, to: &str, shifts: &[&str]) -> Value {
    let shift = |start: &&str| {
        json!({"date_start": format!("{start}T19:00:00"), "daily_hours": "12600000",
            "night_hours": 27_000_000})
    };
    let shifts: Vec<Value> = shifts.iter().map(shift).collect();
    json!({"agentId": "a-1", "period1": format!("{from}T00:00:00Z"),
        "period2": format!("{to}T00:00:00Z"), "shift": shifts})
}

async fn send(zup: &Zup, body: &Value) -> Reply {
    post(zup, "sendSchedule", body).await
}

fn shifts(days: &[Date]) -> Vec<(Date, Shift)> {
    days.iter().map(|day| (*day, Shift { day: 12_600_000, night: 27_000_000 })).collect()
}

#[tokio::test]
async fn a_schedule_is_made_for_each_month_from_this_one_on_and_replaced() {
    let zup = zup(date(2018, 9, 20)).await;
    let year = sample("2018-01-01", "2018-12-31", &["2018-01-01", "2018-09-01", "2018-09-30"]);
    let reply = send(&zup, &year).await;
    let made = json!({"result": "true", "message": "Индивидуальные графики созданы в базе 1С:ЗУП"});
    assert_eq!((reply.status.as_u16(), reply.json()), (200, made));
    assert_eq!((zup.schedules(), zup.schedule("a-1", date(2018, 8, 31))), (4, None));
    let held = |day| zup.schedule("a-1", day).unwrap();
    let september = held(date(2018, 9, 5)).shifts;
    let worked = shifts(&[date(2018, 9, 1), date(2018, 9, 30)]);
    assert_eq!(september.into_iter().collect::<Vec<_>>(), worked);
    assert_eq!(held(date(2018, 12, 1)), Schedule { written: 1, ..Schedule::default() });

    // The month that it is may be changed until its end, whatever the day.
    let begun = sample("2018-09-01", "2018-09-10", &["2018-09-01"]);
    assert_eq!(send(&zup, &begun).await.json()["result"], "true");

    // The other spelling of the member, and a moment that is of the next day in Moscow.
    let mut again = sample("2018-09-01", "2018-09-30", &[]);
    again["agentID"] = again["agentId"].take();
    again["shift"] = json!([
        {"date_start": "2018-09-01T22:00:00Z", "daily_hours": 0, "night_hours": HOUR},
        {"date_start": "2018-09-02T09:00:00+03:00", "daily_hours": HOUR, "night_hours": "0"},
    ]);
    assert_eq!(send(&zup, &again).await.json()["result"], "true");
    let september = held(date(2018, 9, 1));
    let both = Shift { day: HOUR, night: HOUR };
    assert_eq!((september.shifts.get(&date(2018, 9, 2)), september.written), (Some(&both), 3));
}

#[tokio::test]
async fn months_outside_of_employment_are_left_out() {
    let zup = zup(date(2018, 1, 10)).await;
    zup.agent(Agent::new("a-1", "d-1").hired(date(2018, 3, 15)).dismissed(date(2018, 5, 10)));
    let days = ["2018-03-14", "2018-03-15", "2018-05-10", "2018-05-11", "2018-06-01"];
    send(&zup, &sample("2018-01-01", "2018-12-31", &days)).await;
    let held: Vec<usize> = (1..=12)
        .filter_map(|month| Some(zup.schedule("a-1", date(2018, month, 1))?.shifts.len()))
        .collect();
    assert_eq!(held, [1, 0, 1]);
}

#[tokio::test]
async fn what_is_not_made_is_told_under_the_status_that_was_chosen() {
    let zup = zup(date(2018, 9, 20)).await;
    let part = Schedule { part_of_month: true, ..Schedule::default() };
    zup.hold_schedule("a-1", date(2018, 10, 15), part);
    zup.agent(Agent::new("a-2", "d-1").dismissed(date(2018, 8, 31)));
    let of_other = |mut body: Value| {
        body["agentId"] = json!("a-2");
        body
    };
    let cases = [
        (sample("2018-01-01", "2018-08-31", &["2018-08-01"]), "Запрещено изменять графики"),
        (sample("2018-09-01", "2018-12-31", &["2018-12-01"]), "За октябрь 2018"),
        (sample("2018-11-01", "2019-01-31", &["2018-12-01"]), "За 2019 год не заполнен"),
        (sample("2018-11-01", "2018-12-31", &[]), "Нет данных по сотруднику"),
        (of_other(sample("2018-08-01", "2018-12-31", &["2018-08-01"])), "Нет данных"),
    ];
    for status in [StatusCode::OK, StatusCode::INTERNAL_SERVER_ERROR] {
        zup.habits(|habits| habits.not_done = status);
        for (body, told) in &cases {
            let reply = send(&zup, body).await;
            let said = reply.json();
            assert_eq!((reply.status, &said["result"]), (status, &json!("false")), "{body}");
            assert!(said["message"].as_str().unwrap().starts_with(told), "{said}");
        }
    }
    zup.mishap("sendSchedule", 1, &Mishap::NotDone("Не сегодня.".to_owned()));
    let good = sample("2018-11-01", "2018-12-31", &["2018-12-01"]);
    assert_eq!(send(&zup, &good).await.json()["message"], "Не сегодня.");
    assert_eq!(zup.schedules(), 1);
    assert_eq!(send(&zup, &good).await.json()["result"], "true");
    assert_eq!((zup.schedules(), zup.bodies("sendSchedule").len()), (3, 12));
}

#[tokio::test]
async fn what_cannot_be_read_is_an_exception() {
    let zup = zup(date(2018, 1, 10)).await;
    let shift = |name: &str, value: Value| {
        let mut body = sample("2018-08-01", "2018-08-31", &["2018-08-01"]);
        body["shift"][0][name] = value;
        body
    };
    let body = |name: &str, value: Value| {
        let mut body = sample("2018-08-01", "2018-08-31", &["2018-08-01"]);
        body[name] = value;
        body
    };
    for wrong in [
        json!([]),
        body("agentId", json!("nobody")),
        body("agentId", json!(null)),
        body("period1", json!(null)),
        body("period1", json!("2018-08-01T07:00:00:00Z")),
        body("period2", json!("2018-07-01T00:00:00Z")),
        body("shift", json!(null)),
        body("shift", json!({})),
        shift("date_start", json!("01.08.2018")),
        shift("date_start", json!("2018-09-01T19:00:00Z")),
        shift("daily_hours", json!(null)),
        shift("daily_hours", json!(-1)),
        shift("night_hours", json!("7.5")),
    ] {
        assert_eq!(send(&zup, &wrong).await.status.as_u16(), 500, "{wrong}");
    }
    assert_eq!(zup.schedules(), 0);
}
