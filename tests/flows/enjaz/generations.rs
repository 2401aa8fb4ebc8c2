//! What becomes of cases from one synchronisation to the next.

use serde_json::{Value, json};
use simulators::portal::{Case, Empty, Mishap};

use super::{Desk, cases, done, numbers};

fn counts(data: &Value) -> [i64; 4] {
    ["cases_imported", "cases_updated", "cases_unchanged", "cases_absent"]
        .map(|name| data["sync"][name].as_i64().expect("a count"))
}

fn closed(n: usize) -> Case {
    Case { status: "Closed".to_owned(), ..Case::english(n) }
}

#[tokio::test]
async fn cases_are_imported_updated_unchanged_absent_and_there_again() {
    let desk = Desk::connected(cases(5)).await;
    assert_eq!(counts(&desk.comes_to("ok").await), [5, 0, 0, 0]);
    desk.world.wait(60);
    assert_eq!(counts(&desk.comes_to("ok").await), [0, 0, 5, 0]);
    desk.world.wait(60);
    desk.shows(cases(3).chain([closed(4), Case::english(6)]));
    assert_eq!(counts(&desk.comes_to("ok").await), [1, 1, 3, 1]);
    // What is absent is kept, and told as such.
    assert_eq!(desk.numbers("").await, numbers(1..=6));
    assert_eq!(desk.numbers("?presence=absent").await, numbers([5]));
    assert_eq!(desk.numbers("?presence=present").await, numbers([1, 2, 3, 4, 6]));
    desk.world.wait(60);
    desk.shows(cases(6));
    assert_eq!(counts(&desk.comes_to("ok").await), [0, 2, 4, 0]);
    assert!(desk.numbers("?presence=absent").await.is_empty());

    let fifth = desk.get("/cases/5/history").await;
    let kinds: Vec<_> = fifth
        .as_array()
        .expect("changes")
        .iter()
        .map(|change| (change["kind"].clone(), change["at"].clone()))
        .collect();
    assert_eq!(
        kinds,
        [("returned", 3), ("absent", 2), ("imported", 0)]
            .map(|(kind, minute)| (json!(kind), json!(format!("2026-06-01T12:0{minute}:00Z"))))
    );
    let fourth = desk.get("/cases/4/history").await;
    assert_eq!(fourth[1]["kind"], "updated");
    assert_eq!(fourth[1]["fields"]["status"]["to"], "Closed");
    assert_eq!(fourth[0]["fields"]["status"]["from"], "Closed");
    let case = desk.get("/cases/4").await;
    assert_eq!(
        (&case["case_number"], &case["updated_at"]),
        (&json!("CASE-2024-004"), &json!("2026-06-01T12:03:00Z"))
    );
    assert_eq!(desk.numbers("?changed_since=2026-06-01T12:03:00Z").await, numbers([4, 5]));
}

#[tokio::test]
async fn a_portal_that_fails_on_the_way_makes_nothing_disappear() {
    let desk = Desk::connected(cases(25)).await;
    desk.comes_to("ok").await;
    desk.shows(cases(24).chain([Case::english(30)]));
    desk.portal.mishap("/cases?page=2", 1, Mishap::Fails(503.try_into().expect("a status")));
    let data = desk.comes_to("partial").await;
    assert_eq!((counts(&data), &data["success"]), ([0, 0, 10, 0], &json!(false)));
    assert_eq!(data["sync"]["cases_missing"], 0, "nobody looked for them");
    assert_eq!(desk.numbers("?presence=present").await, numbers(1..=25));
    assert_eq!(desk.account().await["status"], "partial");
    let data = desk.comes_to("ok").await;
    assert_eq!(counts(&data), [1, 0, 24, 1]);
    assert_eq!(desk.numbers("?presence=absent").await, numbers([25]));
}

#[tokio::test]
async fn when_very_many_are_missing_none_is_taken_for_absent_unless_somebody_says_so() {
    let desk = Desk::connected(cases(25)).await;
    desk.comes_to("ok").await;
    // A link to the next page that vanishes looks like the last page.
    desk.shows(cases(10).chain([Case::english(40)]));
    let data = desk.comes_to("partial").await;
    assert_eq!((counts(&data), &data["sync"]["cases_missing"]), ([1, 0, 10, 0], &json!(15)));
    assert_eq!(desk.get("/cases?presence=present").await["total_count"], 26);
    let data = done(desk.post("/sync-cases?accept_missing=true").await);
    assert_eq!(counts(&data), [0, 0, 11, 15]);
    assert_eq!(desk.get("/cases?presence=present").await["total_count"], 11);

    desk.portal.habits(|habits| habits.empty = Empty::Marker);
    desk.shows([]);
    assert_eq!(counts(&desk.comes_to("partial").await), [0, 0, 0, 0]);
    assert_eq!(desk.get("/cases?presence=present").await["total_count"], 11);
}

#[tokio::test]
async fn an_account_of_another_user_of_the_portal_may_have_other_cases() {
    let desk = Desk::connected(cases(12)).await;
    desk.comes_to("ok").await;
    desk.portal.account("sara", "other secret");
    desk.portal.cases("sara", [Case::new("S-1", "Civil", "Active")]);
    desk.connect_as(&desk.admin(), ("sara", "other secret"), None).await;
    assert_eq!(desk.account().await["status"], Value::Null, "not visited yet");
    let data = desk.comes_to("ok").await;
    assert_eq!(counts(&data), [1, 0, 0, 12]);
    assert_eq!(desk.numbers("?presence=present").await, ["S-1"]);
}

#[tokio::test]
async fn columns_that_change_at_every_look_are_no_change_of_a_case() {
    let seen = |n: usize| Case { court: format!("seen {n} times"), ..Case::english(1) };
    let desk = Desk::with([seen(1)]).await;
    let court = json!({ "selector": ".case-court", "attr": null, "regex": null });
    let mut columns = desk.get("/portal").await["profile"]["columns"].clone();
    columns["court"] = court;
    desk.profile(json!({ "columns": columns })).await;
    desk.connect().await;
    desk.comes_to("ok").await;
    desk.shows([seen(2)]);
    assert_eq!(counts(&desk.comes_to("ok").await), [0, 1, 0, 0]);
    desk.profile(json!({ "columns": columns, "volatile_columns": ["court"] })).await;
    // It is compared by other columns now.
    desk.comes_to("ok").await;
    desk.shows([seen(3)]);
    assert_eq!(counts(&desk.comes_to("ok").await), [0, 0, 1, 0]);
    let data = desk.get("/cases/1").await["case_data"].as_str().expect("data").to_owned();
    let data: Value = serde_json::from_str(&data).expect("an object");
    assert_eq!(data["court"], "seen 3 times");
}
