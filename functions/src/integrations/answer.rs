//! What the workforce integrations answer when they did something.
//! Source: the contract's `IntegrationResponse`.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::Value as Json;
use shared::clock::Clock;
use shared::web::to_the_millisecond;
use utoipa::ToSchema;

/// So many of a hundred, with two decimals; 0 of nothing.
pub fn percentage(part: i64, whole: i64) -> f64 {
    if whole == 0 { 0.0 } else { (part as f64 / whole as f64 * 10_000.0).round() / 100.0 }
}

/// That something was done.
#[derive(Debug, Serialize, ToSchema)]
pub struct IntegrationResponse {
    success: bool,
    message: Cow<'static, str>,
    /// What it was done to.
    #[schema(value_type = Option<Object>)]
    data: Json,
    timestamp: String,
    request_id: Option<String>,
}

impl IntegrationResponse {
    /// That this was done now, in the request of this correlation id.
    pub fn done(
        message: impl Into<Cow<'static, str>>,
        data: Json,
        clock: &Clock,
        corr: &str,
    ) -> Self {
        let (timestamp, request_id) = (to_the_millisecond(clock.now_ms()), Some(corr.to_owned()));
        Self { success: true, message: message.into(), data, timestamp, request_id }
    }

    /// The same, and whether all of it was.
    #[must_use]
    pub fn unless(self, failed: bool) -> Self {
        Self { success: !failed, ..self }
    }
}
