//! What was at a contact centre is pulled: on schedule or on demand, whole, and once.

mod crashes;
mod demand;
mod gone;
mod late;
mod people;
mod refused;
mod schedule;
mod slices;

use functions::integrations::Timetable;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use simulators::contact_center::{Contact, ContactCenter, State, Stay};
use tests::support::{Answer, World};

use super::{CC, beside_a_centre};
use crate::flows::integrations::CONNECTIONS;

const PULL: &str = "/integrations/cc/pull";

/// The methods, and what else each is asked with.
const METHODS: [(&str, &str); 5] = [
    ("serviceGroupData", "&step=900000&groupId=1,2"),
    ("agentStatusData", "&agentId=1,2,3"),
    ("agentLoginData", "&agentId=1,2,3"),
    ("agentCallsData", "&agentId=1,2,3"),
    ("agentChatsWorkTime", "&agentId=1,2,3"),
];

/// A world beside a contact centre of two groups and three agents, and a connection with
/// settings like these; its id.
async fn beside(config: Value) -> (World, ContactCenter, String) {
    let (world, centre, id) = beside_a_centre().await;
    centre.people(2, 3);
    configure(&world, config).await;
    (world, centre, id)
}

async fn configure(world: &World, mut config: Value) {
    config["retry_attempts"] = json!(0);
    let put = world.admin().send("PUT", &format!("{CC}/config"), config).await;
    assert_eq!(put.status, 200, "{}", put.text);
}

/// Everything that three agents do on a day (its midnight) until `now`: contacts around
/// midnight and noon, and states, a login and chats that go on over midnight.
fn day(centre: &ContactCenter, midnight: &str, now: &str) {
    let (midnight, now) = (at(midnight), at(now));
    let after = |seconds: i64| midnight + SignedDuration::from_secs(seconds);
    for (agent, group) in [("1", "1"), ("2", "2"), ("3", "1")] {
        let contacts = [0, 1, 899, 900, 9 * 3600, 43_100, 86_399].map(after);
        let contacts = contacts.into_iter().filter(|start| *start < now);
        centre.contacts(contacts.map(|start| {
            let customer = format!("customer {agent}");
            Contact::missed(group, &customer, start).taken(agent, 60_000)
        }));
        for (code, from, to) in [("WORK", 8 * 3600, 16 * 3600), ("REST", 16 * 3600, 32 * 3600)] {
            if after(to) <= now {
                centre.state(State::new(agent, code, code, after(from)).until(after(to)));
            }
        }
        for (from, to) in [(22 * 3600, 30 * 3600), (86_400 - 60, 86_400)] {
            if after(to) <= now {
                centre.login(Stay::new(agent, after(from), after(to)));
                centre.chat(Stay::new(agent, after(from), after(to)));
            }
        }
    }
}

/// The last three days before noon of the first of June.
fn days(centre: &ContactCenter) {
    for midnight in ["2026-05-29", "2026-05-30", "2026-05-31", "2026-06-01"] {
        day(centre, &format!("{midnight}T00:00:00Z"), "2026-06-01T12:00:00Z");
    }
}

fn at(text: &str) -> Timestamp {
    text.parse().expect("a moment")
}

/// The rows of an answer of the protocol, each with whom it is of, in some order.
fn rows(list: &Value) -> Vec<String> {
    let mut rows = Vec::new();
    for one in list.as_array().into_iter().flatten() {
        let mut whose = one.clone();
        let members = whose.as_object_mut().expect("an object");
        let lists = ["historicData", "states", "logins", "agentCalls"];
        match lists.iter().find_map(|name| members.remove(*name)) {
            Some(Value::Array(items)) => rows.extend(items.iter().map(|i| format!("{whose} {i}"))),
            _ => rows.push(whose.to_string()),
        }
    }
    rows.sort();
    rows
}

/// What the contact centre tells of a period, by the method.
async fn truth(
    centre: &ContactCenter,
    (method, more): (&str, &str),
    of: (&str, &str),
) -> Vec<String> {
    let (start, end) = (of.0.replace('+', "%2B"), of.1.replace('+', "%2B"));
    let url = format!("{}/historic/{method}?startDate={start}&endDate={end}{more}", centre.url());
    let answer = reqwest::get(url).await.expect("an answer");
    if answer.status() == 404 {
        return Vec::new();
    }
    rows(&serde_json::from_str(&answer.text().await.expect("a body")).expect("JSON"))
}

/// What is kept of a period, in the same form.
async fn kept(world: &World, (method, more): (&str, &str), of: (&str, &str)) -> Vec<String> {
    let answer = super::argus(world, method, of.0, of.1, more).await;
    if answer.status == 404 {
        return Vec::new();
    }
    assert_eq!(answer.status, 200, "{method}: {}", answer.text);
    rows(&answer.json)
}

/// That what is kept of a period is what the contact centre tells of it, no row more or less.
async fn is_kept(world: &World, centre: &ContactCenter, of: (&str, &str)) {
    for method in METHODS {
        // A day's time is kept as a whole.
        let midnight = format!("{}00:00:00{}", &of.0[..11], &of.0[19..]);
        let is_of_days = method.0 == "agentChatsWorkTime";
        let of = (if is_of_days { midnight.as_str() } else { of.0 }, of.1);
        let (kept, truth) = (kept(world, method, of).await, truth(centre, method, of).await);
        assert_eq!(kept, truth, "{method:?} {of:?}");
    }
}

/// Fires the schedule.
async fn tick(world: &World) {
    Timetable::load(&world.env).expect("a timetable").tick().await.expect("a tick");
}

/// Has a pull begin; the answer.
async fn start(world: &World, wanted: Value) -> Answer {
    world.admin().send("POST", PULL, wanted).await
}

/// Pulls, and tells how it ended.
async fn pulled(world: &World, wanted: Value) -> Value {
    let started = start(world, wanted).await;
    assert_eq!((started.status, &started.json["status"]), (200, &json!("started")), "{started:?}");
    worked(world).await;
    let last = state(world).await["last"].clone();
    assert_eq!(last["sync_id"], started.json["sync_id"]);
    last
}

/// Works through everything, those steps as well that wait for another attempt.
async fn worked(world: &World) {
    world.workforce().await;
    while !state(world).await["running"].is_null() {
        world.wait(600);
        world.workforce().await;
    }
}

/// How far it is.
async fn state(world: &World) -> Value {
    let state = world.admin().get(PULL).await;
    assert_eq!(state.status, 200, "{}", state.text);
    state.json
}

/// The watermark of a kind.
async fn watermark(world: &World, kind: &str) -> Value {
    let state = state(world).await;
    let all = state["watermarks"].as_array().expect("a list").iter();
    let mut of_kind = all.filter(|one| one["kind"] == kind);
    of_kind.next().expect("a kind")["until"].clone()
}

/// The logs of pulls over a connection, newest first.
async fn logs(world: &World, connection: &str) -> Vec<Value> {
    let path = format!("{CONNECTIONS}/{connection}/sync-logs?sync_type=incremental");
    let logs = world.admin().get(&path).await;
    logs.json["sync_logs"].as_array().unwrap_or_else(|| panic!("{}", logs.text)).clone()
}

/// How often a method was called, and with which value of a parameter each time.
fn asked(centre: &ContactCenter, method: &str, parameter: &str) -> Vec<String> {
    let calls = centre.asked();
    let of_method = calls.iter().filter(|call| call.contains(&format!("/{method}?")));
    let value = |call: &String| {
        let query = call.split_once('?').expect("a query").1;
        let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        let mut values = pairs.filter(|(name, _)| *name == parameter).map(|(_, value)| value);
        let value = values.next().expect("the parameter");
        value.replace("%3A", ":").replace("%2B", "+").replace("%2C", ",")
    };
    of_method.map(value).collect()
}
