//! Production calendars.

use serde_json::{Value, json};

use super::{ONEC, beside_1c, get, post, refusal};

#[tokio::test]
async fn two_years_are_built_in_and_others_are_loaded() {
    let (world, _zup) = beside_1c().await;
    let built_in = get(&world, "calendars/2018").await;
    let shown = (
        &built_in["source"],
        &built_in["working_days_count"],
        &built_in["short_days_count"],
        &built_in["norm_hours_at_40"],
    );
    assert_eq!(shown, (&json!("built_in"), &json!(247), &json!(6), &json!(1970)));
    assert_eq!(get(&world, "calendars/2023").await["norm_hours_at_40"], 1973);
    let missing = world.admin().get(&format!("{ONEC}/calendars/2026")).await;
    assert_eq!(missing.status, 404);
    let days = json!({"days_off": ["2026-01-01", "2026-01-02", "2026-01-05", "2026-01-06",
        "2026-01-07", "2026-01-08", "2026-02-23", "2026-03-09", "2026-05-01", "2026-05-11",
        "2026-06-12", "2026-11-04"],
        "short_days": ["2026-04-30", "2026-05-08", "2026-06-11", "2026-11-03"]});
    let path = format!("{ONEC}/calendars/2026");
    let loaded = world.admin().send("PUT", &path, days.clone()).await;
    assert_eq!((loaded.status, &loaded.json["source"]), (200, &json!("loaded")), "{}", loaded.text);
    assert_eq!(get(&world, "calendars/2026").await["days_off"], days["days_off"]);
    let june = json!({"employee_id": "a-1", "start_date": "2026-06-01", "end_date": "2026-06-30",
        "norm_week": 40});
    let told = post(&world, "getNormHours", june).await.json["norm_hours"].clone();
    let sums = (&told["total"], &told["calculated"], &told["difference"]);
    assert_eq!(sums, (&json!(167.0), &json!(167.0), &json!(0.0)));
    // A tenant's own goes before the one that is built in.
    let own = json!({"days_off": ["2018-01-01"]});
    world.admin().send("PUT", &format!("{ONEC}/calendars/2018"), own).await;
    assert_eq!(get(&world, "calendars/2018").await["working_days_count"], 260);
}

#[tokio::test]
async fn a_calendar_that_cannot_be_one_is_refused() {
    let (world, _zup) = beside_1c().await;
    for (year, body, field) in [
        ("2026", json!({}), "days_off"),
        ("2026", json!({"days_off": []}), "days_off"),
        ("2026", json!({"days_off": ["2025-01-01"]}), "days_off"),
        (
            "2026",
            json!({"days_off": ["2026-01-01"], "working_days": ["2026-01-05"]}),
            "working_days",
        ),
        ("2026", json!({"days_off": ["2026-01-01"], "short_days": ["2026-01-01"]}), "short_days"),
        ("2026", json!({"days_off": ["01.01.2026"]}), "days_off[0]"),
        ("2026", json!({"days_off": ["2026-01-01"], "more": 1}), "more"),
        ("1989", json!({"days_off": ["1989-01-01"]}), "year"),
        ("two", json!({"days_off": ["2026-01-01"]}), "year"),
    ] {
        let path = format!("{ONEC}/calendars/{year}");
        let refused = world.admin().send("PUT", &path, body.clone()).await;
        assert_eq!((refused.status, refusal(&refused).1.as_str()), (422, field), "{body}");
    }
    assert_eq!(world.admin().get(&format!("{ONEC}/calendars/2026")).await.status, 404);
    let reader = world.key(json!({"name": "r", "permissions": ["integrations.write"]})).await;
    let key = reader["key"].as_str().expect("a key").to_owned();
    let path = format!("{ONEC}/calendars/2026");
    let body = json!({"days_off": ["2026-01-01"]});
    assert_eq!(world.bearer(&key).send("PUT", &path, body).await.status, 403);
    assert_eq!(world.bearer(&key).send("GET", &path, Value::Null).await.status, 403);
}
