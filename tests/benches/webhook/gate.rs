//! What it costs to know who calls: the same events through the same routes, once
//! behind the gatekeeper and once behind one that lets everybody in, in turns.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Result;
use functions::access::{Setup, SetupCommand};
use functions::pega;
use local::embedded::{Embedded, table_variables, to_disk};
use shared::env::Env;
use shared::tenant::Tenant;
use tests::support::{Nowhere, Service, events};

const CLIENTS: usize = 16;
const ROUNDS: usize = 6;
const LASTS: Duration = Duration::from_secs(2);

/// Prints both throughputs and their ratio, on the database file in this folder.
pub async fn report(folder: &Path) -> Result<()> {
    let database = Embedded::open(&folder.join("gate.db"), to_disk())?;
    let vars = table_variables().into_iter().chain([("RATE_LIMIT_PER_MINUTE", "100000000")]);
    let vars: HashMap<_, _> = vars.map(|(n, v)| (n.to_owned(), v.to_owned())).collect();
    let env = Env::new(vars, database.sdk()).with_other_queues(Arc::new(Nowhere));
    let tenant = Tenant::parse("default")?;
    let key = Setup::load(&env)?.run(SetupCommand::NewAdminKey { tenant }).await?.admin_key;
    let routes = || pega::Intake::load(&env).map(|intake| pega::api::intake_routes().with(intake));
    let known = Arc::new(Service::guarded(&env, routes()?));
    let anybody = Arc::new(Service::of(&env, routes()?));
    let mut sums = (0.0, 0.0);
    for _ in 0..ROUNDS {
        sums.0 += throughput(&known, &key).await;
        sums.1 += throughput(&anybody, &key).await;
    }
    let (with, without) = (sums.0 / ROUNDS as f64, sums.1 / ROUNDS as f64);
    println!("\nthe routes alone, {CLIENTS} callers, {ROUNDS} rounds each, in turns");
    println!("{with:.0} events/s with credentials, {without:.0} without: {:.3}", with / without);
    Ok(())
}

/// Events a second.
async fn throughput(service: &Arc<Service>, key: &str) -> f64 {
    let began = Instant::now();
    let clients = (0..CLIENTS).map(|_| {
        let (service, key) = (service.clone(), key.to_owned());
        tokio::spawn(async move {
            let mut sent = 0_u32;
            while began.elapsed() < LASTS {
                let body = events::high_risk(&events::new_case()).to_string();
                let headers = [("x-api-key", key.as_str())];
                let (status, _) = service.call("POST", "/webhook/pega", &headers, body).await;
                sent += u32::from(status == 200);
            }
            sent
        })
    });
    let mut sent = 0;
    for client in clients.collect::<Vec<_>>() {
        sent += client.await.unwrap_or_default();
    }
    f64::from(sent) / began.elapsed().as_secs_f64()
}
