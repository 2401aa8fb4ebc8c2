//! The four commits of one event (number, acceptance, claim, result), with items as the service
//! writes them; it counts once it is accepted.

use anyhow::Result;
use serde_json::{Value, json};

use super::bare::{Thread, of};

/// Accepts an event and works through it.
pub fn one(with: &Thread, id: u64) -> Result<()> {
    let db = &with.database;
    db.update_item(of(&json!({
        "TableName": "ControlTable", "Key": key("SEQ#event"), "ReturnValues": "ALL_NEW",
        "UpdateExpression": "ADD n :n", "ExpressionAttributeValues": {":n": {"N": "1"}},
    }))?)?;
    db.transact_write_items(of(&acceptance(id))?)?;
    with.settle();
    db.update_item(of(&claim(id))?)?;
    db.update_item(of(&result(id))?)?;
    with.disk.written();
    Ok(())
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
