//! What was: the rules of the protocol, in both styles.

use functions::integrations::contact_center::records::{
    AgentCall, AgentChat, AgentLogin, AgentStatus, ChatDay, GroupMetrics, Record,
};
use serde_json::{Value, json};

use super::{argus, beside_a_centre, change, historic, keep, ms, push, stretches};

fn interval(
    group: &str,
    start: &str,
    minutes: i64,
    (received, treated): (i64, i64),
    aht: i64,
) -> GroupMetrics {
    let start = ms(start);
    GroupMetrics {
        service: "1".to_owned(),
        group: group.to_owned(),
        start,
        end: start + minutes * 60_000,
        not_unique_received: received + 2,
        not_unique_treated: treated,
        not_unique_missed: received + 2 - treated,
        received_calls: received,
        treated_calls: treated,
        miss_calls: received - treated,
        aht,
        post_processing: aht / 10,
        answered_in_time: None,
    }
}

#[tokio::test]
async fn finer_intervals_are_put_together_and_times_weighted() {
    let (world, _centre, id) = beside_a_centre().await;
    keep(
        &world,
        &id,
        [
            interval("1", "2026-06-01T10:00:00Z", 5, (4, 3), 60_000),
            interval("1", "2026-06-01T10:25:00Z", 5, (6, 1), 100_000),
            interval("1", "2026-06-01T10:30:00Z", 5, (2, 0), 0),
            interval("2", "2026-06-01T10:00:00Z", 5, (1, 1), 1_800_000),
        ]
        .map(Record::GroupMetrics),
    )
    .await;
    let (start, end) = ("2026-06-01T00:00:00Z", "2026-06-02T00:00:00Z");
    let answer = historic(&world, "serviceGroupData", start, end, "").await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.json["total_count"], 3);
    assert_eq!(answer.json["parameters"]["interval_minutes"], 30);
    let first = &answer.json["service_group_data"][0];
    assert_eq!(first["interval_start"], "2026-06-01T10:00:00Z");
    assert_eq!(first["interval_end"], "2026-06-01T10:30:00Z");
    assert_eq!(
        first["metrics"],
        json!({
            "not_unique_received": 14, "not_unique_treated": 4, "not_unique_missed": 10,
            "received_calls": 10, "treated_calls": 4, "miss_calls": 6,
            "aht": 70_000, "post_processing": 7000,
            "service_level": 40.0, "abandonment_rate": 60.0, "occupancy_rate": 15.56,
        })
    );
    let last = &answer.json["service_group_data"][2]["metrics"];
    assert_eq!(last["occupancy_rate"], 100.0, "never more than there is");
    let only = historic(&world, "serviceGroupData", start, end, "&service_groups=2").await;
    assert_eq!(only.json["total_count"], 1);

    let told = argus(&world, "serviceGroupData", start, end, "&step=300000&groupId=1,2,3").await;
    assert_eq!(told.status, 200, "{}", told.text);
    assert_eq!(told.json.as_array().map(Vec::len), Some(2));
    assert_eq!(told.json[0]["historicData"].as_array().map(Vec::len), Some(3));
    assert_eq!(
        told.json[1],
        json!({"serviceId": "1", "groupId": "2", "historicData": [{
        "startInterval": "2026-06-01T10:00:00Z", "endInterval": "2026-06-01T10:05:00Z",
        "notUniqueReceived": 3, "notUniqueTreated": 1, "notUniqueMissed": 2, "receivedCalls": 1,
        "treatedCalls": 1, "missCalls": 0, "aht": 1_800_000, "postProcessing": 180_000}]})
    );
}

#[tokio::test]
async fn a_row_is_of_the_interval_that_it_begins_in_and_counts_once() {
    let (world, _centre, id) = beside_a_centre().await;
    let twice = interval("1", "2026-06-01T10:00:00Z", 15, (1, 1), 1);
    keep(
        &world,
        &id,
        [
            interval("1", "2026-06-01T10:00:00Z", 15, (5, 5), 1),
            twice,
            // It lies in the one before.
            interval("1", "2026-06-01T10:05:00Z", 5, (7, 7), 1),
            interval("1", "2026-06-02T00:00:00Z", 5, (9, 9), 1),
        ]
        .map(Record::GroupMetrics),
    )
    .await;
    let day = ("2026-06-01T00:00:00Z", "2026-06-02T00:00:00Z");
    let answer = historic(&world, "serviceGroupData", day.0, day.1, "&interval_minutes=1440").await;
    let items = answer.json["service_group_data"].as_array().expect("a list");
    assert_eq!((items.len(), &items[0]["metrics"]["received_calls"]), (1, &json!(1)));
    // Days of the zone that is asked in: three hours before.
    let day = ("2026-06-01T00:00:00+03:00", "2026-06-03T00:00:00+03:00");
    let answer = historic(&world, "serviceGroupData", day.0, day.1, "&interval_minutes=1440").await;
    let starts: Vec<_> = answer.json["service_group_data"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| one["interval_start"].clone())
        .collect();
    assert_eq!(starts, ["2026-05-31T21:00:00Z", "2026-06-01T21:00:00Z"]);
}

fn status(code: &str, start: &str, end: Option<&str>, group: Option<&str>) -> Record {
    Record::AgentStatus(AgentStatus {
        agent: "1".to_owned(),
        state_code: code.to_owned(),
        state_name: format!("In {code}"),
        start: ms(start),
        end: end.map(ms),
        service: group.map(|_| "1".to_owned()),
        group: group.map(str::to_owned),
    })
}

#[tokio::test]
async fn statuses_belong_to_a_period_by_their_beginning_or_their_end() {
    let (world, _centre, id) = beside_a_centre().await;
    keep(
        &world,
        &id,
        [
            status("BEFORE", "2026-05-20T00:00:00Z", Some("2026-05-31T00:00:00Z"), None),
            // From another month.
            status("INTO", "2026-05-31T00:00:00Z", Some("2026-06-01T10:00:00Z"), None),
            status("IN", "2026-06-01T10:00:00Z", Some("2026-06-01T11:00:00Z"), Some("7")),
            status("OUT", "2026-06-01T23:00:00Z", Some("2026-06-03T00:00:00Z"), None),
            status("AFTER", "2026-06-03T00:00:00Z", None, None),
        ],
    )
    .await;
    let day = ("2026-06-01T00:00:00Z", "2026-06-02T00:00:00Z");
    let expected = ["INTO 00:00:00 10:00:00", "IN 10:00:00 11:00:00", "OUT 23:00:00 00:00:00"];
    assert_eq!(stretches(&world, "1", day.0, day.1).await, expected);
    let told = argus(&world, "agentStatusData", day.0, day.1, "&agentId=1,2").await;
    assert_eq!(told.json.as_array().map(Vec::len), Some(2), "{}", told.text);
    assert_eq!(
        told.json[1],
        json!({"serviceId": "1", "groupId": "7", "agentId": "1", "states": [{
        "startDate": "2026-06-01T10:00:00Z", "endDate": "2026-06-01T11:00:00Z",
        "stateCode": "IN", "stateName": "In IN"}]})
    );
    // The same record with another end is that record; its old end tells of nothing.
    let again = status("INTO", "2026-05-31T00:00:00Z", Some("2026-05-31T12:00:00Z"), None);
    keep(&world, &id, [again]).await;
    assert_eq!(stretches(&world, "1", day.0, day.1).await, expected[1..]);
}

#[tokio::test]
async fn pushed_statuses_that_cross_the_edges_are_whole() {
    let (world, _centre, _) = beside_a_centre().await;
    push(
        &world,
        json!([
            change("1", "A", "2026-05-31T22:00:00Z", 1),
            change("1", "A", "2026-06-01T01:00:00Z", 0),
            change("1", "B", "2026-06-01T01:00:00Z", 1),
            change("1", "B", "2026-06-01T09:00:00Z", 0),
        ]),
    )
    .await;
    let hours = |from: &str, to: &str| (format!("2026-06-01T{from}Z"), format!("2026-06-01T{to}Z"));
    for ((start, end), expected) in [
        (hours("00:00:00", "02:00:00"), vec!["A 22:00:00 01:00:00", "B 01:00:00 09:00:00"]),
        (hours("08:00:00", "10:00:00"), vec!["B 01:00:00 09:00:00"]),
        (hours("02:00:00", "03:00:00"), vec![]),
        (hours("10:00:00", "11:00:00"), vec![]),
    ] {
        assert_eq!(stretches(&world, "1", &start, &end).await, expected, "{start}");
    }
}

#[tokio::test]
async fn logins_are_told_in_full_and_calls_by_their_beginning() {
    let (world, _centre, id) = beside_a_centre().await;
    let login = |login: &str, logout: &str| {
        Record::AgentLogin(AgentLogin {
            agent: "1".to_owned(),
            login: ms(login),
            logout: ms(logout),
        })
    };
    let call = |start: &str, end: &str| {
        let (service, group) = ("1".to_owned(), "7".to_owned());
        let (start, end) = (ms(start), ms(end));
        Record::AgentCall(AgentCall {
            agent: "1".to_owned(),
            service,
            group,
            start,
            end,
            call_type: None,
        })
    };
    keep(
        &world,
        &id,
        [
            login("2026-05-31T20:00:00Z", "2026-06-01T04:00:00Z"),
            login("2026-06-01T20:00:00Z", "2026-06-02T04:00:00Z"),
            login("2026-06-03T20:00:00Z", "2026-06-04T04:00:00Z"),
            call("2026-05-31T23:59:00Z", "2026-06-01T00:01:00Z"),
            call("2026-06-01T23:59:00Z", "2026-06-02T00:01:00Z"),
        ],
    )
    .await;
    let day = ("2026-06-01T00:00:00Z", "2026-06-02T00:00:00Z");
    let logins = historic(&world, "agentLoginData", day.0, day.1, "").await;
    let told = logins.json["agent_login_data"].as_array().expect("a list");
    assert_eq!(told.len(), 2, "{}", logins.text);
    assert!(told.iter().all(|one| one["duration"] == 28_800_000), "in full: {told:?}");
    let logins = argus(&world, "agentLoginData", day.0, day.1, "&agentId=1").await;
    assert_eq!(logins.json[0]["logins"].as_array().map(Vec::len), Some(2));
    let calls = argus(&world, "agentCallsData", day.0, day.1, "&agentId=1").await;
    assert_eq!(
        calls.json,
        json!([{"agentId": "1", "serviceId": "1", "groupId": "7", "agentCalls": [
        {"startCall": "2026-06-01T23:59:00Z", "endCall": "2026-06-02T00:01:00Z", "duration": 120_000}]}])
    );
    let calls = historic(&world, "agentCallsData", day.0, day.1, "&service_groups=8").await;
    assert_eq!(calls.json["total_count"], 0);
}

#[tokio::test]
async fn time_with_chats_is_their_union_within_the_period_split_at_midnight() {
    let (world, _centre, id) = beside_a_centre().await;
    let chat = |agent: &str, start: &str, end: &str| {
        let (start, end) = (ms(start), ms(end));
        Record::AgentChat(AgentChat { agent: agent.to_owned(), start, end, chat: None })
    };
    let day = |day: &str, work_time| {
        let (agent, day) = ("3".to_owned(), day.to_owned());
        Record::ChatDay(ChatDay { agent, day, work_time, sessions: None })
    };
    keep(
        &world,
        &id,
        [
            // Source: the protocol's worked example.
            chat("1", "2020-01-01T22:45:00Z", "2020-01-01T23:02:00Z"),
            chat("1", "2020-01-01T22:58:00Z", "2020-01-02T00:12:00Z"),
            // Open over all of it, from the month before.
            chat("2", "2019-12-31T12:00:00Z", "2020-01-03T12:00:00Z"),
            day("2020-01-01", 1234),
            day("2020-01-02", 99),
        ],
    )
    .await;
    let period = ("2020-01-01T00:00:00Z", "2020-01-02T00:00:00Z");
    let told = argus(&world, "agentChatsWorkTime", period.0, period.1, "&agentId=1,2,3,4").await;
    assert_eq!(
        told.json,
        json!([
            {"agentId": "1", "workDate": "2020-01-01", "workTime": 4_500_000},
            {"agentId": "2", "workDate": "2020-01-01", "workTime": 86_400_000},
            {"agentId": "3", "workDate": "2020-01-01", "workTime": 1234},
        ])
    );
    let period = ("2020-01-01T23:00:00Z", "2020-01-02T01:00:00Z");
    let told =
        historic(&world, "agentChatsWorkTime", period.0, period.1, "&agents=1&agents=2").await;
    let rows: Vec<&Value> =
        told.json["agent_chats_work_time"].as_array().expect("a list").iter().collect();
    let times: Vec<_> =
        rows.iter().map(|row| (row["work_time"].as_i64(), row["chat_sessions"].as_i64())).collect();
    let hour = 3_600_000;
    assert_eq!(
        times,
        [
            (Some(hour), Some(2)),
            (Some(720_000), Some(1)),
            (Some(hour), Some(1)),
            (Some(hour), Some(1))
        ]
    );
}
