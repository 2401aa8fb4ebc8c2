//! Much of it: pages, limits, and what reading costs.

use functions::integrations::contact_center::records::{AgentLogin, GroupMetrics, Record};
use serde_json::Value;

use super::{argus, beside_a_centre, change, historic, keep, ms, push};

const FIVE: i64 = 300_000;

/// Rows of five minutes from the first of June on.
fn rows(group: &str, many: i64) -> impl Iterator<Item = Record> {
    let (start, group) = (ms("2026-06-01T00:00:00Z"), group.to_owned());
    (0..many).map(move |n| {
        Record::GroupMetrics(GroupMetrics {
            service: "1".to_owned(),
            group: group.clone(),
            start: start + n * FIVE,
            end: start + (n + 1) * FIVE,
            not_unique_received: 1,
            received_calls: 1,
            ..GroupMetrics::default()
        })
    })
}

const MONTH: (&str, &str) = ("2026-06-01T00:00:00Z", "2026-07-01T00:00:00Z");

#[tokio::test]
async fn pages_tell_everything_once() {
    let (world, _centre, id) = beside_a_centre().await;
    for group in ["a", "b", "c"] {
        keep(&world, &id, rows(group, 30)).await;
    }
    for (limit, minutes, all) in [(7, 5, 90), (1, 30, 15), (15, 30, 15), (4, 30, 15)] {
        let (mut told, mut cursor) = (Vec::new(), String::new());
        for _ in 0..all {
            let more = format!("&interval_minutes={minutes}&limit={limit}{cursor}");
            let page = historic(&world, "serviceGroupData", MONTH.0, MONTH.1, &more).await;
            assert_eq!(page.status, 200, "{}", page.text);
            let items = page.json["service_group_data"].as_array().expect("a list");
            assert!(items.len() <= limit);
            told.extend(items.iter().map(|one| {
                assert_eq!(one["metrics"]["received_calls"], minutes / 5);
                format!("{} {}", one["group_id"], one["interval_start"])
            }));
            let Value::String(next) = &page.json["next_cursor"] else { break };
            cursor = format!("&cursor={next}");
        }
        assert_eq!(told.len(), all, "{limit}");
        assert!(told.is_sorted_by(|a, b| a < b), "{told:?}");
    }
}

#[tokio::test]
async fn pages_of_statuses_that_begin_together_lose_none() {
    let (world, _centre, _) = beside_a_centre().await;
    let at = "2026-06-01T10:00:00Z";
    let all: Vec<Value> = (0..5).map(|n| change("1", &format!("S{n}"), at, 1)).collect();
    push(&world, Value::from(all)).await;
    let (mut told, mut cursor) = (Vec::new(), String::new());
    for _ in 0..5 {
        let more = format!("&limit=2{cursor}");
        let page = historic(&world, "agentStatusData", MONTH.0, MONTH.1, &more).await;
        let items = page.json["agent_status_data"].as_array().expect("a list").iter();
        told.extend(items.map(|one| one["state_code"].as_str().expect("a code").to_owned()));
        let Value::String(next) = &page.json["next_cursor"] else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(told, ["S0", "S1", "S2", "S3", "S4"]);
}

#[tokio::test]
async fn a_page_costs_what_it_tells_and_not_what_there_is() {
    let (world, _centre, id) = beside_a_centre().await;
    let meter = world.database.meter();
    let mut costs = Vec::new();
    // Two groups; then two hundred, one of them with all of a month.
    for (groups, first) in [(2, 300), (200, 8640)] {
        for group in 0..groups {
            let many = if group == 0 { first } else { 300 };
            keep(&world, &id, rows(&format!("{group:03}"), many)).await;
        }
        meter.take();
        let more = "&interval_minutes=5&limit=100";
        let page = historic(&world, "serviceGroupData", MONTH.0, MONTH.1, more).await;
        assert_eq!(page.json["total_count"], 100, "{}", page.text);
        costs.push(meter.take().read);
    }
    // The directory of groups grows by less than a unit for twenty of them.
    assert!(costs[1] - costs[0] < 10.0, "{costs:?}");
    assert!(costs[1] < 20.0, "{costs:?}");
}

/// A page looks at no more than it can, and the next one goes on with the others.
#[tokio::test]
async fn a_page_of_many_who_have_nothing_is_not_a_look_at_everybody() {
    let (world, _centre, id) = beside_a_centre().await;
    let login = |agent: i64, day: &str| {
        let login = ms(&format!("{day}T08:00:00Z"));
        Record::AgentLogin(AgentLogin { agent: format!("{agent:04}"), login, logout: login + 1 })
    };
    keep(&world, &id, (0..900).map(|agent| login(agent, "2026-05-01"))).await;
    keep(&world, &id, [login(899, "2026-06-02"), login(899, "2026-06-03")]).await;
    let meter = world.database.meter();
    let (mut told, mut cursor, mut pages) = (Vec::new(), String::new(), 0);
    for _ in 0..5 {
        meter.take();
        let more = format!("&limit=10{cursor}");
        let page = historic(&world, "agentLoginData", MONTH.0, MONTH.1, &more).await;
        assert_eq!(page.status, 200, "{}", page.text);
        assert!(meter.take().read < 900.0, "a page reads of some of them");
        let items = page.json["agent_login_data"].as_array().expect("a list").iter();
        told.extend(items.map(|one| one["login_date"].as_str().expect("a date").to_owned()));
        pages += 1;
        let Value::String(next) = &page.json["next_cursor"] else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!((pages, told.len()), (3, 2), "{told:?}");
}

#[tokio::test]
async fn what_is_too_much_is_refused_with_its_limit() {
    let (world, _centre, id) = beside_a_centre().await;
    for group in ["a", "b"] {
        keep(&world, &id, rows(group, 5001)).await;
    }
    let whole = historic(&world, "serviceGroupData", MONTH.0, MONTH.1, "&interval_minutes=5").await;
    assert_eq!((whole.status, &whole.json["errors"][0]["field"]), (422, &"end_date".into()));
    assert!(whole.text.contains("10000"), "{}", whole.text);
    let whole =
        argus(&world, "serviceGroupData", MONTH.0, MONTH.1, "&step=300000&groupId=a,b").await;
    assert_eq!((whole.status, &whole.json["field"]), (400, &"endDate".into()));
    let less =
        argus(&world, "serviceGroupData", MONTH.0, MONTH.1, "&step=86400000&groupId=a,b").await;
    assert_eq!(less.json[0]["historicData"].as_array().map(Vec::len), Some(18));
}
