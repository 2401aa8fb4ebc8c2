//! Load, and what comes of it.

use std::fmt;
use std::time::{Duration, Instant};

use anyhow::Result;
use serde_json::Value;
use tests::support::events;

use super::client::Caller;

/// How long each load lasts.
const LASTS: Duration = Duration::from_secs(5);
/// Events that are followed from their answer to their end.
const FOLLOWED: usize = 200;

/// One run's figures.
pub struct Run {
    latencies: Vec<Duration>,
    took: Duration,
    /// Until the last event was worked through; none for reads.
    done: Option<Duration>,
}

impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.latencies.len() as f64;
        let (p50, p99) = (quantile(&self.latencies, 0.5), quantile(&self.latencies, 0.99));
        write!(f, "{:>10.0} {p50:>9.2} {p99:>9.2}", count / self.took.as_secs_f64())?;
        match self.done {
            Some(done) => write!(f, " {:>9.0}", count / done.as_secs_f64()),
            None => Ok(()),
        }
    }
}

/// Sends events from so many clients, each of its own case, and waits until the last
/// one was worked through.
pub async fn webhooks(caller: &Caller, clients: usize) -> Result<Run> {
    let began = Instant::now();
    let run = posts(caller, clients).await?;
    let newest = newest(caller).await?;
    let done = settled(caller, newest, run.latencies.len() as i64, began).await?;
    Ok(Run { done: Some(done), ..run })
}

/// Sends events from so many clients, each of its own case.
pub async fn posts(caller: &Caller, clients: usize) -> Result<Run> {
    let began = Instant::now();
    let latencies = run(caller, clients, async |connection| {
        let body = events::high_risk(&events::new_case()).to_string();
        connection.post("/webhook/pega", &body).await
    })
    .await?;
    Ok(Run { latencies, took: began.elapsed(), done: None })
}

/// Reads from so many clients.
pub async fn reads(caller: &Caller, clients: usize, path: &'static str) -> Result<Run> {
    let began = Instant::now();
    let latencies = run(caller, clients, async |connection| connection.get(path).await).await?;
    Ok(Run { latencies, took: began.elapsed(), done: None })
}

/// How long events take from their answer to their end when nothing else happens.
pub async fn until_processed(caller: &Caller) -> Result<String> {
    let mut connection = caller.connect().await?;
    let mut waits = Vec::new();
    for _ in 0..FOLLOWED {
        let body = events::high_risk(&events::new_case()).to_string();
        let answer = connection.post("/webhook/pega", &body).await?;
        let accepted = Instant::now();
        let answer: Value = serde_json::from_slice(&answer)?;
        let path = format!("/events/{}", answer["eventId"]);
        loop {
            let event: Value = serde_json::from_slice(&connection.get(&path).await?)?;
            if !event["processed_at"].is_null() {
                break;
            }
        }
        waits.push(accepted.elapsed());
    }
    waits.sort_unstable();
    let (p50, p99) = (quantile(&waits, 0.5), quantile(&waits, 0.99));
    Ok(format!("from answered to processed, idle system: p50 {p50:.2} ms, p99 {p99:.2} ms"))
}

/// Runs `one` again and again from so many connections; latencies, shortest first.
async fn run<F>(caller: &Caller, clients: usize, one: F) -> Result<Vec<Duration>>
where
    F: AsyncFn(&mut super::client::Connection) -> Result<Vec<u8>>,
{
    let until = Instant::now() + LASTS;
    let each = (0..clients).map(async |_| -> Result<Vec<Duration>> {
        let mut connection = caller.connect().await?;
        let mut latencies = Vec::new();
        while Instant::now() < until {
            let sent = Instant::now();
            one(&mut connection).await?;
            latencies.push(sent.elapsed());
        }
        Ok(latencies)
    });
    let all = futures_util::future::try_join_all(each).await?;
    let mut latencies = all.concat();
    latencies.sort_unstable();
    Ok(latencies)
}

/// Waits until the last `count` events up to `newest` were worked through.
async fn settled(caller: &Caller, newest: i64, count: i64, began: Instant) -> Result<Duration> {
    let mut connection = caller.connect().await?;
    for id in (newest - count + 1).max(1)..=newest {
        loop {
            let body = connection.get(&format!("/events/{id}")).await?;
            let event: Value = serde_json::from_slice(&body)?;
            if !event["processed_at"].is_null() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }
    Ok(began.elapsed())
}

/// In milliseconds.
fn quantile(sorted: &[Duration], part: f64) -> f64 {
    let at = ((sorted.len() as f64 * part) as usize).min(sorted.len().saturating_sub(1));
    sorted.get(at).map_or(0.0, |latency| latency.as_secs_f64() * 1000.0)
}

/// The newest event's number.
pub async fn newest(caller: &Caller) -> Result<i64> {
    let body = caller.connect().await?.get("/events?limit=1").await?;
    let list: Value = serde_json::from_slice(&body)?;
    Ok(list[0]["id"].as_i64().unwrap_or(0))
}
