//! `serviceGroupData`.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{DAY, at, get, told};
use crate::contact_center::{Contact, ContactCenter, Service};

/// Members of an interval, in the order of the protocol.
const MEMBERS: [&str; 8] = [
    "notUniqueReceived",
    "notUniqueTreated",
    "notUniqueMissed",
    "receivedCalls",
    "treatedCalls",
    "missCalls",
    "aht",
    "postProcessing",
];

fn interval(start: Timestamp, end: Timestamp, counts: [i64; 8]) -> Value {
    let mut interval = json!({"startInterval": start, "endInterval": end});
    for (name, count) in MEMBERS.into_iter().zip(counts) {
        interval[name] = json!(count);
    }
    interval
}

async fn of_group(centre: &ContactCenter, query: &str) -> Value {
    let told = told(centre, &format!("/historic/serviceGroupData?{query}")).await;
    told[0]["historicData"].clone()
}

#[tokio::test]
async fn contacts_are_counted_by_the_interval_that_they_start_in() {
    let centre = ContactCenter::start().await.unwrap();
    let taken = |customer: &str, time: &str| Contact::missed("1", customer, at(time)).taken("a", 0);
    centre.contacts([
        // Ends in the next interval.
        Contact { ring: 5_000, talk: 600_000, hold: 1, ..taken("c-1", "00:04:59.999") },
        Contact { talk: 100_000, wrap_up: 3_000, relax: 4_001, ..taken("c-2", "00:00:00") },
        Contact::missed("1", "c-3", at("00:04:00")),
        Contact::missed("1", "c-1", at("00:05:00")),
        taken("c-3", "00:05:01"),
        Contact::missed("1", "c-4", at("00:05:02")).by_bot(),
        Contact::missed("1", "c-5", at("23:59:59")),
        Contact::missed("1", "c-5", at("2T00:00:00")),
        Contact::missed("2", "c-1", at("12:00:00")),
    ]);
    let expected = json!([
        interval(at("00:00:00"), at("00:05:00"), [3, 2, 1, 3, 2, 1, 352_500, 3_500]),
        interval(at("00:05:00"), at("00:10:00"), [2, 1, 1, 0, 0, 0, 0, 0]),
        interval(at("23:55:00"), at("2T00:00:00"), [1, 0, 1, 1, 0, 1, 0, 0]),
    ]);
    assert_eq!(of_group(&centre, &format!("{DAY}&step=300000&groupId=1")).await, expected);
    // On the next day the same customer is unique again, and in each group.
    let both = "startDate=2020-01-01T00:00:00Z&endDate=2020-01-03T00:00:00Z&step=86400000";
    let told = told(&centre, &format!("/historic/serviceGroupData?{both}&groupId=2,1,3")).await;
    let unique = |group: usize, day: usize| {
        told[group]["historicData"][day]["receivedCalls"].as_i64().unwrap()
    };
    assert_eq!((told[0]["groupId"].as_str(), told[1]["groupId"].as_str()), (Some("2"), Some("1")));
    assert_eq!((unique(0, 0), unique(1, 0), unique(1, 1)), (1, 4, 1));
    assert_eq!(told.as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn whoever_came_before_the_period_is_not_unique_in_it() {
    let centre = ContactCenter::start().await.unwrap();
    for time in ["09:00:00", "10:06:00", "10:07:30", "10:09:59", "10:10:00"] {
        centre.contacts([Contact::missed("1", "c-1", at(time))]);
    }
    let period = "startDate=2020-01-01T10:07:00Z&endDate=2020-01-01T10:10:00Z";
    let counts = [2, 0, 2, 0, 0, 0, 0, 0];
    let expected = json!([interval(at("10:05:00"), at("10:10:00"), counts)]);
    assert_eq!(of_group(&centre, &format!("{period}&step=300000&groupId=1")).await, expected);
}

#[tokio::test]
async fn each_leg_of_a_contact_that_is_passed_on_counts() {
    let centre = ContactCenter::start().await.unwrap();
    centre.service(Service::new("7", "Support").group("1", "First line").group("2", "Second"));
    let first = Contact::missed("1", "c-1", at("10:00:00")).taken("a", 240_000);
    let first = Contact { wait: 60_000, ..first };
    let (lost, other) = (first.passed_on("1"), first.passed_on("2"));
    centre.contacts([first, lost, other]);
    let path = format!("/historic/serviceGroupData?{DAY}&step=300000&groupId=1,2");
    let told = told(&centre, &path).await;
    let expected = json!([
        {"serviceId": "7", "groupId": "1", "historicData": [
            interval(at("10:00:00"), at("10:05:00"), [1, 1, 0, 1, 1, 0, 240_000, 0]),
            interval(at("10:05:00"), at("10:10:00"), [1, 0, 1, 0, 0, 0, 0, 0]),
        ]},
        {"serviceId": "7", "groupId": "2", "historicData": [
            interval(at("10:05:00"), at("10:10:00"), [1, 0, 1, 1, 0, 1, 0, 0]),
        ]},
    ]);
    assert_eq!(told, expected);
}

#[tokio::test]
async fn intervals_are_cut_from_each_midnight_of_the_place() {
    let centre = ContactCenter::start().await.unwrap();
    centre.habits(|habits| habits.place = jiff::tz::offset(3));
    for time in ["20:59:00", "21:00:00", "2T20:59:59"] {
        centre.contacts([Contact::missed("1", "c-1", at(time))]);
    }
    let period = "startDate=2020-01-01T00:00:00%2B03:00&endDate=2020-01-04T00:00:00Z";
    // Ten hours do not divide a day, so that the third interval is of four.
    let data = of_group(&centre, &format!("{period}&step=36000000&groupId=1")).await;
    let one = [1, 0, 1, 1, 0, 1, 0, 0];
    let again = [1, 0, 1, 0, 0, 0, 0, 0];
    let expected = json!([
        interval(at("17:00:00"), at("21:00:00"), one),
        interval(at("21:00:00"), at("2T07:00:00"), one),
        interval(at("2T17:00:00"), at("2T21:00:00"), again),
    ]);
    assert_eq!(data, expected);
}

#[tokio::test]
async fn nothing_is_404_without_a_body_or_an_empty_list() {
    let centre = ContactCenter::start().await.unwrap();
    centre.contacts([Contact::missed("1", "c-1", at("10:00:00")).by_bot()]);
    let path = format!("/historic/serviceGroupData?{DAY}&step=300000&groupId=1,nobody");
    assert_eq!(get(&centre, &path).await, (404, String::new()));
    centre.habits(|habits| habits.empty_lists = true);
    assert_eq!(get(&centre, &path).await, (200, "[]".to_owned()));
}
