//! What a connection signs in with: checked for what its way of signing in needs, and
//! kept in the vault alone.

use serde::{Deserialize, Serialize};
use shared::error::{Error, Result};
use shared::outbound::Targets;
use shared::vault::{ExposeSecret, SecretString};
use utoipa::ToSchema;

use super::model::AuthenticationType;

/// The longest name, and the longest secret, in bytes.
const LONGEST_NAME: usize = 1024;
const LONGEST_SECRET: usize = 8192;

/// Credentials as they are given. Which are needed depends on `authentication_type`:
/// `username` and `password` for `basic`; `token_url`, `client_id`, `client_secret` and
/// maybe `scope` for `oauth`; `api_key` for `api_key`; `token` for `bearer`.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCredentials {
    username: Option<String>,
    #[schema(value_type = Option<String>)]
    password: Option<SecretString>,
    #[schema(value_type = Option<String>)]
    api_key: Option<SecretString>,
    #[schema(value_type = Option<String>)]
    token: Option<SecretString>,
    token_url: Option<String>,
    client_id: Option<String>,
    #[schema(value_type = Option<String>)]
    client_secret: Option<SecretString>,
    scope: Option<String>,
}

/// Credentials that are whole.
pub enum Credentials {
    /// HTTP Basic.
    Basic {
        /// The user.
        username: String,
        /// Their password.
        password: SecretString,
    },
    /// OAuth 2.0 with client credentials.
    Oauth(Client),
    /// A key in a header.
    ApiKey(SecretString),
    /// A fixed bearer token.
    Bearer(SecretString),
}

/// A client of an authorization server.
pub struct Client {
    /// The token endpoint.
    pub token_url: String,
    /// The client's id.
    pub id: String,
    /// Its secret.
    pub secret: SecretString,
    /// The scope to ask for, if any.
    pub scope: Option<String>,
}

impl NewCredentials {
    /// What this way of signing in needs; none if it needs nothing.
    ///
    /// # Errors
    /// `Invalid`, naming the member that is missing, wrong, or of another way.
    pub(super) async fn check(
        mut self,
        way: AuthenticationType,
        targets: &Targets,
    ) -> Result<Option<Credentials>> {
        let credentials = match way {
            AuthenticationType::None => None,
            AuthenticationType::Basic => Some(Credentials::Basic {
                username: username(self.username.take())?,
                password: secret("password", self.password.take(), |b| !b.is_ascii_control())?,
            }),
            AuthenticationType::ApiKey => {
                let key = secret("api_key", self.api_key.take(), |b| b.is_ascii_graphic())?;
                Some(Credentials::ApiKey(key))
            }
            AuthenticationType::Bearer => {
                let token = secret("token", self.token.take(), |b| b.is_ascii_graphic())?;
                Some(Credentials::Bearer(token))
            }
            AuthenticationType::Oauth => {
                let client = Client {
                    token_url: text("token_url", self.token_url.take())?,
                    id: text("client_id", self.client_id.take())?,
                    secret: secret("client_secret", self.client_secret.take(), |b| {
                        !b.is_ascii_control()
                    })?,
                    scope: self.scope.take().map(|scope| text("scope", Some(scope))).transpose()?,
                };
                targets.check("credentials.token_url", &client.token_url).await?;
                Some(Credentials::Oauth(client))
            }
        };
        match self.left() {
            Some(name) => Err(invalid(name, "is not of this authentication_type")),
            None => Ok(credentials),
        }
    }

    /// A member that was not needed.
    fn left(&self) -> Option<&'static str> {
        let left = [
            ("username", self.username.is_some()),
            ("password", self.password.is_some()),
            ("api_key", self.api_key.is_some()),
            ("token", self.token.is_some()),
            ("token_url", self.token_url.is_some()),
            ("client_id", self.client_id.is_some()),
            ("client_secret", self.client_secret.is_some()),
            ("scope", self.scope.is_some()),
        ];
        left.into_iter().find_map(|(name, is)| is.then_some(name))
    }
}

/// Credentials as the vault keeps them.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kept {
    Basic { username: String, password: String },
    Oauth { token_url: String, client_id: String, client_secret: String, scope: Option<String> },
    ApiKey(String),
    Bearer(String),
}

impl Credentials {
    /// Reads what the vault keeps.
    pub fn parse(kept: &SecretString) -> Result<Self> {
        // The parser's own words could quote the secret.
        let kept = serde_json::from_str(kept.expose_secret())
            .map_err(|_| Error::bug("a connection's credentials cannot be read"))?;
        Ok(match kept {
            Kept::Basic { username, password } => {
                Self::Basic { username, password: password.into() }
            }
            Kept::Oauth { token_url, client_id, client_secret, scope } => {
                let (id, secret) = (client_id, client_secret.into());
                Self::Oauth(Client { token_url, id, secret, scope })
            }
            Kept::ApiKey(key) => Self::ApiKey(key.into()),
            Kept::Bearer(token) => Self::Bearer(token.into()),
        })
    }

    /// As the vault keeps them.
    pub fn text(&self) -> Result<SecretString> {
        let open = |secret: &SecretString| secret.expose_secret().to_owned();
        let kept = match self {
            Self::Basic { username, password } => {
                Kept::Basic { username: username.clone(), password: open(password) }
            }
            Self::Oauth(client) => Kept::Oauth {
                token_url: client.token_url.clone(),
                client_id: client.id.clone(),
                client_secret: open(&client.secret),
                scope: client.scope.clone(),
            },
            Self::ApiKey(key) => Kept::ApiKey(open(key)),
            Self::Bearer(token) => Kept::Bearer(open(token)),
        };
        serde_json::to_string(&kept).map(SecretString::from).map_err(Error::internal)
    }
}

fn invalid(name: &str, message: impl Into<String>) -> Error {
    Error::invalid(&format!("credentials.{name}"), message)
}

fn text(name: &str, given: Option<String>) -> Result<String> {
    let text = given.ok_or_else(|| invalid(name, "is required"))?;
    let fits = (1..=LONGEST_NAME).contains(&text.len());
    if fits && !text.chars().any(char::is_control) {
        return Ok(text);
    }
    Err(invalid(name, format!("must have 1 to {LONGEST_NAME} characters that can be printed")))
}

fn username(given: Option<String>) -> Result<String> {
    let username = text("username", given)?;
    if username.contains(':') {
        return Err(invalid("username", "must not hold a colon"));
    }
    Ok(username)
}

fn secret(
    name: &str,
    given: Option<SecretString>,
    may_hold: impl Fn(u8) -> bool,
) -> Result<SecretString> {
    let secret = given.ok_or_else(|| invalid(name, "is required"))?;
    let text = secret.expose_secret();
    if (1..=LONGEST_SECRET).contains(&text.len()) && text.bytes().all(may_hold) {
        return Ok(secret);
    }
    Err(invalid(
        name,
        format!("must have 1 to {LONGEST_SECRET} characters that a header can carry"),
    ))
}
