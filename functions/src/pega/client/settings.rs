//! The installation's own Pega: where it is, how to sign in there, and how it wants to be
//! spoken to. From the secret that `PEGA_SECRET` names (a JSON object of the variables
//! below), or from the variables themselves, on a local process that has no such secret.

use std::collections::HashMap;
use std::sync::Arc;

use shared::env::Env;
use shared::error::{Error, Result};
use shared::ids;
use shared::vault::{Cached, ExposeSecret, SecretName};

use super::manner::{Manner, Names};
use crate::integrations::connections::client::{Client, Credentials};

const NAMES: [&str; 12] = [
    "PEGA_URL",
    "PEGA_USERNAME",
    "PEGA_PASSWORD",
    "PEGA_API_KEY",
    "PEGA_TOKEN_URL",
    "PEGA_CLIENT_ID",
    "PEGA_CLIENT_SECRET",
    "PEGA_API_VERSION",
    "PEGA_NOTES",
    "PEGA_CASES_PATH",
    "PEGA_ASSIGNMENTS_PATH",
    "PEGA_MESSAGES_PATH",
];
const MANNER: Names = Names { version: "PEGA_API_VERSION", notes: "PEGA_NOTES" };

/// Where settings come from.
#[derive(Clone)]
pub(super) enum Source {
    Secret { vault: Cached, name: SecretName },
    Given(Option<Settings>),
}

/// A configured Pega.
#[derive(Clone)]
pub(super) struct Settings {
    /// Base address of the DX API, without a slash at its end.
    pub url: String,
    /// In this order of preference, when several are given: OAuth 2.0 client credentials,
    /// a ready-made bearer token, an operator's id and password.
    pub credentials: Arc<Credentials>,
    pub manner: Manner,
    /// Differs when anything here does.
    pub mark: String,
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

    /// The settings, read anew because Pega refused those of this mark; none when they are
    /// still the same.
    pub async fn renewed(&self, mark: &str) -> Result<Option<Settings>> {
        let Self::Secret { vault, name } = self else { return Ok(None) };
        vault.forget(name).await;
        Ok(self.read().await?.filter(|settings| settings.mark != mark))
    }
}

impl Settings {
    /// Pega is configured when its address is.
    fn of(values: &HashMap<String, String>) -> Result<Option<Self>> {
        let get = |name: &str| values.get(name).filter(|value| !value.is_empty()).cloned();
        let Some(url) = get("PEGA_URL") else { return Ok(None) };
        let url = url.trim_end_matches('/').to_owned();
        let credentials = Arc::new(credentials(&get)?);
        let (version, notes) = (get("PEGA_API_VERSION"), get("PEGA_NOTES"));
        let path = |name: &str, usual: &str| {
            let given = get(&format!("PEGA_{}_PATH", name.to_uppercase()));
            given.unwrap_or_else(|| usual.to_owned())
        };
        let manner = Manner::read(&url, version.as_deref(), notes.as_deref(), path, MANNER)
            .map_err(|error| Error::bug(error.detail))?;
        let paths = [&manner.paths.cases, &manner.paths.assignments, &manner.paths.messages];
        if paths.iter().any(|path| !path.starts_with('/')) {
            return Err(Error::bug("a path of PEGA_…_PATH must begin with a slash"));
        }
        let mut all: Vec<_> = values.iter().collect();
        all.sort();
        let mark = ids::derived(&format!("{all:?}"));
        Ok(Some(Self { url, credentials, manner, mark }))
    }
}

fn credentials(get: &impl Fn(&str) -> Option<String>) -> Result<Credentials> {
    Ok(match (get("PEGA_TOKEN_URL"), get("PEGA_API_KEY"), get("PEGA_USERNAME")) {
        (Some(token_url), ..) => Credentials::Oauth(Client {
            token_url,
            id: get("PEGA_CLIENT_ID").unwrap_or_default(),
            secret: get("PEGA_CLIENT_SECRET").unwrap_or_default().into(),
            scope: None,
        }),
        (None, Some(token), _) => Credentials::Bearer(token.into()),
        (None, None, Some(username)) => Credentials::Basic {
            username,
            password: get("PEGA_PASSWORD").unwrap_or_default().into(),
        },
        (None, None, None) => {
            return Err(Error::bug("PEGA_URL is set, and no way to sign in there"));
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(values: &[(&str, &str)]) -> Result<Option<Settings>> {
        Settings::of(&values.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect())
    }

    fn check(values: &[(&str, &str)], way: Option<&str>) -> anyhow::Result<()> {
        let found = read(values)?.map(|settings| match *settings.credentials {
            Credentials::Oauth(_) => "client",
            Credentials::Bearer(_) => "bearer",
            Credentials::Basic { .. } => "basic",
            Credentials::ApiKey(_) => "key",
        });
        assert_eq!(found, way);
        Ok(())
    }

    #[test]
    fn the_way_to_sign_in_follows_from_what_is_given() -> anyhow::Result<()> {
        let url = ("PEGA_URL", "https://pega.example/prweb/api/v1/");
        let user = ("PEGA_USERNAME", "u");
        check(&[], None)?;
        check(&[user], None)?;
        check(&[url, user], Some("basic"))?;
        check(&[url, user, ("PEGA_API_KEY", "t")], Some("bearer"))?;
        let client = ("PEGA_TOKEN_URL", "https://t");
        check(&[url, user, ("PEGA_API_KEY", "t"), client], Some("client"))?;
        assert!(read(&[url]).is_err());
        assert!(read(&[url, user, ("PEGA_NOTES", "x")]).is_err());
        assert!(read(&[url, user, ("PEGA_CASES_PATH", "x")]).is_err());
        Ok(())
    }

    #[test]
    fn another_password_is_another_mark() -> anyhow::Result<()> {
        let mark = |password| {
            let url = ("PEGA_URL", "https://pega.example");
            let read = read(&[url, ("PEGA_USERNAME", "u"), ("PEGA_PASSWORD", password)])?;
            Ok::<_, Error>(read.map(|settings| settings.mark))
        };
        assert_eq!(mark("a")?, mark("a")?);
        assert_ne!(mark("a")?, mark("b")?);
        Ok(())
    }
}
