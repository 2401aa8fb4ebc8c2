//! Use cases: connect an account, or give one other credentials; change when it is
//! synchronised.

use serde_json::{Value as Json, json};
use shared::error::{Error, Kind, Result};
use shared::ids;
use shared::jobs::{Job, Row};
use shared::table::{Cond, Item, Value, Written};
use shared::web::Caller;

use super::account::{Account, DEFAULT_LABEL, accounts_of};
use super::credentials::SignIn;
use super::means::{LONGEST_INTERVAL, Means, SHORTEST_INTERVAL, TRIES};
use crate::messages::catalogue::ENJAZ_ACCOUNT_CONNECTED;
use crate::pages::PageSet;

/// The most accounts of a user.
const MOST_ACCOUNTS: usize = 10;
/// The longest label, in characters.
const LONGEST_LABEL: usize = 64;

/// What somebody connects.
pub struct NewAccount {
    /// What it is called; the default, when not given.
    pub label: Option<String>,
    pub interval_minutes: Option<i64>,
    pub sign_in: SignIn,
}

/// The same, checked, with its credentials in the vault.
struct Kept {
    label: String,
    interval_minutes: Option<i64>,
    sign_in: SignIn,
    secret: String,
    /// The origin of the tenant's portal.
    portal: String,
}

/// What is different about an account.
#[derive(Clone, Copy, Debug, Default)]
pub struct Changes {
    pub interval_minutes: Option<i64>,
    pub paused: Option<bool>,
}

impl Means {
    /// Connects an account, or gives the one of this label other credentials. Answers it, and
    /// whether it is new.
    ///
    /// # Errors
    /// `Unavailable` without a portal; `Invalid`, naming the member; `Conflict` when there
    /// are as many as there may be.
    pub(super) async fn connect(&self, by: &Caller, new: NewAccount) -> Result<(Account, bool)> {
        let portal = self.portal(&by.tenant).await?.profile.origin();
        let label = label(new.label)?;
        let interval_minutes = new.interval_minutes.map(interval).transpose()?;
        let secret = self.keep(&by.tenant, &new.sign_in).await?;
        let kept = Kept { label, interval_minutes, sign_in: new.sign_in, secret, portal };
        let connected = self.connect_with(by, &kept).await;
        match &connected {
            // What it signed in with before is nobody's any more.
            Ok((_, _, Some(former))) => self.vault.discard(&by.tenant, former).await,
            Ok(_) => {}
            Err(error) if error.leaves_it_open() => {}
            Err(_) => self.vault.discard(&by.tenant, &kept.secret).await,
        }
        connected.map(|(account, is_new, _)| (account, is_new))
    }

    async fn connect_with(
        &self,
        by: &Caller,
        kept: &Kept,
    ) -> Result<(Account, bool, Option<String>)> {
        for _ in 0..TRIES {
            let all = self.accounts(by).await?;
            if let Some(old) = all.iter().find(|account| account.sk == kept.label) {
                if let Some(now) = self.reconnect(by, old, kept).await? {
                    return Ok((now, false, Some(old.secret.clone())));
                }
            } else if all.len() >= MOST_ACCOUNTS {
                let told = format!(
                    "There are {MOST_ACCOUNTS} accounts, which is as many as \
                                    there may be"
                );
                return Err(Error::new(Kind::Conflict, told));
            } else if let Some(new) = self.add(by, kept).await? {
                return Ok((new, true, None));
            }
        }
        Err(interfered())
    }

    /// A new account; none when there is one of this label meanwhile.
    async fn add(&self, by: &Caller, kept: &Kept) -> Result<Option<Account>> {
        let now = self.clock.now_ms();
        let id = self.account_numbers.next(&by.tenant).await?;
        let interval_minutes = kept.interval_minutes.unwrap_or(self.interval);
        let next_sync_at = first_within(now, interval_minutes);
        let account = Account {
            pk: accounts_of(&by.tenant, &by.actor),
            sk: kept.label.clone(),
            id,
            user: by.actor.clone(),
            portal: kept.portal.clone(),
            secret: kept.secret.clone(),
            by_session: kept.sign_in.is_session(),
            version: 1,
            standing: None,
            created_at: now,
            updated_at: None,
            interval_minutes,
            next_sync_at,
            paused: false,
            failures: 0,
            rests_until: None,
            running: None,
            last_sync: None,
            last_sync_at: None,
            last_complete_at: None,
            is_another: false,
            cases: PageSet::named(format!("enjaz.{id}")),
            job: Job::fresh(now, now, &self.lane.jobs.policy).not_before(next_sync_at),
        };
        let told = told(&account);
        let mut emission = self.emitter.prepare(&by.tenant, ENJAZ_ACCOUNT_CONNECTED, &told).await?;
        let mut writes = vec![
            self.table.put(Item::of(&account)?, Some(Cond::Absent("pk"))),
            self.trail.entry(by, "enjaz.account.connect", account.subject(), &told)?,
        ];
        writes.extend(emission.take_writes());
        match self.table.transact(&ids::time_ordered(), writes).await? {
            Written::Refused(_) => Ok(None),
            Written::Done => {
                self.emitter.announce(emission).await;
                Ok(Some(account))
            }
        }
    }

    /// Gives an account other credentials; none when it is not as it was read.
    async fn reconnect(&self, by: &Caller, old: &Account, kept: &Kept) -> Result<Option<Account>> {
        let former = self.sign_in_of(by, old, "connect").await;
        let is_another = old.portal != kept.portal
            || former.is_ok_and(|former| !kept.sign_in.is_of_the_user_of(&former));
        let now = self.clock.now_ms();
        let account = Account {
            portal: kept.portal.clone(),
            secret: kept.secret.clone(),
            by_session: kept.sign_in.is_session(),
            version: old.version + 1,
            standing: None,
            updated_at: Some(now),
            failures: 0,
            rests_until: None,
            is_another: old.is_another || is_another,
            ..old.at_interval(kept.interval_minutes, now)
        };
        let set = vec![
            ("portal", account.portal.as_str().into()),
            ("secret", account.secret.as_str().into()),
            ("by_session", account.by_session.into()),
            ("version", account.version.into()),
            ("updated_at", now.into()),
            ("interval_minutes", account.interval_minutes.into()),
            ("next_sync_at", account.next_sync_at.into()),
            ("failures", account.failures.into()),
            ("is_another", account.is_another.into()),
        ];
        let gone = ["standing", "rests_until"];
        let what = ("enjaz.account.reconnect", &told(&account));
        Ok(self.change(by, old, set, &gone, what).await?.then_some(account))
    }

    /// Changes when an account is synchronised.
    ///
    /// # Errors
    /// `NotFound`; `Invalid`, naming the member.
    pub(super) async fn update(&self, by: &Caller, id: i64, changes: Changes) -> Result<Account> {
        let interval = changes.interval_minutes.map(interval).transpose()?;
        for _ in 0..TRIES {
            let old = self.account(by, id).await?;
            let now = self.clock.now_ms();
            let account = Account {
                paused: changes.paused.unwrap_or(old.paused),
                updated_at: Some(now),
                ..old.at_interval(interval, now)
            };
            let set = vec![
                ("interval_minutes", account.interval_minutes.into()),
                ("paused", account.paused.into()),
                ("next_sync_at", account.next_sync_at.into()),
                ("updated_at", now.into()),
            ];
            let what = ("enjaz.account.update", &told(&account));
            if self.change(by, &old, set, &[], what).await? {
                return Ok(account);
            }
        }
        Err(interfered())
    }

    /// Changes an account as it was read, and has its alarm look again. False when it is not
    /// as it was read.
    async fn change(
        &self,
        by: &Caller,
        old: &Account,
        set: Vec<(&'static str, Value)>,
        remove: &[&'static str],
        (action, told): (&str, &Json),
    ) -> Result<bool> {
        let entry = self.trail.entry(by, action, old.subject(), told)?;
        let changed = self.lane.jobs.redrive(old, set, remove, vec![entry]).await?;
        if changed {
            self.lane.hint(shared::queue::Hint::at(old.key())).await;
        }
        Ok(changed)
    }
}

impl Account {
    /// The same at another interval, if it is another one: the next synchronisation is due
    /// within it.
    fn at_interval(&self, interval: Option<i64>, now: i64) -> Self {
        match interval.filter(|interval| *interval != self.interval_minutes) {
            None => self.clone(),
            Some(interval_minutes) => {
                let next_sync_at = first_within(now, interval_minutes);
                Self { interval_minutes, next_sync_at, ..self.clone() }
            }
        }
    }
}

/// When the first one is due of this many minutes: those that are connected together are not
/// synchronised together.
fn first_within(now: i64, minutes: i64) -> i64 {
    now + fastrand::i64(0..minutes * 60_000)
}

/// What is told of an account, without anything of its credentials.
pub(super) fn told(account: &Account) -> Json {
    json!({
        "account_id": account.id,
        "owner": account.user,
        "label": account.sk,
        "by_session": account.by_session,
        "credential_version": account.version,
        "interval_minutes": account.interval_minutes,
        "paused": account.paused,
    })
}

pub(super) fn interfered() -> Error {
    Error::new(Kind::Conflict, "The account was changed by somebody else at the same moment")
}

fn interval(minutes: i64) -> Result<i64> {
    if (SHORTEST_INTERVAL..=LONGEST_INTERVAL).contains(&minutes) {
        return Ok(minutes);
    }
    let told = format!("must be {SHORTEST_INTERVAL} to {LONGEST_INTERVAL}");
    Err(Error::invalid("interval_minutes", told))
}

fn label(given: Option<String>) -> Result<String> {
    let Some(given) = given else { return Ok(DEFAULT_LABEL.to_owned()) };
    let label = given.trim();
    let fits = (1..=LONGEST_LABEL).contains(&label.chars().count());
    if fits && !label.contains(char::is_control) {
        return Ok(label.to_owned());
    }
    Err(Error::invalid("label", format!("must be 1 to {LONGEST_LABEL} printable characters")))
}
