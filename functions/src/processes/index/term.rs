//! Terms: what a run is found by, each as the digest of its field and value, so that no key
//! shows what people said. Pure.

use std::collections::BTreeSet;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use shared::clock::timestamp;
use shared::error::Result;

use super::fold::fold;
use super::meta::scalars;
use crate::processes::runs::Run;

/// A field with a value that a run has there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Term(String);

impl Term {
    fn of(field: &str, value: &str) -> Self {
        Self(digest(&format!("{field}\0{value}")))
    }

    /// Of this process.
    pub fn process(id: i64) -> Self {
        Self::of("process", &id.to_string())
    }

    /// About this, whatever its case.
    pub fn entity_id(text: &str) -> Self {
        Self::of("entity_id", &fold(text))
    }

    /// Called so; the name is folded.
    pub fn name(folded: &str) -> Self {
        Self::of("name", folded)
    }

    /// With this in its metadata; the value is folded.
    pub fn meta(path: &str, folded: &str) -> Self {
        Self::of(&format!("meta.{path}"), folded)
    }

    /// Started on this day (UTC).
    pub fn started(day: &str) -> Self {
        Self::of("started", day)
    }

    /// Finished on this day (UTC).
    pub fn finished(day: &str) -> Self {
        Self::of("finished", day)
    }

    /// All that a run is found by.
    pub fn all_of(run: &Run) -> Result<BTreeSet<Self>> {
        let mut terms = BTreeSet::from([Self::process(run.process_id)]);
        terms.insert(Self::entity_id(&run.entity_id));
        terms.extend(run.entity_name.as_deref().map(|name| Self::name(&fold(name))));
        let said = scalars(&run.meta()?);
        terms.extend(said.iter().map(|scalar| Self::meta(&scalar.path, &fold(&scalar.text))));
        terms.extend(run.started_at.map(|at| Self::started(&day(at))));
        terms.extend(run.finished_at.map(|at| Self::finished(&day(at))));
        Ok(terms)
    }

    /// Its place in keys.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The day (UTC) of a moment.
pub(crate) fn day(ms: i64) -> String {
    timestamp(ms).strftime("%Y-%m-%d").to_string()
}

/// 128 bits that stand for a text.
pub(super) fn digest(text: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(&Sha256::digest(text.as_bytes())[..16])
}
