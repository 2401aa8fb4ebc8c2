//! `sendFactWorkTime`.

use jiff::civil::{Date, date};
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::post;
use crate::Fault;
use crate::onec::{ABSENCE, Agent, DAY_OFF_WORKED, Mishap, OVERTIME, Schedule, Shift, Zup};

const HOUR: i64 = 3_600_000;
const DAY: Date = date(2019, 2, 1);

/// Somebody who is to work from 18:00 to 02:00 on 1 February 2019.
async fn zup() -> Zup {
    let zup = Zup::start().await.unwrap();
    zup.agent(Agent::new("a-1", "d-1").dismissed(date(2019, 2, 20)));
    let shift = Shift { day: 4 * HOUR, night: 4 * HOUR };
    let shifts = [(DAY, shift)].into_iter().collect();
    zup.hold_schedule("a-1", DAY, Schedule { shifts, ..Schedule::default() });
    zup
}

fn fact(day: &str, worked: &[(&str, i64)]) -> Value {
    let one = |(start, time): &(&str, i64)| json!({"start": start, "time": time});
    json!({"agentId": "a-1", "initiator_name": "Ivanov I.I.",
        "date_start": format!("{day}T18:00:00"),
        "loginfo": worked.iter().map(one).collect::<Vec<_>>()})
}

#[tokio::test]
async fn each_call_makes_its_documents() {
    let zup = zup().await;
    let evening = ("2019-02-01T18:00:00", 4 * HOUR);
    for (body, doc) in [
        (fact("2019-02-01", &[evening, ("2019-02-01T19:00:00Z", 5 * HOUR)]), json!(OVERTIME)),
        (fact("2019-02-01", &[evening, ("2019-02-01T22:00:00", 4 * HOUR)]), json!(null)),
        (fact("2019-02-01", &[evening]), json!(ABSENCE)),
        (fact("2019-02-01", &[]), json!(ABSENCE)),
        (fact("2019-02-02", &[("2019-02-02T21:00:00", 2 * HOUR)]), json!(DAY_OFF_WORKED)),
        (fact("2019-02-02", &[("2019-02-02T21:00:00", 2 * HOUR)]), json!(DAY_OFF_WORKED)),
        (fact("2019-02-21", &[("2019-02-21T08:00:00", HOUR)]), json!(null)),
    ] {
        let reply = post(&zup, "sendFactWorkTime", &body).await;
        let expected = json!({"result": !doc.is_null(), "doc": doc});
        assert_eq!((reply.status.as_u16(), reply.json()), (200, expected), "{body}");
    }
    let made: Vec<_> = zup.documents().into_iter().map(|one| (one.day, one.time)).collect();
    let next_day = (date(2019, 2, 2), vec![("РВ", HOUR), ("РВН", HOUR)]);
    let expected = [
        (DAY, vec![("С", HOUR)]),
        (DAY, vec![("НН", 4 * HOUR)]),
        (DAY, vec![("НН", 4 * HOUR)]),
        (DAY, vec![("НН", 4 * HOUR)]),
        next_day.clone(),
        next_day,
    ];
    assert_eq!(made, expected);
    zup.delete_document(2);
    let numbers: Vec<_> = zup.documents().into_iter().map(|one| one.number).collect();
    assert_eq!(numbers, [1, 3, 4, 5, 6]);
    post(&zup, "sendFactWorkTime", &fact("2019-02-01", &[evening])).await;
    assert_eq!(zup.documents()[5].number, 7);
    assert_eq!(zup.documents()[0].comment, "Загрузка из WFM 2018-01-10 Ivanov I.I.");
}

#[tokio::test]
async fn a_document_is_made_even_if_nobody_hears_of_it() {
    let zup = zup().await;
    zup.faults.plan("POST", "sendFactWorkTime", 1, Fault::DoneThenCut);
    let url = format!("{}/sendFactWorkTime", zup.url());
    let body = fact("2019-02-01", &[]).to_string();
    for made in [2, 4] {
        let sent = super::send(reqwest::Method::POST, &url, &[super::sign_in()], &body).await;
        assert!(sent.is_err());
        assert_eq!(zup.documents().len(), made);
        zup.mishap("sendFactWorkTime", 1, &Mishap::BreaksOff);
    }
    let refused = StatusCode::INTERNAL_SERVER_ERROR;
    zup.habits(|habits| habits.not_done = refused);
    let _ = super::send(reqwest::Method::POST, &url, &[super::sign_in()], &body).await;
    zup.mishap("sendFactWorkTime", 1, &Mishap::NotDone(String::new()));
    let reply = post(&zup, "sendFactWorkTime", &fact("2019-02-01", &[])).await;
    assert_eq!((reply.status, reply.json()), (refused, json!({"result": false, "doc": null})));
    assert_eq!((zup.documents().len(), zup.calls("sendFactWorkTime")), (6, 4));
}

#[tokio::test]
async fn what_cannot_be_read_is_an_exception() {
    let zup = zup().await;
    let good = fact("2019-02-01", &[("2019-02-01T18:00:00", 600_000)]);
    for (name, value) in [
        ("agentId", json!("nobody")),
        ("agentId", json!(null)),
        ("initiator_name", json!("")),
        ("date_start", json!("2019-02-30T18:00:00")),
        ("loginfo", json!(null)),
        ("loginfo", json!([{"start": "2019-02-01T18:00:00"}])),
        ("loginfo", json!([{"time": 600_000}])),
        ("loginfo", json!([{"start": "2019-02-01T18:00:00", "time": 0.5}])),
    ] {
        let mut body = good.clone();
        body[name] = value;
        let reply = post(&zup, "sendFactWorkTime", &body).await;
        assert_eq!(reply.status.as_u16(), 500, "{body}");
    }
    assert!(zup.documents().is_empty());
}
