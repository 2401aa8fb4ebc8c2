//! The simulated model is held to the protocol, so that a question that it answers is one
//! that a real one would.

use serde_json::{Value, json};
use shared::outbound::{Method, Outbound};
use simulators::chat::{Chat, KEY, MODEL, Say};

/// A question in the form that it needs, with what this says instead.
fn but(path: &str, value: Value) -> Value {
    let schema = json!({
        "type": "object", "properties": { "decision": { "type": "string" } },
        "required": ["decision"], "additionalProperties": false,
    });
    let mut question = json!({
        "model": MODEL,
        "messages": [{ "role": "user", "content": "Hello" }],
        "temperature": 0,
        "response_format": { "type": "json_schema",
            "json_schema": { "name": "n", "strict": true, "schema": schema } },
    });
    match question.pointer_mut(path) {
        Some(place) => *place = value,
        None => question[path.trim_start_matches('/')] = value,
    }
    question
}

/// Status, code and member of what was answered.
async fn check(chat: &Chat, key: &str, body: &Value, expected: (u16, &str, &str)) {
    let outbound = Outbound::new(None).expect("a client");
    let call = outbound.call(Method::POST, &format!("{}/chat/completions", chat.url()));
    let reply = call.bearer(key).json(body).send().await.expect("an answer");
    let told: Value = serde_json::from_slice(&reply.body).expect("JSON");
    let error = &told["error"];
    let text = |name: &str| error[name].as_str().unwrap_or_default();
    assert_eq!((reply.status.as_u16(), text("code"), text("param")), expected, "{body} {told}");
    assert_eq!(error.is_null(), expected.0 == 200, "{told}");
}

#[tokio::test]
async fn it_answers_what_is_asked_in_its_form_and_refuses_all_else() {
    let chat = Chat::start().await.expect("a model");
    chat.says(Say::Obedient);
    check(&chat, KEY, &but("/temperature", json!(1)), (200, "", "")).await;
    check(&chat, "sk-wrong", &but("/n", json!(1)), (401, "invalid_api_key", "")).await;
    let (missing, wrong) = ("missing_required_parameter", "invalid_type");
    for (path, value, expected) in [
        ("/model", Value::Null, (400, "", "")),
        ("/model", json!("other"), (404, "model_not_found", "")),
        ("/messages", json!([]), (400, "empty_array", "messages")),
        ("/messages", json!("Hello"), (400, wrong, "messages")),
        ("/messages/0/role", json!("boss"), (400, "invalid_value", "messages[0].role")),
        ("/messages/0/content", json!(5), (400, wrong, "messages[0].content")),
        ("/temperature", json!(3), (400, "", "temperature")),
        ("/tempo", json!(3), (400, "unknown_parameter", "tempo")),
        ("/response_format/type", json!("text"), (400, "", "response_format.type")),
        (
            "/response_format/json_schema/name",
            json!("a b"),
            (400, missing, "response_format.json_schema.name"),
        ),
        (
            "/response_format/json_schema/strict",
            json!(false),
            (400, wrong, "response_format.json_schema.strict"),
        ),
        (
            "/response_format/json_schema/schema/additionalProperties",
            json!(true),
            (400, "", "response_format"),
        ),
        ("/response_format/json_schema/schema/required", json!([]), (400, "", "response_format")),
        (
            "/response_format/json_schema/schema/properties/decision",
            json!({ "type": "string", "maxLength": 5 }),
            (400, "", "response_format"),
        ),
    ] {
        check(&chat, KEY, &but(path, value), expected).await;
    }
    assert_eq!(chat.asked().len(), 1);
    let outbound = Outbound::new(None).expect("a client");
    for (method, path, status) in
        [(Method::GET, "/chat/completions", 405), (Method::POST, "/completions", 404)]
    {
        let call = outbound.call(method, &format!("{}{path}", chat.url())).bearer(KEY);
        assert_eq!(call.send().await.expect("an answer").status.as_u16(), status);
    }
}
