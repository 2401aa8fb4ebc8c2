//! The API document: what all routes say of themselves, and what they share.

use shared::web::{Problem, Routes};
use utoipa::OpenApi;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{Components, OpenApi as Document};

use crate::{monitoring, pega};

#[derive(OpenApi)]
#[openapi(
    info(title = "Caseway", description = "Connects case systems."),
    components(schemas(Problem)),
    tags(
        (name = "pega", description = "Events from Pega, and what became of them"),
        (name = "monitoring", description = "Whether it is well"),
    )
)]
struct Base;

/// The document of the whole bundle.
pub fn document() -> Document {
    let mut document = Base::openapi();
    let schemes = document.components.get_or_insert_with(Components::new);
    let bearer = Http::builder().scheme(HttpAuthScheme::Bearer);
    let bearer = bearer.bearer_format("pd_…").description(Some("An API key"));
    schemes.add_security_scheme("bearer", SecurityScheme::Http(bearer.build()));
    schemes.add_security_scheme("apiKey", header("X-API-Key", "An API key"));
    let basic = Http::builder().scheme(HttpAuthScheme::Basic);
    let basic = basic.description(Some("A sender of events")).build();
    schemes.add_security_scheme("basic", SecurityScheme::Http(basic));
    schemes.add_security_scheme("senderKey", header("X-Sender-Key", "A sender of events"));
    for part in [
        Routes::document(pega::api::intake_routes()),
        Routes::document(pega::api::log_routes()),
        Routes::document(monitoring::api::routes()),
    ] {
        document.merge(part);
    }
    document
}

fn header(name: &str, description: &str) -> SecurityScheme {
    SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::with_description(name, description)))
}
