//! What somebody who listens says of itself: its name, the types that it wants, and what
//! their data must be like.

use serde_json::Value as Json;
use shared::error::{Error, Result};
use utoipa::PartialSchema;
use utoipa::openapi::{RefOr, Schema};

use super::catalogue::{EventType, is_pattern};
use super::filter as filters;

/// The longest name, in characters.
const NAME: usize = 255;
/// The most types and patterns.
const TYPES: usize = 50;
/// The largest filter, in bytes.
const FILTER: usize = 4096;

/// A name as it is given.
///
/// # Errors
/// `Invalid`, naming `name`.
pub fn name(name: &str) -> Result<String> {
    let fits = (1..=NAME).contains(&name.chars().count()) && !name.contains(char::is_control);
    let message = format!("must be 1 to {NAME} characters, none of them a control character");
    if fits { Ok(name.to_owned()) } else { Err(Error::invalid("name", message)) }
}

/// Types and patterns as they are given, each once.
///
/// # Errors
/// `Invalid`, naming `event_types`.
pub fn types(patterns: &[String]) -> Result<Vec<String>> {
    if patterns.is_empty() || patterns.len() > TYPES {
        return Err(Error::invalid("event_types", "must be 1 to 50 types or patterns"));
    }
    let unknown = patterns.iter().position(|pattern| !is_pattern(pattern));
    if let Some(at) = unknown {
        let field = format!("event_types[{at}]");
        return Err(Error::invalid(&field, "names no type of message; see …/events/types"));
    }
    Ok(once(patterns, str::eq))
}

/// These texts, each once: the first of those that are the same.
pub fn once(texts: &[String], same: fn(&str, &str) -> bool) -> Vec<String> {
    let mut once: Vec<String> = Vec::new();
    for text in texts {
        if !once.iter().any(|known| same(known, text)) {
            once.push(text.clone());
        }
    }
    once
}

/// The schema of something new: of the fields that it may have, where these are needed.
pub fn schema_of_new<Fields: PartialSchema>(needed: &[&str]) -> RefOr<Schema> {
    let mut fields = Fields::schema();
    if let RefOr::T(Schema::Object(fields)) = &mut fields {
        fields.required = needed.iter().map(|name| (*name).to_owned()).collect();
    }
    fields
}

/// A filter as it is given, as text; none of one that lets everything through.
///
/// # Errors
/// `Invalid`, naming `filter`.
pub fn filter(given: &Json) -> Result<Option<String>> {
    filters::check(given).map_err(|why| Error::invalid("filter", why))?;
    let text = given.to_string();
    if text.len() > FILTER {
        return Err(Error::invalid("filter", format!("must not be larger than {FILTER} bytes")));
    }
    Ok(given.as_object().is_some_and(|members| !members.is_empty()).then_some(text))
}

/// Whether one of these patterns names a type.
pub fn names(patterns: &[String], kind: EventType) -> bool {
    patterns.iter().any(|pattern| kind.is_named_by(pattern))
}

/// Whether data passes a filter that was kept as text.
pub fn lets_through(filter: Option<&str>, data: &Json) -> bool {
    let Some(filter) = filter else { return true };
    serde_json::from_str(filter).is_ok_and(|filter| filters::passes(&filter, data))
}
