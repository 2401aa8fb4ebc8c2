//! What system this is, for whoever asks for `/`.

use std::collections::BTreeMap;

use serde::Serialize;
use shared::env::Env;
use utoipa::ToSchema;

/// The system, told in the words of each of the services before it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SystemInfo {
    name: &'static str,
    version: &'static str,
    description: &'static str,
    /// What the variable `ENVIRONMENT` says; `production` when it is not set.
    environment: String,
    /// What it can do.
    features: [&'static str; 10],
    /// Always `ok`.
    status: &'static str,
    app_name: &'static str,
    app_version: &'static str,
    message: &'static str,
    /// Where to begin.
    endpoints: BTreeMap<&'static str, &'static str>,
}

impl SystemInfo {
    /// Of this process.
    pub(super) fn of(env: &Env) -> Self {
        let (name, version) = ("Caseway", env!("CARGO_PKG_VERSION"));
        Self {
            name,
            version,
            description: "Connects case systems.",
            environment: env.optional("ENVIRONMENT").unwrap_or("production").to_owned(),
            features: [
                "api_key_authentication",
                "token_authentication",
                "role_based_access",
                "multi_tenancy",
                "signed_webhooks",
                "rate_limits",
                "audit_trail",
                "durable_events",
                "live_events",
                "idempotency_keys",
            ],
            status: "ok",
            app_name: name,
            app_version: version,
            message: "Caseway connects case systems.",
            endpoints: BTreeMap::from([
                ("health", "/health"),
                ("documentation", "/docs"),
                ("reference", "/redoc"),
                ("openapi", "/openapi.json"),
                ("webhook", "/webhook/pega"),
                ("events", "/events"),
                ("dashboard", "/dashboard"),
                ("metrics", "/metrics"),
                ("pega_requests", "/pega/requests"),
                ("pega_rules", "/pega/rules"),
                ("notifications", "/api/v1/notifications/targets"),
                ("api_keys", "/api/v1/api-keys"),
                ("auth", "/api/v1/auth/verify"),
                ("sources", "/api/v1/sources"),
                ("tenants", "/api/v1/tenants"),
                ("audit_logs", "/api/v1/audit-logs"),
                ("live", "/live/messages"),
            ]),
        }
    }
}
