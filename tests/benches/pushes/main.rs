//! `cargo bench -p tests --bench pushes`: how many changes of agents' statuses a second the
//! local process takes, its data on disk: one a request and a hundred a request, with 16
//! clients, beside the bare database's commits of the same two items for each.

#[path = "../bare.rs"]
mod bare;
mod change;
#[path = "../client.rs"]
mod client;

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use serde_json::{Value, json};
use shared::clock::Clock;
use tempfile::TempDir;
use tests::support::{Caller, Credential, Process, Vars};

const CLIENTS: usize = 16;
const LASTS: Duration = Duration::from_secs(5);
/// Agents whose statuses change in turn.
const AGENTS: usize = 500;

fn main() -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR"))?;
        let path = folder.path().to_owned();
        let bare =
            tokio::task::spawn_blocking(move || bare::a_second(&path, change::one)).await??;
        println!("the bare database commits the same items for {bare:.0} changes/s");
        let mut vars = Vars::new();
        vars.insert("RATE_LIMIT_PER_MINUTE".to_owned(), "100000000".to_owned());
        let process =
            Process::start(env!("CARGO_BIN_EXE_caseway-under-test"), folder.path(), &vars).await?;
        let key = std::fs::read_to_string(folder.path().join("admin.key"))?.trim().to_owned();
        let admin = Caller::new(&process.url, Credential::Bearer(key.clone()));
        admin.contact_center("https://cc.example.com").await;
        let caller = client::Caller::new(&process.url, &key);
        println!("{:>12} {:>10} {:>9} {:>9}", "a request", "changes/s", "p50 ms", "p99 ms");
        for together in [1, 100] {
            measure(&caller, together).await?;
        }
        let online = caller.connect().await?.get("/integrations/cc/online/agentStatus").await?;
        let online: Value = serde_json::from_slice(&online)?;
        ensure!(online["total_agents"] == AGENTS, "{online}");
        process.kill().await
    })
}

/// Pushes for a while, so many changes together, and prints what came of it.
async fn measure(caller: &client::Caller, together: usize) -> Result<()> {
    let began = Instant::now();
    let clients = (0..CLIENTS).map(|first| {
        let caller = caller.clone();
        tokio::spawn(async move {
            let (mut connection, mut took) = (caller.connect().await?, Vec::new());
            for round in 0.. {
                if began.elapsed() > LASTS {
                    break;
                }
                let body = body(first, round, together).to_string();
                let sent = Instant::now();
                connection.post("/integrations/cc/status", &body).await?;
                took.push(sent.elapsed().as_secs_f64() * 1000.0);
            }
            Ok::<_, anyhow::Error>(took)
        })
    });
    let mut took = Vec::new();
    for client in clients.collect::<Vec<_>>() {
        took.extend(client.await??);
    }
    let a_second = (took.len() * together) as f64 / began.elapsed().as_secs_f64();
    took.sort_by(f64::total_cmp);
    let (half, most) = (took[took.len() / 2], took[took.len() * 99 / 100]);
    println!("{together:>12} {a_second:>10.0} {half:>9.2} {most:>9.2}");
    Ok(())
}

/// Changes of statuses, each later than the one before it of the same agent.
fn body(client: usize, round: usize, together: usize) -> Value {
    let now = Clock::system().now_ms() / 1000;
    let one = |at: usize| {
        let agent = (client + CLIENTS * (round * together + at)) % AGENTS;
        json!({ "workerId": agent.to_string(), "stateName": "Talking", "stateCode":
            format!("S{}", round % 7), "systemId": "bench", "actionTime": now, "action": 1 })
    };
    if together == 1 { one(0) } else { (0..together).map(one).collect() }
}
