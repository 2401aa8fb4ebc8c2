//! How plan and fact differ.

use functions::messages::{Log, watch};
use jiff::civil::date;
use serde_json::{Value, json};
use shared::tenant::Tenant;
use simulators::onec::{Absence, Agent};
use tests::support::World;

use super::{ONEC, beside_1c, get, june, post, refusal, worked};

const JUNE: &str = "deviations?start_date=2026-06-01&end_date=2026-06-30";

fn shown(list: &Value) -> Vec<(i64, &str, f64, f64, f64)> {
    let all = list["deviations"].as_array().expect("deviations");
    let of = |one: &'_ Value| -> (i64, f64, f64, f64) {
        let day = one["date"].as_str().and_then(|day| day[8..].parse().ok());
        let number = |name: &str| one[name].as_f64().unwrap_or(-1.0);
        (
            day.unwrap_or(0),
            number("planned_hours"),
            number("actual_hours"),
            number("deviation_hours"),
        )
    };
    all.iter()
        .map(|one| {
            let (day, planned, actual, by) = of(one);
            (day, one["deviation_type"].as_str().unwrap_or_default(), planned, actual, by)
        })
        .collect()
}

async fn told(world: &World) -> usize {
    let tenant = Tenant::parse("default").expect("a name");
    let log = Log::load(&world.env).expect("a log");
    let messages = log.from(&tenant, 1, 1000, 1000).await.expect("a table");
    messages.iter().filter(|one| one.event_type == "1c.deviations.received").count()
}

#[tokio::test]
async fn deviations_are_those_of_the_vendor_s_table() {
    let (world, zup) = beside_1c().await;
    post(&world, "sendSchedule", june(&["a-1"], &[8, 9, 10, 11])).await;
    let facts = json!([
        worked("a-1", 2, "09:00", "17:00", 8.0),
        worked("a-1", 3, "22:00", "02:00", 4.0),
        worked("a-1", 8, "09:00", "18:00", 0.0),
        worked("a-1", 9, "09:00", "13:00", 4.0),
        worked("a-1", 10, "09:00", "19:00", 10.0),
    ]);
    let sent = post(&world, "sendFactWorkTime", facts).await;
    assert_eq!(sent.json["success"], true, "{}", sent.text);
    world.wait(30 * 24 * 3600);
    let list = get(&world, JUNE).await;
    let expected = vec![
        (2, "РВ", 0.0, 8.0, 8.0),
        (3, "РВН", 0.0, 4.0, 4.0),
        (8, "НН", 8.0, 0.0, 8.0),
        (9, "НН", 8.0, 4.0, 4.0),
        (10, "С", 8.0, 10.0, 2.0),
    ];
    assert_eq!((shown(&list), &list["total_count"]), (expected, &json!(5)));
    assert_eq!(list["deviations"][0]["reason"], "Work on a day off or holiday");
    assert_eq!(list["deviations"][2]["employee_id"], "a-1");
    // By 1C's own timesheet as well: its plan was not sent from here.
    zup.agent(Agent::new("a-2", "d-2"));
    let only = get(&world, &format!("{JUNE}&employee_id=a-2")).await;
    assert_eq!(only["total_count"], 0);
}

#[tokio::test]
async fn days_that_are_not_over_are_left_out_and_a_reason_takes_the_place_of_absence() {
    let (world, zup) = beside_1c().await;
    post(&world, "sendSchedule", june(&["a-1"], &[2, 3, 20])).await;
    let away = |day: i8, code| Absence {
        agent: "a-1".into(),
        days: (date(2026, 6, day), date(2026, 6, day)),
        code,
        part: None,
    };
    for absence in [away(2, "Б"), away(3, "ПР"), away(20, "НН")] {
        zup.absence(absence);
    }
    assert_eq!(get(&world, JUNE).await["total_count"], 0, "it is the first of June");
    world.wait(10 * 24 * 3600);
    let list = get(&world, JUNE).await;
    assert_eq!(shown(&list), [(2, "Б", 8.0, 0.0, 8.0), (3, "ПР", 8.0, 0.0, 8.0)]);
    assert_eq!(list["deviations"][0]["reason"], "Sick leave with benefit");
    world.wait(15 * 24 * 3600);
    assert_eq!(shown(&get(&world, JUNE).await)[2], (20, "НН", 8.0, 0.0, 8.0));
}

#[tokio::test]
async fn they_are_told_once_to_those_who_watch() {
    let (world, zup) = beside_1c().await;
    let tenant = Tenant::parse("default").expect("a name");
    let messages = world.env.table("MESSAGES_TABLE").expect("a table");
    watch(&messages, &tenant, world.clock.now_ms() + 365 * 24 * 3_600_000).await.expect("a table");
    assert_eq!(get(&world, JUNE).await["total_count"], 0);
    assert_eq!(told(&world).await, 0);
    post(&world, "sendFactWorkTime", json!([worked("a-1", 2, "09:00", "17:00", 8.0)])).await;
    for _ in 0..3 {
        assert_eq!(get(&world, JUNE).await["total_count"], 1);
    }
    assert_eq!(told(&world).await, 1);
    post(&world, "sendFactWorkTime", json!([worked("a-1", 3, "09:00", "17:00", 8.0)])).await;
    assert_eq!(get(&world, JUNE).await["total_count"], 2);
    assert_eq!((told(&world).await, zup.documents().len()), (2, 2));
}

#[tokio::test]
async fn a_plan_that_is_not_known_here_is_read_from_the_timesheet() {
    let (world, zup) = beside_1c().await;
    let (day, hour) = (date(2026, 6, 4), 3_600_000);
    zup.absence(Absence {
        agent: "a-2".into(),
        days: (day, day),
        code: "НН",
        part: Some(3 * hour),
    });
    world.wait(10 * 24 * 3600);
    let list = get(&world, JUNE).await;
    assert_eq!(shown(&list), [(4, "НН", 3.0, 0.0, 3.0)]);
    assert_eq!(list["deviations"][0]["employee_id"], "a-2");
}

#[tokio::test]
async fn a_period_that_is_none_is_refused() {
    let (world, _zup) = beside_1c().await;
    for (query, status, field) in [
        ("start_date=2026-06-02&end_date=2026-06-01", 400, "end_date"),
        ("start_date=2026-06-02&end_date=2026-10-01", 422, "end_date"),
        ("start_date=2026-06-02&end_date=1", 422, "end_date"),
    ] {
        let refused = world.admin().get(&format!("{ONEC}/deviations?{query}")).await;
        let (is, at, _) = refusal(&refused);
        assert_eq!((is, at.as_str()), (status, field), "{query}");
    }
    assert_eq!(world.admin().get(&format!("{ONEC}/deviations")).await.status, 422);
}
