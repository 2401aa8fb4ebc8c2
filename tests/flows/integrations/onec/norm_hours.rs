//! Norms of hours: 1C's, ours, and the difference.

use jiff::civil::date;
use serde_json::{Value, json};
use simulators::onec::{Agent, RUSSIA};

use super::{ONEC, beside_1c, post, refusal};

fn year(employee: &str, mode: &str) -> Value {
    json!({"employee_id": employee, "start_date": "2018-01-01", "end_date": "2018-12-31",
        "calculation_type": mode})
}

#[tokio::test]
async fn a_norm_is_told_beside_the_one_computed_here() {
    let (world, zup) = beside_1c().await;
    for commas in [false, true] {
        zup.habits(|habits| (habits.decimal_commas, habits.byte_order_mark) = (commas, commas));
        let answer = post(&world, "getNormHours", year("a-1", "year")).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        let told = &answer.json["norm_hours"];
        let sums = (&told["total"], &told["calculated"], &told["difference"]);
        assert_eq!(sums, (&json!(1970.0), &json!(1970.0), &json!(0.0)));
        assert_eq!(told["rows"].as_array().map(Vec::len), Some(1));
        let mut part = year("a-1", "quarter");
        part["norm_week"] = json!(36);
        let quarters = post(&world, "getNormHours", part).await.json;
        assert_eq!(quarters["norm_hours"]["total"], 1772.4);
        assert_eq!(quarters["norm_hours"]["rows"].as_array().map(Vec::len), Some(4));
        assert_eq!(
            (&quarters["employee_id"], &quarters["calculation_type"]),
            (&json!("a-1"), &json!("quarter"))
        );
    }
    let standard = post(&world, "getNormHours", year("a-1", "standard")).await.json;
    assert_eq!(standard["norm_hours"]["rows"].as_array().map(Vec::len), Some(12));
    // Hired in the middle: 1C clips the rows, and so does what is computed.
    zup.agent(Agent::new("a-3", "d-1").hired(date(2018, 6, 29)));
    let hired = post(&world, "getNormHours", year("a-3", "year")).await.json;
    let told = &hired["norm_hours"];
    assert_eq!((&told["total"], &told["difference"]), (&json!(1047.0), &json!(0.0)));
}

#[tokio::test]
async fn where_1c_says_something_else_the_difference_is_told() {
    let (world, zup) = beside_1c().await;
    // The region has two holidays more.
    assert!(zup.calendar(
        "Татарстан",
        "year 2018\nholiday 01-01..01-08 02-23 03-08 05-01 05-09 \
        06-12 11-04 08-21 08-30\nmoved-off 03-09 04-30 05-02 06-11 11-05 12-31\n\
        pre-holiday 02-22 03-07 04-28 05-08 06-09 12-29"
    ));
    zup.agent(Agent { region: "Татарстан".to_owned(), ..Agent::new("a-3", "d-1") });
    let told = post(&world, "getNormHours", year("a-3", "year")).await.json["norm_hours"].clone();
    let sums = (&told["total"], &told["calculated"], &told["difference"]);
    assert_eq!(sums, (&json!(1954.0), &json!(1970.0), &json!(-16.0)));
    // A year whose calendar is not loaded here.
    assert!(zup.calendar(RUSSIA, "year 2019\nholiday 01-01..01-08"));
    let mut later = year("a-1", "year");
    later["end_date"] = json!("2019-12-31");
    let told = post(&world, "getNormHours", later).await.json["norm_hours"].clone();
    let sums = (&told["calculated"], &told["difference"], &told["missing_calendars"]);
    assert_eq!(sums, (&Value::Null, &Value::Null, &json!([2019])));
    assert_eq!(told["rows"][0]["calculated"], 1970.0);
}

#[tokio::test]
async fn the_vendor_s_request_is_answered_in_its_shape() {
    let (world, zup) = beside_1c().await;
    let asked = json!({"startDate": "2023-01-01", "endDate": "2023-12-31",
        "calculationMode": "quarter", "AR_agents": [
            {"agentId": "a-1", "AR_norms": [{"normWeek": 40}]},
            {"agentId": "a-2", "AR_norms": [{"normWeek": "36,0", "changeDate": "2019-03-01"}]}]});
    let answer = post(&world, "getNormHours", asked).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let rows = answer.json.as_array().expect("rows").clone();
    let of_first: Vec<&Value> = rows.iter().take(4).map(|row| &row["normHours"]).collect();
    assert_eq!(of_first, [&json!(454), &json!(488), &json!(520), &json!(511)]);
    let first = json!({"agentId": "a-1", "normHours": 454, "startDate": "2023-01-01",
        "endDate": "2023-03-31", "calculatedHours": 454, "difference": 0});
    assert_eq!((rows.len(), &rows[0]), (8, &first));
    // Numbers reach 1C as it reads them.
    let sent = &zup.bodies("getNormHours")[0]["AR_agents"][1]["AR_norms"];
    assert_eq!(sent, &json!([{"normWeek": 36, "changeDate": "2019-03-01"}]));
    assert_eq!(zup.calls("agents"), 0);
}

#[tokio::test]
async fn what_is_wrong_is_named_and_1c_is_not_asked() {
    let (world, zup) = beside_1c().await;
    let vendor = |agents: Value| {
        json!({"startDate": "2023-01-01", "endDate": "2023-12-31",
        "calculationMode": "quarter", "AR_agents": agents})
    };
    for (body, status, field) in [
        (json!({}), 422, "employee_id"),
        (json!({"employee_id": "a-1", "start_date": "2018-01-01"}), 422, "end_date"),
        (
            json!({"employee_id": "a-1", "start_date": "2018-01-02", "end_date": "2018-01-01"}),
            400,
            "end_date",
        ),
        (year("a-1", "week"), 422, "calculation_type"),
        (vendor(json!([])), 422, "AR_agents"),
        (vendor(json!([{"agentId": "a-1"}])), 422, "AR_agents[0].AR_norms"),
        (
            vendor(json!([{"agentId": "a-1", "AR_norms": [{"normWeek": 0}]}])),
            422,
            "AR_agents[0].AR_norms[0].normWeek",
        ),
    ] {
        let refused = post(&world, "getNormHours", body.clone()).await;
        let (is, at, _) = refusal(&refused);
        assert_eq!((is, at.as_str()), (status, field), "{body}");
    }
    assert_eq!(zup.calls("getNormHours"), 0);
    let unknown = post(&world, "getNormHours", year("a-9", "year")).await;
    assert_eq!(refusal(&unknown), (404, String::new(), "1C tells of no such employee".to_owned()));
    let raw = world.admin().raw("POST", &format!("{ONEC}/getNormHours"), "{".to_owned()).await;
    assert_eq!(raw.status, 400);
}
