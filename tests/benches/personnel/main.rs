//! `cargo bench -p tests --bench personnel`: how long personnel takes to be synchronised with
//! 1C, on this machine and disk: everybody new, nothing changed, and one in a hundred changed;
//! beside what the source alone takes to tell everybody.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};
use simulators::onec::{Agent, USER, Zup, agent_id, department_id};
use tests::support::{Caller, Credential, Installation};

/// How many people there are.
const PEOPLE: [usize; 2] = [1_000, 10_000];

#[tokio::main]
async fn main() {
    println!("{:>8} {:>24} {:>9} {:>9}", "people", "what", "s", "source s");
    for people in PEOPLE {
        let installation = Installation::start().await;
        measure(&installation.target.admin(), people).await;
        installation.app.stop().await;
    }
}

async fn measure(admin: &Caller, people: usize) {
    let zup = Zup::start().await.expect("a 1C");
    zup.people(people);
    connect(admin, &zup).await;
    report(admin, &zup, people, "everybody new").await;
    report(admin, &zup, people, "nothing changed").await;
    for number in (0..people).step_by(100) {
        zup.agent(Agent::new(&agent_id(number), &department_id(1)));
    }
    report(admin, &zup, people, "one in a hundred changed").await;
}

/// A connection in use.
async fn connect(admin: &Caller, zup: &Zup) {
    let new = json!({ "name": "1C", "integration_type": "1c", "endpoint_url": zup.url(),
        "authentication_type": "basic",
        "credentials": { "username": USER.0, "password": USER.1 } });
    let path = "/integrations/connections";
    let made = admin.post_json(path, &new).await;
    let path = format!("{path}/{}", made.json["id"].as_str().expect("an id"));
    let active = json!({ "status": "active" });
    let active = admin.send(admin.request(Method::PUT, &path).json(&active)).await;
    assert_eq!(active.status, 200, "{}", active.text);
}

/// Synchronises once, and prints how long it took beside the source alone.
async fn report(admin: &Caller, zup: &Zup, people: usize, what: &str) {
    let wanted = json!({ "start_date": "2026-06-01", "end_date": "2026-06-30", "full_sync": true });
    let begun = Instant::now();
    let started = admin.post_json("/integrations/1c/sync-personnel", &wanted).await;
    let id = started.json["sync_id"].as_str().expect("an id");
    let path = format!("/integrations/1c/syncs/{id}");
    let over = |sync: &Value| sync["status"] != "started";
    let sync = admin.get_when(&path, over).await;
    assert_eq!(sync["status"], "completed", "{sync:#}");
    let (took, alone) = (begun.elapsed(), alone(zup).await);
    println!("{people:>8} {what:>24} {:>9.2} {:>9.2}", took.as_secs_f64(), alone.as_secs_f64());
}

/// How long the source takes to tell everybody.
async fn alone(zup: &Zup) -> Duration {
    let begun = Instant::now();
    let user = Credential::Basic(USER.0.to_owned(), USER.1.to_owned());
    let told = Caller::new(&zup.url(), user).get("/agents/2026-06-01/2026-06-30").await;
    assert_eq!(told.status, 200, "{}", told.text);
    begun.elapsed()
}
