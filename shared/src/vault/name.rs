//! What a credential is called: an operator's own name, or a tenant's record. No
//! tenant's record can be called like another's, nor like an operator's.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::tenant::Tenant;

/// The longest record.
const MAX_RECORD: usize = 128;

/// The name of a credential. As text it is `<tenant>/<record>`, or `/<name>` for an
/// operator's own, since no tenant's name is empty.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SecretName(String);

impl SecretName {
    /// An operator's own name for a credential, on AWS a name or an ARN.
    pub fn given(name: &str) -> Self {
        Self(format!("/{name}"))
    }

    /// A tenant's record.
    ///
    /// # Errors
    /// `Invalid` when the record is not 1 to 128 characters of `a-z`, `A-Z`, `0-9`,
    /// `/`, `_` and `-`.
    pub fn of(tenant: &Tenant, record: &str) -> Result<Self> {
        let fits = (1..=MAX_RECORD).contains(&record.len())
            && record.bytes().all(|b| b.is_ascii_alphanumeric() || b"/_-".contains(&b));
        if fits {
            Ok(Self(format!("{tenant}/{record}")))
        } else {
            Err(Error::invalid(
                "record",
                "must be 1 to 128 characters of a-z, A-Z, 0-9, /, _ and -",
            ))
        }
    }

    /// Reads the text form.
    ///
    /// # Errors
    /// `Invalid` when it is nobody's.
    pub fn parse(text: &str) -> Result<Self> {
        match text.split_once('/') {
            Some(("", name)) => Ok(Self::given(name)),
            Some((tenant, record)) => Self::of(&Tenant::parse(tenant)?, record),
            None => Err(Error::invalid("name", "must hold a /")),
        }
    }

    /// The operator's own name, if it is one.
    pub fn as_given(&self) -> Option<&str> {
        self.0.strip_prefix('/')
    }

    /// The text form.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SecretName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for SecretName {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        Self::parse(&text)
    }
}

impl From<SecretName> for String {
    fn from(name: SecretName) -> Self {
        name.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(tenant: &str, record: &str) -> Result<SecretName> {
        SecretName::of(&Tenant::parse(tenant)?, record)
    }

    #[test]
    fn no_two_of_them_are_called_the_same() -> anyhow::Result<()> {
        let names = [
            of("a", "b/c")?,
            of("a", "b")?,
            of("a-b", "c")?,
            of("a", "/b")?,
            SecretName::given("a/b"),
            SecretName::given("/a/b"),
            SecretName::given("arn:aws:secretsmanager:eu-west-1:1:secret:a/b-AbCdEf"),
        ];
        let mut texts: Vec<_> = names.iter().map(SecretName::as_str).collect();
        texts.sort_unstable();
        texts.dedup();
        assert_eq!(texts.len(), names.len());
        for name in names {
            assert_eq!(SecretName::parse(name.as_str())?, name);
        }
        Ok(())
    }

    #[test]
    fn records_that_are_too_long_or_hold_other_characters_are_refused() -> anyhow::Result<()> {
        assert_eq!(of("acme", "sources/A_b-9")?.as_str(), "acme/sources/A_b-9");
        assert!(of("acme", &"a".repeat(128)).is_ok());
        for record in ["", "a b", "a.b", "a|b", "a\0", "é", "a\n", &"a".repeat(129)] {
            assert!(of("acme", record).is_err(), "{record:?}");
        }
        for text in ["", "acme", "acme/", "A/b", "a b/c", "acme/b.c"] {
            assert!(SecretName::parse(text).is_err(), "{text:?}");
        }
        Ok(())
    }
}
