//! Commands of administration. Each is one call of the API and prints its answer.

use anyhow::{Result, ensure};
use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Map, Value, json};
use shared::outbound::Method;
use shared::web::percent_encode;

use super::api::Api;
use crate::say::say;

/// What is done with API keys.
#[derive(Subcommand)]
pub(super) enum Keys {
    /// Makes a key, and shows it this once.
    Create(NewKey),
    /// Lists the keys.
    List,
    /// Switches a key off, or on again.
    Toggle {
        /// The key's number.
        id: i64,
    },
    /// Gives a key a new text, and shows it this once.
    Reroll {
        /// The key's number.
        id: i64,
        /// How long the old text stays valid, in seconds.
        #[arg(long, default_value_t = 0)]
        grace: i64,
    },
    /// Revokes a key for good.
    Revoke {
        /// The key's number.
        id: i64,
    },
}

/// A new key.
#[derive(Args)]
pub(super) struct NewKey {
    /// What it is called.
    name: String,
    /// `admin` or `user`.
    #[arg(long, default_value = "user")]
    role: String,
    /// What it is for.
    #[arg(long)]
    description: Option<String>,
    /// One of the only permissions that it has; may be given again.
    #[arg(long = "permission")]
    permissions: Vec<String>,
    /// From when on it is not valid: RFC 3339, or a date.
    #[arg(long)]
    expires_at: Option<String>,
    /// Requests a minute.
    #[arg(long)]
    rate_limit: Option<u32>,
}

/// What is done with sources of events.
#[derive(Subcommand)]
pub(super) enum Sources {
    /// Registers a source, and shows its secrets this once.
    Add(NewSource),
    /// Lists the sources.
    List,
    /// Switches a source off, or on again.
    Toggle {
        /// The source's name.
        name: String,
    },
    /// Gives a source a new secret, and shows it this once.
    Rotate {
        /// The source's name.
        name: String,
        /// Which of its secrets.
        way: Way,
        /// How long the old one stays valid, in seconds.
        #[arg(long, default_value_t = 0)]
        grace: i64,
    },
    /// Removes a source.
    Remove {
        /// The source's name.
        name: String,
    },
}

/// A secret that is kept on both sides.
#[derive(Clone, Copy, ValueEnum)]
pub(super) enum Way {
    /// HTTP Basic.
    Basic,
    /// The header `X-Sender-Key`.
    Header,
    /// Signed requests.
    Signature,
}

/// A new source. Secrets are made; one that Pega has already is better given by the API.
#[derive(Args)]
pub(super) struct NewSource {
    /// What it is called.
    name: String,
    /// What it is.
    #[arg(long)]
    description: Option<String>,
    /// Lets it prove itself by HTTP Basic, as this user.
    #[arg(long, value_name = "USER")]
    basic: Option<String>,
    /// Lets it prove itself by the header `X-Sender-Key`.
    #[arg(long)]
    header: bool,
    /// Lets it sign its requests.
    #[arg(long)]
    signature: bool,
    /// Lets it prove itself by tokens of this issuer.
    #[arg(long, value_name = "ISSUER", requires = "audience", requires = "subject")]
    token: Option<String>,
    /// What those tokens are made for.
    #[arg(long, requires = "token")]
    audience: Option<String>,
    /// Whom they name.
    #[arg(long, requires = "token")]
    subject: Option<String>,
}

/// What is done with tenants.
#[derive(Subcommand)]
pub(super) enum Tenants {
    /// Registers a tenant, and shows its first admin key this once.
    Create {
        /// Its id: 1 to 32 characters of a-z, 0-9 and -.
        id: String,
        /// What it is called.
        #[arg(long)]
        name: Option<String>,
    },
    /// Lists the tenants.
    List,
    /// Shuts a tenant's callers out.
    Suspend {
        /// Its id.
        id: String,
    },
    /// Lets them in again.
    Resume {
        /// Its id.
        id: String,
    },
}

/// What is done with the local vault.
#[derive(Subcommand)]
pub(super) enum Vault {
    /// Encrypts everything in it under a new key, while the server goes on.
    Rekey,
}

impl Keys {
    pub async fn run(self, api: &Api) -> Result<()> {
        const BASE: &str = "/api/v1/api-keys";
        match self {
            Self::Create(new) => {
                let body = without_nulls(json!({
                    "name": new.name,
                    "role": new.role,
                    "description": new.description,
                    "permissions": Some(new.permissions).filter(|names| !names.is_empty()),
                    "expires_at": new.expires_at,
                    "rate_limit_per_minute": new.rate_limit,
                }));
                show(api, Method::POST, BASE, Some(body)).await
            }
            Self::List => list(api, BASE).await,
            Self::Toggle { id } => {
                show(api, Method::PATCH, &format!("{BASE}/{id}/toggle"), None).await
            }
            Self::Reroll { id, grace } => {
                let body = json!({ "grace_seconds": grace });
                show(api, Method::POST, &format!("{BASE}/{id}/reroll"), Some(body)).await
            }
            Self::Revoke { id } => show(api, Method::DELETE, &format!("{BASE}/{id}"), None).await,
        }
    }
}

impl Sources {
    pub async fn run(self, api: &Api) -> Result<()> {
        const BASE: &str = "/api/v1/sources";
        match self {
            Self::Add(new) => {
                let body = without_nulls(json!({
                    "name": new.name,
                    "description": new.description,
                    "basic": new.basic.map(|username| json!({ "username": username })),
                    "header": new.header.then(|| json!({})),
                    "signature": new.signature.then(|| json!({})),
                    "token": new.token.map(|issuer| json!({
                        "issuer": issuer, "audience": new.audience, "subject": new.subject,
                    })),
                }));
                show(api, Method::POST, BASE, Some(body)).await
            }
            Self::List => list(api, BASE).await,
            Self::Toggle { name } => {
                show(api, Method::PATCH, &format!("{}/toggle", one(BASE, &name)?), None).await
            }
            Self::Rotate { name, way, grace } => {
                let way = way.to_possible_value().map(|way| way.get_name().to_owned());
                let body = json!({ "way": way, "grace_seconds": grace });
                show(api, Method::POST, &format!("{}/rotate", one(BASE, &name)?), Some(body)).await
            }
            Self::Remove { name } => show(api, Method::DELETE, &one(BASE, &name)?, None).await,
        }
    }
}

impl Tenants {
    pub async fn run(self, api: &Api) -> Result<()> {
        const BASE: &str = "/api/v1/tenants";
        match self {
            Self::Create { id, name } => {
                let body = without_nulls(json!({ "id": id, "name": name }));
                show(api, Method::POST, BASE, Some(body)).await
            }
            Self::List => list(api, BASE).await,
            Self::Suspend { id } => {
                show(api, Method::POST, &format!("{}/suspend", one(BASE, &id)?), None).await
            }
            Self::Resume { id } => {
                show(api, Method::POST, &format!("{}/resume", one(BASE, &id)?), None).await
            }
        }
    }
}

impl Vault {
    pub async fn run(self, api: &Api) -> Result<()> {
        let Self::Rekey = self;
        show(api, Method::POST, "/api/v1/vault/rekey", None).await
    }
}

/// The path of one thing, whatever it is called.
fn one(base: &str, name: &str) -> Result<String> {
    ensure!(!matches!(name, "" | "." | ".."), "nothing is called {name:?}");
    Ok(format!("{base}/{}", percent_encode(name)))
}

/// Calls once, and prints the answer.
async fn show(api: &Api, method: Method, path: &str, body: Option<Value>) -> Result<()> {
    let answer = api.call(method, path, body.as_ref()).await?;
    print(&answer.text)
}

/// Prints all pages of a list, an item a line.
async fn list(api: &Api, path: &str) -> Result<()> {
    api.pages(path, |page| {
        let items: Vec<Value> = serde_json::from_str(page)?;
        items.iter().for_each(|item| say(&item.to_string()));
        Ok(())
    })
    .await
}

fn print(text: &str) -> Result<()> {
    let value: Value = serde_json::from_str(text)?;
    say(&serde_json::to_string_pretty(&value)?);
    Ok(())
}

fn without_nulls(value: Value) -> Value {
    let Value::Object(members) = value else { return value };
    let given = members.into_iter().filter(|(_, member)| !member.is_null());
    Value::Object(given.collect::<Map<_, _>>())
}
