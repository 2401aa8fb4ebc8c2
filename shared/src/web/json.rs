//! JSON bodies whose rejections are problems that name the field.

use axum::extract::{FromRequest, OptionalFromRequest, Request};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::Body;
use crate::error::{Error, Result};

/// A JSON body of a known shape. A member that the shape does not know is refused
/// where the shape says so, rather than overlooked.
pub struct JsonBody<T>(pub T);

impl<T: DeserializeOwned, S: Sync> FromRequest<S> for JsonBody<T> {
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<Self> {
        let body = Body::from_request(request, state).await?;
        parse(&body.bytes).map(Self)
    }
}

/// A body that may be left out; an empty one counts as none.
impl<T: DeserializeOwned, S: Sync> OptionalFromRequest<S> for JsonBody<T> {
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<Option<Self>> {
        let body = Body::from_request(request, state).await?;
        if body.bytes.is_empty() { Ok(None) } else { parse(&body.bytes).map(Self).map(Some) }
    }
}

/// What a caller may change of an object.
pub trait Changes: DeserializeOwned {
    /// Members of the object as it is shown that nobody sets.
    const SHOWN_ONLY: &'static [&'static str];
}

/// A JSON body that changes an object. It may be the object as it was shown: what nobody
/// sets is passed over.
pub struct Changed<T>(pub T);

impl<T: Changes, S: Sync> FromRequest<S> for Changed<T> {
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<Self> {
        let body = Body::from_request(request, state).await?;
        let mut members: Map<String, Value> = parse(&body.bytes)?;
        members.retain(|name, _| !T::SHOWN_ONLY.contains(&name.as_str()));
        of_members(members).map(Self)
    }
}

/// An object that was read already, as one of a known shape.
///
/// # Errors
/// `Invalid`, naming the member.
pub fn of_members<T: DeserializeOwned>(members: Map<String, Value>) -> Result<T> {
    of_value(Value::Object(members))
}

/// A value that was read already, as one of a known shape.
///
/// # Errors
/// `Invalid`, naming the member.
pub fn of_value<T: DeserializeOwned>(value: Value) -> Result<T> {
    let read = serde_path_to_error::deserialize(value);
    read.map_err(|error| of(&error.path().to_string(), error.inner()))
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    let reader = &mut serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut *reader).map_err(|error| {
        let told = of(&error.path().to_string(), error.inner());
        // The parser takes a null where it wants one of several words for a broken text.
        let is_json = || serde_json::from_slice::<Value>(bytes).ok();
        let value = error.inner().is_syntax().then(is_json).flatten();
        value.and_then(|value| of_value::<T>(value).err()).unwrap_or(told)
    })?;
    reader.end().map_err(|error| of("body", &error))?;
    Ok(value)
}

/// The parser's words without the place in the text, which the field's name says
/// better; it quotes what it found only by its type, never a value's text.
fn of(path: &str, error: &serde_json::Error) -> Error {
    let words = error.to_string();
    let words = words.split(" at line ").next().unwrap_or_default();
    if error.is_syntax() || error.is_eof() {
        return Error::malformed(format!("The body is not JSON: {words}"));
    }
    let quoted = |open: &str| Some(words.split_once(open)?.1.split_once('`')?.0);
    match (quoted("missing field `"), quoted("unknown field `")) {
        (Some(field), _) => Error::invalid(&within(path, field), "is required"),
        (_, Some(_)) => Error::invalid(path, "is not known here"),
        _ => Error::invalid(if path == "." { "body" } else { path }, told(words)),
    }
}

fn within(path: &str, field: &str) -> String {
    if path == "." { field.to_owned() } else { format!("{path}.{field}") }
}

/// What was expected, in words of JSON and without the value that was found.
pub(super) fn told(words: &str) -> String {
    let Some((_, expected)) = words.rsplit_once("expected ") else { return words.to_owned() };
    let is_integer = |word: &str| word.starts_with(['u', 'i']) && word[1..].parse::<u8>().is_ok();
    let expected = match expected {
        "a map" => "an object",
        word if word.starts_with("struct ") => "an object",
        word if is_integer(word) => "a whole number in range",
        word => word,
    };
    format!("must be {expected}")
}

#[cfg(test)]
mod tests {
    use super::told;

    #[test]
    fn what_was_expected_is_told_in_words_of_json() {
        for (words, expected) in [
            ("invalid type: integer `5`, expected a string", "must be a string"),
            ("invalid type: null, expected struct NewKey with 7 elements", "must be an object"),
            ("invalid value: integer `-1`, expected u32", "must be a whole number in range"),
            ("unknown variant `x`, expected `admin` or `user`", "must be `admin` or `user`"),
        ] {
            assert_eq!(told(words), expected);
        }
    }
}
