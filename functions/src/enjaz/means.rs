//! What everything here works with, and the accounts as they are kept.

use shared::audit::Trail;
use shared::clock::Clock;
use shared::env::Env;
use shared::error::{Error, Kind, Result};
use shared::jobs::Lane;
use shared::sequence::Sequence;
use shared::table::{Key, Query, Read, Table};
use shared::tenant::Tenant;
use shared::vault::Cached;
use shared::web::Caller;

use super::account::{Account, accounts_of};
use super::lane::lane;
use super::portal::Portals;
use crate::messages::Emitter;

/// Minutes between two synchronisations of an account: usual, fewest and most.
const USUAL_INTERVAL: i64 = 60;
pub(super) const SHORTEST_INTERVAL: i64 = 5;
pub(super) const LONGEST_INTERVAL: i64 = 7 * 24 * 60;
/// How many of a hundred cases may be missing at once, if nobody says otherwise.
const VANISH_LIMIT: i64 = 30;
/// How often a row that others change at the same moment is tried.
pub(super) const TRIES: usize = 8;

/// What everything here works with. Cheap to clone.
#[derive(Clone)]
pub struct Means {
    /// The table `enjaz`.
    pub table: Table,
    /// The audit trail.
    pub trail: Trail,
    /// What tells others.
    pub emitter: Emitter,
    /// Where credentials are.
    pub vault: Cached,
    /// The way to portals.
    pub portals: Portals,
    /// Where the portal is of tenants that have no profile of their own.
    pub base_url: Option<String>,
    /// The numbers of accounts and cases.
    pub account_numbers: Sequence,
    pub case_numbers: Sequence,
    /// The lane of synchronisations.
    pub lane: Lane,
    /// What time it is.
    pub clock: Clock,
    /// Minutes between two synchronisations of an account that says nothing else.
    pub interval: i64,
    /// How many of a hundred cases may be missing at once.
    pub vanish_limit: i64,
}

impl Means {
    /// Needs the table `enjaz` and its queue, the vault, the audit trail, what messages need,
    /// and may be given `ENJAZ_BASE_URL`, `ENJAZ_SYNC_MINUTES` (60) and
    /// `ENJAZ_VANISH_LIMIT_PERCENT` (30).
    pub fn load(env: &Env) -> Result<Self> {
        let table = env.table("ENJAZ_TABLE")?;
        let intervals = SHORTEST_INTERVAL..=LONGEST_INTERVAL;
        let base_url = env.optional("ENJAZ_BASE_URL").filter(|url| !url.is_empty());
        Ok(Self {
            trail: Trail::load(env)?,
            emitter: Emitter::load(env)?,
            vault: env.vault(),
            portals: Portals::load(env)?,
            base_url: base_url.map(str::to_owned),
            account_numbers: Sequence::new(table.clone(), "ENJAZ-ACCOUNT"),
            case_numbers: Sequence::new(table.clone(), "ENJAZ-CASE"),
            table,
            lane: lane(env)?,
            clock: env.clock(),
            interval: env.within("ENJAZ_SYNC_MINUTES", USUAL_INTERVAL, intervals)?,
            vanish_limit: env.within("ENJAZ_VANISH_LIMIT_PERCENT", VANISH_LIMIT, 0..=100)?,
        })
    }

    /// The accounts of whoever calls, the oldest first.
    pub async fn accounts(&self, of: &Caller) -> Result<Vec<Account>> {
        let partition = Query::partition(&accounts_of(&of.tenant, &of.actor));
        let mut found: Vec<Account> = self.table.query_all(partition).await?;
        found.sort_unstable_by_key(|account| account.id);
        Ok(found)
    }

    /// An account of theirs by its number.
    ///
    /// # Errors
    /// `NotFound`, for other people's as well.
    pub async fn account(&self, of: &Caller, id: i64) -> Result<Account> {
        let found = self.accounts(of).await?.into_iter().find(|account| account.id == id);
        found.ok_or_else(|| Error::not_found("Enjaz account not found"))
    }

    /// The account that is named, or else the only one; none when they have none.
    ///
    /// # Errors
    /// `NotFound` for a number of nobody's or of others; `Invalid`, naming `account_id`, when
    /// there are several to choose from.
    pub async fn chosen(&self, of: &Caller, id: Option<i64>) -> Result<Option<Account>> {
        if let Some(id) = id {
            return self.account(of, id).await.map(Some);
        }
        let mut all = self.accounts(of).await?;
        if all.len() > 1 {
            let told = format!("is required, for there are {} accounts", all.len());
            return Err(Error::invalid("account_id", told));
        }
        Ok(all.pop())
    }

    /// The account at this key, as it stands.
    pub async fn look_up(&self, key: &Key) -> Result<Option<Account>> {
        self.table.get(key, Read::Consistent).await
    }

    /// The cases of accounts as they were synchronised last, by account: for each, all of one
    /// generation.
    pub async fn cases(
        &self,
        tenant: &Tenant,
        mut account: Account,
    ) -> Result<Vec<super::case::Case>> {
        for _ in 0..TRIES {
            let found = account.cases.read_all(&self.table, tenant).await;
            let Some(now) = self.look_up(&shared::jobs::Row::key(&account)).await? else {
                return Ok(Vec::new());
            };
            // Pages are replaced in place, together with what the account's row says of them.
            if now.cases == account.cases && now.last_sync == account.last_sync {
                return found;
            }
            account = now;
        }
        Err(Error::new(Kind::Locked, "The cases are being replaced; please repeat the call"))
    }
}
