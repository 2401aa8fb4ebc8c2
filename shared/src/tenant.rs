//! Whose data it is. Every partition key of tenant data starts with its
//! [`Tenant`], and this is the only place that builds such a key, so that no
//! query can reach across. A tenant is only ever made from a credential or from
//! a key read back.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// A tenant's name: 1 to 32 characters of `a-z`, `0-9` and `-`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Tenant(String);

impl Tenant {
    /// Reads a tenant's name.
    pub fn parse(name: &str) -> Result<Self> {
        let fits = (1..=32).contains(&name.len())
            && name.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'));
        if fits {
            Ok(Self(name.to_owned()))
        } else {
            Err(Error::invalid("tenant", "must be 1 to 32 characters of a-z, 0-9 and -"))
        }
    }

    /// The partition key of this tenant's thing: `T#<tenant>#<kind>#<id>`. Only
    /// `id` may hold any character, because it stands last.
    pub fn pk(&self, kind: &str, id: impl fmt::Display) -> String {
        format!("T#{}#{kind}#{id}", self.0)
    }

    /// The tenant that a partition key belongs to.
    pub fn of_pk(pk: &str) -> Option<Self> {
        let mut parts = pk.splitn(3, '#');
        (parts.next() == Some("T")).then(|| parts.next())?.and_then(|t| Self::parse(t).ok())
    }

    /// The part of one of this tenant's partition keys that comes after the kind.
    pub fn id_in<'a>(&self, kind: &str, pk: &'a str) -> Option<&'a str> {
        pk.strip_prefix(&self.pk(kind, ""))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Tenant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Tenant {
    type Error = Error;

    fn try_from(name: String) -> Result<Self> {
        Self::parse(&name)
    }
}

impl From<Tenant> for String {
    fn from(tenant: Tenant) -> Self {
        tenant.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_can_be_taken_apart_again_even_when_the_id_holds_the_separator() -> anyhow::Result<()> {
        let tenant = Tenant::parse("acme-1")?;
        let pk = tenant.pk("C", "HR-WORK #12 #E#9");
        assert_eq!(pk, "T#acme-1#C#HR-WORK #12 #E#9");
        assert_eq!(Tenant::of_pk(&pk), Some(tenant.clone()));
        assert_eq!(tenant.id_in("C", &pk), Some("HR-WORK #12 #E#9"));
        assert_eq!(tenant.id_in("E", &pk), None);
        Ok(())
    }

    #[test]
    fn names_that_could_forge_a_key_are_refused() {
        for name in ["", "A", "a#b", "a b", "a\0", &"a".repeat(33)] {
            assert!(Tenant::parse(name).is_err(), "{name:?}");
        }
        assert_eq!(Tenant::of_pk("CRED#x"), None);
    }
}
