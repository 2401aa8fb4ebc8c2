//! Texts with `{field}`, filled in from the members of a payload.

use serde_json::{Map, Value};
use shared::error::{Error, Result};

/// The longest value that is filled in, in characters. The payload keeps what is cut.
const LONGEST: usize = 256;
/// The longest text that comes of it, in bytes.
const LONGEST_TEXT: usize = 1024;

/// The text with each `{field}` as it stands in a sentence, up to a KiB.
pub fn fill(text: &str, payload: &Map<String, Value>) -> String {
    let mut filled = fill_with(text, |field| in_sentence(payload.get(field)));
    if filled.len() > LONGEST_TEXT {
        filled.truncate(filled.floor_char_boundary(LONGEST_TEXT));
        filled.push('…');
    }
    filled
}

/// The text with each `{field}` as `write` writes it; other braces stay.
pub fn fill_with(text: &str, mut write: impl FnMut(&str) -> String) -> String {
    let (mut filled, mut rest) = (String::with_capacity(text.len()), text);
    while let Some((before, behind)) = rest.split_once('{') {
        filled.push_str(before);
        match behind.split_once('}') {
            Some((field, behind)) if is_field(field) => {
                filled.push_str(&write(field));
                rest = behind;
            }
            _ => {
                filled.push('{');
                rest = behind;
            }
        }
    }
    filled + rest
}

/// The value with every text in it filled in; a text that is `{field}` and nothing else
/// becomes that value itself, or null.
pub fn fill_value(value: &Value, payload: &Map<String, Value>) -> Value {
    match value {
        Value::String(text) => match alone(text) {
            Some(field) => given(payload.get(field)),
            None => fill(text, payload).into(),
        },
        Value::Array(items) => items.iter().map(|item| fill_value(item, payload)).collect(),
        Value::Object(members) => {
            let filled = members.iter().map(|(n, value)| (n.clone(), fill_value(value, payload)));
            Value::Object(filled.collect())
        }
        other => other.clone(),
    }
}

/// As [`fill_value`], for somebody who is to act on it: nothing is cut.
pub fn fill_whole(value: &Value, payload: &Map<String, Value>) -> Value {
    let text = |field: &str| match payload.get(field) {
        Some(Value::String(text)) => text.clone(),
        value => in_sentence(value),
    };
    match value {
        Value::String(whole) => match alone(whole) {
            Some(field) => payload.get(field).cloned().unwrap_or_default(),
            None => fill_with(whole, text).into(),
        },
        Value::Array(items) => items.iter().map(|item| fill_whole(item, payload)).collect(),
        Value::Object(members) => {
            let filled = members.iter().map(|(n, value)| (n.clone(), fill_whole(value, payload)));
            Value::Object(filled.collect())
        }
        other => other.clone(),
    }
}

/// The text with each `{field}` as it is, for somebody who is to act on it: nothing is cut, and
/// nothing missing.
///
/// # Errors
/// `Invalid`, naming the field that is missing, or is no text or number.
pub fn fill_strictly(text: &str, payload: &Map<String, Value>) -> Result<String> {
    let mut wrong = None;
    let filled = fill_with(text, |field| match payload.get(field) {
        Some(Value::String(text)) if !text.is_empty() => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => {
            wrong.get_or_insert_with(|| Error::invalid(field, "is not known"));
            String::new()
        }
    });
    wrong.map_or(Ok(filled), Err)
}

/// The text with each `{field}` as it stands in a sentence, and nothing where it is missing.
pub fn fill_known(text: &str, payload: &Map<String, Value>) -> String {
    fill_with(text, |field| match payload.get(field) {
        None | Some(Value::Null) => String::new(),
        value => in_sentence(value),
    })
}

/// A value inside a sentence, as the original wrote it: `None` when missing.
pub fn in_sentence(value: Option<&Value>) -> String {
    let whole = match value {
        None | Some(Value::Null) => "None".to_owned(),
        Some(Value::Bool(true)) => "True".to_owned(),
        Some(Value::Bool(false)) => "False".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    };
    match whole.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &whole[..end]),
        None => whole,
    }
}

/// A value by itself; one that is too long is told as its beginning.
fn given(value: Option<&Value>) -> Value {
    match value {
        Some(long) if long.to_string().len() > LONGEST => in_sentence(Some(long)).into(),
        value => value.cloned().unwrap_or_default(),
    }
}

fn alone(text: &str) -> Option<&str> {
    text.strip_prefix('{')?.strip_suffix('}').filter(|field| is_field(field))
}

fn is_field(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-.".contains(&b))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn payload() -> Map<String, Value> {
        let Value::Object(payload) = json!({ "a": "x", "n": 7, "t": true, "o": {"k": []} }) else {
            return Map::new();
        };
        payload
    }

    #[test]
    fn fields_are_filled_in_as_the_original_wrote_them() {
        for (text, filled) in [
            ("", ""),
            ("{a} → {n}", "x → 7"),
            ("{missing}, {t}", "None, True"),
            ("{o}", r#"{"k":[]}"#),
            ("{ a } {} {a", "{ a } {} {a"),
            ("{{a}}", "{x}"),
        ] {
            assert_eq!(fill(text, &payload()), filled, "{text}");
        }
    }

    #[test]
    fn what_is_acted_on_is_whole() -> anyhow::Result<()> {
        assert_eq!(fill_strictly("{a}/{n} {}", &payload())?, "x/7 {}");
        for text in ["{missing}", "{a} {o}", "{t}"] {
            assert!(fill_strictly(text, &payload()).is_err(), "{text}");
        }
        assert_eq!(fill_known("{a} {missing}!", &payload()), "x !");
        Ok(())
    }

    #[test]
    fn a_field_alone_keeps_its_type() {
        let filled = fill_value(&json!({ "n": "{n}", "l": ["{a}!", 1], "m": "{no}" }), &payload());
        assert_eq!(filled, json!({ "n": 7, "l": ["x!", 1], "m": null }));
        let long = "y".repeat(300);
        let Value::Object(payload) = json!({ "a": long }) else { return };
        let filled = fill_value(&json!("{a}"), &payload);
        assert_eq!(filled, json!(format!("{}…", "y".repeat(256))));
    }
}
