//! Seals credentials with AES-256-GCM, for vaults that keep them somewhere that is
//! not one. What is sealed is bound to its name, and so to its tenant and record: in
//! another's place it does not open. It says which key it was sealed under, so that
//! keys can be renewed while old ones still open what they sealed.
//!
//! Nonces are random, of 96 bits, which is good for 2^32 seals under one key.

use std::sync::Arc;

use aws_lc_rs::aead::{AES_256_GCM, Aad, MAX_TAG_LEN, Nonce, RandomizedNonceKey};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, ExposeSecretMut, SecretBox, SecretString};
use serde::{Deserialize, Serialize};

use super::SecretName;
use crate::error::{Error, Result};

/// The form of what this release seals.
const FORM: u8 = 1;
/// A key's length in bytes.
const KEY: usize = 32;
/// The longest key id.
const MAX_ID: usize = 64;

/// Keys by their ids; one of them is active and seals. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Keyring {
    active: Arc<Key>,
    others: Vec<Arc<Key>>,
}

#[derive(Debug)]
struct Key {
    id: String,
    bytes: SecretBox<[u8; KEY]>,
}

/// A sealed credential.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sealed {
    /// The form of the rest.
    v: u8,
    /// The key it was sealed under.
    pub key_id: String,
    #[serde(with = "base64_text")]
    nonce: Vec<u8>,
    /// With the tag at its end.
    #[serde(with = "base64_text")]
    ciphertext: Vec<u8>,
}

impl Keyring {
    /// One fresh key.
    ///
    /// # Errors
    /// `Internal` when the system has no random numbers.
    pub fn generate() -> Result<Self> {
        Ok(Self { active: Arc::new(Key::generate()?), others: Vec::new() })
    }

    /// Reads `<key id> <32 bytes in base64>`, one key a line or with commas between;
    /// the first is active.
    ///
    /// # Errors
    /// `Internal` when it is not of this form, holds no key, or an id twice. It does
    /// not quote what it read.
    pub fn parse(text: &str) -> Result<Self> {
        let lines = text.split(['\n', ',']).map(str::trim).filter(|line| !line.is_empty());
        let mut keys = Vec::<Arc<Key>>::new();
        for (at, line) in lines.enumerate() {
            let key = Key::parse(line);
            let key = key.ok_or_else(|| Error::bug(format!("key {} cannot be read", at + 1)))?;
            if keys.iter().any(|known| known.id == key.id) {
                return Err(Error::bug(format!("key {} has the id of another", at + 1)));
            }
            keys.push(Arc::new(key));
        }
        let mut keys = keys.into_iter();
        let active = keys.next().ok_or_else(|| Error::bug("there is no key"))?;
        Ok(Self { active, others: keys.collect() })
    }

    /// What [`Keyring::parse`] reads, one key a line.
    pub fn to_text(&self) -> SecretString {
        let mut text = Zeroizing::new(String::with_capacity(128 * (1 + self.others.len())));
        for key in self.keys() {
            text.push_str(&key.id);
            text.push(' ');
            BASE64_STANDARD.encode_string(key.bytes.expose_secret(), &mut text);
            text.push('\n');
        }
        SecretString::from(text.as_str())
    }

    /// The id of the key that seals.
    pub fn active_id(&self) -> &str {
        &self.active.id
    }

    /// These keys and a fresh one, which is active.
    ///
    /// # Errors
    /// `Internal` when the system has no random numbers.
    pub fn with_fresh_key(&self) -> Result<Self> {
        let others = self.keys().cloned().collect();
        Ok(Self { active: Arc::new(Key::generate()?), others })
    }

    /// The active key alone.
    #[must_use]
    pub fn active_alone(&self) -> Self {
        Self { active: self.active.clone(), others: Vec::new() }
    }

    /// Seals a credential for this name under the active key.
    ///
    /// # Errors
    /// `Internal` when the system has no random numbers.
    pub fn seal(&self, name: &SecretName, secret: &SecretString) -> Result<Sealed> {
        let plain = secret.expose_secret().as_bytes();
        let key = &self.active;
        // Room for the tag, so that no copy is left behind in growing.
        let mut sealed = Zeroizing::new(Vec::with_capacity(plain.len() + MAX_TAG_LEN));
        sealed.extend_from_slice(plain);
        let aad = Aad::from(associated_data(FORM, &key.id, name));
        let nonce = key.cipher()?.seal_in_place_append_tag(aad, &mut *sealed);
        let nonce = nonce.map_err(|_| Error::bug("a secret was not sealed"))?;
        Ok(Sealed {
            v: FORM,
            key_id: key.id.clone(),
            nonce: nonce.as_ref().to_vec(),
            ciphertext: std::mem::take(&mut *sealed),
        })
    }

    /// Opens what was sealed for this name.
    ///
    /// # Errors
    /// `Internal` when its key is not here, or it is not what was sealed for this name
    /// under that key. It tells names and never content.
    pub fn open(&self, name: &SecretName, sealed: &Sealed) -> Result<SecretString> {
        let Sealed { v, key_id, nonce, ciphertext } = sealed;
        let key = self.keys().find(|key| key.id == *key_id).ok_or_else(|| {
            Error::bug(format!("the secret {name} is sealed under key {key_id}, which is missing"))
        })?;
        let refused = || {
            Error::bug(format!(
                "the secret {name} does not open with key {key_id}: one of them is not what it was"
            ))
        };
        if *v != FORM {
            return Err(refused());
        }
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| refused())?;
        let aad = Aad::from(associated_data(*v, key_id, name));
        let mut opened = Zeroizing::new(ciphertext.clone());
        let opened = key.cipher()?.open_in_place(nonce, aad, &mut opened).map_err(|_| refused())?;
        let opened = std::str::from_utf8(opened).map_err(|_| refused())?;
        Ok(SecretString::from(opened))
    }

    fn keys(&self) -> impl Iterator<Item = &Arc<Key>> {
        std::iter::once(&self.active).chain(&self.others)
    }
}

impl Key {
    fn generate() -> Result<Self> {
        let mut bytes = SecretBox::new(Box::new([0; KEY]));
        aws_lc_rs::rand::fill(bytes.expose_secret_mut())
            .map_err(|_| Error::bug("the system has no random numbers"))?;
        Ok(Self { id: crate::ids::time_ordered(), bytes })
    }

    fn parse(line: &str) -> Option<Self> {
        let (id, bytes) = line.split_once(char::is_whitespace)?;
        let fits = (1..=MAX_ID).contains(&id.len())
            && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b));
        let bytes = Zeroizing::new(BASE64_STANDARD.decode(bytes.trim_start()).ok()?);
        let bytes: &[u8; KEY] = bytes.as_slice().try_into().ok()?;
        let bytes = SecretBox::init_with_mut(|key: &mut [u8; KEY]| key.copy_from_slice(bytes));
        fits.then(|| Self { id: id.to_owned(), bytes })
    }

    fn cipher(&self) -> Result<RandomizedNonceKey> {
        RandomizedNonceKey::new(&AES_256_GCM, self.bytes.expose_secret())
            .map_err(|_| Error::bug("AES-256-GCM does not take the key"))
    }
}

/// What a seal is bound to. Only the name, which stands last, may hold any character.
fn associated_data(form: u8, key_id: &str, name: &SecretName) -> String {
    format!("{form}|{key_id}|{name}")
}

/// Bytes as text.
mod base64_text {
    use base64::Engine;
    use base64::prelude::BASE64_STANDARD;
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(bytes: &[u8], to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&BASE64_STANDARD.encode(bytes))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
        BASE64_STANDARD.decode(String::deserialize(from)?).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tenant::Tenant;

    const SECRET: &str = "a-canary-that-nobody-may-see";

    fn name(tenant: &str, record: &str) -> Result<SecretName> {
        SecretName::of(&Tenant::parse(tenant)?, record)
    }

    fn sealed(keyring: &Keyring) -> Result<Sealed> {
        keyring.seal(&name("acme", "a")?, &SecretString::from(SECRET))
    }

    /// What went wrong, all of it.
    fn refusal(keyring: &Keyring, name: &SecretName, sealed: &Sealed) -> String {
        let error = keyring.open(name, sealed).expect_err("it opened");
        format!("{error} {error:?}")
    }

    #[test]
    fn what_is_sealed_opens_under_its_own_name_alone() -> anyhow::Result<()> {
        let keyring = Keyring::generate()?;
        let sealed = sealed(&keyring)?;
        let opened = keyring.open(&name("acme", "a")?, &sealed)?;
        assert_eq!(opened.expose_secret(), SECRET);
        let given = SecretName::given("acme/a");
        for name in [name("acme", "b")?, name("acm", "a")?, name("other", "a")?, given] {
            let refusal = refusal(&keyring, &name, &sealed);
            assert!(refusal.contains("does not open") && !refusal.contains(SECRET), "{refusal}");
        }
        Ok(())
    }

    #[test]
    fn any_bit_that_was_changed_is_noticed() -> anyhow::Result<()> {
        let keyring = Keyring::generate()?;
        let original = sealed(&keyring)?;
        assert_eq!(original.ciphertext.len(), SECRET.len() + 16);
        for bit in 0..original.ciphertext.len() * 8 {
            let mut changed = original.clone();
            changed.ciphertext[bit / 8] ^= 1 << (bit % 8);
            refusal(&keyring, &name("acme", "a")?, &changed);
        }
        for bit in 0..original.nonce.len() * 8 {
            let mut changed = original.clone();
            changed.nonce[bit / 8] ^= 1 << (bit % 8);
            refusal(&keyring, &name("acme", "a")?, &changed);
        }
        for length in [0, 1, 15, 16, original.ciphertext.len() - 1] {
            let mut cut = original.clone();
            cut.ciphertext.truncate(length);
            refusal(&keyring, &name("acme", "a")?, &cut);
        }
        for (v, nonce) in [(2, original.nonce.clone()), (FORM, Vec::new()), (FORM, vec![0; 13])] {
            refusal(&keyring, &name("acme", "a")?, &Sealed { v, nonce, ..original.clone() });
        }
        Ok(())
    }

    #[test]
    fn the_key_s_id_is_bound_and_another_key_of_that_id_opens_nothing() -> anyhow::Result<()> {
        let text = |id: &str, byte| format!("{id} {}", BASE64_STANDARD.encode([byte; KEY]));
        let keyring = Keyring::parse(&text("one", 7))?;
        let sealed = sealed(&keyring)?;
        let name = name("acme", "a")?;
        let same_key = Keyring::parse(&text("two", 7))?;
        assert!(refusal(&same_key, &name, &sealed).contains("missing"));
        let renamed = Sealed { key_id: "two".to_owned(), ..sealed.clone() };
        assert!(refusal(&same_key, &name, &renamed).contains("does not open"));
        let same_id = Keyring::parse(&text("one", 8))?;
        assert!(refusal(&same_id, &name, &sealed).contains("does not open"));
        Ok(())
    }

    #[test]
    fn old_keys_open_what_they_sealed_until_they_are_dropped() -> anyhow::Result<()> {
        let old = Keyring::generate()?;
        let both = old.with_fresh_key()?;
        let (under_old, under_new) = (sealed(&old)?, sealed(&both)?);
        assert_ne!(under_old.key_id, under_new.key_id);
        let name = name("acme", "a")?;
        let read_back = Keyring::parse(both.to_text().expose_secret())?;
        assert_eq!(read_back.active_id(), both.active_id());
        for sealed in [&under_old, &under_new] {
            assert!(read_back.open(&name, sealed).is_ok());
        }
        assert!(both.active_alone().open(&name, &under_new).is_ok());
        assert!(refusal(&both.active_alone(), &name, &under_old).contains("missing"));
        Ok(())
    }

    #[test]
    fn the_same_secret_never_seals_to_the_same() -> anyhow::Result<()> {
        let keyring = Keyring::generate()?;
        let (first, second) = (sealed(&keyring)?, sealed(&keyring)?);
        assert_ne!(first.nonce, second.nonce);
        assert_ne!(first.ciphertext, second.ciphertext);
        Ok(())
    }

    #[test]
    fn keys_that_cannot_be_read_are_refused_without_being_quoted() -> anyhow::Result<()> {
        let good = BASE64_STANDARD.encode([7; KEY]);
        let short = BASE64_STANDARD.encode([7; 31]);
        for text in [
            String::new(),
            good.clone(),
            format!("a|b {good}"),
            format!("a {short}"),
            format!("a {good}x"),
            format!("a {good}, a {good}"),
            format!("{} {good}", "a".repeat(65)),
        ] {
            let error = Keyring::parse(&text).expect_err("it was read");
            let told = format!("{error} {error:?}");
            assert!(!told.contains(&good[..20]), "{told}");
        }
        let keyring = Keyring::parse(&format!(" a  {good} ,b {good}\n\n"))?;
        assert_eq!((keyring.active_id(), keyring.keys().count()), ("a", 2));
        Ok(())
    }

    #[test]
    fn nothing_that_holds_a_key_or_a_secret_shows_it() -> anyhow::Result<()> {
        let keyring = Keyring::generate()?;
        let bytes = format!("{:?}", keyring.active.bytes.expose_secret());
        let shown = format!("{keyring:?} {:?}", sealed(&keyring)?);
        assert!(shown.contains(keyring.active_id()));
        assert!(!shown.contains(bytes.trim_matches(['[', ']'])), "{shown}");
        let stored = serde_json::to_string(&sealed(&keyring)?)?;
        assert!(!stored.contains(SECRET) && !shown.contains(SECRET));
        let back: Sealed = serde_json::from_str(&stored)?;
        assert!(keyring.open(&name("acme", "a")?, &back).is_ok());
        Ok(())
    }
}
