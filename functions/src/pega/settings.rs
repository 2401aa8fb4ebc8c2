//! Where Pega is and how to sign in there: from the secret that `PEGA_SECRET`
//! names (a JSON object of the variables below), or from the variables
//! themselves, on a local process that has no such secret.

use std::collections::HashMap;

use shared::env::Env;
use shared::error::{Error, Result};
use shared::vault::{Cached, ExposeSecret, SecretName, SecretString};

const NAMES: [&str; 7] = [
    "PEGA_URL",
    "PEGA_USERNAME",
    "PEGA_PASSWORD",
    "PEGA_API_KEY",
    "PEGA_TOKEN_URL",
    "PEGA_CLIENT_ID",
    "PEGA_CLIENT_SECRET",
];

/// Where settings come from.
#[derive(Clone)]
pub(super) enum Source {
    Secret { vault: Cached, name: SecretName },
    Given(Option<Settings>),
}

/// A configured Pega.
#[derive(Clone)]
pub(super) struct Settings {
    /// Base address of DX API v1, without a slash at its end.
    pub url: String,
    pub access: Access,
}

/// How to sign in. In this order of preference, when several are given.
#[derive(Clone)]
pub(super) enum Access {
    /// OAuth2 client credentials.
    Client { token_url: String, id: String, secret: SecretString },
    /// A ready-made bearer token.
    Bearer(SecretString),
    /// An operator's id and password.
    Basic { username: String, password: SecretString },
}

impl Source {
    /// Reads `PEGA_SECRET`, or else the variables.
    pub fn of(env: &Env) -> Result<Self> {
        if let Some(name) = env.optional("PEGA_SECRET") {
            return Ok(Self::Secret { vault: env.vault(), name: SecretName::given(name) });
        }
        let given = |name: &&str| Some(((*name).to_owned(), env.optional(name)?.to_owned()));
        Settings::of(&NAMES.iter().filter_map(given).collect()).map(Self::Given)
    }

    /// The settings; none when Pega is not configured.
    pub async fn read(&self) -> Result<Option<Settings>> {
        match self {
            Self::Given(settings) => Ok(settings.clone()),
            Self::Secret { vault, name } => {
                // Only a secret that is there can say that there is no Pega.
                let secret = vault.read(name).await?;
                let secret = secret.ok_or_else(|| Error::bug("PEGA_SECRET names no secret"))?;
                // The parser's own words could quote the secret.
                let values = serde_json::from_str(secret.expose_secret());
                let values =
                    values.map_err(|_| Error::bug("PEGA_SECRET is not a JSON object of text"))?;
                Settings::of(&values)
            }
        }
    }

    /// Reads the secret anew next time, because Pega refused what it said.
    pub async fn forget(&self) {
        if let Self::Secret { vault, name } = self {
            vault.forget(name).await;
        }
    }
}

impl Settings {
    /// Pega is configured when its address is.
    fn of(values: &HashMap<String, String>) -> Result<Option<Self>> {
        let get = |name: &str| values.get(name).filter(|value| !value.is_empty()).cloned();
        let Some(url) = get("PEGA_URL") else { return Ok(None) };
        let url = url.trim_end_matches('/').to_owned();
        let access = match (get("PEGA_TOKEN_URL"), get("PEGA_API_KEY"), get("PEGA_USERNAME")) {
            (Some(token_url), ..) => Access::Client {
                token_url,
                id: get("PEGA_CLIENT_ID").unwrap_or_default(),
                secret: get("PEGA_CLIENT_SECRET").unwrap_or_default().into(),
            },
            (None, Some(token), _) => Access::Bearer(token.into()),
            (None, None, Some(username)) => Access::Basic {
                username,
                password: get("PEGA_PASSWORD").unwrap_or_default().into(),
            },
            (None, None, None) => {
                return Err(Error::bug("PEGA_URL is set, and no way to sign in there"));
            }
        };
        Ok(Some(Self { url, access }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(values: &[(&str, &str)], way: Option<&str>) {
        let values = values.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        let settings = Settings::of(&values).expect("settings");
        let found = settings.map(|settings| match settings.access {
            Access::Client { .. } => "client",
            Access::Bearer(_) => "bearer",
            Access::Basic { .. } => "basic",
        });
        assert_eq!(found, way);
    }

    #[test]
    fn the_way_to_sign_in_follows_from_what_is_given() {
        let url = ("PEGA_URL", "https://pega.example/prweb/api/v1/");
        let user = ("PEGA_USERNAME", "u");
        check(&[], None);
        check(&[user], None);
        check(&[url, user], Some("basic"));
        check(&[url, user, ("PEGA_API_KEY", "t")], Some("bearer"));
        check(&[url, user, ("PEGA_API_KEY", "t"), ("PEGA_TOKEN_URL", "https://t")], Some("client"));
        assert!(Settings::of(&HashMap::from([(url.0.to_owned(), url.1.to_owned())])).is_err());
    }
}
