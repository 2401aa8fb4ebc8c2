//! What is pushed, in any of the forms that senders know: the example of the seed
//! (`agent_id`, `status`, `timestamp`), the older service's (with `start_time` and more), and
//! the six fields of Argus's protocol; one, or an array.

use serde::Deserialize;
use serde_json::{Map, Value as Json};
use shared::error::{Error, Result};
use shared::web::{moment, of_members};
use utoipa::ToSchema;

use super::super::records::{AgentStatus, Mark, Record, StatusMark};

/// The most changes in one request.
const MOST: usize = 1000;
/// How far a sender's clock may be ahead, in milliseconds.
const AHEAD: i64 = 10 * 60 * 1000;

/// A change of status as Argus's protocol has it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ArgusStatus {
    /// The agent.
    #[schema(max_length = 128)]
    worker_id: String,
    /// The status's name.
    #[schema(max_length = 128)]
    state_name: String,
    /// The status's code, with the reason's behind it if there is one.
    #[schema(max_length = 128)]
    state_code: String,
    /// The contact centre, as it calls itself.
    #[serde(rename = "systemId")]
    #[schema(max_length = 128)]
    system_id: String,
    /// When it changed, in seconds since 1970.
    #[schema(example = 1_568_816_347)]
    action_time: i64,
    /// 1 when the status was entered, 0 when it was left.
    #[schema(minimum = 0, maximum = 1)]
    action: i64,
}

/// A change of status: the agent entered it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RealTimeStatus {
    /// The agent.
    #[schema(max_length = 128, example = "agent123")]
    agent_id: String,
    /// The status.
    #[schema(max_length = 128, example = "available")]
    status: String,
    /// When it was entered: RFC 3339, or without a zone in UTC.
    start_time: Option<String>,
    /// The same as `start_time`; one of the two is needed.
    #[schema(example = "2024-01-15T10:30:00Z")]
    timestamp: Option<String>,
    /// The queue.
    #[serde(rename = "queue_id")]
    #[schema(max_length = 128)]
    queue_id: Option<String>,
    /// The service or group in which it holds.
    #[schema(max_length = 128)]
    service_group: Option<String>,
    /// How long it lasted so far.
    #[schema(minimum = 0)]
    duration_seconds: Option<f64>,
    /// How many calls the agent handled.
    #[schema(minimum = 0)]
    calls_handled: Option<i64>,
    /// What else the sender says.
    #[serde(rename = "additional_data")]
    #[schema(value_type = Option<Object>)]
    _additional_data: Option<Map<String, Json>>,
}

/// A change of status in either form.
#[derive(ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "only its schema counts: each form is read by its own members")]
pub enum OneStatus {
    /// Of the contract.
    RealTime(RealTimeStatus),
    /// Of Argus's protocol.
    Argus(ArgusStatus),
}

/// One change or up to 1,000.
#[derive(ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "as above")]
pub enum StatusPush {
    /// One.
    One(OneStatus),
    /// Many.
    Many(Vec<OneStatus>),
}

/// A change that was pushed, and the text that it came as.
#[derive(Debug)]
pub(super) struct Pushed {
    pub mark: StatusMark,
    pub raw: String,
}

/// Reads a body at this moment (milliseconds since 1970).
///
/// # Errors
/// `Malformed` when it is no JSON, `Invalid`, naming the member, when it is no push. Nothing
/// of an array is taken then.
pub(super) fn read(bytes: &[u8], now: i64) -> Result<Vec<Pushed>> {
    let body: Json = serde_json::from_slice(bytes).map_err(|error| {
        let words = error.to_string();
        let words = words.split(" at line ").next().unwrap_or_default();
        Error::malformed(format!("The body is not JSON: {words}"))
    })?;
    let all = match body {
        Json::Object(members) => return Ok(vec![one(members, now)?]),
        Json::Array(all) => all,
        _ => return Err(Error::invalid("body", "must be an object or an array of them")),
    };
    if !(1..=MOST).contains(&all.len()) {
        return Err(Error::invalid("body", format!("must have 1 to {MOST} changes of status")));
    }
    let each = all.into_iter().enumerate().map(|(at, element)| {
        let members = match element {
            Json::Object(members) => Ok(members),
            _ => Err(Error::invalid("", "must be an object")),
        };
        members.and_then(|members| one(members, now)).map_err(|error| within(at, error))
    });
    each.collect()
}

/// Names the element of an array in which a field is.
fn within(at: usize, error: Error) -> Error {
    let Some(field) = error.fields.into_iter().next() else { return Error::bug("no field") };
    let dot = if field.field.is_empty() { "" } else { "." };
    Error::invalid(&format!("[{at}]{dot}{}", field.field), field.message)
}

fn one(members: Map<String, Json>, now: i64) -> Result<Pushed> {
    let raw = Json::Object(members.clone()).to_string();
    let is_argus = ["workerId", "actionTime", "stateCode"].iter().any(|n| members.contains_key(*n));
    let (mark, at, names) = if is_argus {
        (of_argus(&of_members(members)?)?, "actionTime", ["workerId", "stateCode", "stateName", ""])
    } else {
        let given: RealTimeStatus = of_members(members)?;
        let at = if given.start_time.is_some() { "start_time" } else { "timestamp" };
        (of_contract(given)?, at, ["agent_id", "status", "status", "service_group"])
    };
    if mark.status.start > now + AHEAD {
        return Err(Error::invalid(at, "must not be more than ten minutes in the future"));
    }
    // The same words, of the member as the sender calls it.
    Record::AgentStatus(mark.status.clone()).check().map_err(|error| {
        let Some(field) = error.fields.into_iter().next() else { return Error::bug("no field") };
        let own = match field.field.as_str() {
            "agent" => names[0],
            "state_code" => names[1],
            "state_name" => names[2],
            "group" => names[3],
            _ => at,
        };
        Error::invalid(own, field.message)
    })?;
    Ok(Pushed { mark, raw })
}

fn of_argus(given: &ArgusStatus) -> Result<StatusMark> {
    let mark = match given.action {
        0 => Mark::Left,
        1 => Mark::Entered,
        _ => return Err(Error::invalid("action", "must be 0 or 1")),
    };
    if given.system_id.len() > super::super::records::LONGEST_ID {
        return Err(Error::invalid("systemId", "must be at most 128 bytes"));
    }
    let start = given.action_time.checked_mul(1000);
    let start = start.ok_or_else(|| Error::invalid("actionTime", "must be in seconds"))?;
    let status = AgentStatus {
        agent: given.worker_id.clone(),
        state_code: given.state_code.clone(),
        state_name: given.state_name.clone(),
        start,
        end: None,
        service: None,
        group: None,
    };
    Ok(StatusMark { mark, status })
}

fn of_contract(given: RealTimeStatus) -> Result<StatusMark> {
    let start = match (&given.start_time, &given.timestamp) {
        (Some(_), Some(_)) => {
            return Err(Error::invalid("timestamp", "cannot be given together with start_time"));
        }
        (Some(text), None) => moment("start_time", text)?,
        (None, Some(text)) => moment("timestamp", text)?,
        (None, None) => return Err(Error::invalid("start_time", "is required")),
    };
    if given.duration_seconds.is_some_and(|seconds| seconds < 0.0) {
        return Err(Error::invalid("duration_seconds", "must be >= 0"));
    }
    if given.calls_handled.is_some_and(|calls| calls < 0) {
        return Err(Error::invalid("calls_handled", "must be >= 0"));
    }
    if given.queue_id.is_some_and(|id| id.len() > super::super::records::LONGEST_ID) {
        return Err(Error::invalid("queue_id", "must be at most 128 bytes"));
    }
    let status = AgentStatus {
        agent: given.agent_id,
        state_name: AgentStatus::name_of(&given.status),
        state_code: given.status,
        start: start.as_millisecond(),
        end: None,
        service: None,
        group: given.service_group,
    };
    Ok(StatusMark { mark: Mark::Entered, status })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOW: i64 = 1_705_314_600_000;

    fn check(body: &Json, expected: Result<&str, &str>) {
        let read = read(body.to_string().as_bytes(), NOW);
        let told = match &read {
            Ok(all) => Ok(all
                .iter()
                .map(|one| {
                    let AgentStatus { agent, state_code, state_name, start, .. } = &one.mark.status;
                    format!("{agent} {state_code} {state_name} {start} {:?}", one.mark.mark)
                })
                .collect::<Vec<_>>()
                .join("; ")),
            Err(error) => Err(error.fields.first().map_or("", |field| field.field.as_str())),
        };
        assert_eq!(told, expected.map(str::to_owned), "{body}");
    }

    #[test]
    fn three_forms_are_one() {
        let argus = json!({"workerId": "1", "stateName": "Обед", "stateCode": "LUNCH",
            "systemId": "S", "actionTime": 1_705_314_600, "action": 0});
        check(&argus, Ok("1 LUNCH Обед 1705314600000 Left"));
        let seed = json!({"agent_id": "a", "status": "after_call_work",
            "timestamp": "2024-01-15T10:30:00Z"});
        check(&seed, Ok("a after_call_work After Call Work 1705314600000 Entered"));
        let older = json!({"agent_id": "a", "status": "available", "calls_handled": 3,
            "start_time": "2024-01-15T13:30:00+03:00", "additional_data": {"x": [1]}});
        check(&older, Ok("a available Available 1705314600000 Entered"));
        check(
            &json!([argus, seed]),
            Ok("1 LUNCH Обед 1705314600000 Left; \
                a after_call_work After Call Work 1705314600000 Entered"),
        );
    }

    #[test]
    fn what_is_wrong_is_named_as_the_sender_calls_it() {
        let argus = |name: &str, value: Json| {
            let mut body = json!({"workerId": "1", "stateName": "A", "stateCode": "A",
                "systemId": "S", "actionTime": 1_705_314_600, "action": 1});
            body[name] = value;
            body
        };
        let seed = |name: &str, value: Json| {
            let mut body = json!({"agent_id": "a", "status": "s", "timestamp": "2024-01-15"});
            body[name] = value;
            body
        };
        let long = "x".repeat(129);
        for (body, field) in [
            (argus("workerId", json!("")), "workerId"),
            (argus("workerId", json!(7)), "workerId"),
            (argus("stateName", json!(long)), "stateName"),
            (argus("stateCode", json!("a\u{1f}b")), "stateCode"),
            (argus("systemId", json!(long)), "systemId"),
            (argus("actionTime", json!(1_705_314_600_000_i64)), "actionTime"),
            (argus("actionTime", json!(i64::MAX)), "actionTime"),
            (argus("actionTime", json!(-1)), "actionTime"),
            (argus("actionTime", json!(1_705_315_201)), "actionTime"),
            (argus("action", json!(2)), "action"),
            (seed("agent_id", Json::Null), "agent_id"),
            (seed("status", json!("")), "status"),
            (seed("timestamp", json!("yesterday")), "timestamp"),
            (seed("timestamp", json!("2024-01-16")), "timestamp"),
            (seed("start_time", json!("2024-01-15")), "timestamp"),
            (seed("duration_seconds", json!(-1)), "duration_seconds"),
            (seed("calls_handled", json!(-1)), "calls_handled"),
            (seed("colour", json!("red")), "colour"),
            (json!({"agent_id": "a", "status": "s"}), "start_time"),
            (json!([]), "body"),
            (json!("x"), "body"),
            (json!([argus("action", json!(1)), 7]), "[1]"),
            (json!([argus("action", json!(9))]), "[0].action"),
            (Json::Array(vec![argus("action", json!(1)); 1001]), "body"),
        ] {
            check(&body, Err(field));
        }
        assert!(read(b"{", NOW).is_err_and(|error| error.fields.is_empty()));
    }
}
