//! `cargo bench -p tests --bench search`: what searches for runs cost with 10,000 runs and
//! with 1,000,000 on disk, or as many as `-- <number>` says: the middle and the 95th of a
//! hundred calls in milliseconds, and the read units of one.

mod load;

use std::time::Instant;

use load::Loader;
use shared::clock::Clock;
use tests::support::World;

/// How many runs there are, if nobody says otherwise.
const STORED: [usize; 2] = [10_000, 1_000_000];
/// How often each search is asked for.
const ASKED: usize = 100;
/// The searches. All but the second and the last have as many matches, however many runs
/// there are.
const SEARCHES: [(&str, &str); 5] = [
    (
        "three pairs and a part of the name",
        "meta_filter=priority:high,environment:production,department:Sales&entity_name=zebra",
    ),
    ("a common value", "meta_filter=environment:production"),
    ("a rare value", "meta_filter=campaign:rare"),
    ("a stretch of time", load::STRETCH),
    ("none", ""),
];

#[tokio::main]
async fn main() {
    let asked: Option<usize> = std::env::args().find_map(|argument| argument.parse().ok());
    let sizes = asked.map_or(STORED, |most| [STORED[0].min(most), most]);
    println!(
        "{:>9} {:<36} {:>7} {:>9} {:>9} {:>9}",
        "runs", "", "found", "p50 ms", "p95 ms", "units"
    );
    for stored in sizes {
        let clock = Clock::manual("2026-06-01T12:00:00Z".parse().expect("a moment"));
        let world = World::on_disk(clock, &[("RATE_LIMIT_PER_MINUTE", "100000000")]).await;
        let began = Instant::now();
        let process = Loader::open(&world, stored).await.load().await;
        println!("{stored:>9} loaded and sealed in {:.0} s", began.elapsed().as_secs_f64());
        for (name, query) in SEARCHES {
            measure(&world, stored, name, &format!("/api/v1/runs?limit=50&{query}")).await;
        }
        let dashboard = format!("/api/v1/dashboard/process/{process}");
        measure(&world, stored, "the dashboard", &dashboard).await;
    }
}

/// Asks again and again, and prints how long it takes and what it reads.
async fn measure(world: &World, stored: usize, name: &str, path: &str) {
    let answer = world.admin().get(path).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text);
    let found = match answer.header("x-total-count") {
        "" => "-",
        total => total,
    };
    let meter = world.database.meter();
    meter.take();
    let mut took = Vec::with_capacity(ASKED);
    for _ in 0..ASKED {
        let asked = Instant::now();
        assert_eq!(world.admin().get(path).await.status, 200);
        took.push(asked.elapsed().as_secs_f64() * 1000.0);
    }
    let units = meter.take().read / ASKED as f64;
    took.sort_by(f64::total_cmp);
    let (half, most) = (took[ASKED / 2], took[ASKED * 95 / 100]);
    println!("{stored:>9} {name:<36} {found:>7} {half:>9.2} {most:>9.2} {units:>9.1}");
}
