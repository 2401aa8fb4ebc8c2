//! `getTimetypeInfo`.

use jiff::civil::{Date, date};
use serde_json::{Value, json};

use super::post;
use crate::onec::{Absence, Agent, Mishap, Schedule, Shift, Zup};

const HOUR: i64 = 3_600_000;
const DAY: Date = date(2018, 3, 28);

/// Somebody who is to work eleven hours on 14 March, and on 28 March by day and by night.
async fn zup() -> Zup {
    let zup = Zup::start().await.unwrap();
    zup.agent(Agent::new("a-1", "d-1").dismissed(date(2018, 3, 29)));
    zup.agent(Agent::new("a-2", "d-1"));
    let shifts = [
        (date(2018, 3, 14), Shift { day: 11 * HOUR, night: 0 }),
        (DAY, Shift { day: 4 * HOUR, night: 8 * HOUR }),
    ];
    let shifts = shifts.into_iter().collect();
    zup.hold_schedule("a-1", DAY, Schedule { shifts, ..Schedule::default() });
    zup
}

async fn ask(zup: &Zup, from: &str, to: &str, agents: &[&str]) -> Value {
    let agents: Vec<Value> = agents.iter().map(|id| json!({"agentId": id})).collect();
    let body = json!({"date_start": from, "date_end": to, "AR_agents": agents});
    let reply = post(zup, "getTimetypeInfo", &body).await;
    assert_eq!(reply.status.as_u16(), 200, "{}", reply.text);
    reply.json()
}

/// Type and hours of each row of a day.
async fn of_day(zup: &Zup, day: Date) -> Vec<(String, Value)> {
    let sheet = ask(zup, &format!("{day}T00:00:00"), &format!("{day}T00:00:00"), &["a-1"]).await;
    let rows = sheet[0]["AR_date"].as_array().unwrap().iter();
    rows.map(|row| (row["timetype"].as_str().unwrap().to_owned(), row["hours"].clone())).collect()
}

async fn sends_fact(zup: &Zup, worked: &[(&str, i64)]) {
    let loginfo: Vec<Value> =
        worked.iter().map(|(start, time)| json!({"start": start, "time": time})).collect();
    let body = json!({"agentId": "a-1", "initiator_name": "Ivanov I.I.",
        "date_start": "2018-03-28T18:00:00", "loginfo": loginfo});
    assert_eq!(post(zup, "sendFactWorkTime", &body).await.json()["result"], true);
}

fn absence(code: &'static str, from: Date, to: Date) -> Absence {
    Absence { agent: "a-1".to_owned(), days: (from, to), code, part: None }
}

#[tokio::test]
async fn days_are_midnights_of_moscow_in_utc_and_halves_end_on_the_fifteenth() {
    let zup = zup().await;
    let told = ask(&zup, "2018-03-14T00:00:00", "2018-03-31T00:00:00", &["a-1", "a-2"]).await;
    let rows = told[0]["AR_date"].as_array().unwrap();
    // To the day of dismissal, with a row more where there are two types.
    assert_eq!(rows.len(), 16 + 1);
    assert_eq!(rows[0], json!({"date": "2018-03-13T21:00:00Z", "timetype": "Я", "hours": 11}));
    assert_eq!(rows[1], json!({"date": "2018-03-14T21:00:00Z", "timetype": "В", "hours": 0}));
    let halves = json!({"half1_days": 1, "half1_hours": 11, "half2_days": 1, "half2_hours": 12});
    for (name, value) in halves.as_object().unwrap() {
        assert_eq!(&told[0][name], value, "{name}");
    }
    let nothing = json!({"agentId": "a-2", "AR_date": [], "AR_N": [], "half1_days": 0,
        "half1_hours": 0, "half2_days": 0, "half2_hours": 0});
    assert_eq!((&told[1], told.as_array().unwrap().len()), (&nothing, 2));

    let shift = Shift { day: 2 * HOUR, night: 0 };
    let shifts = [(date(2018, 3, 15), shift), (date(2018, 3, 16), shift)].into_iter().collect();
    zup.hold_schedule("a-2", DAY, Schedule { shifts, ..Schedule::default() });
    let told = ask(&zup, "2018-03-01T00:00:00", "2018-03-31T00:00:00", &["a-2"]).await;
    assert_eq!((&told[0]["half1_days"], &told[0]["half2_days"]), (&json!(1), &json!(1)));

    // 21:00 in UTC is the next day there.
    let one = ask(&zup, "2018-03-27T21:00:00Z", "2018-03-28T00:00:00", &["a-1"]).await;
    assert_eq!(one[0]["AR_date"].as_array().unwrap().len(), 2);
    zup.habits(|habits| habits.place = jiff::tz::offset(5));
    let told = ask(&zup, "2018-03-28T00:00:00", "2018-03-28T00:00:00", &["a-1"]).await;
    assert_eq!(told[0]["AR_date"][0]["date"], "2018-03-27T19:00:00Z");
}

#[tokio::test]
async fn documents_and_absences_show_beside_what_is_left_of_the_plan() {
    let rows = |rows: &[(&str, f64)]| -> Vec<(String, f64)> {
        rows.iter().map(|(code, hours)| ((*code).to_owned(), *hours)).collect()
    };
    let told = async |zup: &Zup| -> Vec<(String, f64)> {
        let rows = of_day(zup, DAY).await.into_iter();
        rows.map(|(code, hours)| (code, hours.as_f64().unwrap())).collect()
    };
    let zup = zup().await;
    let evening = ("2018-03-28T18:00:00", 12 * HOUR);
    sends_fact(&zup, &[evening, ("2018-03-29T06:00:00", 11 * HOUR / 4)]).await;
    assert_eq!(told(&zup).await, rows(&[("Я", 4.0), ("Н", 8.0), ("С", 2.75)]));
    zup.delete_document(1);
    sends_fact(&zup, &[("2018-03-28T18:00:00", 11 * HOUR)]).await;
    assert_eq!(told(&zup).await, rows(&[("Я", 3.0), ("Н", 8.0), ("НН", 1.0)]));
    zup.absence(Absence { part: Some(HOUR / 2), ..absence("ЛЧ", DAY, DAY) });
    let four = rows(&[("Я", 2.5), ("Н", 8.0), ("НН", 1.0), ("ЛЧ", 0.5)]);
    assert_eq!(told(&zup).await, four);
    // Whole days displace each other and all else.
    for (code, shown) in [("НН", "НН"), ("ПР", "ПР"), ("ОТ", "ОТ"), ("Б", "Б"), ("К", "Б")]
    {
        zup.absence(absence(code, DAY, DAY));
        assert_eq!(told(&zup).await, rows(&[(shown, 0.0)]), "{code}");
    }
}

#[tokio::test]
async fn no_shows_are_texts_of_days_and_hours() {
    let zup = zup().await;
    zup.absence(absence("ОТ", date(2018, 3, 1), date(2018, 3, 5)));
    zup.absence(absence("ОТ", date(2018, 4, 1), date(2018, 4, 5)));
    let quarters = |many: i64| Some(many * HOUR / 4);
    zup.absence(Absence { part: quarters(9), ..absence("НН", date(2018, 3, 14), DAY) });
    zup.absence(Absence { part: quarters(2), ..absence("НН", DAY, DAY) });
    let told = ask(&zup, "2018-03-01T00:00:00", "2018-03-31T00:00:00", &["a-1"]).await;
    let expected = json!([{"timetype_N": "НН", "hours_N": "15(34.25)"},
        {"timetype_N": "ОТ", "hours_N": "5"}]);
    assert_eq!(told[0]["AR_N"], expected);
    zup.habits(|habits| habits.decimal_commas = true);
    let told = ask(&zup, "2018-03-01T00:00:00", "2018-03-31T00:00:00", &["a-1"]).await;
    assert_eq!(told[0]["AR_N"][0]["hours_N"], "15(34,25)");
    assert_eq!(told[0]["half1_hours"], "8,75");
}

#[tokio::test]
async fn what_cannot_be_read_is_an_exception() {
    let zup = zup().await;
    let good = json!({"date_start": "2018-03-01", "date_end": "2018-03-31",
        "AR_agents": [{"agentId": "a-1"}, {"agentId": "a-2"}]});
    zup.mishap("getTimetypeInfo", 1, &Mishap::HalfOfPeople);
    assert_eq!(post(&zup, "getTimetypeInfo", &good).await.json().as_array().unwrap().len(), 1);
    for (name, value) in [
        ("date_start", json!("2018-04-01T00:00:00")),
        ("date_start", json!(null)),
        ("date_end", json!("31.03.2018")),
        ("AR_agents", json!(null)),
        ("AR_agents", json!([{"agentId": "nobody"}])),
        ("AR_agents", json!([{"id": "a-1"}])),
    ] {
        let mut body = good.clone();
        body[name] = value;
        let reply = post(&zup, "getTimetypeInfo", &body).await;
        assert_eq!(reply.status.as_u16(), 500, "{body}");
    }
}
