//! A contact centre's connection: its test, its status, its settings.

use serde_json::json;

use super::{CC, beside_a_centre, historic, keep, ms};

#[tokio::test]
async fn it_is_tested_by_what_every_centre_has_and_told_how_it_is() {
    let (world, centre, id) = beside_a_centre().await;
    let tested = world.admin().send("POST", &format!("{CC}/test-connection"), json!({})).await;
    assert_eq!((tested.status, &tested.json["success"]), (200, &json!(true)), "{}", tested.text);
    assert_eq!(centre.calls("/personnel"), 1);
    let status = world.admin().get(&format!("{CC}/status")).await.json;
    assert_eq!((&status["connection_id"], &status["status"]), (&json!(id), &json!("active")));
    let _down = centre.stop().await;
    let tested = world.admin().send("POST", &format!("{CC}/test-connection"), json!({})).await;
    assert_eq!((tested.status, &tested.json["success"]), (200, &json!(false)), "{}", tested.text);
    let status = world.admin().get(&format!("{CC}/status")).await.json;
    assert_eq!(status["status"], "error");
}

#[tokio::test]
async fn settings_are_replaced_and_days_counted_by_their_zone() {
    let (world, _centre, id) = beside_a_centre().await;
    let put = async |config| world.admin().send("PUT", &format!("{CC}/config"), config).await;
    let refused = put(json!({"time_zone": "Mars/Olympus"})).await;
    assert_eq!(
        (refused.status, &refused.json["errors"][0]["field"]),
        (422, &json!("config.time_zone"))
    );
    let taken = put(json!({"time_zone": "Europe/Moscow"})).await;
    assert_eq!(taken.status, 200, "{}", taken.text);
    assert_eq!(taken.json["data"]["config"]["time_zone"], "Europe/Moscow");
    assert_eq!(taken.json["message"], "Contact Center configuration updated successfully");
    let row = functions::integrations::contact_center::records::GroupMetrics {
        service: "1".to_owned(),
        group: "1".to_owned(),
        start: ms("2026-06-01T22:00:00Z"),
        end: ms("2026-06-01T22:05:00Z"),
        ..Default::default()
    };
    keep(
        &world,
        &id,
        [functions::integrations::contact_center::records::Record::GroupMetrics(row)],
    )
    .await;
    let (start, end) = ("2026-06-01", "2026-06-03");
    let told = historic(&world, "serviceGroupData", start, end, "&interval_minutes=1440").await;
    assert_eq!(told.json["service_group_data"][0]["interval_start"], "2026-06-01T21:00:00Z");
    let user = world.key(json!({"name": "u", "role": "user"})).await;
    let user = world.bearer(user["key"].as_str().expect("a key"));
    assert_eq!(user.send("PUT", &format!("{CC}/config"), json!({})).await.status, 403);
    assert_eq!(user.get(&format!("{CC}/status")).await.status, 200);
}
