//! Use case: disconnect an account. Its row goes at once, and with it what counts its cases;
//! everything else it left is removed by a job that does not give up before all of it is.

use serde::{Deserialize, Serialize};
use serde_json::json;
use shared::clock::millis;
use shared::error::Result;
use shared::ids;
use shared::jobs::{Claim, Done, Failure, Job, Ready, Record, Row, Work};
use shared::queue::Hint;
use shared::table::{Cond, Item, Key, Query, Value, Written};
use shared::tenant::Tenant;
use shared::vault::SecretName;
use shared::web::Caller;

use super::account::Account;
use super::connect::{interfered, told};
use super::means::{Means, TRIES};
use super::sync::{SyncRun, part_keys, session_name, syncs_of};
use crate::messages::catalogue::ENJAZ_ACCOUNT_DISCONNECTED;
use crate::pages::PageSet;

/// What the partitions of removals are called.
pub const REMOVALS: &str = "ENJAZ-REMOVALS";
/// How long it is known that there was one, in seconds: ninety days.
const KEPT: i64 = 90 * 24 * 3600;
/// Synchronisations that are removed in one step.
const STEP: i32 = 100;

/// What is left of an account that was disconnected: a row in the table `enjaz`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Removal {
    pk: String,
    sk: String,
    account_id: i64,
    secret: String,
    /// The synchronisation that was under way: its step does not know of this yet, and may
    /// leave something.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    running: Option<String>,
    cases: PageSet,
    /// When the account was disconnected.
    at: i64,
    expires_at: i64,
    #[serde(flatten)]
    job: Job,
}

impl Row for Removal {
    fn key(&self) -> Key {
        Key { pk: self.pk.clone(), sk: self.sk.clone() }
    }

    fn job(&self) -> &Job {
        &self.job
    }
}

impl Means {
    /// Disconnects an account, and answers how many cases it had.
    ///
    /// # Errors
    /// `Conflict` when others keep changing it.
    pub(super) async fn disconnect(&self, by: &Caller, id: i64) -> Result<(usize, Hint)> {
        for _ in 0..TRIES {
            let account = self.account(by, id).await?;
            let removal = self.removal(&by.tenant, &account);
            let data = json!({ "cases_deleted": account.cases.total, "account": told(&account) });
            let mut emission = self
                .emitter
                .prepare(&by.tenant, ENJAZ_ACCOUNT_DISCONNECTED, &told(&account))
                .await?;
            let mut writes = vec![
                self.table.delete(account.key(), Some(as_read(&account)?)),
                self.table.put(Item::of(&removal)?, Some(Cond::Absent("pk"))),
                self.trail.entry(by, "enjaz.account.disconnect", account.subject(), &data)?,
            ];
            writes.extend(emission.take_writes());
            if let Written::Done = self.table.transact(&ids::time_ordered(), writes).await? {
                self.emitter.announce(emission).await;
                return Ok((account.cases.total, Hint::at(removal.key())));
            }
        }
        Err(interfered())
    }

    fn removal(&self, tenant: &Tenant, account: &Account) -> Removal {
        let now = self.clock.now_ms();
        let Key { pk, sk } = Key::alone(tenant.pk(REMOVALS, account.id));
        Removal {
            pk,
            sk,
            account_id: account.id,
            secret: account.secret.clone(),
            running: account.running.clone(),
            cases: account.cases.clone(),
            at: now,
            expires_at: now / 1000 + KEPT,
            job: Job::fresh(now, now, &self.lane.jobs.policy),
        }
    }
}

/// Neither its cases nor its credentials are others meanwhile.
fn as_read(account: &Account) -> Result<Cond> {
    Ok(Cond::All(vec![
        Cond::Eq("id", account.id.into()),
        Cond::Eq("version", account.version.into()),
        Cond::Eq("cases", Value::of(&account.cases)?),
    ]))
}

/// The work that a removal is.
pub struct Removing {
    means: Means,
}

impl Removing {
    /// With these means.
    pub fn with(means: &Means) -> Self {
        Self { means: means.clone() }
    }

    /// Removes the next synchronisations; after the last one the rest.
    async fn remove(&self, removal: &Removal, key: &Key) -> Result<Done> {
        let means = &self.means;
        let tenant = Tenant::of_pk(&key.pk);
        let tenant = tenant.ok_or_else(|| shared::error::Error::bug("a removal of no tenant"))?;
        let name = SecretName::of(&tenant, &removal.secret)?;
        means.vault.remove(&name).await?;
        let syncs = Query::partition(&syncs_of(&tenant, removal.account_id)).limit(STEP);
        let page = means.table.query::<SyncRun>(syncs).await?;
        let mut keys = Vec::new();
        for run in &page.items {
            if run.has_session {
                means.vault.remove(&session_name(&tenant, run.id())?).await?;
            }
            keys.extend(part_keys(run)?);
            keys.push(run.key());
        }
        means.table.delete_many(&keys).await?;
        if page.next.is_some() {
            let again = Some(means.clock.now_ms());
            return Ok(Done { again, ..Done::default() });
        }
        means.table.delete_many(&removal.cases.keys(&tenant)).await?;
        let Some(running) = &removal.running else { return Ok(Done::default()) };
        means.vault.remove(&session_name(&tenant, running)?).await?;
        // Once more when nobody can be at it any more.
        let over = removal.at + millis(means.lane.jobs.policy.lease);
        let again = (means.clock.now_ms() < over).then_some(over);
        Ok(Done { again, ..Done::default() })
    }
}

impl Work for Removing {
    type Row = Removal;
    type Leave = ();

    async fn ready(&self, _: &Removal) -> Result<Ready> {
        Ok(Ready::Now(()))
    }

    async fn run(&self, removal: &Removal, claim: &Claim, _: Option<()>) -> Result<Done, Failure> {
        Ok(self.remove(removal, claim.key()).await?)
    }

    async fn failed(&self, _: &Removal, _: &Failure, _: bool) -> Result<Record> {
        Ok(Record::default())
    }

    async fn next(&self, _: &Removal) -> Result<Option<Key>> {
        Ok(None)
    }
}
