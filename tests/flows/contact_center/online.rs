//! What is now.

use functions::integrations::contact_center::records::{QueueMetrics, Record};
use serde_json::json;
use simulators::contact_center::{Agent, GroupLoad, Mishap, Service};

use super::{CC, beside_a_centre, change, keep, ms, push};

#[tokio::test]
async fn loads_are_asked_of_the_centre_in_both_styles() {
    let (world, centre, _) = beside_a_centre().await;
    centre.service(Service::new("1", "Sales").group("7", "Phones").group("8", "Chats"));
    let load =
        GroupLoad { call_number: 3, operator_number: 5, acd: Some(87.5), ..GroupLoad::default() };
    centre.load("7", load);
    for (query, calls) in [("", 1), ("?service_groups=7&service_groups=8", 0)] {
        let before = centre.calls("/personnel");
        let answer = world.admin().get(&format!("{CC}/online/groupsLoad{query}")).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        let told = &answer.json["groups_load"][0];
        assert_eq!((&told["group_id"], &told["acd"]), (&json!("7"), &json!(87.5)));
        assert_eq!((&answer.json["total_groups"], &told["aht"]), (&json!(1), &json!(null)));
        assert_eq!(centre.calls("/personnel") - before, calls);
    }
    for name in ["groupsLoad", "groupsOnlineLoad"] {
        let bare = world.admin().get(&format!("{CC}/online/{name}?groupId=7,8")).await;
        assert_eq!(
            bare.json,
            json!([{"serviceId": "1", "groupId": "7", "callNumber": 3,
            "operatorNumber": 5, "acd": 87.5}])
        );
        let none = world.admin().get(&format!("{CC}/online/{name}?groupId=9")).await;
        assert_eq!((none.status, none.text.as_str()), (404, ""));
    }
}

#[tokio::test]
async fn a_centre_that_fails_is_no_empty_list() {
    let (world, centre, _) = beside_a_centre().await;
    centre.mishap("/online/groupsOnlineLoad", 1, &Mishap::Fails);
    let path = format!("{CC}/online/groupsLoad?service_groups=7");
    let failed = world.admin().get(&path).await;
    assert_eq!(failed.status, 502, "{}", failed.text);
    assert!(failed.text.contains("The database does not answer"), "{}", failed.text);
    centre.mishap("/online/groupsOnlineLoad", 1, &Mishap::BreaksOff);
    assert_eq!(world.admin().get(&path).await.status, 503);
    let _down = centre.stop().await;
    assert_eq!(world.admin().get(&path).await.status, 503);
}

#[tokio::test]
async fn a_page_of_the_web_server_is_not_the_absence_of_data() {
    let (world, centre, id) = beside_a_centre().await;
    let config = json!({"paths": {"groupsOnlineLoad": "/elsewhere"}, "retry_attempts": 0});
    let path = format!("{CC}/config?connection_id={id}");
    assert_eq!(world.admin().send("PUT", &path, config).await.status, 200);
    let wrong = world.admin().get(&format!("{CC}/online/groupsLoad?groupId=7")).await;
    assert_eq!(wrong.status, 502, "{}", wrong.text);
    drop(centre);
}

#[tokio::test]
async fn people_are_passed_on_as_they_are_told() {
    let (world, centre, _) = beside_a_centre().await;
    centre.service(Service::new("1", "Sales").group("7", "Phones"));
    centre.agent(Agent::new("5", "Anna", &["7"]));
    let people = world.admin().get(&format!("{CC}/personnel")).await;
    assert_eq!(people.json["services"][0]["serviceGroups"][0]["id"], "7", "{}", people.text);
    assert_eq!(
        people.json["agents"],
        json!([{"id": "5", "name": "Anna",
        "agentGroups": [{"groupId": "7"}]}])
    );
}

#[tokio::test]
async fn statuses_are_bare_where_the_protocol_is_spoken() {
    let (world, _centre, _) = beside_a_centre().await;
    let path = format!("{CC}/online/agentStatus?style=argus");
    assert_eq!(world.admin().get(&path).await.status, 404);
    push(&world, change("1", "A", "2026-06-01T10:00:00Z", 1)).await;
    assert_eq!(
        world.admin().get(&path).await.json,
        json!([{"agentId": "1", "stateCode": "A",
        "stateName": "In A", "startDate": "2026-06-01T10:00:00Z"}])
    );
}

#[tokio::test]
async fn numbers_of_queues_are_told_for_five_minutes() {
    let (world, _centre, id) = beside_a_centre().await;
    let at = |at: &str| {
        let metrics = json!({"waiting": 3}).to_string();
        let (queue, service_group) = ("q".to_owned(), Some("7".to_owned()));
        Record::QueueMetrics(QueueMetrics { queue, service_group, at: ms(at), metrics })
    };
    keep(
        &world,
        &id,
        [at("2026-06-01T11:54:59.999Z"), at("2026-06-01T11:55:00Z"), at("2026-06-01T12:00:00Z")],
    )
    .await;
    let told = world.admin().get(&format!("{CC}/online/queueMetrics")).await.json;
    assert_eq!(
        (told["queue_metrics"].as_array().map(Vec::len), &told["total_queues"]),
        (Some(2), &json!(1))
    );
    assert_eq!(
        told["queue_metrics"][1],
        json!({"queue_id": "q", "service_group": "7",
        "timestamp": "2026-06-01T12:00:00Z", "metrics": {"waiting": 3}})
    );
    world.wait(300);
    let told = world.admin().get(&format!("{CC}/online/queueMetrics")).await.json;
    assert_eq!(told["queue_metrics"].as_array().map(Vec::len), Some(1));
    world.wait(1);
    let told = world.admin().get(&format!("{CC}/online/queueMetrics")).await.json;
    assert_eq!(told["queue_metrics"], json!([]));
}
