//! `agents`.

use jiff::civil::date;
use serde_json::json;

use super::get;
use crate::onec::{Agent, Department, Mishap, Zup, agent_id};

const YEAR: &str = "agents/2019-01-01/2019-12-31";

async fn zup() -> Zup {
    let zup = Zup::start().await.unwrap();
    zup.department(Department::root("d-1", "Служба сервиса"));
    zup.department(Department::below("d-1", "d-2", "Группа № 3"));
    zup
}

#[tokio::test]
async fn people_are_told_with_exactly_the_members_that_they_have() {
    let zup = zup().await;
    zup.agent(Agent::new("a-1", "d-2").numbered("223-16"));
    let full = Agent::new("a-2", "d-1").vacation(date(2018, 12, 31), 1.0);
    let full = full.vacation(date(2019, 10, 16), 4.67).vacation(date(2020, 1, 1), 9.0);
    zup.agent(Agent { rate: Some(0.5), login: Some("d6651df".into()), norm_week: 37.5, ..full });
    zup.agent(Agent::new("a-3", "d-9"));
    let departments = json!([
        {"departmentId": "d-1", "department": "Служба сервиса", "parent_departmentId": "d-1"},
        {"departmentId": "d-2", "department": "Группа № 3", "parent_departmentId": "d-1"},
    ]);
    let someone = json!({"agentId": "a-1", "tabN": "223-16", "lastname": "Счастный",
        "firstname": "Никита", "secondname": "Алексеевич", "startwork": "2016-09-01",
        "finishwork": null, "positionId": "79bc9e60-a283-11e7-80f5-00155df19317",
        "position": "Старший специалист", "departmentId": "d-2", "normWeek": 40,
        "normWeekChangeDate": "2016-09-01"});
    let mut other = someone.clone();
    for (name, value) in [
        ("agentId", json!("a-2")),
        ("tabN", json!("3-16")),
        ("departmentId", json!("d-1")),
        ("rate", json!(0.5)),
        ("Login", json!("d6651df")),
        ("normWeek", json!(37.5)),
        ("AR_vacation", json!([{"date": "2019-10-16", "vacation": 4.67}])),
    ] {
        other[name] = value;
    }
    let told = json!([{"AR_departments": departments, "AR_agents": [someone, other]}]);
    let reply = get(&zup, YEAR).await;
    assert_eq!((reply.status.as_u16(), reply.json()), (200, told));

    zup.habits(|habits| (habits.as_the_table, habits.decimal_commas) = (true, true));
    let told = get(&zup, YEAR).await.json();
    assert_eq!(told[0]["AR_departments"][1]["parentDepartmentId"], "d-1");
    assert_eq!(told[0]["AR_departments"][1]["parent_departmentId"], json!(null));
    assert!(told[0]["AR_agents"][0].get("finishwork").is_none());
    assert_eq!(told[0]["AR_agents"][1]["normWeek"], "37,5");
    assert_eq!(told[0]["AR_agents"][1]["AR_vacation"][0]["vacation"], "4,67");
}

#[tokio::test]
async fn leavers_are_told_of_for_a_month() {
    let zup = zup().await;
    zup.agent(Agent::new("a-1", "d-1").dismissed(date(2018, 1, 31)));
    for (today, told) in [(date(2018, 1, 10), 1), (date(2018, 2, 28), 1), (date(2018, 3, 1), 0)] {
        zup.habits(|habits| habits.today = today);
        let people = get(&zup, YEAR).await.json();
        assert_eq!(people[0]["AR_agents"].as_array().unwrap().len(), told, "{today}");
    }
    zup.agent(Agent::new("a-1", "d-1").dismissed(date(2018, 2, 20)));
    assert_eq!(get(&zup, YEAR).await.json()[0]["AR_agents"][0]["finishwork"], "2018-02-20");
}

#[tokio::test]
async fn wrong_periods_are_exceptions() {
    let zup = zup().await;
    for (path, status) in [
        ("agents/2019-01-01/2019-01-01", 200),
        ("agents/2019-01-02/2019-01-01", 500),
        ("agents/2019-01-0/2019-12-31", 500),
        ("agents/01.01.2019/31.12.2019", 500),
        ("agents/2019-01-01T00:00:00/2019-12-31", 500),
    ] {
        assert_eq!(get(&zup, path).await.status.as_u16(), status, "{path}");
    }
}

#[tokio::test]
async fn ten_thousand_people_are_told_of_or_half_of_them() {
    let zup = Zup::start().await.unwrap();
    zup.people(10_000);
    zup.mishap("agents", 1, &Mishap::HalfOfPeople);
    for many in [5_000, 10_000] {
        let told = get(&zup, YEAR).await.json();
        assert_eq!(told[0]["AR_departments"].as_array().unwrap().len(), 101);
        let people = told[0]["AR_agents"].as_array().unwrap();
        let last = people.last().unwrap()["agentId"].as_str().unwrap();
        let at_end = if many == 10_000 { agent_id(9_999) } else { agent_id(9_998) };
        assert_eq!((people.len(), last), (many, at_end.as_str()));
    }
}
