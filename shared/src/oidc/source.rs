//! Where an issuer publishes its keys: at a configured address, or where its
//! discovery document (OpenID Connect Discovery 1.0) says.

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::jwk::KeySet;
use crate::outbound::{Method, Outbound, StatusCode};

/// The place of an issuer's keys.
pub(super) struct Source {
    issuer: String,
    jwks_url: Option<String>,
    outbound: Outbound,
}

impl Source {
    pub fn new(issuer: &str, jwks_url: Option<&str>, outbound: Outbound) -> Self {
        Self { issuer: issuer.to_owned(), jwks_url: jwks_url.map(str::to_owned), outbound }
    }

    /// The issuer.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Its keys, as they are published now.
    pub async fn read(&self) -> Result<KeySet> {
        let address = match &self.jwks_url {
            Some(address) => address.clone(),
            None => self.discover().await.context("the discovery document")?,
        };
        let set = self.get(&address).await.context("the key set")?;
        KeySet::of(&set).context("the key set has no keys")
    }

    async fn discover(&self) -> Result<String> {
        let issuer = self.issuer.trim_end_matches('/');
        let document = self.get(&format!("{issuer}/.well-known/openid-configuration")).await?;
        jwks_uri(&document, &self.issuer).map(str::to_owned)
    }

    async fn get(&self, address: &str) -> Result<Value> {
        let call = self.outbound.call(Method::GET, address).header("accept", "application/json");
        let reply = call.send().await?;
        ensure!(reply.status == StatusCode::OK, "answered {}", reply.status);
        Ok(serde_json::from_slice(&reply.body)?)
    }
}

/// Where the document says that the issuer's keys are.
fn jwks_uri<'a>(document: &'a Value, issuer: &str) -> Result<&'a str> {
    ensure!(document["issuer"] == issuer, "it is another issuer's");
    let address = document["jwks_uri"].as_str().context("it has no jwks_uri")?;
    let plain = !issuer.starts_with("https://");
    ensure!(plain || address.starts_with("https://"), "its jwks_uri is not https");
    Ok(address)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::jwks_uri;

    #[test]
    fn keys_of_an_https_issuer_come_over_https() {
        for (issuer, address, accepted) in [
            ("https://issuer.example", "https://keys.example", true),
            ("https://issuer.example", "http://keys.example", false),
            ("https://issuer.example", "HTTP://keys.example", false),
            ("http://127.0.0.1:1", "http://127.0.0.1:1/keys", true),
        ] {
            let document = json!({"issuer": issuer, "jwks_uri": address});
            assert_eq!(jwks_uri(&document, issuer).is_ok(), accepted, "{address}");
        }
    }
}
