//! The rules that hold for a tenant.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use shared::env::Env;
use shared::error::{Error, Result};
use shared::ids;
use shared::table::{Read, Table};
use shared::tenant::Tenant;

use super::Rules;
use super::kept::{Holds, Version, holds_key, version_key};

/// What the names of tenants' rules begin with.
const VERSION: &str = "version ";

/// The rules of all tenants. Cheap to clone; clones share what they have read.
#[derive(Clone)]
pub struct RuleBook<R> {
    pub(super) table: Table,
    /// What holds for tenants without rules of their own.
    usual: Arc<Held<R>>,
    read: Arc<Mutex<HashMap<Tenant, Arc<Held<R>>>>>,
}

/// Rules, and where they come from.
pub struct Held<R> {
    pub rules: R,
    pub text: String,
    /// SHA-256 of that, hexadecimal.
    pub digest: String,
    pub source: Source,
    /// When they were made, milliseconds since 1970, and by whom; of a tenant's.
    pub made: Option<(i64, String)>,
}

/// Where rules come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The file that Caseway comes with.
    Default,
    /// The installation's file.
    Installation,
    /// The tenant's own, in this version.
    Tenant(i64),
}

impl<R: Rules> RuleBook<R> {
    /// Needs the table that [`Rules::TABLE`] names; the variable [`Rules::FILE_VARIABLE`]
    /// may name a file with the installation's rules.
    pub fn load(env: &Env) -> Result<Self> {
        let (text, source) = match env.file(R::FILE_VARIABLE)? {
            Some(text) => (text, Source::Installation),
            None => (R::DEFAULT.to_owned(), Source::Default),
        };
        let rules = R::parse(&text).map_err(|error| Error::bug(error.detail))?;
        Ok(Self {
            table: env.table(R::TABLE)?,
            usual: Arc::new(Held::new(rules, text, source, None)),
            read: Arc::default(),
        })
    }

    /// The rules that hold for a tenant now.
    pub async fn of(&self, tenant: &Tenant) -> Result<Arc<Held<R>>> {
        self.versioned(tenant).await.map(|(held, _)| held)
    }

    /// The rules that hold for a tenant now, and the number of their version.
    pub async fn versioned(&self, tenant: &Tenant) -> Result<(Arc<Held<R>>, i64)> {
        let version = self.version(tenant).await?;
        let held = match version {
            0 => self.usual.clone(),
            version => self.held(tenant, version).await?,
        };
        Ok((held, version))
    }

    /// Which version holds; 0 before the first.
    pub(super) async fn version(&self, tenant: &Tenant) -> Result<i64> {
        let holds: Option<Holds> =
            self.table.get(&holds_key::<R>(tenant), Read::Consistent).await?;
        Ok(holds.map_or(0, |holds| holds.version))
    }

    /// The rules that are called so ([`Held::name`]). Of the installation's file there is
    /// the present one alone, which may be called otherwise.
    pub async fn named(&self, tenant: &Tenant, name: &str) -> Result<Arc<Held<R>>> {
        let version = name.strip_prefix(VERSION).and_then(|number| number.parse().ok());
        match version {
            Some(version) => self.held(tenant, version).await,
            None => Ok(self.usual.clone()),
        }
    }

    async fn held(&self, tenant: &Tenant, version: i64) -> Result<Arc<Held<R>>> {
        let known = |held: &&Arc<Held<R>>| held.source == Source::Tenant(version);
        if let Some(held) = self.read().get(tenant).filter(known) {
            return Ok(held.clone());
        }
        let row = self.find(tenant, version).await?;
        let Some(text) = row.text else { return Ok(self.usual.clone()) };
        let rules = R::parse(&text).map_err(|error| Error::bug(error.detail))?;
        let (source, made) = (Source::Tenant(version), Some((row.at, row.by)));
        let held = Arc::new(Held::new(rules, text, source, made));
        self.read().insert(tenant.clone(), held.clone());
        Ok(held)
    }

    fn read(&self) -> std::sync::MutexGuard<'_, HashMap<Tenant, Arc<Held<R>>>> {
        self.read.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One version.
    pub async fn find(&self, tenant: &Tenant, version: i64) -> Result<Version> {
        let row = self.table.get(&version_key::<R>(tenant, version), Read::Consistent).await?;
        row.ok_or_else(|| Error::not_found("There is no such version of the rules"))
    }
}

impl<R> Held<R> {
    fn new(rules: R, text: String, source: Source, made: Option<(i64, String)>) -> Self {
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
