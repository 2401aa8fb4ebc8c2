//! What a request asks for. Every parameter that a method has is required, once; it has no
//! others, and none for paging. How it is refused else.

use std::collections::HashSet;

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde_json::json;

/// A request's parameters.
pub(super) struct Asked(pub Vec<(String, String)>);

/// From one moment to another, without the latter.
#[derive(Clone, Copy, Debug)]
pub(super) struct Period {
    pub start: Timestamp,
    pub end: Timestamp,
}

/// Why there is no answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// Something about a field.
    Field { field: String, message: &'static str, description: String },
    /// Nothing is there for these parameters.
    NoData,
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        match self {
            Self::NoData => StatusCode::NOT_FOUND.into_response(),
            Self::Field { field, message, description } => {
                error(StatusCode::BAD_REQUEST, &field, message, &description)
            }
        }
    }
}

/// An error as the protocol has it.
pub(super) fn error(status: StatusCode, field: &str, message: &str, description: &str) -> Response {
    let body = json!({"field": field, "message": message, "description": description});
    (status, Json(body)).into_response()
}

impl Period {
    pub fn has(self, moment: Timestamp) -> bool {
        self.start <= moment && moment < self.end
    }

    /// Whether something begins or ends in it.
    pub fn touches(self, start: Timestamp, end: Timestamp) -> bool {
        self.has(start) || (self.start < end && end <= self.end)
    }
}

impl Asked {
    /// With these parameters alone.
    pub fn only(&self, known: &[&str]) -> Result<(), Refusal> {
        let other = self.0.iter().find(|(name, _)| !known.contains(&name.as_str()));
        match other {
            None => Ok(()),
            Some((name, _)) => refuse(name, "Unknown parameter", "the method has no such one"),
        }
    }

    fn one(&self, name: &str) -> Result<&str, Refusal> {
        let mut values = self.0.iter().filter(|(one, _)| one == name).map(|(_, value)| value);
        match (values.next(), values.next()) {
            (Some(value), None) if !value.is_empty() => Ok(value),
            (Some(_), Some(_)) => refuse(name, "Invalid data type", "it was given twice"),
            _ => refuse(name, "Required parameter missing", "it has no value"),
        }
    }

    fn moment(&self, name: &str) -> Result<Timestamp, Refusal> {
        let value = self.one(name)?;
        value.parse().or_else(|_| {
            refuse(name, "Invalid date format", &format!("{value} is no date-time with a zone"))
        })
    }

    /// `startDate` and `endDate`.
    pub fn period(&self) -> Result<Period, Refusal> {
        let (start, end) = (self.moment("startDate")?, self.moment("endDate")?);
        if start < end {
            return Ok(Period { start, end });
        }
        refuse("endDate", "Invalid date format", "the period ends before it begins")
    }

    /// `step`, in milliseconds.
    pub fn step(&self) -> Result<i64, Refusal> {
        let step = self.one("step")?.parse().ok().filter(|step| *step > 0);
        step.map_or_else(|| refuse("step", "Invalid data type", "it is no count of ms"), Ok)
    }

    /// Ids in one parameter, with commas between them, each once.
    pub fn ids(&self, name: &str) -> Result<Vec<&str>, Refusal> {
        let mut ids: Vec<&str> = self.one(name)?.split(',').map(str::trim).collect();
        let mut seen = HashSet::new();
        ids.retain(|id| seen.insert(*id));
        if ids.iter().any(|id| id.is_empty()) {
            return refuse(name, "Invalid data type", "an id is empty");
        }
        Ok(ids)
    }
}

fn refuse<T>(field: &str, message: &'static str, description: &str) -> Result<T, Refusal> {
    let (field, description) = (field.to_owned(), description.to_owned());
    Err(Refusal::Field { field, message, description })
}
