//! The other methods of `/historic`.

use serde_json::{Value, json};

use super::{DAY, at, get, told};
use crate::contact_center::{Agent, Contact, ContactCenter, State, Stay};

async fn of_agents(centre: &ContactCenter, method: &str, agents: &str) -> Value {
    told(centre, &format!("/historic/{method}?{DAY}&agentId={agents}")).await
}

#[tokio::test]
async fn chats_at_once_count_once_and_days_apart() {
    let centre = ContactCenter::start().await.unwrap();
    let chats = "agentChatsWorkTime";
    centre.chat(Stay::new("1", at("22:58:00"), at("2T00:12:00")));
    centre.chat(Stay::new("1", at("22:45:00"), at("23:02:00")));
    let row = |agent: &str, day: &str, time: i64| json!({"agentId": agent, "workDate": day, "workTime": time});
    centre.chat(Stay::new("1", at("22:50:00"), at("22:51:00")));
    // The vendor's own example, with one more chat within another.
    let told_of = of_agents(&centre, chats, "1").await;
    assert_eq!(told_of, json!([row("1", "2020-01-01", 4_500_000)]));
    let two = "startDate=2020-01-01T22:50:00Z&endDate=2020-01-03T00:00:00Z&agentId=2,1,3";
    centre.chat(Stay::new("2", at("2T10:00:00"), at("2T10:00:00.250")));
    centre.chat(Stay::new("2", at("2T10:00:00.250"), at("2T10:00:01")));
    centre.chat(Stay::new("3", at("10:00:00"), at("22:50:00")));
    let expected = json!([
        row("2", "2020-01-02", 1_000),
        row("1", "2020-01-01", 4_200_000),
        row("1", "2020-01-02", 720_000)
    ]);
    assert_eq!(told(&centre, &format!("/historic/{chats}?{two}")).await, expected);

    centre.habits(|habits| habits.place = jiff::tz::offset(-2));
    let told_of = of_agents(&centre, chats, "1").await;
    assert_eq!(told_of, json!([row("1", "2020-01-01", 4_500_000)]));
    centre.habits(|habits| habits.chat_platform = false);
    let path = format!("/historic/{chats}?{two}");
    assert_eq!(get(&centre, &path).await, (404, String::new()));
}

#[tokio::test]
async fn states_are_told_that_begin_or_end_in_the_period() {
    let centre = ContactCenter::start().await.unwrap();
    centre.agent(Agent::new("1", "John", &["1", "2"]));
    let state = |name: &str| State::new("1", name, name, at("10:00:00"));
    let lasts = |name: &str, start: &str, end: &str| {
        State { start: at(start), ..state(name) }.within("1").until(at(end))
    };
    centre.state(lasts("within", "10:00:00", "10:05:00"));
    centre.state(lasts("from the start", "00:00:00", "00:01:00"));
    centre.state(lasts("over the end", "23:59:59", "3T00:00:00"));
    centre.state(lasts("to the end", "23:00:00", "2T00:00:00"));
    centre.state(lasts("after it", "2T00:00:00", "2T01:00:00"));
    let names = async |period: &str| {
        let path = format!("/historic/agentStatusData?{period}&agentId=1");
        let told = told(&centre, &path).await;
        let states = told[0]["states"].as_array().unwrap().iter();
        states.map(|one| one["stateName"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let of_day = ["within", "from the start", "over the end", "to the end"];
    assert_eq!(names(DAY).await, of_day);
    // A state that covers the whole period is not told of, as the rule has it.
    let next = "startDate=2020-01-02T00:00:00Z&endDate=2020-01-02T12:00:00Z";
    assert_eq!(names(next).await, ["after it"]);
    let last = "startDate=2020-01-02T12:00:00Z&endDate=2020-01-03T00:00:00Z";
    assert_eq!(names(last).await, ["over the end"]);
}

#[tokio::test]
async fn a_state_of_no_group_is_told_for_each_or_for_none() {
    let centre = ContactCenter::start().await.unwrap();
    centre.agent(Agent::new("1", "John", &["1", "2"]));
    let pause = State::new("1", "Break", "Pause", at("10:00:00")).because("3", "lunch");
    centre.state(pause.until(at("10:05:00")));
    centre.state(State::new("1", "Work", "Talking", at("10:05:00")));
    let states = json!([{"startDate": "2020-01-01T10:00:00Z", "endDate": "2020-01-01T10:05:00Z",
        "stateCode": "Break3", "stateName": "Pause lunch"}]);
    let of =
        |group: &str| json!({"serviceId": "1", "groupId": group, "agentId": "1", "states": states});
    let method = "agentStatusData";
    assert_eq!(of_agents(&centre, method, "1,2").await, json!([of("1"), of("2")]));
    centre.habits(|habits| habits.states_without_group = true);
    let alone = json!([{"agentId": "1", "states": states}]);
    assert_eq!(of_agents(&centre, method, "1").await, alone);
}

#[tokio::test]
async fn logins_are_told_in_full_and_contacts_by_when_work_on_them_began() {
    let centre = ContactCenter::start().await.unwrap();
    centre.login(Stay::new("2", at("23:53:15"), at("2T02:30:05")));
    centre.login(Stay::new("2", at("2T03:00:00"), at("2T04:00:00")));
    let login = json!({"loginDate": "2020-01-01T23:53:15Z", "logoutDate": "2020-01-02T02:30:05Z",
        "duration": 9_410_000});
    let expected = json!([{"agentId": "2", "logins": [login]}]);
    assert_eq!(of_agents(&centre, "agentLoginData", "1,2").await, expected);

    let taken = |group: &str, time: &str| Contact::missed(group, "c", at(time)).taken("1", 300_000);
    centre.contacts([
        taken("2", "10:03:15"),
        Contact { wait: 60_000, ring: 1_000, hold: 2_000, wrap_up: 9, ..taken("1", "10:00:00") },
        // Its work begins on the next day.
        Contact { wait: 60_000, ..taken("1", "23:59:30") },
        taken("1", "11:00:00").taken("9", 1),
        Contact::missed("1", "c", at("12:00:00")),
    ]);
    let call = |start: &str, end: &str, duration: i64| json!([{"startCall": at(start), "endCall": at(end), "duration": duration}]);
    let expected = json!([
        {"agentId": "1", "serviceId": "1", "groupId": "1",
            "agentCalls": call("10:01:00", "10:06:03", 303_000)},
        {"agentId": "1", "serviceId": "1", "groupId": "2",
            "agentCalls": call("10:03:15", "10:08:15", 300_000)},
    ]);
    assert_eq!(of_agents(&centre, "agentCallsData", "1").await, expected);
}
