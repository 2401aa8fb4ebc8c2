//! `getNormHours`, held to the vendor's own examples.

use jiff::civil::{Date, date};
use serde_json::{Value, json};

use super::{Reply, post};
use crate::onec::{Agent, Mishap, Zup};

async fn ask(zup: &Zup, period: (&str, &str), mode: &str, agents: Value) -> Reply {
    let body = json!({"startDate": period.0, "endDate": period.1, "calculationMode": mode,
        "AR_agents": agents});
    post(zup, "getNormHours", &body).await
}

fn one(norm: f64) -> Value {
    json!([{"agentId": "a-1", "AR_norms": [{"normWeek": norm, "changeDate": "2016-09-01"}]}])
}

fn row(hours: impl Into<Value>, start: &str, end: &str) -> Value {
    json!({"agentId": "a-1", "normHours": hours.into(), "startDate": start, "endDate": end})
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

/// Hours by the vendor's table, whose rate is for whoever multiplies by it: norm of the week,
/// rate, first and last day, hours. A misprinted cell, 36 × 0.25 of the whole year, is not
/// here: 886.2 is what 36 × 0.5 is.
const VECTORS: [(f64, f64, &str, &str, f64); 16] = [
    (40.0, 1.0, "2018-01-01", "2018-12-31", 1970.0),
    (40.0, 0.5, "2018-01-01", "2018-12-31", 985.0),
    (36.0, 1.0, "2018-01-01", "2018-12-31", 1772.4),
    (36.0, 0.5, "2018-01-01", "2018-12-31", 886.2),
    (36.0, 0.25, "2018-01-01", "2018-12-31", 443.1),
    (30.0, 1.0, "2018-01-01", "2018-12-31", 1476.0),
    (30.0, 0.75, "2018-01-01", "2018-12-31", 1107.0),
    (40.0, 1.0, "2018-04-01", "2018-12-31", 1524.0),
    (36.0, 1.0, "2018-04-01", "2018-12-31", 1371.2),
    (36.0, 0.75, "2018-04-01", "2018-12-31", 1028.4),
    (40.0, 1.0, "2018-06-29", "2018-12-31", 1047.0),
    (36.0, 1.0, "2018-06-29", "2018-12-31", 942.2),
    (36.0, 0.75, "2018-06-29", "2018-12-31", 706.65),
    (40.0, 1.0, "2018-01-03", "2018-05-21", 708.0),
    (36.0, 1.0, "2018-01-03", "2018-05-21", 636.8),
    (36.0, 0.75, "2018-01-03", "2018-05-21", 477.6),
];

#[tokio::test]
async fn hours_are_those_of_the_vendor() {
    let zup = Zup::start().await.unwrap();
    for (norm, rate, from, to, hours) in VECTORS {
        // Of the whole year for somebody who was there for that time, and of that time.
        for (period, hired, last) in
            [(("2018-01-01", "2018-12-31"), from, Some(to)), ((from, to), "2016-09-01", None)]
        {
            let agent = Agent::new("a-1", "d-1").hired(day(hired));
            zup.agent(Agent { dismissed: last.map(day), rate: Some(rate), ..agent });
            let told = ask(&zup, period, "year", one(norm)).await.json();
            let of_one = told[0]["normHours"].as_f64().unwrap();
            assert!((of_one * rate - hours).abs() < 1e-9, "{norm} {rate} {from} {to}: {told}");
            assert_eq!(told, json!([row(told[0]["normHours"].clone(), from, to)]));
        }
    }
}

#[tokio::test]
async fn rows_are_of_months_quarters_and_years() {
    let zup = Zup::start().await.unwrap();
    zup.agent(Agent::new("a-1", "d-1"));
    let told = ask(&zup, ("2023-01-01", "2023-12-31"), "quarter", one(40.0)).await.json();
    let quarters = json!([
        row(454, "2023-01-01", "2023-03-31"),
        row(488, "2023-04-01", "2023-06-30"),
        row(520, "2023-07-01", "2023-09-30"),
        row(511, "2023-10-01", "2023-12-31"),
    ]);
    assert_eq!(told, quarters);
    zup.agent(Agent::new("a-1", "d-1").hired(date(2023, 2, 15)).dismissed(date(2023, 3, 1)));
    let told = ask(&zup, ("2023-01-01", "2023-12-31"), "month", one(36.0)).await.json();
    let months =
        json!([row(56.6, "2023-02-15", "2023-02-28"), row(7.2, "2023-03-01", "2023-03-01"),]);
    assert_eq!(told, months);
    let told = ask(&zup, ("2023-04-01", "2023-12-31"), "year", one(36.0)).await.json();
    assert_eq!(told, json!([]));
}

#[tokio::test]
async fn a_norm_holds_from_its_day_on() {
    let zup = Zup::start().await.unwrap();
    zup.agent(Agent::new("a-1", "d-1"));
    let norms = json!([{"agentId": "a-1", "AR_norms": [{"normWeek": 20, "changeDate": "2023-04-17"},
        {"normWeek": 40}, {"normWeek": 36, "changeDate": "2023-07-01"}]}]);
    let told = ask(&zup, ("2023-04-01", "2023-07-31"), "month", norms).await.json();
    let hours: Vec<_> = (0..4).map(|at| told[at]["normHours"].as_f64().unwrap()).collect();
    // April has ten days of work before the 17th and ten from it on.
    assert_eq!(hours, [80.0 + 40.0, 80.0, 84.0, 151.2]);
    let later = json!([{"agentId": "a-1", "AR_norms": [{"normWeek": 20, "changeDate": "2023-04-17"},
        {"normWeek": 40, "changeDate": "2023-04-24"}]}]);
    let told = ask(&zup, ("2023-04-01", "2023-04-30"), "month", later).await.json();
    assert_eq!(told, json!([row(15 * 4 + 5 * 8, "2023-04-01", "2023-04-30")]));
}

#[tokio::test]
async fn a_region_has_its_own_calendar() {
    let zup = Zup::start().await.unwrap();
    zup.agent(Agent { region: "Татарстан".to_owned(), ..Agent::new("a-1", "d-1") });
    let may = ("2018-05-01", "2018-05-31");
    assert_eq!(ask(&zup, may, "month", one(40.0)).await.status.as_u16(), 500);
    assert!(zup.calendar("Татарстан", "year 2018\nholiday 05-01 05-02 05-09 05-10"));
    assert_eq!(ask(&zup, may, "month", one(40.0)).await.json()[0]["normHours"], 152);
}

#[tokio::test]
async fn what_cannot_be_computed_is_an_exception() {
    let zup = Zup::start().await.unwrap();
    zup.people(2);
    zup.agent(Agent::new("a-1", "d-1"));
    let good = json!({"startDate": "2018-01-01", "endDate": "2018-12-31",
        "calculationMode": "month", "AR_agents": one(40.0)});
    assert_eq!(post(&zup, "getNormHours", &good).await.json().as_array().unwrap().len(), 12);
    for (name, value) in [
        ("startDate", json!(null)),
        ("startDate", json!("2018-01-0")),
        ("startDate", json!("2018-01-01T00:00:00")),
        ("endDate", json!("2017-12-31")),
        ("endDate", json!("2019-01-01")),
        ("calculationMode", json!("week")),
        ("AR_agents", json!(null)),
        ("AR_agents", json!("a-1")),
        ("AR_agents", json!(["a-1"])),
        ("AR_agents", json!([{"agentId": "nobody", "AR_norms": [{"normWeek": 40}]}])),
        ("AR_agents", json!([{"agentId": "a-1"}])),
        ("AR_agents", json!([{"agentId": "a-1", "AR_norms": []}])),
        ("AR_agents", json!([{"agentId": "a-1", "AR_norms": [{"normWeek": "40"}]}])),
        ("AR_agents", json!([{"agentId": "a-1", "AR_norms": [{"normWeek": 0}]}])),
        ("AR_agents", json!([{"agentId": "a-1", "AR_norms": [{"changeDate": "2018-01-01"}]}])),
    ] {
        let mut body = good.clone();
        body[name] = value;
        let reply = post(&zup, "getNormHours", &body).await;
        assert_eq!(reply.status.as_u16(), 500, "{body}");
        assert!(reply.text.chars().any(|letter| ('а'..='я').contains(&letter)), "{}", reply.text);
        assert_eq!(reply.header("content-type"), "text/plain; charset=utf-8");
    }
    zup.mishap("getNormHours", 1, &Mishap::HalfOfPeople);
    let two = json!([one(40.0)[0], {"agentId": crate::onec::agent_id(1),
        "AR_norms": [{"normWeek": 40}]}]);
    let told = ask(&zup, ("2018-01-01", "2018-12-31"), "year", two).await.json();
    assert_eq!(told.as_array().unwrap().len(), 1);
}
