//! How Pega refuses, in the words of both versions of its DX API, and what that means. What
//! Pega calls its errors is passed on and, but for the ids of two, not interpreted:
//! applications add ids and even statuses of their own.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use shared::error::{Error, FieldError, Kind};
use shared::jobs::Failure;
use shared::outbound::{CallError, Class, Outcome, Reply};
use shared::table::Value;

use crate::integrations::connections::client::{Failed, Held};

/// DX API v1: `If-Match` is not the case's ETag.
const STALE: &str = "Pega_API_021";
/// The most of Pega's words that is kept, in characters.
const LONGEST: usize = 2_000;
/// The most fields at fault that are passed on, and the longest name and words of each, in
/// characters.
const FIELDS: usize = 50;
const FIELD: usize = 300;
/// How soon an unreachable Pega is worth another call, if nothing else is said, in seconds.
const AGAIN: u64 = 5;

/// A call that Pega did not take.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trouble {
    /// What it means.
    pub meaning: Meaning,
    /// Whether the call may have had its effect.
    #[serde(default)]
    pub in_doubt: bool,
    /// Whether it may pass by itself.
    #[serde(default)]
    pub passes: bool,
    /// The status that Pega answered; none when it did not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// In one line, with Pega's own words.
    pub reason: String,
    /// The fields at fault.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldError>,
    /// In how many seconds it is worth another call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u64>,
}

/// What a refusal means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Meaning {
    /// Somebody saved the case since the version that was seen.
    StaleVersion,
    /// Somebody has the case open.
    Locked,
    /// What was sent does not fit.
    Invalid,
    /// There is no such case, action or assignment.
    NotFound,
    /// Pega's operator may not do this.
    Forbidden,
    /// Pega does not take the credentials.
    Unauthorized,
    /// Pega does not answer, or not now.
    Unreachable,
    /// It was not done, as whoever was to do it is gone.
    NotDone,
    /// It is not known what came of it.
    UnknownOutcome,
    /// Anything else.
    #[serde(other)]
    Refused,
}

impl Trouble {
    /// Nothing happened, and another call will not help.
    pub fn refused(meaning: Meaning, reason: impl Into<String>) -> Self {
        let reason = reason.into().chars().take(LONGEST).collect();
        let (in_doubt, passes) = (false, false);
        Self { meaning, in_doubt, passes, status: None, reason, fields: vec![], retry_after: None }
    }

    /// Nothing happened, which may pass.
    pub fn passing(meaning: Meaning, reason: impl Into<String>) -> Self {
        Self { passes: true, ..Self::refused(meaning, reason) }
    }

    /// It may have happened, and nobody will find out by trying again.
    pub fn unknown(reason: impl Into<String>) -> Self {
        Self::refused(Meaning::UnknownOutcome, reason)
    }

    /// What this answer means, which is no success. `what` was not taken.
    pub fn of_reply(reply: &Reply, what: &str) -> Self {
        let status = reply.status.as_u16();
        let body: Json = serde_json::from_slice(&reply.body).unwrap_or_default();
        let told = told(&body);
        let stale = told.iter().any(|word| word == STALE);
        let meaning = match status {
            _ if stale => Meaning::StaleVersion,
            409 | 412 => Meaning::StaleVersion,
            400 | 422 => Meaning::Invalid,
            401 => Meaning::Unauthorized,
            403 => Meaning::Forbidden,
            404 => Meaning::NotFound,
            423 => Meaning::Locked,
            300..=399 | 408 | 425 | 429 | 500..=599 => Meaning::Unreachable,
            _ => Meaning::Refused,
        };
        let mut reason = format!("Pega did not take {what}: HTTP {status}");
        if !told.is_empty() {
            reason = format!("{reason}: {}", told.join(" "));
        }
        let error = reply.failure(String::new());
        let retry_after = error.retry_after.map(|after| after.as_secs());
        let known = Self::refused(meaning, reason);
        Self {
            in_doubt: error.outcome == Outcome::InDoubt,
            passes: error.outcome == Outcome::NotDone,
            status: Some(status),
            fields: if meaning == Meaning::Invalid { fields(&body) } else { vec![] },
            retry_after,
            ..known
        }
    }

    /// Of a call that only looked: nothing can have happened.
    #[must_use]
    pub fn of_look(self) -> Self {
        Self { passes: self.passes || self.in_doubt, in_doubt: false, ..self }
    }
}

impl From<Failed> for Trouble {
    fn from(failed: Failed) -> Self {
        match failed {
            Failed::Held(Held { reason, retry_after }) => Self {
                retry_after: Some(retry_after.as_secs().max(1)),
                ..Self::passing(Meaning::Unreachable, reason)
            },
            // No answer of Pega's becomes an error; this one is the token endpoint's.
            Failed::Call(error) if error.class == Class::Answer => {
                Self::passing(Meaning::Unauthorized, error.reason)
            }
            Failed::Call(CallError { outcome, reason, retry_after, .. }) => Self {
                in_doubt: outcome == Outcome::InDoubt,
                passes: outcome == Outcome::NotDone,
                retry_after: retry_after.map(|after| after.as_secs()),
                ..Self::refused(Meaning::Unreachable, format!("Pega did not answer: {reason}"))
            },
        }
    }
}

/// With what is to be kept of it beside the reason.
impl From<Trouble> for Failure {
    fn from(trouble: Trouble) -> Self {
        let mut failure = Self::permanent(trouble.reason.clone());
        failure.retry = trouble.passes || trouble.in_doubt;
        failure.in_doubt = trouble.in_doubt;
        failure.retry_after = trouble.retry_after.map(Duration::from_secs);
        if let Ok(text) = serde_json::to_string(&trouble) {
            failure.record.set.push((Trouble::ATTRIBUTE, Value::from(text)));
        }
        failure
    }
}

impl Trouble {
    /// Where a row keeps it.
    pub const ATTRIBUTE: &str = "trouble";
}

/// What our own caller is told. That Pega refuses our operator is no fault of theirs.
impl From<Trouble> for Error {
    fn from(trouble: Trouble) -> Self {
        let kind = match trouble.meaning {
            _ if trouble.in_doubt => Kind::OutcomeUnknown,
            Meaning::StaleVersion => Kind::Stale,
            Meaning::Locked => Kind::Locked,
            Meaning::Invalid => Kind::Invalid,
            Meaning::NotFound => Kind::NotFound,
            Meaning::UnknownOutcome => Kind::OutcomeUnknown,
            Meaning::Forbidden | Meaning::Unauthorized | Meaning::Refused => Kind::RefusedElsewhere,
            Meaning::Unreachable if trouble.passes => Kind::Unavailable,
            Meaning::Unreachable => Kind::RefusedElsewhere,
            Meaning::NotDone => Kind::Unavailable,
        };
        let mut error = Self::new(kind, trouble.reason);
        error.fields = trouble.fields;
        let usual = (kind == Kind::Unavailable).then_some(AGAIN);
        error.retry_after = trouble.retry_after.or(usual).map(Duration::from_secs);
        error
    }
}

fn text<'a>(value: &'a Json, name: &str) -> Option<&'a str> {
    value.get(name)?.as_str().filter(|text| !text.is_empty())
}

fn list<'a>(value: &'a Json, name: &str) -> impl Iterator<Item = &'a Json> {
    value.get(name).and_then(Json::as_array).into_iter().flatten()
}

/// Pega's own words: of `errors` (v1, and a 401 of v2), or of `errorDetails` (v2).
fn told(body: &Json) -> Vec<String> {
    let of_v1 = list(body, "errors").flat_map(|error| {
        let fields = list(error, "ValidationMessages");
        let fields = fields.filter_map(|field| text(field, "ValidationMessage"));
        [text(error, "ID"), text(error, "message")].into_iter().flatten().chain(fields)
    });
    let of_v2 = text(body, "localizedValue").or(text(body, "errorClassification"));
    let details = list(body, "errorDetails")
        .filter_map(|detail| text(detail, "localizedValue").or(text(detail, "message")));
    of_v1.chain(of_v2).chain(details).map(str::to_owned).collect()
}

/// The fields at fault, by their paths in what was sent.
fn fields(body: &Json) -> Vec<FieldError> {
    let of_v1 = list(body, "errors").flat_map(|error| list(error, "ValidationMessages"));
    let of_v1 =
        of_v1.filter_map(|field| Some((text(field, "Path"), text(field, "ValidationMessage")?)));
    let of_v2 = list(body, "errorDetails").filter_map(|detail| {
        let message = text(detail, "localizedValue").or(text(detail, "message"))?;
        Some((text(detail, "erroneousInputOutputFieldInPage"), message))
    });
    let named = of_v1.chain(of_v2).map(|(path, message)| FieldError {
        field: match path.map(|path| path.trim_start_matches('.')) {
            None | Some("") => "content".to_owned(),
            Some(path) => cut(&format!("content.{path}")),
        },
        message: cut(message),
    });
    named.take(FIELDS).collect()
}

fn cut(text: &str) -> String {
    text.chars().take(FIELD).collect()
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use serde_json::json;
    use shared::outbound::{HeaderMap, StatusCode};

    use super::*;

    fn of(status: u16, body: &Json) -> anyhow::Result<Trouble> {
        let (status, body) = (StatusCode::from_u16(status)?, Bytes::from(body.to_string()));
        let reply = Reply { status, headers: HeaderMap::new(), body, truncated: false };
        Ok(Trouble::of_reply(&reply, "it"))
    }

    fn v1(id: &str) -> Json {
        json!({"errors": [{"ID": id, "message": "Words of Pega"}]})
    }

    #[test]
    fn what_a_refusal_means_is_told_by_its_status_and_whether_it_may_have_happened()
    -> anyhow::Result<()> {
        use Meaning::{
            Forbidden, Invalid, Locked, NotFound, Refused, StaleVersion, Unauthorized, Unreachable,
        };
        for (status, body, meaning, in_doubt, passes) in [
            (412, v1("Pega_API_021"), StaleVersion, false, false),
            (409, json!({}), StaleVersion, false, false),
            (403, v1("Pega_API_021"), StaleVersion, false, false),
            (403, v1("Pega_API_019"), Forbidden, false, false),
            (400, v1("Pega_API_008"), Invalid, false, false),
            (422, json!({}), Invalid, false, false),
            (404, v1("Pega_API_011"), NotFound, false, false),
            (401, json!(null), Unauthorized, false, true),
            (423, json!({}), Locked, false, true),
            (429, json!({}), Unreachable, false, true),
            (302, json!({}), Unreachable, false, true),
            (500, json!({}), Unreachable, true, false),
            (424, json!({}), Refused, false, false),
            (454, v1("My_App_1"), Refused, false, false),
        ] {
            let found = of(status, &body)?;
            let found = (found.meaning, found.in_doubt, found.passes);
            assert_eq!(found, (meaning, in_doubt, passes), "{status}");
        }
        Ok(())
    }

    #[test]
    fn no_more_of_the_fields_is_passed_on_than_a_caller_can_read() -> anyhow::Result<()> {
        for (count, length, kept, chars) in
            [(1, 1, 1, 1), (50, 292, 50, 292), (51, 300, 50, 300), (60, 5000, 50, 300)]
        {
            let text = "\u{e4}".repeat(length);
            let v1 = json!({"ValidationMessage": text, "Path": text});
            let v2 = json!({"localizedValue": text, "erroneousInputOutputFieldInPage": text});
            for body in [
                json!({"errors": [{"ValidationMessages": vec![v1; count]}]}),
                json!({"errorDetails": vec![v2; count]}),
            ] {
                let fields = of(422, &body)?.fields;
                assert_eq!(fields.len(), kept, "{count} of {length}");
                let longest = fields.iter().map(|field| field.message.chars().count()).max();
                assert_eq!(longest, Some(chars), "{count} of {length}");
                assert!(fields.iter().all(|field| field.field.chars().count() <= 300));
            }
        }
        Ok(())
    }

    #[test]
    fn fields_and_words_are_passed_on_and_nothing_else_of_a_body() -> anyhow::Result<()> {
        let of_v1 = of(
            400,
            &json!({"errors": [{"ID": "Pega_API_055", "message": "Validation.",
            "ValidationMessages": [{"ValidationMessage": "cannot be blank", "Path": ".Name"},
                {"ValidationMessage": "General"}]}]}),
        )?;
        let words =
            "Pega did not take it: HTTP 400: Pega_API_055 Validation. cannot be blank General";
        assert_eq!(of_v1.reason, words);
        let of_v2 = of(
            422,
            &json!({"errorClassification": "Invalid inputs", "errorDetails": [
            {"message": "Error_x", "localizedValue": "cannot be blank",
                "erroneousInputOutputFieldInPage": ".Name"}, {"message": "General"}]}),
        )?;
        let fields = [("content.Name", "cannot be blank"), ("content", "General")];
        for found in [of_v1, of_v2] {
            let found: Vec<_> =
                found.fields.iter().map(|f| (f.field.as_str(), f.message.as_str())).collect();
            assert_eq!(found, fields);
        }
        let page = of(503, &json!("<html>token=secret</html>"))?;
        assert_eq!(page.reason, "Pega did not take it: HTTP 503");
        Ok(())
    }
}
