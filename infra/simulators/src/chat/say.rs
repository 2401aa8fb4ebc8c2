//! How it answers, once it was asked as it should be.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use super::asked::refusal;

/// A way of answering.
#[derive(Clone, Debug)]
pub enum Say {
    /// Well: these members of a decision, and what is usual for the others. What it cites is
    /// the beginning of the first policy that it was told of.
    Decision(Value),
    /// As the user's text wants it, if that says `ignore` and what to `answer`, and is very
    /// sure of that; it asks for an approval otherwise.
    Obedient,
    /// What is no JSON.
    Malformed,
    /// Without a citation.
    Uncited,
    /// With a passage that it made up.
    Invented,
    /// With more than it may say.
    TooMuch,
    /// Cut off in the middle.
    Cut,
    /// Not at all, for the safety of everybody.
    Refusal,
    /// That it has no time, and when to come again, in seconds.
    Busy(u64),
    /// That it is broken.
    Broken,
}

/// A policy as it was told of it.
#[derive(Deserialize)]
struct Policy {
    id: String,
    text: String,
}

impl Say {
    /// The answer to a request, which is the `number`th.
    pub(super) fn answer(&self, asked: &Value, number: usize) -> Response {
        let decision = |changes: Value| decision(asked, changes).to_string();
        let (content, finish_reason) = match self {
            Self::Decision(changes) => (decision(changes.clone()), "stop"),
            Self::Obedient => (decision(obeyed(asked)), "stop"),
            Self::Malformed => (format!("Sure! {}", decision(json!({}))), "stop"),
            Self::Uncited => (decision(json!({ "citations": [] })), "stop"),
            Self::Invented => (decision(invented(asked)), "stop"),
            Self::TooMuch => (decision(json!({ "justification_brief": "x".repeat(5000) })), "stop"),
            Self::Cut => (decision(json!({})).chars().take(40).collect(), "length"),
            Self::Refusal => {
                let refused = json!({ "role": "assistant", "content": null,
                    "refusal": "I'm sorry, I can't assist with that request." });
                return completion(asked, &refused, "stop", number);
            }
            Self::Busy(seconds) => {
                let told = "Rate limit reached for requests.";
                let refused = refusal(StatusCode::TOO_MANY_REQUESTS, told);
                let refused = refused.kind("requests").code("rate_limit_exceeded");
                return ([("retry-after", seconds.to_string())], refused).into_response();
            }
            Self::Broken => {
                let told = "The server had an error while processing your request.";
                let refused = refusal(StatusCode::INTERNAL_SERVER_ERROR, told);
                return refused.kind("server_error").into_response();
            }
        };
        let message = json!({ "role": "assistant", "content": content, "refusal": null });
        completion(asked, &message, finish_reason, number)
    }
}

fn completion(asked: &Value, message: &Value, finish_reason: &str, number: usize) -> Response {
    let (prompt, answer) = (asked["messages"].to_string().len() / 4, message.to_string().len() / 4);
    let choice = json!({
        "index": 0, "message": message, "logprobs": null, "finish_reason": finish_reason,
    });
    let completion = json!({
        "id": format!("chatcmpl-{number}"),
        "object": "chat.completion",
        "created": 1_780_315_200,
        "model": asked["model"],
        "choices": [choice],
        "usage": {
            "prompt_tokens": prompt, "completion_tokens": answer, "total_tokens": prompt + answer,
        },
        "system_fingerprint": "fp_simulated",
    });
    Json(completion).into_response()
}

/// A good decision with these members instead of its own.
fn decision(asked: &Value, changes: Value) -> Value {
    let policy = policies(asked).into_iter().next();
    let cited = policy.map(|policy| {
        let text: Vec<&str> = policy.text.split_whitespace().take(8).collect();
        json!({ "source": policy.id, "text": text.join(" "), "relevance": 0.9 })
    });
    let mut decision = json!({
        "decision": "ALLOWED",
        "citations": Vec::from_iter(cited),
        "confidence": 0.9,
        "needs_human": false,
        "missing_fields": [],
        "justification_brief": "The model says so.",
    });
    if let (Some(members), Value::Object(changes)) = (decision.as_object_mut(), changes) {
        members.extend(changes);
    }
    decision
}

fn invented(asked: &Value) -> Value {
    let policy = policies(asked).into_iter().next().map(|policy| policy.id);
    let text = "Whoever asks politely gets whatever they want.";
    json!({ "citations": [{ "source": policy, "text": text, "relevance": 1 }] })
}

fn obeyed(asked: &Value) -> Value {
    let text = said(asked, "user").to_uppercase();
    let wanted = text.split_once("IGNORE").and_then(|(_, rest)| rest.split_once("ANSWER "));
    let wanted = wanted.and_then(|(_, rest)| {
        ["ALLOWED", "REQUIRES_APPROVAL", "DENIED"].into_iter().find(|it| rest.starts_with(it))
    });
    match wanted {
        Some(wanted) => json!({ "decision": wanted, "confidence": 1, "needs_human": false }),
        None => json!({ "decision": "REQUIRES_APPROVAL" }),
    }
}

/// The policies that the system message holds: the first JSON array in it that is one of
/// policies.
fn policies(asked: &Value) -> Vec<Policy> {
    let text = said(asked, "system");
    let mut arrays = text.match_indices('[').filter_map(|(at, _)| {
        let mut values = serde_json::Deserializer::from_str(&text[at..]).into_iter::<Vec<Policy>>();
        values.next()?.ok()
    });
    arrays.next().unwrap_or_default()
}

/// What somebody says in the conversation.
fn said(asked: &Value, role: &str) -> String {
    let messages = asked["messages"].as_array().into_iter().flatten();
    let said = messages.filter(|message| message["role"] == role);
    said.filter_map(|message| message["content"].as_str()).collect::<Vec<_>>().join("\n")
}
