//! How long a message takes from the call that it tells of to its receiver: so many
//! events a second for a minute, on this machine and disk, to one healthy receiver.
//!
//! `cargo bench -p tests --bench deliveries`

#[path = "../client.rs"]
mod client;

use std::collections::HashMap;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use functions::messages::Emitter;
use functions::messages::catalogue::CONNECTION_UPDATED;
use serde_json::{Value, json};
use shared::tenant::Tenant;
use simulators::receiver::{Receiver, Taken};
use tempfile::TempDir;
use tests::support::{Caller, Credential, Process, Vars, World, events};
use tokio::time::sleep_until;

/// Events a second.
const RATES: [u32; 2] = [50, 200];
/// How long each rate is held.
const LASTS: Duration = Duration::from_secs(60);
/// Connections that events are sent over.
const CONNECTIONS: u32 = 32;

fn main() -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        units().await?;
        println!("from the moment an event is due to be sent to its message's receipt");
        println!(
            "{:>9} {:>9} {:>9} {:>9} {:>9}",
            "events/s", "messages", "p50 ms", "p95 ms", "p99 ms"
        );
        for rate in RATES {
            run(rate).await?;
        }
        println!("Convoy tells of a p95 of 127 ms at 200/s on Postgres, on a machine of its own");
        Ok(())
    })
}

/// Prints what a message costs that is emitted to some webhooks and taken at once.
async fn units() -> Result<()> {
    let reach = [("TARGET_NETWORKS", "127.0.0.1/32"), ("TARGET_PORTS", "1-65535")];
    let (world, receiver) = (World::with(&reach).await, Receiver::start().await?);
    let (emitter, table) = (Emitter::load(&world.env)?, world.env.table("MESSAGES_TABLE")?);
    let (tenant, meter) = (Tenant::parse("default")?, world.database.meter());
    for webhooks in 0..=2 {
        meter.take();
        let data = json!({ "connection_id": shared::ids::unique() });
        let mut emission = emitter.prepare(&tenant, CONNECTION_UPDATED, &data).await?;
        let writes = emission.take_writes();
        if !writes.is_empty() {
            table.transact(&shared::ids::unique(), writes).await?;
        }
        emitter.announce(emission).await;
        world.deliver().await;
        println!("a message to {webhooks} webhooks costs {} write units", meter.take().write);
        let new = json!({"name": "n", "url": receiver.url(), "event_types": ["integration.*"]});
        let made = world.admin().send("POST", "/integrations/webhooks", new).await;
        anyhow::ensure!(made.status == 200, "{}", made.text);
    }
    Ok(())
}

async fn run(rate: u32) -> Result<()> {
    let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR"))?;
    let receiver = Receiver::start().await?;
    let vars = [
        ("RATE_LIMIT_PER_MINUTE", "100000000"),
        ("TARGET_NETWORKS", "127.0.0.1/32"),
        ("TARGET_PORTS", "1-65535"),
    ];
    let vars: Vars = vars.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    let process =
        Process::start(env!("CARGO_BIN_EXE_caseway-under-test"), folder.path(), &vars).await?;
    let key = std::fs::read_to_string(folder.path().join("admin.key"))?.trim().to_owned();
    let admin = Caller::new(&process.url, Credential::Bearer(key.clone()));
    let webhook = json!({
        "name": "bench", "url": receiver.url(), "event_types": ["pega.event.received"],
    });
    let made = admin.post_json("/integrations/webhooks", &webhook).await;
    anyhow::ensure!(made.status == 200, "{}", made.text);

    let due = send(&client::Caller::new(&process.url, &key), rate).await?;
    let taken = receiver.took(due.len()).await;
    report(rate, &due, &taken)?;
    let mut connection = client::Caller::new(&process.url, &key).connect().await?;
    let stats = connection.get("/integrations/webhooks/stats").await?;
    let stats: Value = serde_json::from_slice(&stats)?;
    println!("{:>9} counted {}", "", stats["deliveries"]);
    process.kill().await
}

/// Sends events at their times, and answers when each case's was due.
async fn send(caller: &client::Caller, rate: u32) -> Result<HashMap<String, Instant>> {
    let start = Instant::now() + Duration::from_millis(200);
    let many = rate * LASTS.as_secs() as u32;
    let senders = (0..CONNECTIONS).map(|first| {
        let caller = caller.clone();
        tokio::spawn(async move {
            let (mut connection, mut due) = (caller.connect().await?, Vec::new());
            for number in (first..many).step_by(CONNECTIONS as usize) {
                let at = start + Duration::from_secs(1) * number / rate;
                sleep_until(at.into()).await;
                let case = events::new_case();
                let body = events::role_change(&case).to_string();
                connection.post("/webhook/pega", &body).await?;
                due.push((case, at));
            }
            Ok::<_, anyhow::Error>(due)
        })
    });
    let mut due = HashMap::new();
    for sender in senders.collect::<Vec<_>>() {
        due.extend(sender.await??);
    }
    Ok(due)
}

fn report(rate: u32, due: &HashMap<String, Instant>, taken: &[Taken]) -> Result<()> {
    let mut waits = Vec::new();
    for one in taken {
        let body: Value = serde_json::from_slice(&one.body)?;
        let case = body["payload"]["case_id"].as_str().context("a case")?;
        waits.push(one.at - *due.get(case).context("an event that was sent")?);
    }
    waits.sort_unstable();
    let quantile = |part: f64| {
        let at = ((waits.len() - 1) as f64 * part) as usize;
        waits[at].as_secs_f64() * 1000.0
    };
    let (p50, p95, p99) = (quantile(0.5), quantile(0.95), quantile(0.99));
    println!("{rate:>9} {:>9} {p50:>9.1} {p95:>9.1} {p99:>9.1}", waits.len());
    Ok(())
}
