//! What the durable webhook does, on this machine and disk: requests a second and
//! their latencies at 1, 16 and 64 clients while the workers keep up, how long an
//! event takes from its answer to its end, the same items committed by the bare
//! database, what it costs to know who calls, and the capacity units of one event.
//!
//! `cargo bench -p tests --bench webhook`

#[path = "../bare.rs"]
mod bare;
#[path = "../client.rs"]
mod client;
mod event;
mod gate;
mod load;
mod original;
mod units;

use anyhow::Result;
use original::Original;
use tempfile::TempDir;
use tests::support::{Process, Vars};

/// Clients side by side.
const CLIENTS: [usize; 3] = [1, 16, 64];

fn main() -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        units::report().await?;
        let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR"))?;
        gate::report(folder.path()).await?;
        let mut vars = Vars::new();
        vars.insert("RATE_LIMIT_PER_MINUTE".to_owned(), "100000000".to_owned());
        let process =
            Process::start(env!("CARGO_BIN_EXE_caseway-under-test"), folder.path(), &vars).await?;
        let key = std::fs::read_to_string(folder.path().join("admin.key"))?;
        let caller = client::Caller::new(&process.url, key.trim());
        let path = folder.path().to_owned();
        let bare = tokio::task::spawn_blocking(move || bare::a_second(&path, event::one)).await??;
        println!("\nthe bare database commits the same items for {bare:.0} events/s");
        println!("\nPOST /webhook/pega, data on disk, workers running");
        println!(
            "{:>8} {:>10} {:>9} {:>9} {:>9}",
            "clients", "requests/s", "p50 ms", "p99 ms", "done/s"
        );
        for clients in CLIENTS {
            println!("{clients:>8} {}", load::webhooks(&caller, clients).await?);
        }
        println!("\n{}", load::until_processed(&caller).await?);
        reads(&caller).await?;
        process.kill().await?;

        let original = Original::start(folder.path()).await?;
        println!("\na FastAPI service of the same contract on the same disk");
        println!("{:>8} {:>10} {:>9} {:>9}", "clients", "requests/s", "p50 ms", "p99 ms");
        println!("{:>8} {}", 16, load::posts(&original.caller, 16).await?);
        reads(&original.caller).await
    })
}

/// Reads of the newest events.
async fn reads(caller: &client::Caller) -> Result<()> {
    println!("\nGET /events?limit=10, {} events stored", load::newest(caller).await?);
    println!("{:>8} {:>10} {:>9} {:>9}", "clients", "requests/s", "p50 ms", "p99 ms");
    for clients in CLIENTS {
        println!("{clients:>8} {}", load::reads(caller, clients, "/events?limit=10").await?);
    }
    Ok(())
}
