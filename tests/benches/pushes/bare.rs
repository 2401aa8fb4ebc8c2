//! The bare database: the two writes of a pushed change (its row in the history, the agent's
//! current status) from sixteen threads, each synced to the disk before it counts. No HTTP, no
//! SDK, no checks.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::Result;
use dynoxide::Database;
use local::embedded::{Disk, Embedded, to_disk};
use serde_json::{Value, json};

const THREADS: u64 = 16;
const LASTS: Duration = Duration::from_secs(5);

/// Changes a second.
pub fn changes_a_second(folder: &Path) -> Result<f64> {
    let file = folder.join("bare.db");
    // Makes the tables.
    drop(Embedded::open(&file, to_disk())?);
    let database = Database::new(&file.to_string_lossy())?;
    let disk = Disk::start(&file, to_disk())?;
    let (count, began) = (Arc::new(AtomicU64::new(0)), Instant::now());
    let threads: Vec<_> = (0..THREADS)
        .map(|thread| {
            let (database, disk, count) = (database.clone(), disk.clone(), count.clone());
            let runtime = tokio::runtime::Builder::new_current_thread().build();
            std::thread::spawn(move || -> Result<()> {
                let runtime = runtime?;
                for number in 0.. {
                    if began.elapsed() > LASTS {
                        break;
                    }
                    one(&database, number * THREADS + thread)?;
                    disk.written();
                    runtime.block_on(disk.settled());
                    count.fetch_add(1, Ordering::Relaxed);
                }
                Ok(())
            })
        })
        .collect();
    for thread in threads {
        thread.join().map_err(|_| anyhow::anyhow!("a thread panicked"))??;
    }
    Ok(count.load(Ordering::Relaxed) as f64 / began.elapsed().as_secs_f64())
}

fn one(db: &Database, number: u64) -> Result<()> {
    let (agent, at) = (number % 500, 1_795_304_839_337 + number);
    let connection = "01a2011c-8a96-7447-9b4f-f84b7ac9c59a";
    let raw = "{\"workerId\":\"1\",\"stateName\":\"Talking\",\"stateCode\":\"S1\",\"systemId\":\
        \"bench\",\"actionTime\":1795304839,\"action\":1}";
    db.put_item(of(&json!({ "TableName": "WorkforceTable", "Item": {
        "pk": {"S": format!("T#default#CC-STATUS#{connection}#2026-11#{agent}")},
        "sk": {"S": format!("{at:015}#1#S1")}, "mark": {"S": "entered"},
        "agent": {"S": agent.to_string()}, "state_code": {"S": "S1"},
        "state_name": {"S": "Talking"}, "start": {"N": at.to_string()},
        "origin": {"S": "realtime_api"}, "raw": {"S": raw}, "expires_at": {"N": "1829864839"},
    }}))?)?;
    db.update_item(of(&json!({
        "TableName": "WorkforceTable", "Key": {
            "pk": {"S": format!("T#default#CC-NOW#{connection}#{}", agent % 4)},
            "sk": {"S": agent.to_string()} },
        "UpdateExpression": "SET agent = :g, seen = :s, state_code = :c, state_name = :n, #b = :b, \
            updated_at = :b, expires_at = :e",
        "ConditionExpression": "attribute_not_exists(seen) OR seen < :s",
        "ExpressionAttributeNames": {"#b": "start"},
        "ExpressionAttributeValues": {
            ":g": {"S": agent.to_string()}, ":s": {"N": (at * 2 + 1).to_string()},
            ":c": {"S": "S1"}, ":n": {"S": "Talking"}, ":b": {"N": at.to_string()},
            ":e": {"N": "1829864839"},
        },
    }))?)
    // Another thread was later: that is an answer.
    .map(drop)
    .or_else(|error| match error.to_string().contains("ConditionalCheckFailed") {
        true => Ok(()),
        false => Err(error.into()),
    })
}

fn of<T: serde::de::DeserializeOwned>(request: &Value) -> Result<T> {
    Ok(serde_json::from_value(request.clone())?)
}
