//! The two styles that are spoken here: the contract's, with an envelope and problems, and
//! that of Argus's protocol, with bare arrays and its own errors. A request that uses a name
//! of the protocol is answered in its style.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use shared::error::{Error, Kind};
use utoipa::{IntoResponses, ToSchema};

/// How a request is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// As the contract has it.
    Contract,
    /// As Argus's protocol has it.
    Argus,
}

/// A request's parameters, in order.
pub type Parameters = Vec<(String, String)>;

/// Names that only the protocol has.
const OF_ARGUS: [&str; 5] = ["startDate", "endDate", "step", "groupId", "agentId"];

impl Style {
    /// The style of a request with these parameters.
    pub fn of(parameters: &Parameters) -> Self {
        let names = |(name, value): &(String, String)| {
            OF_ARGUS.contains(&name.as_str()) || (name == "style" && value == "argus")
        };
        if parameters.iter().any(names) { Self::Argus } else { Self::Contract }
    }

    /// What went wrong, as this style tells it.
    pub fn refuse(self, error: Error) -> Refused {
        Refused { style: self, error }
    }
}

/// An error in the style of its request.
#[derive(Debug)]
pub struct Refused {
    style: Style,
    error: Error,
}

/// An error as Argus's protocol has it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ArgusError {
    /// The parameter at fault.
    field: String,
    /// What is wrong, in short.
    message: String,
    /// What is wrong.
    description: String,
}

/// What else operations answer that speak both styles.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "only documents")]
pub enum InArgusStyle {
    /// A parameter of Argus's protocol is wrong
    #[response(status = 400)]
    Wrong(ArgusError),
    /// No such contact centre, or no data
    #[response(status = 404)]
    Nothing,
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let Self { style, error } = self;
        match (style, error.kind) {
            (Style::Argus, Kind::Invalid | Kind::Malformed) => {
                let field = error.fields.into_iter().next().map(|field| field.field);
                let message = in_short(&error.detail).to_owned();
                let field = field.unwrap_or_default();
                let told = ArgusError { field, message, description: error.detail };
                (StatusCode::BAD_REQUEST, Json(told)).into_response()
            }
            (Style::Argus, Kind::Internal) => {
                tracing::error!(%error, "request failed");
                let (field, message) = (String::new(), error.detail.clone());
                let told = ArgusError { field, message, description: error.detail };
                (StatusCode::INTERNAL_SERVER_ERROR, Json(told)).into_response()
            }
            _ => error.into_response(),
        }
    }
}

/// The protocol's words for what is wrong.
fn in_short(detail: &str) -> &'static str {
    if detail.ends_with("is required") {
        "Required parameter missing"
    } else if detail.contains("zone") || detail.contains("RFC 3339") {
        "Invalid date format"
    } else {
        "Invalid data type"
    }
}

/// The protocol's answer where there is nothing for these parameters.
pub fn no_data() -> Response {
    StatusCode::NOT_FOUND.into_response()
}
