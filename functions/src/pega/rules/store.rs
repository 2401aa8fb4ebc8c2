//! The rules that hold for a tenant.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use shared::env::Env;
use shared::error::{Error, Result};
use shared::ids;
use shared::table::{Read, Table};
use shared::tenant::Tenant;

use super::file::Rules;
use super::kept::{Holds, Version, holds_key, version_key};
use crate::pega::event::events_table;

/// The rules that hold where nobody said otherwise.
pub(in crate::pega) const DEFAULT: &str = include_str!("default.toml");

/// What the names of tenants' rules begin with.
const VERSION: &str = "version ";

/// The rules of all tenants. Cheap to clone; clones share what they have read.
#[derive(Clone)]
pub struct RuleBook {
    pub(super) events: Table,
    /// What holds for tenants without rules of their own.
    usual: Arc<Held>,
    read: Arc<Mutex<HashMap<Tenant, Arc<Held>>>>,
}

/// Rules, and where they come from.
pub(in crate::pega) struct Held {
    pub rules: Rules,
    pub text: String,
    /// SHA-256 of that, hexadecimal.
    pub digest: String,
    pub source: Source,
    /// When they were made, milliseconds since 1970, and by whom; of a tenant's.
    pub made: Option<(i64, String)>,
}

/// Where rules come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::pega) enum Source {
    /// The file that Caseway comes with.
    Default,
    /// The installation's file.
    Installation,
    /// The tenant's own, in this version.
    Tenant(i64),
}

impl RuleBook {
    /// Needs the table `events`; the variable `PEGA_RULES_FILE` may name a
    /// file with the installation's rules.
    pub fn load(env: &Env) -> Result<Self> {
        let (text, source) = match env.file("PEGA_RULES_FILE")? {
            Some(text) => (text, Source::Installation),
            None => (DEFAULT.to_owned(), Source::Default),
        };
        let rules = Rules::parse(&text).map_err(|error| Error::bug(error.detail))?;
        Ok(Self {
            events: events_table(env)?,
            usual: Arc::new(Held::new(rules, text, source, None)),
            read: Arc::default(),
        })
    }

    /// The rules that hold for a tenant now.
    pub(in crate::pega) async fn of(&self, tenant: &Tenant) -> Result<Arc<Held>> {
        self.versioned(tenant).await.map(|(held, _)| held)
    }

    /// The rules that hold for a tenant now, and the number of their version.
    pub(super) async fn versioned(&self, tenant: &Tenant) -> Result<(Arc<Held>, i64)> {
        let version = self.version(tenant).await?;
        let held = match version {
            0 => self.usual.clone(),
            version => self.held(tenant, version).await?,
        };
        Ok((held, version))
    }

    /// Which version holds; 0 before the first.
    pub(super) async fn version(&self, tenant: &Tenant) -> Result<i64> {
        let holds: Option<Holds> = self.events.get(&holds_key(tenant), Read::Consistent).await?;
        Ok(holds.map_or(0, |holds| holds.version))
    }

    /// The rules that are called so ([`Held::name`]). Of the installation's file there is
    /// the present one alone, which may be called otherwise.
    pub(in crate::pega) async fn named(&self, tenant: &Tenant, name: &str) -> Result<Arc<Held>> {
        let version = name.strip_prefix(VERSION).and_then(|number| number.parse().ok());
        match version {
            Some(version) => self.held(tenant, version).await,
            None => Ok(self.usual.clone()),
        }
    }

    async fn held(&self, tenant: &Tenant, version: i64) -> Result<Arc<Held>> {
        let known = |held: &&Arc<Held>| held.source == Source::Tenant(version);
        if let Some(held) = self.read().get(tenant).filter(known) {
            return Ok(held.clone());
        }
        let row = self.find(tenant, version).await?;
        let Some(text) = row.text else { return Ok(self.usual.clone()) };
        let rules = Rules::parse(&text).map_err(|error| Error::bug(error.detail))?;
        let (source, made) = (Source::Tenant(version), Some((row.at, row.by)));
        let held = Arc::new(Held::new(rules, text, source, made));
        self.read().insert(tenant.clone(), held.clone());
        Ok(held)
    }

    fn read(&self) -> std::sync::MutexGuard<'_, HashMap<Tenant, Arc<Held>>> {
        self.read.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One version.
    pub(super) async fn find(&self, tenant: &Tenant, version: i64) -> Result<Version> {
        let row = self.events.get(&version_key(tenant, version), Read::Consistent).await?;
        row.ok_or_else(|| Error::not_found("There is no such version of the rules"))
    }
}

impl Held {
    fn new(rules: Rules, text: String, source: Source, made: Option<(i64, String)>) -> Self {
        let digest = ids::hex_digest(text.as_bytes());
        Self { rules, text, digest, source, made }
    }

    /// What they are called: a tenant's by their version, a file by the beginning of its
    /// digest.
    pub fn name(&self) -> String {
        match self.source {
            Source::Tenant(version) => format!("{VERSION}{version}"),
            Source::Installation => format!("installation {}", &self.digest[..12]),
            Source::Default => format!("default {}", &self.digest[..12]),
        }
    }
}
