//! The two writes of a pushed change, with items as the service writes them: its row in the
//! history, and the agent's current status.

use anyhow::Result;
use serde_json::json;

use super::bare::{Thread, of};

/// Makes a change.
pub fn one(with: &Thread, number: u64) -> Result<()> {
    let db = &with.database;
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
        "UpdateExpression": "SET #g = :g, seen = :s, state_code = :c, state_name = :n, #b = :b, \
            updated_at = :b, expires_at = :e",
        "ConditionExpression": "attribute_not_exists(seen) OR seen < :s",
        "ExpressionAttributeNames": {"#b": "start", "#g": "agent"},
        "ExpressionAttributeValues": {
            ":g": {"S": agent.to_string()}, ":s": {"N": (at * 2 + 1).to_string()},
            ":c": {"S": "S1"}, ":n": {"S": "Talking"}, ":b": {"N": at.to_string()},
            ":e": {"N": "1829864839"},
        },
    }))?)
    // Another thread was later: that is an answer.
    .map(drop)
    .or_else(|error| match error.to_string().contains("conditional request failed") {
        true => Ok(()),
        false => Err(error),
    })?;
    with.settle();
    Ok(())
}
