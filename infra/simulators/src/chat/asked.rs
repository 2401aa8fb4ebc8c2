//! What it may be asked, and how it refuses anything else.

use axum::Json;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use super::MODEL;

/// Members of a request that it knows.
const KNOWN: [&str; 12] = [
    "model",
    "messages",
    "temperature",
    "response_format",
    "max_tokens",
    "max_completion_tokens",
    "n",
    "seed",
    "stream",
    "top_p",
    "store",
    "user",
];
const ROLES: [&str; 4] = ["system", "developer", "user", "assistant"];
/// Parts of JSON Schema that strict outputs do not know, or not with every model.
const UNKNOWN: [&str; 12] = [
    "allOf",
    "oneOf",
    "not",
    "if",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "uniqueItems",
    "minimum",
    "maximum",
    "pattern",
];

/// A refusal, as the protocol has it.
pub(super) struct Refusal {
    status: StatusCode,
    message: String,
    kind: &'static str,
    param: Option<String>,
    code: Option<&'static str>,
}

/// A refusal with this status, in these words.
pub(super) fn refusal(status: StatusCode, message: &str) -> Refusal {
    let message = message.to_owned();
    Refusal { status, message, kind: "invalid_request_error", param: None, code: None }
}

impl Refusal {
    /// Of this code.
    pub fn code(self, code: &'static str) -> Self {
        Self { code: Some(code), ..self }
    }

    /// Of this type.
    pub fn kind(self, kind: &'static str) -> Self {
        Self { kind, ..self }
    }

    /// Because of this member.
    fn of(self, param: &str) -> Self {
        Self { param: Some(param.to_owned()), ..self }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let Self { status, message, kind, param, code } = self;
        let error = json!({ "message": message, "type": kind, "param": param, "code": code });
        (status, Json(json!({ "error": error }))).into_response()
    }
}

/// A request that can be answered.
pub(super) fn read(headers: &HeaderMap, body: &[u8]) -> Result<Value, Refusal> {
    let kind = headers.get("content-type").and_then(|value| value.to_str().ok());
    let parsed = serde_json::from_slice::<Value>(body).ok();
    let parsed = parsed.filter(|_| kind.is_some_and(|it| it.starts_with("application/json")));
    let Some(Value::Object(asked)) = parsed else {
        return Err(bad("We could not parse the JSON body of your request."));
    };
    if let Some(name) = asked.keys().find(|name| !KNOWN.contains(&name.as_str())) {
        return Err(bad(&format!("Unknown parameter: '{name}'."))
            .code("unknown_parameter")
            .of(name));
    }
    model(&asked)?;
    messages(&asked)?;
    let temperature = asked
        .get("temperature")
        .is_none_or(|value| value.as_f64().is_some_and(|number| (0.0..=2.0).contains(&number)));
    if !temperature {
        return Err(bad("Invalid 'temperature': expected a decimal from 0 to 2.").of("temperature"));
    }
    format(&asked)?;
    Ok(Value::Object(asked))
}

fn model(asked: &Map<String, Value>) -> Result<(), Refusal> {
    match asked.get("model").and_then(Value::as_str) {
        Some(MODEL) => Ok(()),
        None => Err(bad("you must provide a model parameter")),
        Some(other) => {
            let told =
                format!("The model `{other}` does not exist or you do not have access to it.");
            Err(refusal(StatusCode::NOT_FOUND, &told).code("model_not_found"))
        }
    }
}

fn messages(asked: &Map<String, Value>) -> Result<(), Refusal> {
    let messages = match asked.get("messages") {
        None => return Err(missing("messages")),
        Some(messages) => messages.as_array().ok_or_else(|| wrong("messages", "an array"))?,
    };
    if messages.is_empty() {
        let told = "Invalid 'messages': empty array. Expected an array with minimum length 1.";
        return Err(bad(told).code("empty_array").of("messages"));
    }
    for (at, message) in messages.iter().enumerate() {
        let place = |member: &str| format!("messages[{at}].{member}");
        let role = message["role"].as_str().ok_or_else(|| missing(&place("role")))?;
        if !ROLES.contains(&role) {
            let told = format!("Invalid value: '{role}'.");
            return Err(bad(&told).code("invalid_value").of(&place("role")));
        }
        if !message["content"].is_string() {
            return Err(wrong(&place("content"), "a string"));
        }
    }
    Ok(())
}

fn format(asked: &Map<String, Value>) -> Result<(), Refusal> {
    // The real one answers in free text without it; whoever asks this one needs the form.
    let format = asked.get("response_format").ok_or_else(|| missing("response_format"))?;
    if format["type"] != "json_schema" {
        return Err(bad("Invalid value for 'response_format.type'.").of("response_format.type"));
    }
    let described = &format["json_schema"];
    let name = described["name"].as_str().unwrap_or_default();
    let is_name = (1..=64).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
    if !is_name {
        return Err(missing("response_format.json_schema.name"));
    }
    if described["strict"] != true {
        return Err(wrong("response_format.json_schema.strict", "true"));
    }
    schema(&described["schema"]).map_err(|problem| {
        let told = format!("Invalid schema for response_format '{name}': {problem}");
        bad(&told).of("response_format")
    })
}

/// Whether a schema is one of strict outputs; what is wrong with it, if it is not.
fn schema(schema: &Value) -> Result<(), String> {
    let Value::Object(members) = schema else { return Err("schema must be an object.".into()) };
    if let Some(name) = members.keys().find(|name| UNKNOWN.contains(&name.as_str())) {
        return Err(format!("'{name}' is not permitted."));
    }
    match members.get("type").and_then(Value::as_str) {
        Some("object") => {
            if members.get("additionalProperties") != Some(&Value::Bool(false)) {
                return Err(
                    "'additionalProperties' is required to be supplied and to be false.".into()
                );
            }
            let properties = members.get("properties").and_then(Value::as_object);
            let properties = properties.ok_or("'properties' is required.")?;
            let required = members.get("required").and_then(Value::as_array);
            let required = required.ok_or("'required' is required to be supplied.")?;
            if !properties.keys().all(|name| required.iter().any(|one| one == name)) {
                return Err("'required' must be an array including every key in properties.".into());
            }
            properties.values().try_for_each(self::schema)
        }
        Some("array") => self::schema(&schema["items"]),
        Some("string" | "number" | "integer" | "boolean") => Ok(()),
        _ => Err("schema must have a 'type' key.".into()),
    }
}

fn bad(told: &str) -> Refusal {
    refusal(StatusCode::BAD_REQUEST, told)
}

fn missing(member: &str) -> Refusal {
    let told = format!("Missing required parameter: '{member}'.");
    bad(&told).code("missing_required_parameter").of(member)
}

fn wrong(member: &str, expected: &str) -> Refusal {
    let told = format!("Invalid type for '{member}': expected {expected}.");
    bad(&told).code("invalid_type").of(member)
}
