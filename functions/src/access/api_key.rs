//! API keys: `pd_<id>_<secret>_<checksum>`. The id finds the stored digest, the
//! secret is 32 random characters, and the checksum lets a mistyped key be
//! refused without asking the table.

use shared::vault::{ExposeSecret, SecretString};

/// A well-formed API key.
pub struct ApiKey {
    /// The part that may be shown and logged.
    pub id: String,
    text: SecretString,
}

impl ApiKey {
    /// A new key; its secret has 122 random bits.
    pub fn generate() -> Self {
        let id: String = shared::ids::unique().chars().take(12).collect();
        let body = format!("pd_{id}_{}", shared::ids::unique());
        let text = format!("{body}_{:08x}", crc32fast::hash(body.as_bytes()));
        Self { id, text: text.into() }
    }

    /// Reads a key; none if it is not one or was mistyped.
    pub fn parse(text: &str) -> Option<Self> {
        let (body, checksum) = text.rsplit_once('_')?;
        let (id, secret) = body.strip_prefix("pd_")?.split_once('_')?;
        let hex = |part: &str| part.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        if (id.len(), secret.len()) != (12, 32) || !hex(id) || !hex(secret) {
            return None;
        }
        let expected = format!("{:08x}", crc32fast::hash(body.as_bytes()));
        (expected == checksum).then(|| Self { id: id.to_owned(), text: text.to_owned().into() })
    }

    /// How the key begins, by which its holder can tell it from others.
    pub fn prefix(&self) -> String {
        format!("pd_{}", self.id)
    }

    /// What is stored of it: it is random enough that a plain SHA-256 will do.
    pub fn digest(&self) -> String {
        shared::ids::hex_digest(self.text.expose_secret().as_bytes())
    }

    /// The key itself, to be shown once.
    pub fn reveal(&self) -> &str {
        self.text.expose_secret()
    }
}

#[cfg(test)]
mod tests {
    use anyhow::Context;

    use super::*;

    #[test]
    fn a_key_reads_back_and_a_mistyped_one_does_not() -> anyhow::Result<()> {
        let key = ApiKey::generate();
        let read = ApiKey::parse(key.reveal()).context("its own key")?;
        assert_eq!((read.id, read.text.expose_secret()), (key.id.clone(), key.reveal()));
        let last = if key.reveal().ends_with('0') { "1" } else { "0" };
        let mistyped = format!("{}{last}", &key.reveal()[..key.reveal().len() - 1]);
        let body = format!("pd_{}_{}", "a".repeat(3000), "b".repeat(32));
        let long = format!("{body}_{:08x}", crc32fast::hash(body.as_bytes()));
        for wrong in [mistyped.as_str(), long.as_str(), "", "pd_", "pd_a_b", "Bearer x", "pd__"] {
            assert!(ApiKey::parse(wrong).is_none(), "{wrong:?}");
        }
        Ok(())
    }
}
