//! The chain over a trail: each entry's hash covers the entry and the hash before
//! it, so whoever changes, removes, adds or moves an entry changes every hash after.

use serde::{Deserialize, Serialize};
use shared::error::{Error, Result};
use shared::ids;
use shared::tenant::Tenant;

use super::view::EntryView;

/// Where a chain stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Link {
    /// The last entry's hash: SHA-256, hexadecimal.
    pub hash: String,
    /// How many entries lie behind.
    pub count: u64,
}

impl Link {
    /// The beginning of a tenant's chain.
    pub fn first(tenant: &Tenant) -> Self {
        Self { hash: ids::hex_digest(format!("audit trail of {tenant}").as_bytes()), count: 0 }
    }

    /// The chain with this entry at its end.
    pub fn with(&self, entry: &EntryView) -> Result<Self> {
        let text = serde_json::to_string(entry).map_err(Error::internal)?;
        let hash = ids::hex_digest(format!("{}\n{text}", self.hash).as_bytes());
        Ok(Self { hash, count: self.count + 1 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(id: &str, actor: &str) -> anyhow::Result<EntryView> {
        let text = format!(
            r#"{{"id":"{id}","timestamp":"t","actor":"{actor}","action":"a","subject":"s",
               "correlation_id":"c","details":{{"b": 1,"a":[]}}}}"#
        );
        Ok(serde_json::from_str(&text)?)
    }

    fn hash(entries: &[EntryView]) -> Result<String> {
        let start = Link::first(&Tenant::parse("default")?);
        let end = entries.iter().try_fold(start, |link, entry| link.with(entry));
        end.map(|end| end.hash)
    }

    #[test]
    fn every_way_to_meddle_changes_the_end() -> anyhow::Result<()> {
        let (a, b, c) = (entry("1", "x")?, entry("2", "x")?, entry("3", "x")?);
        let whole = hash(&[a.clone(), b.clone(), c.clone()])?;
        for meddled in [
            vec![a.clone(), c.clone()],
            vec![a.clone(), b.clone()],
            vec![b.clone(), a.clone(), c.clone()],
            vec![a.clone(), entry("2", "y")?, c.clone()],
            vec![a.clone(), b.clone(), b.clone(), c.clone()],
        ] {
            assert_ne!(hash(&meddled)?, whole);
        }
        assert_eq!(hash(&[a, b, c])?, whole);
        Ok(())
    }
}
