//! Statistics and durations: at any moment what a recount of all runs says, whatever
//! happened to them and however many did it at once.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use serde_json::{Value, json};
use shared::clock::Clock;
use tests::support::World;

/// What a run was seen to be last.
type Seen = BTreeMap<i64, Value>;

/// On disk: in memory the database remembers the token of each transaction.
async fn unlimited() -> World {
    let clock = Clock::manual("2026-06-01T12:00:00Z".parse().expect("a moment"));
    World::on_disk(clock, &[("RATE_LIMIT_PER_MINUTE", "10000000")]).await
}

async fn post(world: &World, path: &str, body: Value) -> Value {
    let answer = world.admin().send("POST", path, body).await;
    assert!(answer.status < 300, "{path}: {}", answer.text);
    answer.json
}

async fn runs(world: &World, ids: &[i64]) -> Seen {
    let mut seen = Seen::new();
    for id in ids {
        let answer = world.admin().get(&format!("/api/v1/runs/{id}")).await;
        if answer.status == 200 {
            seen.insert(*id, answer.json);
        }
    }
    seen
}

fn ms(run: &Value, member: &str) -> Option<i64> {
    let at: jiff::Timestamp = run[member].as_str()?.parse().expect("a moment");
    Some(at.as_millisecond())
}

/// The statistics that the runs themselves say.
fn recount(seen: &Seen) -> Value {
    let of = |status: &str| seen.values().filter(|run| run["status"] == status).count();
    let took: Vec<i64> = seen
        .values()
        .filter(|run| run["status"] == "completed")
        .filter_map(|run| Some(ms(run, "finished_at")? - ms(run, "started_at")?))
        .filter(|took| *took >= 0)
        .collect();
    let mean = took.iter().sum::<i64>().checked_div(i64::try_from(took.len()).expect("few"));
    let clock = mean.map(|ms| {
        let seconds = ms / 1000;
        format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
    });
    let unresolved = seen.values().flat_map(|run| run["steps"].as_array().expect("steps"));
    let unresolved = unresolved.filter(|step| step["status"] == "failed").count();
    let ended = of("completed") + of("failed") + of("cancelled");
    let rate = if ended == 0 { 0.0 } else { of("completed") as f64 * 100.0 / ended as f64 };
    json!({
        "total_runs": seen.len(), "completed_runs": of("completed"), "failed_runs": of("failed"),
        "running_runs": of("running"), "pending_runs": of("pending"),
        "cancelled_runs": of("cancelled"), "unresolved_failures": unresolved,
        "success_rate": (rate * 10.0).round() / 10.0, "average_completion_time": clock,
    })
}

/// How many durations of each step, and of the runs, are counted, and their sums.
fn recount_durations(seen: &Seen, process: &Value) -> Vec<(i64, i64)> {
    let well = |item: &Value, status: &str| {
        (item["status"] == status)
            .then(|| Some(ms(item, "finished_at")? - ms(item, "started_at")?))
            .flatten()
            .filter(|took| *took >= 0)
    };
    let sum = |took: Vec<i64>| (i64::try_from(took.len()).expect("few"), took.iter().sum());
    let of_runs = sum(seen.values().filter_map(|run| well(run, "completed")).collect());
    let of_steps = process["steps"].as_array().expect("steps").iter().map(|step| {
        let all = seen.values().flat_map(|run| run["steps"].as_array().expect("steps"));
        let all = all.filter(|one| one["step_id"] == step["id"]);
        sum(all.filter_map(|one| well(one, "success")).collect())
    });
    std::iter::once(of_runs).chain(of_steps).collect()
}

async fn durations(world: &World, process: &Value) -> Vec<(i64, i64)> {
    let path = format!("/api/v1/dashboard/process/{}/durations?days=366", process["id"]);
    let told = world.admin().get(&path).await.json;
    let of = |one: &Value| {
        let count = one["all"]["count"].as_i64().expect("a count");
        (count, one["all"]["mean_ms"].as_i64().unwrap_or_default())
    };
    let steps = told["steps"].as_array().expect("steps").iter().map(of);
    std::iter::once(of(&told["runs"])).chain(steps).collect()
}

/// Thousands of changes by many at once, with a recount now and then.
#[tokio::test(flavor = "multi_thread")]
async fn counts_are_what_a_recount_says_at_any_moment() {
    fastrand::seed(5);
    let world = unlimited().await;
    let definition = json!({ "name": "Counted", "steps": [{ "name": "A", "is_rerunnable": true },
        { "name": "B" }, { "name": "C" }] });
    let process = post(&world, "/api/v1/processes", definition).await;
    let mut ids = Vec::new();
    for _ in 0..10 {
        let body = json!({ "process_id": process["id"], "entity_id": "E" });
        ids.push(post(&world, "/api/v1/runs", body).await["id"].as_i64().expect("a number"));
    }
    for round in 0..40 {
        let changes = (0..50).map(|_| change(&world, ids[fastrand::usize(..ids.len())]));
        join_all(changes).await;
        world.wait(fastrand::u64(1..100_000));
        if round % 4 != 0 {
            continue;
        }
        let seen = runs(&world, &ids).await;
        let path = format!("/api/v1/dashboard/process/{}", process["id"]);
        let told = world.admin().get(&path).await.json;
        assert_eq!(told["statistics"], recount(&seen), "round {round}");
        let overview = format!("/api/v1/dashboard/overview/{}", process["id"]);
        let overview = world.admin().get(&overview).await.json;
        assert_eq!(overview["failed_runs"], told["statistics"]["failed_runs"]);
        let newest: Vec<_> = seen.values().rev().cloned().collect();
        assert_eq!(overview["runs"], Value::Array(newest));
    }
    // Durations of deleted runs stay counted.
    for id in &ids {
        world.admin().send("POST", &format!("/api/v1/runs/{id}/restore"), Value::Null).await;
        let path = |number: i64| format!("/api/v1/step-runs/{}", id * 1000 + number);
        for (status, numbers) in [("running", 1..=3), ("success", 1..=2 + id % 2)] {
            for number in numbers {
                let body = json!({ "status": status });
                world.admin().send("PATCH", &path(number), body).await;
                world.wait(fastrand::u64(1..100_000));
            }
        }
    }
    let seen = runs(&world, &ids).await;
    assert_eq!(seen.len(), ids.len());
    let expected = recount_durations(&seen, &process).into_iter();
    let expected: Vec<_> =
        expected.map(|(count, sum)| (count, sum.checked_div(count).unwrap_or(0))).collect();
    assert!(expected.iter().all(|(count, _)| *count > 0), "{expected:?}");
    assert_eq!(durations(&world, &process).await, expected);
}

/// Changes a run somehow, at the same time as others.
async fn change(world: &World, id: i64) {
    let admin = world.admin();
    let number = fastrand::i64(1..=3);
    let statuses = ["pending", "running", "success", "success", "success", "failed", "cancelled"];
    let status = statuses[fastrand::usize(..statuses.len())];
    let answer = match fastrand::u32(..20) {
        0 => admin.send("DELETE", &format!("/api/v1/runs/{id}"), Value::Null).await,
        1..=3 => admin.send("POST", &format!("/api/v1/runs/{id}/restore"), Value::Null).await,
        _ => {
            let path = format!("/api/v1/step-runs/{}", id * 1000 + number);
            admin.send("PATCH", &path, json!({ "status": status })).await
        }
    };
    // Somebody else may have deleted it, or may keep changing it.
    assert!(matches!(answer.status, 200 | 204 | 404 | 409), "{}", answer.text);
}

/// What it costs does not depend on how many runs there are.
#[tokio::test(flavor = "multi_thread")]
async fn statistics_read_the_counts_and_not_the_runs() {
    let world = unlimited().await;
    let definition = json!({ "name": "Counted", "steps": [{ "name": "A" }] });
    let process = post(&world, "/api/v1/processes", definition).await;
    let path = format!("/api/v1/dashboard/process/{}?limit=5", process["id"]);
    let mut units = Vec::new();
    for _ in 0..2 {
        for _ in 0..60 {
            let body = json!({ "process_id": process["id"], "entity_id": "E" });
            post(&world, "/api/v1/runs", body).await;
        }
        world.admin().get(&path).await;
        let meter = world.database.meter();
        meter.take();
        assert_eq!(world.admin().get(&path).await.json["runs"].as_array().map(Vec::len), Some(5));
        units.push(meter.take().read);
    }
    assert!((units[0] - units[1]).abs() <= 1.0, "{units:?}");
}

/// Two writers on the steps of one run at the same instant, a thousand times each: none of
/// their changes is lost, and what is counted is what is there.
#[tokio::test(flavor = "multi_thread")]
async fn two_writers_on_one_run_lose_nothing() {
    let world = unlimited().await;
    let definition = json!({ "name": "Two", "steps": [{ "name": "A" }, { "name": "B" }] });
    let process = post(&world, "/api/v1/processes", definition).await;
    let body = json!({ "process_id": process["id"], "entity_id": "E" });
    let id = post(&world, "/api/v1/runs", body).await["id"].as_i64().expect("a number");
    let write = async |number: i64| {
        let statuses = ["running", "success", "failed", "pending", "success"];
        for (round, status) in (0..1000).zip(statuses.iter().cycle()) {
            let body = json!({ "status": status, "meta": { "round": round } });
            let path = format!("/api/v1/step-runs/{}", id * 1000 + number);
            let answer = world.admin().send("PATCH", &path, body).await;
            assert_eq!(answer.status, 200, "{}", answer.text);
            world.clock.advance(std::time::Duration::from_millis(7));
        }
    };
    tokio::join!(write(1), write(2));
    let seen = runs(&world, &[id]).await;
    let run = &seen[&id];
    assert_eq!(run["status"], "completed", "{run:#}");
    for step in run["steps"].as_array().expect("steps") {
        assert_eq!(step["meta"]["round"], 999);
    }
    let path = format!("/api/v1/dashboard/process/{}", process["id"]);
    assert_eq!(world.admin().get(&path).await.json["statistics"], recount(&seen));
    let expected = recount_durations(&seen, &process).into_iter();
    let expected: Vec<_> =
        expected.map(|(count, sum)| (count, sum.checked_div(count).unwrap_or(0))).collect();
    assert_eq!(durations(&world, &process).await, expected);
}
