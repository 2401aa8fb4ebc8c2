//! The bare database: the four commits of one event (number, acceptance, claim,
//! result) with items as the service writes them, from sixteen threads, with the
//! same group sync before an event counts as accepted. No HTTP, no SDK, no checks.

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

/// Events a second.
pub fn events_a_second(folder: &Path) -> Result<f64> {
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
                    one(&database, &disk, &runtime, number * THREADS + thread)?;
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

fn one(db: &Database, disk: &Disk, runtime: &tokio::runtime::Runtime, id: u64) -> Result<()> {
    db.update_item(of(&json!({
        "TableName": "ControlTable", "Key": key("SEQ#event"), "ReturnValues": "ALL_NEW",
        "UpdateExpression": "ADD n :n", "ExpressionAttributeValues": {":n": {"N": "1"}},
    }))?)?;
    db.transact_write_items(of(&acceptance(id))?)?;
    disk.written();
    runtime.block_on(disk.settled());
    db.update_item(of(&claim(id))?)?;
    db.update_item(of(&result(id))?)?;
    disk.written();
    Ok(())
}

fn of<T: serde::de::DeserializeOwned>(request: &Value) -> Result<T> {
    Ok(serde_json::from_value(request.clone())?)
}

fn key(id: &str) -> Value {
    json!({"pk": {"S": format!("T#default#{id}")}, "sk": {"S": "-"}})
}

fn acceptance(id: u64) -> Value {
    let (pk, digest) = (format!("T#default#E#{id}"), "0a693ae6860c209f".repeat(4));
    let (case, number) = (key(&format!("C#HRSR-WORK HR-{id}")), json!({"N": id.to_string()}));
    let event = json!({
        "pk": {"S": pk}, "sk": {"S": "-"}, "event": {"S": "department_change"},
        "case_id": {"S": format!("HRSR-WORK HR-{id}")}, "received_at": {"N": "1795304839337"},
        "source": {"S": "key:e35def59"}, "by_type": {"S": "T#default#Y#department_change"},
        "payload": {"B": "KLUv".repeat(65)}, "state": {"S": "READY"}, "attempt": {"N": "0"},
        "due_at": {"N": "1795304839337"}, "rank": number,
        "due_shard": {"S": format!("D#{}", id % 16)}, "wake_at": {"N": "1795304929337"},
    });
    json!({"TransactItems": [
        {"Put": {
            "TableName": "EventsTable", "Item": event,
            "ConditionExpression": "attribute_not_exists(pk)",
        }},
        {"Update": {
            "TableName": "EventsTable", "Key": case,
            "UpdateExpression": "SET tail = :t, #b = :b, #a = :a",
            "ConditionExpression": "attribute_not_exists(pk)",
            "ExpressionAttributeNames": {"#a": "at", "#b": "body"},
            "ExpressionAttributeValues":
                {":t": number, ":b": {"S": digest}, ":a": {"N": "1795304839337"}},
        }},
        {"Put": {
            "TableName": "AuditTable", "Item": entry(id),
            "ConditionExpression": "attribute_not_exists(pk)",
        }},
    ]})
}

/// The entry of the audit trail.
fn entry(id: u64) -> Value {
    json!({
        "pk": {"S": format!("T#default#AUDIT#2026-11-22#{}", id % 4)},
        "sk": {"S": format!("001795304839337-{id:012x}")}, "at": {"N": "1795304839337"},
        "actor": {"S": "key:1"}, "action": {"S": "event.receive"},
        "subject": {"S": format!("event:{id}")}, "details": {"S": "{}"},
        "corr": {"S": "01a2011c-8a96-7447-9b4f-f84b7ac9c59a"},
    })
}

fn claim(id: u64) -> Value {
    json!({
        "TableName": "EventsTable", "Key": key(&format!("E#{id}")),
        "UpdateExpression": "SET #s = :s, #o = :o, attempt = :n, lease_until = :l",
        "ConditionExpression": "#s = :r AND attempt = :z",
        "ExpressionAttributeNames": {"#s": "state", "#o": "owner"},
        "ExpressionAttributeValues": {
            ":s": {"S": "LEASED"}, ":o": {"S": "63a52054088b43e4894e9c1069d95d56"},
            ":n": {"N": "1"}, ":l": {"N": "1795304914356"}, ":r": {"S": "READY"}, ":z": {"N": "0"},
        },
    })
}

fn result(id: u64) -> Value {
    json!({
        "TableName": "EventsTable", "Key": key(&format!("E#{id}")),
        "UpdateExpression":
            "SET #s = :s, #r = :r, processed_at = :p REMOVE due_shard, wake_at, lease_until",
        "ConditionExpression": "#s = :l AND attempt = :n",
        "ExpressionAttributeNames": {"#s": "state", "#r": "result"},
        "ExpressionAttributeValues": {
            ":s": {"S": "DONE"}, ":r": {"S": "x".repeat(290)}, ":p": {"N": "1795304839365"},
            ":l": {"S": "LEASED"}, ":n": {"N": "1"},
        },
    })
}
