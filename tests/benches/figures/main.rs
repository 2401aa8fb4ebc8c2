//! `cargo bench -p tests --bench figures`: what `/metrics` and `/dashboard` cost with 25,000
//! and with 250,000 stored events, received over eight days, beside what the service before
//! this one took with 24,800 (its figures are from another machine).

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use shared::clock::Clock;
use tests::support::{World, events};

/// How many events are stored when it is measured.
const STORED: [usize; 2] = [25_000, 250_000];
/// Events that are received side by side.
const AT_ONCE: usize = 50;
/// How often each figure is asked for.
const ASKED: usize = 200;
/// The time over which the events of each round come.
const OVER: Duration = Duration::from_secs(8 * 24 * 3600);

#[tokio::main]
async fn main() {
    let clock = Clock::manual("2026-06-01T12:00:00Z".parse().expect("a moment"));
    let world = World::on_disk(clock, &[("RATE_LIMIT_PER_MINUTE", "100000000")]).await;
    println!(
        "{:>8} {:<11} {:>10} {:>9} {:>9} {:>9}",
        "events", "", "p50 ms", "p99 ms", "asked/s", "units"
    );
    let mut stored = 0;
    for most in STORED {
        let rounds = (most - stored).div_ceil(AT_ONCE);
        for round in 0..rounds {
            receive(&world, round).await;
            world.settled().await;
            world.clock.advance(OVER / u32::try_from(rounds).expect("few rounds"));
        }
        stored += rounds * AT_ONCE;
        world.work().await;
        for path in ["/metrics", "/dashboard"] {
            measure(&world, stored, path).await;
        }
    }
    println!("the service before: /dashboard 48/s, p50 319 ms with 24,800 events");
}

/// Receives some events at once, each of a case of its own.
async fn receive(world: &World, round: usize) {
    let sent = (0..AT_ONCE).map(async |number| {
        let case = format!("CASE {round} {number}");
        let body = match number % 3 {
            0 => events::high_risk(&case),
            _ => events::role_change(&case),
        };
        world.admin().send("POST", "/webhook/pega", body).await.status
    });
    assert!(join_all(sent).await.into_iter().all(|status| status == 200));
}

/// Asks again and again, and prints how long it takes and how many read units.
async fn measure(world: &World, stored: usize, path: &str) {
    // Whoever asks first adds up the hours.
    world.admin().get(path).await;
    let meter = world.database.meter();
    meter.take();
    let mut took = Vec::with_capacity(ASKED);
    let began = Instant::now();
    for _ in 0..ASKED {
        let asked = Instant::now();
        assert_eq!(world.admin().get(path).await.status, 200);
        took.push(asked.elapsed().as_secs_f64() * 1000.0);
    }
    let a_second = ASKED as f64 / began.elapsed().as_secs_f64();
    let units = meter.take().read / ASKED as f64;
    took.sort_by(f64::total_cmp);
    let (half, most) = (took[ASKED / 2], took[ASKED * 99 / 100]);
    println!("{stored:>8} {path:<11} {half:>10.2} {most:>9.2} {a_second:>9.0} {units:>9.1}");
}
