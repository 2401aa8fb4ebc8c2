//! Contact centres: statuses that are pushed, what was and is, in both styles.

mod export;
mod export_stream;
mod historic;
mod import;
mod import_crashes;
mod import_refused;
pub mod live;
mod online;
mod paging;
mod pull;
mod push;
mod refused;
mod settings;
mod validate;

use functions::integrations::contact_center::records::{Centre, Entry, Origin, Record, Records};
use serde_json::{Value, json};
use shared::tenant::Tenant;
use shared::web::percent_encode;
use simulators::contact_center::ContactCenter;
use tests::support::{Answer, World};

use crate::flows::integrations::CONNECTIONS;

const CC: &str = "/integrations/cc";

/// A world beside a contact centre, and a connection to it that is in use; its id.
async fn beside_a_centre() -> (World, ContactCenter, String) {
    let (world, centre) =
        (World::beside_its_targets(&[]).await, ContactCenter::start().await.expect("a centre"));
    let id = connect(&world, &centre.url()).await;
    (world, centre, id)
}

/// A connection in use; its id.
async fn connect(world: &World, url: &str) -> String {
    let new = json!({
        "name": "Argus", "integration_type": "contact_center", "endpoint_url": url,
        "authentication_type": "none", "config": { "retry_attempts": 0 },
    });
    let made = world.admin().send("POST", CONNECTIONS, new).await;
    let id = made.json["id"].as_str().unwrap_or_else(|| panic!("{}", made.text)).to_owned();
    let active = json!({ "status": "active" });
    let changed = world.admin().send("PUT", &format!("{CONNECTIONS}/{id}"), active).await;
    assert_eq!(changed.status, 200, "{}", changed.text);
    id
}

/// Pushes; the answer.
async fn push(world: &World, body: Value) -> Answer {
    world.admin().send("POST", &format!("{CC}/status"), body).await
}

/// A change of status as the protocol has it; `at` is RFC 3339.
fn change(agent: &str, code: &str, at: &str, action: u8) -> Value {
    json!({ "workerId": agent, "stateName": format!("In {code}"), "stateCode": code,
        "systemId": "S", "actionTime": ms(at) / 1000, "action": action })
}

/// Milliseconds since 1970.
fn ms(at: &str) -> i64 {
    at.parse::<jiff::Timestamp>().expect("a moment").as_millisecond()
}

/// Keeps records as an import would.
async fn keep(world: &World, connection: &str, records: impl IntoIterator<Item = Record>) {
    let tenant = Tenant::parse("default").expect("a name");
    let centre = Centre { tenant: &tenant, connection };
    let entry = |record| Entry { record, origin: Origin::BulkImport, raw: None };
    let entries: Vec<Entry> = records.into_iter().map(entry).collect();
    let records = Records::load(&world.env).expect("records");
    records.keep(centre, &entries).await.expect("kept");
}

/// Asks for what was in a period, in the contract's style.
async fn historic(world: &World, what: &str, start: &str, end: &str, more: &str) -> Answer {
    let (start, end) = (percent_encode(start), percent_encode(end));
    let path = format!("{CC}/historic/{what}?start_date={start}&end_date={end}{more}");
    world.admin().get(&path).await
}

/// The same in the style of the protocol.
async fn argus(world: &World, what: &str, start: &str, end: &str, more: &str) -> Answer {
    let (start, end) = (percent_encode(start), percent_encode(end));
    let path = format!("{CC}/historic/{what}?startDate={start}&endDate={end}{more}");
    world.admin().get(&path).await
}

/// The statuses that agents are in: agent and code.
async fn current(world: &World) -> Vec<(String, String)> {
    let answer = world.admin().get(&format!("{CC}/online/agentStatus")).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let agents = answer.json["agent_status"].as_array().expect("a list").iter();
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    agents.map(|one| (text(&one["agent_id"]), text(&one["state_code"]))).collect()
}

/// Stretches of an agent: code, begin and end, each as `HH:MM:SS` of its moment.
async fn stretches(world: &World, agent: &str, start: &str, end: &str) -> Vec<String> {
    let more = format!("&agents={agent}");
    let answer = historic(world, "agentStatusData", start, end, &more).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let items = answer.json["agent_status_data"].as_array().expect("a list").iter();
    let clock = |value: &Value| value.as_str().map_or("-", |text| &text[11..19]).to_owned();
    items
        .map(|one| {
            let code = one["state_code"].as_str().expect("a code");
            format!("{code} {} {}", clock(&one["start_date"]), clock(&one["end_date"]))
        })
        .collect()
}
