//! Who works there.

use jiff::civil::date;
use serde_json::{Value, json};
use simulators::onec::Agent;

use super::{beside_1c, get, refusal};

const JUNE: &str = "agents/2026-06-01/2026-06-30";

fn ids(list: &Value) -> Vec<&str> {
    let agents = list["agents"].as_array().expect("agents");
    agents.iter().filter_map(|agent| agent["agent_id"].as_str()).collect()
}

#[tokio::test]
async fn agents_are_told_as_1c_tells_them() {
    let (world, zup) = beside_1c().await;
    zup.agent(
        Agent::new("a-3", "d-1").dismissed(date(2026, 5, 20)).vacation(date(2026, 6, 2), 4.67),
    );
    for commas in [false, true] {
        zup.habits(|habits| {
            (habits.byte_order_mark, habits.decimal_commas) = (commas, commas);
            habits.as_the_table = commas;
        });
        let list = get(&world, JUNE).await;
        assert_eq!(ids(&list), ["a-1", "a-2", "a-3"]);
        assert_eq!((&list["total_count"], &list["departments"]), (&json!(3), &Value::Null));
        assert_eq!(list["date_range"], json!({"start": "2026-06-01", "end": "2026-06-30"}));
        let first = &list["agents"][0];
        let shown = [
            &first["tab_number"],
            &first["last_name"],
            &first["department"],
            &first["hire_date"],
            &first["status"],
            &first["norm_week"],
        ];
        let expected = [
            &json!("223-16"),
            &json!("Счастный"),
            &json!("Служба сервиса"),
            &json!("2016-09-01"),
            &json!("active"),
            &json!(40.0),
        ];
        assert_eq!(shown, expected);
        let gone = &list["agents"][2];
        assert_eq!(
            (&gone["status"], &gone["dismissal_date"]),
            (&json!("inactive"), &json!("2026-05-20"))
        );
        assert_eq!(gone["vacation"], json!([{"date": "2026-06-02", "days": 4.67}]));
    }
}

#[tokio::test]
async fn departments_narrow_the_list_by_id_or_name() {
    let (world, _zup) = beside_1c().await;
    for (query, expected) in [
        ("?departments=d-2", vec!["a-2"]),
        (
            "?departments=%D0%9E%D1%82%D0%B4%D0%B5%D0%BB+%D0%BF%D1%80%D0%BE%D0%B4%D0%B0%D0%B6",
            vec!["a-2"],
        ),
        ("?departments=d-1&departments=d-2", vec!["a-1", "a-2"]),
        ("?departments=d-3", vec![]),
        ("?departments=", vec!["a-1", "a-2"]),
    ] {
        assert_eq!(ids(&get(&world, &format!("{JUNE}{query}")).await), expected, "{query}");
    }
    let list = get(&world, &format!("{JUNE}?departments=d-2")).await;
    assert_eq!(list["departments"], json!(["d-2"]));
}

#[tokio::test]
async fn a_period_that_is_none_is_refused_before_1c_is_asked() {
    let (world, zup) = beside_1c().await;
    for (path, expected) in [
        ("2026-06-02/2026-06-01", (400, "end_date", "end_date must be after start_date")),
        (
            "2026-06-31/2026-07-01",
            (422, "start_date", "start_date must be a date such as 2026-01-31"),
        ),
        ("2026-06-01/x", (422, "end_date", "end_date must be a date such as 2026-01-31")),
        (
            "2016-06-01/2026-07-01",
            (422, "end_date", "end_date must be at most ten years after start_date"),
        ),
    ] {
        let answer = world.admin().get(&format!("/api/v1/integrations/1c/agents/{path}")).await;
        let (status, field, detail) = refusal(&answer);
        assert_eq!((status, field.as_str(), detail.as_str()), expected, "{path}");
    }
    assert_eq!(zup.calls("agents"), 0);
}

#[tokio::test]
async fn twenty_thousand_are_too_many_for_one_answer_and_one_department_is_not() {
    let (world, zup) = beside_1c().await;
    zup.people(20_000);
    let answer = world.admin().get(&format!("/integrations/1c/{JUNE}")).await;
    assert_eq!(refusal(&answer).1, "departments", "{}", answer.status);
    let one = simulators::onec::department_id(7);
    let list = get(&world, &format!("{JUNE}?departments={one}")).await;
    assert_eq!(list["total_count"], 100);
}
