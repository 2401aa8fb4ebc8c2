//! What an answer says of a step that is run again. Pure.

use serde::Deserialize;
use serde_json::{Map, Value as Json};
use shared::outbound::{Reply, StatusCode};

use super::Refusal;
use crate::processes::reruns::condition::Failed;
use crate::processes::reruns::model::Answer;
use crate::processes::runs::StepStatus;

/// The largest metadata and failure that are taken of an answer, in bytes.
const LARGEST: usize = 8 * 1024;

/// What an answer's body may say.
#[derive(Default, Deserialize)]
struct Body {
    status: Option<String>,
    meta: Option<Map<String, Json>>,
    failure: Option<Json>,
}

/// Reads an answer. Where its body does not say how the step is going, its status does: 202
/// that it is under way, and any other 2xx that it went well.
pub(super) fn read(reply: &Reply) -> Result<Answer, Refusal> {
    let status = reply.status;
    if !status.is_success() {
        let error = reply.failure(format!("the other side answered HTTP {}", status.as_u16()));
        let failed = Failed::answered(status);
        return Err(Refusal { failed, ..Refusal::unanswered(error) });
    }
    let senseless = |why: &str| Refusal {
        failed: Failed::senseless(status),
        ..Refusal::for_good(format!("the answer of HTTP {} {why}", status.as_u16()))
    };
    if reply.truncated {
        return Err(senseless("is too long"));
    }
    let body = body(reply).map_err(senseless)?;
    let unsaid = match status {
        StatusCode::ACCEPTED => StepStatus::Running,
        _ => StepStatus::Success,
    };
    let said = match body.status.as_deref().map(str::to_ascii_lowercase).as_deref() {
        None => unsaid,
        Some("success") => StepStatus::Success,
        Some("failed") => StepStatus::Failed,
        Some("running") => StepStatus::Running,
        Some("pending") => StepStatus::Pending,
        Some(_) => {
            return Err(senseless("says none of success, failed, running and pending"));
        }
    };
    let meta = body.meta.unwrap_or_default();
    let failure = match body.failure {
        Some(Json::Object(members)) => Some(Json::Object(members)),
        Some(other) if !other.is_null() => Some(serde_json::json!({ "message": other })),
        _ => None,
    };
    let size = |json: &Json| json.to_string().len();
    if size(&Json::Object(meta.clone())) + failure.as_ref().map_or(0, size) > LARGEST {
        return Err(senseless("has too much in its meta and failure"));
    }
    let unnamed = || serde_json::json!({ "message": "The other side says that it failed" });
    let failure = (said == StepStatus::Failed).then(|| failure.unwrap_or_else(unnamed));
    Ok(Answer { meta, failure, ..Answer::of(said) })
}

/// The body, if it is meant to be one of ours.
fn body(reply: &Reply) -> Result<Body, &'static str> {
    let kind = reply.headers.get("content-type").and_then(|value| value.to_str().ok());
    let is_json = kind.is_some_and(|kind| kind.to_ascii_lowercase().contains("json"));
    if reply.body.is_empty() || !is_json {
        return Ok(Body::default());
    }
    match serde_json::from_slice(&reply.body) {
        Ok(Json::Object(members)) => serde_json::from_value(Json::Object(members))
            .map_err(|_| "has a status, meta or failure of another type"),
        Ok(_) => Ok(Body::default()),
        Err(_) => Err("is no JSON"),
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use shared::outbound::HeaderMap;

    use super::*;

    fn told(status: u16, body: &str) -> Result<Answer, String> {
        let mut headers = HeaderMap::new();
        let kind = if body.starts_with('<') { "text/html" } else { "application/json" };
        let _ = kind.parse().map(|kind| headers.insert("content-type", kind));
        let status = StatusCode::from_u16(status).unwrap_or_default();
        let body = Bytes::from(body.to_owned());
        let reply = Reply { status, headers, body, truncated: false };
        read(&reply).map_err(|refusal| refusal.failed.name().to_owned())
    }

    fn check(status: u16, body: &str, said: Result<StepStatus, &str>) {
        let told = told(status, body).map(|answer| answer.status);
        assert_eq!(told, said.map_err(str::to_owned), "{status} {body}");
    }

    #[test]
    fn the_body_says_how_it_goes_and_else_the_status_does() {
        use StepStatus::{Failed, Pending, Running, Success};
        check(200, "", Ok(Success));
        check(204, "", Ok(Success));
        check(202, "", Ok(Running));
        check(200, "<html>", Ok(Success));
        check(200, "[1]", Ok(Success));
        check(200, r#"{"id":7}"#, Ok(Success));
        check(202, r#"{"status":"success"}"#, Ok(Success));
        check(200, r#"{"status":"FAILED"}"#, Ok(Failed));
        check(200, r#"{"status":"running"}"#, Ok(Running));
        check(201, r#"{"status":"pending","meta":{"job":1}}"#, Ok(Pending));
        check(200, r#"{"status":"queued"}"#, Err("invalid_response"));
        check(200, r#"{"status":7}"#, Err("invalid_response"));
        check(200, r#"{"meta":[]}"#, Err("invalid_response"));
        check(200, "{", Err("invalid_response"));
        check(302, "", Err("invalid_response"));
        check(404, "", Err("client_error"));
        check(429, "", Err("rate_limit"));
        check(503, r#"{"status":"success"}"#, Err("server_error"));
        let large = format!(r#"{{"meta":{{"a":"{}"}}}}"#, "x".repeat(9000));
        check(200, &large, Err("invalid_response"));
    }

    #[test]
    fn a_failure_is_an_object_whatever_was_said() {
        let failure = |body: &str| told(200, body).ok().and_then(|answer| answer.failure);
        let said = failure(r#"{"status":"failed","failure":{"code":5}}"#);
        assert_eq!(said, Some(serde_json::json!({ "code": 5 })));
        let said = failure(r#"{"status":"failed","failure":"no disk"}"#);
        assert_eq!(said, Some(serde_json::json!({ "message": "no disk" })));
        assert!(failure(r#"{"status":"failed"}"#).is_some());
        assert!(failure(r#"{"status":"success","failure":{"code":5}}"#).is_none());
    }
}
