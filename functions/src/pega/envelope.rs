//! Reading what a sender sent: flat JSON as Pega sends it, or a CloudEvent
//! (structured or binary, CloudEvents 1.0 HTTP binding). Pure: bytes and headers
//! in, a checked [`NewEvent`] or a problem that names the field out.

use axum::http::HeaderMap;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use shared::error::{Error, Kind, Result};
use shared::idempotency::IdempotencyKey;
use shared::web::Body;

use super::keys;

/// The deepest nesting that is accepted.
const MAX_DEPTH: usize = 64;
/// The longest case id or event type, in bytes.
pub(super) const MAX_NAME: usize = 256;

/// An event that may be stored.
#[derive(Debug)]
pub(super) struct NewEvent {
    pub case_id: String,
    pub event: String,
    /// The payload's JSON text as received.
    pub payload: String,
    pub key: Option<IdempotencyKey>,
    /// What makes two requests the same: case, type and bytes.
    pub identity: Vec<u8>,
}

/// A CloudEvent in structured mode.
#[derive(Deserialize)]
struct Structured<'a> {
    specversion: String,
    id: String,
    source: String,
    #[serde(rename = "type")]
    kind: String,
    subject: Option<String>,
    #[serde(borrow)]
    data: Option<&'a RawValue>,
}

/// What an envelope says in place of the payload.
#[derive(Default)]
struct Told {
    case_id: Option<String>,
    event: Option<String>,
    key: Option<IdempotencyKey>,
}

/// Reads a request.
pub(super) fn read(headers: &HeaderMap, body: &Body) -> Result<NewEvent> {
    let text = std::str::from_utf8(&body.bytes).map_err(|_| Error::malformed("Invalid JSON"))?;
    let whole = parse(text)?;
    match body.media_type.as_str() {
        "application/cloudevents+json" => structured_mode(headers, text, &whole),
        "application/cloudevents-batch+json" => {
            let detail = "CloudEvents must come one at a time";
            Err(Error::new(Kind::UnsupportedMedia, detail)
                .field("header Content-Type", "is a batch"))
        }
        _ => check(headers, text.trim().to_owned(), &whole, binary_mode(headers)?),
    }
}

/// A CloudEvent in structured mode holds the payload in `data`.
fn structured_mode(headers: &HeaderMap, text: &str, whole: &Value) -> Result<NewEvent> {
    let event: Structured<'_> = serde_json::from_str(text).map_err(|error| {
        let detail = format!("The CloudEvent is not complete: {error}");
        Error::malformed(detail).field("body", "must have specversion, id, source and type")
    })?;
    let Some(data) = event.data.filter(|_| event.specversion == "1.0") else {
        let (field, message) = match event.data {
            None => ("data", "must be a JSON object"),
            Some(_) => ("specversion", "must be 1.0"),
        };
        return Err(
            Error::malformed(format!("The CloudEvent's {field} {message}")).field(field, message)
        );
    };
    let told = Told {
        key: keys::of_cloud_event(&event.source, &event.id)?,
        case_id: event.subject,
        event: Some(event.kind),
    };
    let value = whole.get("data").cloned().unwrap_or_default();
    check(headers, data.get().to_owned(), &value, told)
}

fn parse(text: &str) -> Result<Value> {
    let value = serde_json::from_str(text).map_err(unparsable)?;
    wholesome(&value, "", 0)?;
    Ok(value)
}

/// What the parser cannot take, told apart from what is no JSON at all.
fn unparsable(error: serde_json::Error) -> Error {
    let told = error.to_string();
    if told.starts_with("recursion limit") {
        return too_deep("body");
    }
    if told.starts_with("number out of range") {
        let detail = "The JSON holds a number that is too large";
        return Error::malformed(detail).field("body", told);
    }
    Error::malformed("Invalid JSON")
}

/// Refuses nesting and characters that nothing downstream is sure to survive.
fn wholesome(value: &Value, path: &str, depth: usize) -> Result<()> {
    if depth > MAX_DEPTH {
        return Err(too_deep(path.split('.').next().unwrap_or("body")));
    }
    match value {
        Value::String(text) if text.contains('\0') => {
            Err(Error::malformed(format!("{path} contains a NUL character"))
                .field(path, "must not contain NUL characters"))
        }
        Value::Array(items) => {
            items.iter().try_for_each(|item| wholesome(item, &format!("{path}[]"), depth + 1))
        }
        Value::Object(members) => members.iter().try_for_each(|(name, member)| {
            let inner = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
            if name.contains('\0') {
                return Err(Error::malformed("A member's name contains a NUL character")
                    .field(&inner.replace('\0', "\\u0000"), "must not contain NUL characters"));
            }
            wholesome(member, &inner, depth + 1)
        }),
        _ => Ok(()),
    }
}

fn too_deep(field: &str) -> Error {
    Error::malformed(format!("The JSON is nested deeper than {MAX_DEPTH} levels"))
        .field(field, format!("must not be nested deeper than {MAX_DEPTH} levels"))
}

/// The checks that every form goes through.
fn check(headers: &HeaderMap, payload: String, value: &Value, told: Told) -> Result<NewEvent> {
    let Value::Object(members) = value else {
        return Err(Error::malformed("The body must be a JSON object")
            .field("body", "must be a JSON object"));
    };
    let case_id = match told.case_id.filter(|_| !truthy(members.get("caseId"))) {
        Some(subject) => name("caseId", Some(&subject.into()))?,
        None => name("caseId", members.get("caseId"))?,
    };
    let event = match told.event.filter(|_| !truthy(members.get("event"))) {
        Some(kind) => name("event", Some(&kind.into()))?,
        None => name("event", members.get("event"))?,
    };
    let (Some(case_id), Some(event)) = (&case_id, &event) else {
        let mut error = Error::malformed("Fields 'caseId' and 'event' are required");
        for (field, value) in [("caseId", &case_id), ("event", &event)] {
            if value.is_none() {
                error = error.field(field, "is required");
            }
        }
        return Err(error);
    };
    for (field, name) in [("caseId", case_id), ("event", event)] {
        if name.len() > MAX_NAME {
            return Err(Error::invalid(field, format!("must be at most {MAX_NAME} bytes long")));
        }
    }
    let key = keys::find(headers, told.key, members)?;
    let identity = format!("{}|{case_id}|{event}|{payload}", case_id.len()).into_bytes();
    Ok(NewEvent { case_id: case_id.clone(), event: event.clone(), payload, key, identity })
}

/// A name as text: strings as they are, numbers as they are written. Empty values
/// count as missing, as they always did; other types are refused.
pub(super) fn name(field: &str, value: Option<&Value>) -> Result<Option<String>> {
    match value {
        present if !truthy(present) => Ok(None),
        Some(Value::String(text)) if text.contains('\0') => {
            Err(Error::malformed(format!("{field} contains a NUL character"))
                .field(field, "must not contain NUL characters"))
        }
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(Value::Number(number)) => Ok(Some(number.to_string())),
        _ => Err(Error::invalid(field, "must be a string or a number")),
    }
}

/// Whether a value counts as given: not missing, null, false, 0 or empty.
pub(super) fn truthy(value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::Null) => false,
        Some(Value::Bool(truth)) => *truth,
        Some(Value::Number(number)) => number.as_f64() != Some(0.0),
        Some(Value::String(text)) => !text.is_empty(),
        Some(Value::Array(items)) => !items.is_empty(),
        Some(Value::Object(members)) => !members.is_empty(),
    }
}

/// A CloudEvent in binary mode tells itself in `ce-` headers.
fn binary_mode(headers: &HeaderMap) -> Result<Told> {
    let told = |name: &str| headers.get(name).and_then(|v| v.to_str().ok()).map(decode);
    let (Some(id), Some(source), Some(kind), Some(version)) =
        (told("ce-id"), told("ce-source"), told("ce-type"), told("ce-specversion"))
    else {
        return Ok(Told::default());
    };
    if version != "1.0" {
        return Err(Error::malformed("The CloudEvent's specversion must be 1.0")
            .field("header ce-specversion", "must be 1.0"));
    }
    let key = keys::of_cloud_event(&source, &id)?;
    Ok(Told { case_id: told("ce-subject"), event: Some(kind), key })
}

/// Header values of CloudEvents are percent-encoded.
fn decode(value: &str) -> String {
    shared::web::percent_decode(value)
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderName, HeaderValue};

    use super::*;

    fn request(headers: &[(&'static str, &'static str)], body: &str) -> Result<NewEvent> {
        let media_type = headers.iter().find(|(name, _)| *name == "content-type");
        let media_type = media_type.map_or("application/json", |(_, value)| value).to_owned();
        let header = |(name, value): &(&'static str, &'static str)| {
            (HeaderName::from_static(name), HeaderValue::from_static(value))
        };
        let headers = headers.iter().map(header).collect();
        read(&headers, &Body { bytes: body.to_owned().into(), media_type })
    }

    fn check_refused(body: &str, detail: &str, field: Option<&str>) {
        let error = request(&[], body).expect_err(body);
        assert_eq!(error.detail, detail, "{body:.80}");
        assert_eq!(error.fields.first().map(|f| f.field.as_str()), field, "{body:.80}");
    }

    #[test]
    fn what_cannot_be_stored_is_refused_by_name() {
        let required = "Fields 'caseId' and 'event' are required";
        check_refused("", "Invalid JSON", None);
        check_refused("{", "Invalid JSON", None);
        check_refused("[]", "The body must be a JSON object", Some("body"));
        check_refused(r#""x""#, "The body must be a JSON object", Some("body"));
        check_refused("{}", required, Some("caseId"));
        check_refused(r#"{"caseId":"C"}"#, required, Some("event"));
        check_refused(r#"{"caseId":"","event":"e"}"#, required, Some("caseId"));
        check_refused(r#"{"caseId":0,"event":"e"}"#, required, Some("caseId"));
        check_refused(
            r#"{"caseId":{"a":1},"event":"e"}"#,
            "caseId must be a string or a number",
            Some("caseId"),
        );
        check_refused(
            r#"{"caseId":"C","event":"e","a":{"b":"\u0000"}}"#,
            "a.b contains a NUL character",
            Some("a.b"),
        );
        let long = format!(r#"{{"caseId":"{}","event":"e"}}"#, "x".repeat(257));
        check_refused(&long, "caseId must be at most 256 bytes long", Some("caseId"));
    }

    #[test]
    fn nesting_is_accepted_to_64_levels_and_no_further() {
        let nested = |levels: usize| {
            let (open, close) = ("[".repeat(levels - 1), "]".repeat(levels - 1));
            format!(r#"{{"caseId":"C","event":"e","a":{open}{close}}}"#)
        };
        assert!(request(&[], &nested(64)).is_ok());
        for levels in [66, 100, 1000] {
            let error = request(&[], &nested(levels)).expect_err("too deep");
            assert_eq!(error.detail, "The JSON is nested deeper than 64 levels");
        }
    }

    #[test]
    fn numbers_become_text_and_the_payload_stays_as_sent() -> Result<()> {
        let body = r#" {"caseId": 12, "event": "e", "n": 1.50} "#;
        let event = request(&[], body)?;
        assert_eq!((event.case_id.as_str(), event.event.as_str()), ("12", "e"));
        assert_eq!(event.payload, body.trim());
        Ok(())
    }

    #[test]
    fn the_key_comes_from_the_first_place_that_has_one() -> Result<()> {
        let body = r#"{"caseId":"C","event":"e","eventId":"b-1"}"#;
        let place = |headers: &[(&'static str, &'static str)]| -> Result<_> {
            Ok(request(headers, body)?.key.map(|key| (key.place, key.value)))
        };
        assert_eq!(place(&[])?, Some(("eventId", "b-1".to_owned())));
        assert_eq!(place(&[("x-request-id", "r")])?, Some(("x-request-id", "r".to_owned())));
        let both = [("x-request-id", "r"), ("idempotency-key", "i")];
        assert_eq!(place(&both)?, Some(("idempotency-key", "i".to_owned())));
        assert_eq!(place(&[("idempotency-key", "")])?, Some(("eventId", "b-1".to_owned())));
        Ok(())
    }

    #[test]
    fn a_cloud_event_that_is_not_whole_is_refused_by_name() {
        let check = |body: &str, field: &str| {
            let media = [("content-type", "application/cloudevents+json")];
            let error = request(&media, body).expect_err(body);
            assert_eq!(error.fields[0].field, field, "{body}");
        };
        check(r#"{"specversion":"1.0","id":"7","source":"/p"}"#, "body");
        check(r#"{"specversion":"1.0","id":"7","source":"/p","type":"e"}"#, "data");
        check(
            r#"{"specversion":"0.3","id":"7","source":"/p","type":"e","data":{}}"#,
            "specversion",
        );
        check(r#"{"specversion":"1.0","id":"7","source":"/p","type":"e","data":[]}"#, "body");
        let batch = [("content-type", "application/cloudevents-batch+json")];
        let error = request(&batch, "[]").expect_err("a batch");
        assert_eq!(error.kind, Kind::UnsupportedMedia);
    }

    #[test]
    fn a_cloud_event_says_the_same_in_both_modes() -> Result<()> {
        let data = r#"{"employeeId":"E1"}"#;
        let structured = format!(
            r#"{{"specversion":"1.0","id":"7","source":"/pega","type":"role_change","subject":"HR-WORK 1","data":{data}}}"#
        );
        let one = request(&[("content-type", "application/cloudevents+json")], &structured)?;
        let headers = [
            ("ce-id", "7"),
            ("ce-source", "/pega"),
            ("ce-type", "role_change"),
            ("ce-specversion", "1.0"),
            ("ce-subject", "HR-WORK%201"),
        ];
        let other = request(&headers, data)?;
        for event in [&one, &other] {
            assert_eq!(event.case_id, "HR-WORK 1");
            assert_eq!(event.event, "role_change");
            assert_eq!(event.payload, data);
        }
        assert_eq!(one.key, other.key);
        Ok(())
    }
}
