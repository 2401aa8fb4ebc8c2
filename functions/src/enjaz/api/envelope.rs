//! The envelope that everything is answered in. Source: the older service's documents.

use axum::http::Uri;
use serde::Serialize;
use shared::error::Kind;
use shared::web::Refused;
use utoipa::ToSchema;

/// An answer.
#[derive(Debug, Serialize, ToSchema)]
pub struct Envelope<T> {
    /// Whether what was asked for was done.
    success: bool,
    /// What came of it, for a person.
    message: String,
    /// What was asked for; null if it was not done.
    #[schema(nullable)]
    data: Option<T>,
    /// Why it was not done.
    errors: Vec<EnvelopeError>,
}

/// A reason.
#[derive(Debug, Serialize, ToSchema)]
pub struct EnvelopeError {
    /// The member at fault and where it is, if it is one.
    #[schema(example = "body.username")]
    field: Option<String>,
    message: String,
}

/// A refusal.
#[derive(Debug, Serialize, ToSchema)]
pub struct EnvelopeRefusal {
    /// Never true.
    #[schema(example = false)]
    success: bool,
    message: String,
    /// Always null.
    #[schema(value_type = Option<Object>)]
    data: (),
    errors: Vec<EnvelopeError>,
}

impl<T> Envelope<T> {
    /// That it was done.
    pub fn done(message: impl Into<String>, data: T) -> Self {
        Self { success: true, message: message.into(), data: Some(data), errors: Vec::new() }
    }

    /// That it was not, and what there is to tell all the same.
    pub fn not_done(message: impl Into<String>, data: Option<T>) -> Self {
        let message = message.into();
        let errors = vec![EnvelopeError { field: None, message: message.clone() }];
        Self { success: false, message, data, errors }
    }

    /// That there is nothing to do it with, which is no error.
    pub fn nothing(message: impl Into<String>) -> Self {
        Self { success: false, message: message.into(), data: None, errors: Vec::new() }
    }
}

/// A refusal in the envelope.
pub fn refused(refused: &Refused, uri: &Uri) -> EnvelopeRefusal {
    let place = |field: &str| match field {
        field if field.starts_with("header ") => field.to_owned(),
        "body" | "query" => field.to_owned(),
        field if is_in_query(uri, field) => format!("query.{field}"),
        "account_id" if uri.query().is_none() => "query.account_id".to_owned(),
        "case_id" | "sync_id" => format!("path.{field}"),
        field => format!("body.{field}"),
    };
    let fields = refused.fields.iter().map(|fault| EnvelopeError {
        field: Some(place(&fault.field)),
        message: fault.message.clone(),
    });
    let mut errors: Vec<_> = fields.collect();
    if errors.is_empty() {
        errors.push(EnvelopeError { field: None, message: refused.detail.clone() });
    }
    let message = match refused.kind {
        Kind::Invalid => "Validation failed".to_owned(),
        _ => refused.detail.clone(),
    };
    EnvelopeRefusal { success: false, message, data: (), errors }
}

fn is_in_query(uri: &Uri, field: &str) -> bool {
    let name = |pair: &str| pair.split('=').next().is_some_and(|name| name == field);
    uri.query().unwrap_or_default().split('&').any(name)
}
