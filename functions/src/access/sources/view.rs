//! A source as it is shown.

use serde::Serialize;
use shared::vault::{ExposeSecret, SecretString};
use shared::web::to_the_second;
use utoipa::ToSchema;

use super::model::{Source, Token};
use crate::access::usage::Total;

/// A source, without its secrets.
#[derive(Debug, Serialize, ToSchema)]
pub struct SourceView {
    name: String,
    description: Option<String>,
    is_active: bool,
    /// How it proves itself: `basic`, `header`, `signature`, `token`.
    ways: Vec<&'static str>,
    /// The user of HTTP Basic.
    username: Option<String>,
    /// What its signed requests name in the header `X-Caseway-Source` or the query
    /// parameter `source`.
    source_id: String,
    /// What its tokens say.
    token: Option<TokenView>,
    created_at: String,
    updated_at: String,
    /// When a request last came from it.
    last_used_at: Option<String>,
    /// How many requests came from it.
    usage_count: i64,
}

/// What a source's tokens say.
#[derive(Debug, Serialize, ToSchema)]
struct TokenView {
    issuer: String,
    audience: String,
    subject: String,
}

/// A source with new secrets.
#[derive(Serialize, ToSchema)]
pub struct NewSourceView {
    #[serde(flatten)]
    source: SourceView,
    credentials: Shown,
}

/// Secrets that are shown once.
#[derive(Default, Serialize, ToSchema)]
pub struct Shown {
    #[serde(skip_serializing_if = "Option::is_none")]
    basic: Option<ShownBasic>,
    #[serde(skip_serializing_if = "Option::is_none")]
    header: Option<ShownHeader>,
    #[serde(skip_serializing_if = "Option::is_none")]
    signature: Option<ShownSignature>,
}

/// HTTP Basic.
#[derive(Serialize, ToSchema)]
struct ShownBasic {
    username: String,
    password: String,
}

/// A fixed header.
#[derive(Serialize, ToSchema)]
struct ShownHeader {
    name: &'static str,
    value: String,
}

/// Signed requests.
#[derive(Serialize, ToSchema)]
struct ShownSignature {
    source_id: String,
    secret: String,
}

impl SourceView {
    /// Shows a source and how much it was used.
    pub(super) fn of(source: Source, used: Total) -> Self {
        let token = |Token { issuer, audience, subject }| TokenView { issuer, audience, subject };
        Self {
            ways: ways(&source),
            username: source.basic.map(|basic| basic.username),
            token: source.token.map(token),
            name: source.name,
            description: source.description,
            is_active: source.is_active,
            source_id: source.public_id,
            created_at: to_the_second(source.created_at),
            updated_at: to_the_second(source.updated_at),
            last_used_at: used.last.map(to_the_second),
            usage_count: used.count,
        }
    }

    /// With its new secrets.
    pub(super) fn with(self, credentials: Shown) -> NewSourceView {
        NewSourceView { source: self, credentials }
    }
}

impl Shown {
    pub(super) fn basic(&mut self, username: String, password: SecretString) {
        let password = password.expose_secret().to_owned();
        self.basic = Some(ShownBasic { username, password });
    }

    pub(super) fn header(&mut self, value: SecretString) {
        let value = value.expose_secret().to_owned();
        self.header = Some(ShownHeader { name: "X-Sender-Key", value });
    }

    pub(super) fn signature(&mut self, source_id: &str, secret: SecretString) {
        let (source_id, secret) = (source_id.to_owned(), secret.expose_secret().to_owned());
        self.signature = Some(ShownSignature { source_id, secret });
    }
}

/// How a source proves itself.
pub(super) fn ways(source: &Source) -> Vec<&'static str> {
    let ways = [
        ("basic", source.basic.is_some()),
        ("header", source.header.is_some()),
        ("signature", source.signature.is_some()),
        ("token", source.token.is_some()),
    ];
    ways.into_iter().filter_map(|(way, is)| is.then_some(way)).collect()
}
