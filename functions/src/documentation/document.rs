//! The API document: what all routes say of themselves, and what they share.

use shared::web::{Problem, Routes};
use utoipa::OpenApi;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{Components, OpenApi as Document};

use super::api;
use crate::integrations::contact_center::ArgusError;
use crate::integrations::{connections, contact_center, onec, personnel, webhooks};
use crate::support::{people, policies, stream, tickets};
use crate::{access, audit, enjaz, live, monitoring, notifications, pega, processes};

#[derive(OpenApi)]
#[openapi(
    info(title = "Caseway", description = "Connects case systems."),
    components(schemas(Problem, ArgusError)),
    tags(
        (name = "pega", description = "Events from Pega, what is asked of Pega, and what became of both"),
        (name = "processes", description = "Processes, their runs and steps, and how they are doing"),
        (name = "support", description = "Requests for IT support: tickets, answers, policies, and what happens as it happens"),
        (name = "access", description = "Who may call: tenants, keys, sources"),
        (name = "integrations", description = "Connections to other systems, and webhooks that tell them"),
        (name = "contact center", description = "What a contact centre tells of agents, groups and queues"),
        (name = "enjaz", description = "Cases that people have with the Enjaz portal"),
        (name = "notifications", description = "Rules by which people are told: Slack, Teams, e-mail"),
        (name = "audit", description = "Who did what, and proof that nobody changed the record"),
        (name = "live", description = "Messages as they are emitted, over a socket"),
        (name = "monitoring", description = "Whether it is well"),
        (name = "documentation", description = "What can be called, and how"),
    )
)]
struct Base;

/// The document of the whole bundle.
pub fn document() -> Document {
    let mut document = Base::openapi();
    let schemes = document.components.get_or_insert_with(Components::new);
    let bearer = Http::builder().scheme(HttpAuthScheme::Bearer);
    let bearer = bearer.description(Some("An API key, or a token of the identity provider"));
    schemes.add_security_scheme("bearer", SecurityScheme::Http(bearer.build()));
    schemes.add_security_scheme("apiKey", header("X-API-Key", "An API key"));
    let basic = Http::builder().scheme(HttpAuthScheme::Basic);
    let basic = basic.description(Some("A sender of events")).build();
    schemes.add_security_scheme("basic", SecurityScheme::Http(basic));
    schemes.add_security_scheme("senderKey", header("X-Sender-Key", "A sender of events"));
    let signature = "A sender of events that signs, as Standard Webhooks has it; the header \
        X-Caseway-Source or the query parameter source names it";
    schemes.add_security_scheme("signature", header("webhook-signature", signature));
    for part in parts() {
        document.merge(part);
    }
    document
}

/// What the routes of each domain say of themselves.
fn parts() -> impl Iterator<Item = Document> {
    [
        Routes::document(pega::api::intake_routes()),
        Routes::document(pega::api::log_routes()),
        Routes::document(pega::figures::api::routes()),
        Routes::document(pega::rules::api::routes()),
        Routes::document(pega::checklists::api::routes()),
        Routes::document(pega::requests::api::routes()),
        Routes::document(pega::replays::api::routes()),
        Routes::document(pega::compliance::api::routes()),
        Routes::document(processes::definitions::api::routes()),
        Routes::document(processes::runs::api::routes()),
        Routes::document(processes::search::api::routes()),
        Routes::document(processes::reruns::api::routes()),
        Routes::document(processes::figures::api::routes()),
        Routes::document(processes::retention::api::routes()),
        Routes::document(tickets::api::routes()),
        Routes::document(people::api::routes()),
        Routes::document(policies::api::routes()),
        Routes::document(stream::api::routes()),
        Routes::document(contact_center::push::api::routes()),
        Routes::document(contact_center::api::routes()),
        Routes::document(contact_center::export::api::routes()),
        Routes::document(contact_center::import::api::routes()),
        Routes::document(connections::api::routes()),
        Routes::document(onec::api::routes()),
        Routes::document(personnel::api::routes()),
        Routes::document(enjaz::api::routes()),
        Routes::document(access::keys::api::routes()),
        Routes::document(access::account::api::routes()),
        Routes::document(access::sources::api::routes()),
        Routes::document(access::tenants::api::routes()),
        Routes::document(webhooks::api::routes()),
        Routes::document(notifications::api::routes()),
        Routes::document(audit::api::routes()),
        Routes::document(live::api::routes()),
        Routes::document(monitoring::api::routes()),
        Routes::document(api::routes()),
    ]
    .into_iter()
}

fn header(name: &str, description: &str) -> SecurityScheme {
    SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::with_description(name, description)))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use anyhow::Context;

    use super::*;

    /// One of two that are called the same would stand for the other unnoticed.
    #[test]
    fn no_two_schemas_are_called_the_same() -> anyhow::Result<()> {
        let mut named = BTreeMap::new();
        for part in parts() {
            for (name, schema) in part.components.context("schemas")?.schemas {
                let known = named.entry(name.clone()).or_insert_with(|| schema.clone());
                assert!(*known == schema, "two schemas are called {name}");
            }
        }
        assert!(named.len() > 20, "only {} schemas", named.len());
        Ok(())
    }
}
