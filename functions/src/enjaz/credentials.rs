//! What an account signs in with, as the vault keeps it. Nothing of it is ever printed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use shared::error::{Error, Result};
use shared::tenant::Tenant;
use shared::vault::{ExposeSecret, SecretName, SecretString};

use super::account::Account;
use super::means::Means;
use super::portal::Credentials;

/// What an account signs in with.
#[derive(Clone)]
pub enum SignIn {
    /// A name and a password.
    Password(Credentials),
    /// A session that its user began, as [`Session::cookies`](super::portal::Session::cookies)
    /// says.
    Session(SecretString),
}

/// The same as text.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Text {
    Password { username: String, password: String },
    Session(String),
}

impl SignIn {
    /// As text for the vault.
    pub fn text(&self) -> Result<SecretString> {
        let text = match self {
            Self::Password(Credentials { username, password }) => Text::Password {
                username: username.clone(),
                password: password.expose_secret().to_owned(),
            },
            Self::Session(kept) => Text::Session(kept.expose_secret().to_owned()),
        };
        Ok(serde_json::to_string(&text).map_err(Error::internal)?.into())
    }

    /// What was kept.
    ///
    /// # Errors
    /// `Internal` when it was not. The cause does not quote it.
    fn read(text: &SecretString) -> Result<Self> {
        let broken = |_| Error::bug("what an account signs in with cannot be read");
        Ok(match serde_json::from_str(text.expose_secret()).map_err(broken)? {
            Text::Password { username, password } => {
                Self::Password(Credentials { username, password: password.into() })
            }
            Text::Session(kept) => Self::Session(kept.into()),
        })
    }

    /// Whether it is a session.
    pub fn is_session(&self) -> bool {
        matches!(self, Self::Session(_))
    }

    /// Whether both are of one user of the portal, as far as that can be told.
    pub fn is_of_the_user_of(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Password(this), Self::Password(that)) => this.username == that.username,
            // Nobody can tell whose a session is.
            _ => true,
        }
    }
}

impl Means {
    /// What an account signs in with. That it was looked at is in the audit trail.
    ///
    /// # Errors
    /// `Internal` when the vault does not have it.
    pub async fn sign_in_of(
        &self,
        by: &shared::web::Caller,
        account: &Account,
        why: &str,
    ) -> Result<SignIn> {
        let told = serde_json::json!({ "for": why, "version": account.version });
        let entry = self.trail.entry(by, "enjaz.credentials.read", account.subject(), &told)?;
        self.table.transact(&shared::ids::time_ordered(), vec![entry]).await?;
        let name = SecretName::of(&by.tenant, &account.secret)?;
        let kept = self.vault.read(&name).await?;
        SignIn::read(&kept.ok_or_else(|| Error::bug("an account without credentials"))?)
    }

    /// Keeps it under a name of its own, and answers that.
    pub async fn keep(&self, tenant: &Tenant, sign_in: &SignIn) -> Result<String> {
        self.vault.keep_anew(tenant, "enjaz", &sign_in.text()?).await
    }
}

/// The longest name and password, in characters.
const LONGEST_NAME: usize = 255;
const LONGEST_PASSWORD: usize = 1024;
/// The most cookies of a session.
const MOST_COOKIES: usize = 50;

/// A name and a password that somebody gives.
///
/// # Errors
/// `Invalid`, naming the member, when one is empty or too long.
pub fn password(username: String, password: String) -> Result<SignIn> {
    for (field, text, most) in
        [("username", &username, LONGEST_NAME), ("password", &password, LONGEST_PASSWORD)]
    {
        if !(1..=most).contains(&text.chars().count()) {
            return Err(Error::invalid(field, format!("must be 1 to {most} characters long")));
        }
    }
    Ok(SignIn::Password(Credentials { username, password: password.into() }))
}

/// Cookies that somebody gives.
///
/// # Errors
/// `Invalid`, naming `cookies`, when there are none or too many.
pub fn cookies(given: BTreeMap<String, String>) -> Result<Vec<(String, SecretString)>> {
    if !(1..=MOST_COOKIES).contains(&given.len()) {
        return Err(Error::invalid("cookies", format!("must be 1 to {MOST_COOKIES} cookies")));
    }
    Ok(given.into_iter().map(|(name, value)| (name, value.into())).collect())
}
