//! Timesheets.

use jiff::civil::date;
use serde_json::{Value, json};
use simulators::onec::{Absence, Schedule, Shift, Zup};

use super::{beside_1c, post, refusal};

const HOUR: i64 = 3_600_000;

/// Works from the 2nd to the 4th of June, one day of them by night.
fn plan(zup: &Zup) {
    let shift = |day: i64, night: i64| Shift { day: day * HOUR, night: night * HOUR };
    let days = [(2, shift(8, 0)), (3, shift(4, 8)), (4, shift(8, 0))];
    let shifts = days.map(|(day, shift)| (date(2026, 6, day), shift));
    let schedule = Schedule { shifts: shifts.into(), ..Schedule::default() };
    zup.hold_schedule("a-1", date(2026, 6, 1), schedule);
}

fn of_day(day: i8, codes: Value) -> Value {
    json!({"employee_id": "a-1", "date": date(2026, 6, day), "time_type_codes": codes})
}

#[tokio::test]
async fn a_day_is_told_with_numbers_and_meanings() {
    let (world, zup) = beside_1c().await;
    plan(&zup);
    let night = post(&world, "getTimetypeInfo", of_day(3, Value::Null)).await;
    assert_eq!(night.status, 200, "{}", night.text);
    let rows = json!([
        {"date": "2026-06-03", "time_type": "Я", "number": "01", "meaning": "Work by day", "hours": 4.0},
        {"date": "2026-06-03", "time_type": "Н", "number": "02", "meaning": "Work by night", "hours": 8.0},
    ]);
    assert_eq!(
        (&night.json["date"], &night.json["timetype_info"]["rows"]),
        (&json!("2026-06-03"), &rows)
    );
    // The Latin H looks like the Cyrillic Н, and 02 is its number.
    for code in ["H", "02", "Н"] {
        let some = post(&world, "getTimetypeInfo", of_day(3, json!([code]))).await.json;
        assert_eq!(some["time_type_codes"], json!(["Н"]), "{code}");
        let rows = some["timetype_info"]["rows"].as_array().map(Vec::len);
        assert_eq!(rows, Some(1), "{code}");
    }
    let part = Absence {
        agent: "a-1".into(),
        days: (date(2026, 6, 4), date(2026, 6, 4)),
        code: "НН",
        part: Some(5 * HOUR / 2),
    };
    zup.absence(part);
    zup.habits(|habits| (habits.decimal_commas, habits.byte_order_mark) = (true, true));
    let missing = post(&world, "getTimetypeInfo", of_day(4, Value::Null)).await.json;
    let absences = &missing["timetype_info"]["absences"][0];
    let told = (&absences["time_type"], &absences["days"], &absences["hours"]);
    assert_eq!(told, (&json!("НН"), &json!(1.0), &json!(2.5)));
}

#[tokio::test]
async fn a_code_that_may_be_two_is_refused() {
    let (world, zup) = beside_1c().await;
    for (codes, field, words) in [
        (json!(["Я", "B"]), "time_type_codes[1]", "may be В or Б: write it in Cyrillic"),
        (json!(["HB"]), "time_type_codes[0]", "may be НВ or НБ"),
        (json!(["вчера"]), "time_type_codes[0]", "is no time type"),
        (json!("Я"), "time_type_codes", "must be a sequence"),
    ] {
        let (status, at, detail) =
            refusal(&post(&world, "getTimetypeInfo", of_day(3, codes)).await);
        assert_eq!((status, at.as_str()), (422, field), "{detail}");
        assert!(detail.contains(words), "{detail}");
    }
    assert_eq!(zup.calls("getTimetypeInfo"), 0);
}

#[tokio::test]
async fn the_vendor_s_request_is_answered_as_1c_answers() {
    let (world, zup) = beside_1c().await;
    plan(&zup);
    let asked = json!({"date_start": "2026-06-02T00:00:00", "date_end": "2026-06-03T00:00:00",
        "AR_agents": [{"agentId": "a-1"}]});
    let answer = post(&world, "getTimetypeInfo", asked.clone()).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let rows = answer.json[0]["AR_date"].as_array().expect("rows").clone();
    // Midnight of Moscow, told in UTC.
    assert_eq!(rows[0], json!({"date": "2026-06-01T21:00:00Z", "timetype": "Я", "hours": 8}));
    assert_eq!((rows.len(), zup.bodies("getTimetypeInfo")), (3, vec![asked]));
    for (body, field) in [
        (
            json!({"date_start": "x", "date_end": "2026-06-03", "AR_agents": [{"agentId": "a"}]}),
            "date_start",
        ),
        (json!({"date_start": "2026-06-03", "AR_agents": [{"agentId": "a"}]}), "date_end"),
        (
            json!({"date_start": "2026-06-03", "date_end": "2026-06-03", "AR_agents": [{}]}),
            "AR_agents[0].agentId",
        ),
    ] {
        let refused = post(&world, "getTimetypeInfo", body).await;
        assert_eq!((refused.status, refusal(&refused).1.as_str()), (422, field));
    }
}
