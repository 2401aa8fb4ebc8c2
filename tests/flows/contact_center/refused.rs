//! What is refused, in the style of the request, and what no tenant sees.

use serde_json::{Value, json};
use tests::support::World;

use super::{CC, argus, beside_a_centre, change, connect, current, historic, push};

const DAY: (&str, &str) = ("2026-06-01T00:00:00Z", "2026-06-02T00:00:00Z");

#[tokio::test]
async fn without_a_connection_in_use_the_contract_s_words_are_said() {
    let world = World::beside_its_targets(&[]).await;
    let words = json!("Contact Center integration not configured or inactive");
    let answer = historic(&world, "agentStatusData", DAY.0, DAY.1, "").await;
    assert_eq!((answer.status, &answer.json["detail"]), (404, &words));
    let pushed = push(&world, change("1", "A", "2026-06-01T10:00:00Z", 1)).await;
    assert_eq!((pushed.status, &pushed.json["detail"]), (404, &words));
    let status = world.admin().get(&format!("{CC}/status")).await;
    assert_eq!(status.json["detail"], "Contact Center integration not configured");
}

#[tokio::test]
async fn two_connections_are_told_apart_by_name() {
    let (world, _centre, id) = beside_a_centre().await;
    let other = connect(&world, "http://127.0.0.1:9").await;
    let body = change("1", "A", "2026-06-01T10:00:00Z", 1);
    assert_eq!(push(&world, body.clone()).await.status, 409);
    let path = format!("{CC}/status?connection_id={id}");
    assert_eq!(world.admin().send("POST", &path, body).await.status, 202);
    for (id, many) in [(&id, 1), (&other, 0)] {
        let path = format!("{CC}/online/agentStatus?connection_id={id}");
        assert_eq!(world.admin().get(&path).await.json["total_agents"], many);
    }
}

#[tokio::test]
async fn parameters_are_named_as_they_were_given() {
    let (world, _centre, _) = beside_a_centre().await;
    let get = async |query: &str| {
        world.admin().get(&format!("{CC}/historic/serviceGroupData?{query}")).await
    };
    let period = "start_date=2026-06-01&end_date=2026-06-02";
    for (query, field) in [
        (String::new(), "start_date"),
        ("start_date=2026-06-01".to_owned(), "end_date"),
        ("start_date=x&end_date=2026-06-02".to_owned(), "start_date"),
        ("start_date=2026-06-02&end_date=2026-06-02".to_owned(), "end_date"),
        ("start_date=2026-06-02&end_date=2028-06-02".to_owned(), "end_date"),
        (format!("{period}&interval_minutes=0"), "interval_minutes"),
        (format!("{period}&interval_minutes=1441"), "interval_minutes"),
        (format!("{period}&interval_minutes=x"), "interval_minutes"),
        (format!("{period}&limit=1001"), "limit"),
        (format!("{period}&cursor=x"), "cursor"),
        (format!("{period}&service_groups="), "service_groups"),
        (format!("{period}&agents=1"), "agents"),
        (format!("{period}&colour=red"), "colour"),
        (format!("{period}&start_date=2026-06-01"), "start_date"),
    ] {
        let refused = get(&query).await;
        assert_eq!(
            (refused.status, &refused.json["errors"][0]["field"]),
            (422, &json!(field)),
            "{query}"
        );
    }
}

#[tokio::test]
async fn what_is_wrong_in_the_protocol_is_told_in_its_words() {
    let (world, _centre, _) = beside_a_centre().await;
    let get = async |query: &str| {
        world.admin().get(&format!("{CC}/historic/serviceGroupData?{query}")).await
    };
    let period = "startDate=2026-06-01T00:00:00Z&endDate=2026-06-02T00:00:00Z";
    for (query, field, message) in [
        ("startDate=2026-06-01T00:00:00Z".to_owned(), "endDate", "Required parameter missing"),
        ("startDate=2026-06-01&endDate=2026-06-02".to_owned(), "startDate", "Invalid date format"),
        (format!("{period}&groupId=1"), "step", "Required parameter missing"),
        (format!("{period}&step=300000"), "groupId", "Required parameter missing"),
        (format!("{period}&step=x&groupId=1"), "step", "Invalid data type"),
        (format!("{period}&step=300000&groupId=1,,2"), "groupId", "Invalid data type"),
        (format!("{period}&step=300000&groupId=1&limit=5"), "limit", "Invalid data type"),
    ] {
        let refused = get(&query).await;
        assert_eq!(refused.status, 400, "{query}: {}", refused.text);
        assert_eq!(
            (&refused.json["field"], &refused.json["message"]),
            (&json!(field), &json!(message)),
            "{query}"
        );
        assert!(refused.json["description"].is_string());
    }
    let none = argus(&world, "serviceGroupData", DAY.0, DAY.1, "&step=300000&groupId=1").await;
    assert_eq!((none.status, none.text.as_str()), (404, ""), "there is nothing");
    let none = historic(&world, "serviceGroupData", DAY.0, DAY.1, "").await;
    assert_eq!((none.status, &none.json["service_group_data"]), (200, &json!([])));
}

#[tokio::test]
async fn a_body_that_cannot_be_read_leaves_nothing() {
    let (world, _centre, _) = beside_a_centre().await;
    let path = format!("{CC}/status");
    for (body, status) in [("", 400), ("{", 400), ("[]", 422), ("7", 422), ("[[]]", 422)] {
        let refused = world.admin().raw("POST", &path, body.to_owned()).await;
        assert_eq!(refused.status, status, "{body}: {}", refused.text);
    }
    let large = format!("[{}1]", " ".repeat(1024 * 1024));
    assert_eq!(world.admin().raw("POST", &path, large).await.status, 413);
    assert_eq!(current(&world).await, []);
}

#[tokio::test]
async fn another_tenant_sees_and_changes_nothing() {
    let (world, centre, _) = beside_a_centre().await;
    push(&world, change("1", "A", "2026-06-01T10:00:00Z", 1)).await;
    let made =
        world.admin().send("POST", "/api/v1/tenants", json!({"id": "acme", "name": "acme"})).await;
    let key = made.json["admin_key"].as_str().unwrap_or_else(|| panic!("{}", made.text)).to_owned();
    let acme = world.bearer(&key);
    let path = format!("{CC}/online/agentStatus");
    assert_eq!(acme.get(&path).await.status, 404);
    let new = json!({"name": "Argus", "integration_type": "contact_center",
        "endpoint_url": centre.url(), "authentication_type": "none"});
    let id = acme.send("POST", "/integrations/connections", new).await.json["id"].clone();
    let id = id.as_str().expect("an id");
    let active = json!({"status": "active"});
    acme.send("PUT", &format!("/integrations/connections/{id}"), active).await;
    assert_eq!(acme.get(&path).await.json["agent_status"], json!([]));
    let (start, end) = ("2026-06-01", "2026-06-02");
    let path = format!("{CC}/historic/agentStatusData?start_date={start}&end_date={end}");
    assert_eq!(acme.get(&path).await.json["total_count"], 0);
    let pushed = acme
        .send("POST", &format!("{CC}/status"), change("1", "B", "2026-06-01T11:00:00Z", 1))
        .await;
    assert_eq!(pushed.status, 202);
    assert_eq!(current(&world).await, [("1".to_owned(), "A".to_owned())]);
    let foreign = format!("{CC}/online/agentStatus?connection_id={id}");
    assert_eq!(world.admin().get(&foreign).await.status, 404);
    assert_eq!(world.admin().send("POST", &format!("{CC}/status"), Value::Null).await.status, 400);
}
