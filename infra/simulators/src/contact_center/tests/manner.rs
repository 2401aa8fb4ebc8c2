//! What is true of all methods, and those without a history.

use serde_json::{Value, json};

use super::{DAY, at, get, told};
use crate::Fault;
use crate::contact_center::{
    Agent, Channel, Contact, ContactCenter, Group, GroupLoad, Mishap, Service,
};

#[tokio::test]
async fn personnel_is_told_with_exactly_the_members_that_it_has() {
    let centre = ContactCenter::start().await.unwrap();
    assert_eq!(told(&centre, "/personnel").await, json!({"services": [], "agents": []}));
    let chats = Some(Channel::IncomingCalls);
    let closed =
        Group { id: "2".into(), name: "Closed".into(), active: false, channel_type: chats };
    let mut service = Service::new("1", "External system").group("1", "Individual Support");
    service.groups.push(closed);
    centre.service(service);
    centre.service(Service { active: false, ..Service::new("2", "Empty") });
    centre.agent(Agent::new("1", "John", &["1"]));
    centre.agent(Agent {
        surname: Some("Smith".into()),
        second_name: Some(" ".into()),
        agent_number: Some("230-15".into()),
        login: Some("j.smith".into()),
        ..Agent::new("2", "Agent123", &["1", "2"])
    });
    centre.agent(Agent::new("3", "Nobody", &[]));
    let expected = json!({"services": [
        {"id": "1", "name": "External system", "status": "ACTIVE", "serviceGroups": [
            {"id": "1", "name": "Individual Support", "status": "ACTIVE"},
            {"id": "2", "name": "Closed", "status": "INACTIVE", "channelType": "INCOMING_CALLS"},
        ]},
        {"id": "2", "name": "Empty", "status": "INACTIVE"},
    ], "agents": [
        {"id": "1", "name": "John", "agentGroups": [{"groupId": "1"}]},
        {"id": "2", "name": "Agent123", "surname": "Smith", "secondName": " ",
            "agentNumber": "230-15", "loginSSO": "j.smith",
            "agentGroups": [{"groupId": "1"}, {"groupId": "2"}]},
    ]});
    assert_eq!(told(&centre, "/personnel").await, expected);
}

#[tokio::test]
async fn what_is_now_is_told_of_those_who_are_active() {
    let centre = ContactCenter::start().await.unwrap();
    assert_eq!(get(&centre, "/online/agentStatus").await, (404, String::new()));
    centre.changes("2", ("Work", "Talking"), at("10:00:00"));
    centre.changes("1", ("Work", "Talking"), at("10:00:00"));
    centre.changes("1", ("Break", "Technical break"), at("10:15:00"));
    let state = |agent: &str, code: &str, name: &str, start: &str| json!({"agentId": agent, "stateCode": code, "stateName": name, "startDate": at(start)});
    let expected = json!([
        state("1", "Break", "Technical break", "10:15:00"),
        state("2", "Work", "Talking", "10:00:00")
    ]);
    assert_eq!(told(&centre, "/online/agentStatus").await, expected);

    let left = told(&centre, &format!("/historic/agentStatusData?{DAY}&agentId=1,2")).await;
    let state = json!({"startDate": at("10:00:00"), "endDate": at("10:15:00"),
        "stateCode": "Work", "stateName": "Talking"});
    assert_eq!(left, json!([{"agentId": "1", "states": [state]}]));

    centre.load("1", GroupLoad { call_number: 5, operator_number: 2, ..GroupLoad::default() });
    centre.load(
        "2",
        GroupLoad {
            call_number: 3,
            operator_number: 0,
            call_received: Some(100),
            aht: Some(360_000),
            acd: Some(95.0554),
            awt: Some(20_000),
            call_answered: Some(10),
            call_answered_tst: Some(1),
            call_processing: Some(1),
        },
    );
    let expected = json!([
        {"serviceId": "1", "groupId": "2", "callNumber": 3, "operatorNumber": 0,
            "callReceived": 100, "aht": 360_000, "acd": 95.0554, "awt": 20_000,
            "callAnswered": 10, "callAnsweredTst": 1, "callProcessing": 1},
        {"serviceId": "1", "groupId": "1", "callNumber": 5, "operatorNumber": 2},
    ]);
    assert_eq!(told(&centre, "/online/groupsOnlineLoad?groupId=2,1,3").await, expected);
}

#[tokio::test]
async fn every_parameter_is_required_once_and_there_are_no_others() {
    let centre = ContactCenter::start().await.unwrap();
    let groups = "/historic/serviceGroupData";
    let agents = "/historic/agentLoginData";
    let reversed = "startDate=2020-01-02T00:00:00Z&endDate=2020-01-02T00:00:00Z";
    for (path, field, message) in [
        (format!("{groups}?step=1&groupId=1"), "startDate", "Required parameter missing"),
        (format!("{groups}?{DAY}&groupId=1"), "step", "Required parameter missing"),
        (format!("{groups}?{DAY}&step=300000"), "groupId", "Required parameter missing"),
        (format!("{groups}?{DAY}&step=300000&groupId="), "groupId", "Required parameter missing"),
        (format!("{groups}?{DAY}&step=5m&groupId=1"), "step", "Invalid data type"),
        (format!("{groups}?{DAY}&step=0&groupId=1"), "step", "Invalid data type"),
        (format!("{groups}?{DAY}&step=1&step=1&groupId=1"), "step", "Invalid data type"),
        (format!("{groups}?{DAY}&step=1&groupId=1,,2"), "groupId", "Invalid data type"),
        (format!("{groups}?{DAY}&step=1&groupId=1&page=2"), "page", "Unknown parameter"),
        (format!("{agents}?{DAY}"), "agentId", "Required parameter missing"),
        (format!("{agents}?{DAY}&agentId=1&limit=9"), "limit", "Unknown parameter"),
        (format!("{agents}?{reversed}&agentId=1"), "endDate", "Invalid date format"),
        (
            format!("{agents}?startDate=2020-01-01&endDate=2020-01-02&agentId=1"),
            "startDate",
            "Invalid date format",
        ),
        // A plus that was not encoded is a space.
        (
            format!("{agents}?{}&agentId=1", DAY.replacen('Z', "+03:00", 1)),
            "startDate",
            "Invalid date format",
        ),
        ("/historic/agentChatsWorkTime".to_owned(), "startDate", "Required parameter missing"),
        ("/historic/agentStatusData".to_owned(), "startDate", "Required parameter missing"),
        ("/historic/agentCallsData".to_owned(), "startDate", "Required parameter missing"),
        ("/online/groupsOnlineLoad".to_owned(), "groupId", "Required parameter missing"),
        ("/online/agentStatus?agentId=1".to_owned(), "agentId", "Unknown parameter"),
        ("/personnel?page=1".to_owned(), "page", "Unknown parameter"),
    ] {
        let (status, body) = get(&centre, &path).await;
        let body: Value = serde_json::from_str(&body).unwrap();
        assert_eq!((status, body["field"].as_str()), (400, Some(field)), "{path}: {body}");
        assert_eq!(body["message"].as_str(), Some(message), "{path}");
        assert_eq!(body.as_object().unwrap().len(), 3, "{path}");
    }
    assert_eq!(centre.calls(groups), 9);
    assert_eq!(centre.asked()[0], format!("{groups}?step=1&groupId=1"));
}

#[tokio::test]
async fn what_is_not_there_is_a_page() {
    let centre = ContactCenter::start().await.unwrap();
    for path in ["/online/groupsLoad", "/online/queueMetrics", "/cc/personnel", "/api/test", "/"] {
        let (status, body) = get(&centre, path).await;
        assert!(status == 404 && body.contains("<h1>"), "{path}: {status} {body}");
    }
}

#[tokio::test]
async fn it_goes_wrong_on_demand_and_comes_up_as_it_was() {
    let centre = ContactCenter::start().await.unwrap();
    centre.people(5, 200);
    centre.contacts([Contact::missed("1", "c", at("10:00:00"))]);
    let agents = async |centre: &ContactCenter| {
        told(centre, "/personnel").await["agents"].as_array().unwrap().len()
    };
    centre.mishap("/personnel", 1, &Mishap::Fails);
    centre.mishap("/personnel", 1, &Mishap::HalfOfPeople);
    let (status, body) = get(&centre, "/personnel").await;
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!((status, body.as_object().unwrap().len()), (500, 3));
    assert_eq!((agents(&centre).await, agents(&centre).await), (100, 200));

    centre.mishap("/personnel", 1, &Mishap::BreaksOff);
    centre.faults.plan("GET", "/personnel", 1, Fault::Cut);
    let client = crate::http::client().unwrap();
    let ask = || client.get(format!("{}/personnel", centre.url())).build().unwrap();
    assert!(client.execute(ask()).await.is_err());
    let begun = client.execute(ask()).await.unwrap();
    assert!(begun.bytes().await.is_err());
    let centre = centre.stop().await.start().await.unwrap();
    assert_eq!((agents(&centre).await, centre.calls("/personnel")), (200, 5));
}
