//! Use case: send a notice. Before an attempt is made it is asked whether the target may
//! be called now: its places, its pace, its circuit breaker. Whoever takes notices knows
//! no key of them, so one whose attempt is in doubt is sent again: at least once.

use std::sync::Arc;

use shared::breaker::{Breakers, Leave, Pass};
use shared::bulkhead::{Bulkhead, Place};
use shared::clock::{Clock, millis};
use shared::env::Env;
use shared::error::{Error, Result};
use shared::ids;
use shared::jobs::{Claim, Done, Failure, Ready, Record, Work};
use shared::mail::Mailer;
use shared::outbound::Outbound;
use shared::table::{Key, Read, Table, Value};
use shared::tenant::Tenant;
use shared::vault::{Cached, ExposeSecret, SecretName, SecretString};

use super::client::{self, Attempt, Refusal};
use super::health::Health;
use super::limits::SPREAD;
use super::notices::{KEPT_SECONDS, Notice, NoticeError, Tried};
use super::stats;
use super::store::breaker_name;
use super::targets::{Kind, Target, target_key};
use super::turns::Turns;
use super::words::{Speaker, Spoken};

/// Notices to one target that a process has under way at a time.
const PLACES: usize = 2;
/// And to all targets of one tenant, so that none takes the places of the others.
const PLACES_OF_TENANT: usize = 8;

/// The longest that a target is left alone because it asked for it, in milliseconds.
const LONGEST_HOLD: i64 = 2 * 3600 * 1000;

/// The work that notices are.
pub struct Notices {
    messages: Table,
    outbound: Outbound,
    mailer: Option<Arc<dyn Mailer>>,
    from: Option<String>,
    vault: Cached,
    breakers: Breakers,
    places: Bulkhead,
    of_tenants: Bulkhead,
    turns: Turns,
    speaker: Speaker,
    health: Health,
    clock: Clock,
}

/// What came of a notice.
enum Outcome {
    /// An attempt.
    Made(Attempt),
    /// None was made, and none will be.
    GivenUp(NoticeError, &'static str),
    /// There is nothing to tell of: the change that it was made for never came about.
    Nothing,
}

/// What an attempt was let go with.
pub struct Granted {
    target: Target,
    pass: Pass,
    _places: (Place, Place),
}

impl Notices {
    /// Needs the tables `messages`, `control` and `audit`, all queues of messages, and the
    /// vault. Mail is from `MAIL_FROM`, as fast as [`Turns::load`] says.
    pub fn load(env: &Env) -> Result<Self> {
        Ok(Self {
            messages: env.table("MESSAGES_TABLE")?,
            outbound: env.guarded_outbound()?,
            mailer: env.mailer(),
            from: env.optional("MAIL_FROM").map(str::to_owned),
            vault: env.vault(),
            breakers: Breakers::new(env.table("CONTROL_TABLE")?, env.clock()),
            places: Bulkhead::new(PLACES),
            of_tenants: Bulkhead::new(PLACES_OF_TENANT),
            turns: Turns::load(env)?,
            speaker: Speaker::load(env)?,
            health: Health::load(env)?,
            clock: env.clock(),
        })
    }

    async fn target(&self, tenant: &Tenant, id: &str) -> Result<Option<Target>> {
        self.messages.get(&target_key(tenant, id), Read::Consistent).await
    }

    /// Sends, if there is something to send and a way to do so.
    async fn attempt(&self, notice: &Notice, target: &Target) -> Result<Outcome> {
        let tenant = notice.tenant()?;
        let said = match self.speaker.say(&tenant, notice).await? {
            Spoken::Said(said) => said,
            Spoken::Nothing => return Ok(Outcome::Nothing),
            Spoken::Expired => {
                let told = "what it tells of has expired";
                return Ok(Outcome::GivenUp(NoticeError::Expired, told));
            }
        };
        if target.kind == Kind::Email {
            let (Some(mailer), Some(from)) = (&self.mailer, &self.from) else {
                let told = "e-mail is not configured in this installation";
                return Ok(Outcome::GivenUp(NoticeError::RefusedSender, told));
            };
            let (to, reached) = (&*target.recipients, notice.reached.clone());
            let sent = client::email(&**mailer, (from, to), reached, &notice.sk, &said).await;
            return Ok(Outcome::Made(sent));
        }
        let url = self.address(&tenant, target).await?;
        let url = url.expose_secret();
        Ok(Outcome::Made(match target.kind {
            Kind::Slack => client::slack(&self.outbound, url, &said).await,
            _ => client::teams(&self.outbound, url, &said).await,
        }))
    }

    /// A channel's address; that of this moment, if another one took its place since the
    /// target was read.
    async fn address(&self, tenant: &Tenant, target: &Target) -> Result<SecretString> {
        let read = async |record: &Option<String>| match record {
            Some(record) => self.vault.read(&SecretName::of(tenant, record)?).await,
            None => Ok(None),
        };
        if let Some(url) = read(&target.secret).await? {
            return Ok(url);
        }
        let now = self.target(tenant, &target.id).await?;
        let url = read(&now.and_then(|now| now.secret)).await?;
        url.ok_or_else(|| Error::bug("a target's address is gone"))
    }

    /// The failure that a refusal is. One of a target that takes no notices any more
    /// disables it.
    async fn refused(
        &self,
        notice: &Notice,
        target: &Target,
        refusal: Refusal,
        tried: Record,
    ) -> Result<Failure> {
        if refusal.error == NoticeError::RefusedTarget && target.is_active {
            self.health.disable(target, &refusal.reason).await?;
        }
        if let Some(wait) = refusal.retry_after.filter(|_| refusal.retry) {
            let until = self.clock.now_ms() + millis(wait).min(LONGEST_HOLD);
            self.turns.hold(&notice.tenant()?, target, until).await;
        }
        Ok(Failure {
            retry: refusal.retry,
            in_doubt: refusal.in_doubt,
            retry_after: refusal.retry_after,
            record: tried,
            ..Failure::permanent(refusal.reason)
        })
    }

    /// The failure of a notice that nothing can be done about, without an attempt.
    fn given_up(&self, notice: &Notice, error: NoticeError, told: &str) -> Result<Failure> {
        let record = self.tried(notice, &Attempt::not_made(error, told))?;
        Ok(Failure { record, ..Failure::permanent(told) })
    }

    /// What is written of an attempt, however it ended.
    fn tried(&self, notice: &Notice, attempt: &Attempt) -> Result<Record> {
        let failed = attempt.failed.as_ref();
        let one = Tried {
            at: self.clock.now_ms(),
            took_ms: attempt.took_ms,
            http_status: attempt.http_status,
            answer: attempt.answer.clone(),
            error: failed.map(|refusal| refusal.error),
            reason: failed.map(|refusal| refusal.reason.clone()),
        };
        let tries = Value::of(&notice.tries_and(one))?;
        let mut set = vec![("tries", tries)];
        if attempt.reached != client::Reached::default() {
            set.push(("reached", Value::of(&attempt.reached)?));
        }
        Ok(Record { set, ..Record::default() })
    }

    /// Until when a notice that is settled now can be looked up, in seconds since 1970.
    fn expiry(&self) -> i64 {
        self.clock.now_ms() / 1000 + KEPT_SECONDS
    }

    /// What is written when a notice is settled.
    fn settled(&self, notice: &Notice, well: bool) -> Result<Record> {
        let counted = stats::settled(&self.messages, &notice.tenant()?, notice, well);
        let set = vec![("expires_at", self.expiry().into())];
        Ok(Record { set, also: vec![counted], ..Record::default() })
    }
}

impl Work for Notices {
    type Row = Notice;
    /// None when there is nobody to send it to.
    type Leave = Option<Granted>;

    async fn ready(&self, notice: &Notice) -> Result<Ready<Option<Granted>>> {
        let (tenant, now) = (notice.tenant()?, self.clock.now_ms());
        let target = self.target(&tenant, &notice.target_id).await?;
        let Some(target) = target.filter(|target| target.is_active || notice.is_test()) else {
            return Ok(Ready::Now(None));
        };
        let place = self.places.try_enter(&tenant.pk("TARGET", &target.id));
        let places =
            place.and_then(|place| Some((place, self.of_tenants.try_enter(tenant.as_str())?)));
        let Some(places) = places else {
            return Ok(Ready::At(now + 1 + millis(ids::jitter(SPREAD))));
        };
        if let Some(at) = self.turns.wait(notice, &target).await? {
            return Ok(Ready::At(at));
        }
        // Last, as it may let this one alone through.
        let pass = match self.breakers.ask(&tenant, &breaker_name(&target.id)).await {
            Leave::Go(pass) => pass,
            Leave::Wait(until) => return Ok(Ready::At(until)),
        };
        Ok(Ready::Now(Some(Granted { target, pass, _places: places })))
    }

    async fn run(
        &self,
        notice: &Notice,
        _: &Claim,
        leave: Option<Option<Granted>>,
    ) -> Result<Done, Failure> {
        let Some(granted) = leave.flatten() else {
            let told = "the target is disabled or was removed";
            return Err(self.given_up(notice, NoticeError::Disabled, told)?);
        };
        let outcome = self.attempt(notice, &granted.target).await;
        if !matches!(outcome, Ok(Outcome::Made(_))) {
            self.breakers.forgo(&granted.pass).await;
        }
        let attempt = match outcome? {
            Outcome::Made(attempt) => attempt,
            Outcome::GivenUp(error, told) => return Err(self.given_up(notice, error, told)?),
            Outcome::Nothing => {
                let set = vec![("empty", true.into()), ("expires_at", self.expiry().into())];
                return Ok(Done { record: Record { set, ..Record::default() }, ..Done::default() });
            }
        };
        self.breakers.report(&granted.pass, !attempt.is_unwell()).await;
        let tried = self.tried(notice, &attempt)?;
        if let Some(refusal) = attempt.failed {
            return Err(self.refused(notice, &granted.target, refusal, tried).await?);
        }
        let set = vec![("sent_at", self.clock.now_ms().into())];
        let record = tried.and(Record { set, ..Record::default() });
        Ok(Done { record: record.and(self.settled(notice, true)?), ..Done::default() })
    }

    async fn failed(&self, notice: &Notice, failure: &Failure, last: bool) -> Result<Record> {
        let mut record = Record::default();
        if failure.record.set.is_empty() {
            // It broke off, or was not even begun.
            let attempt = Attempt::not_made(NoticeError::Internal, &failure.reason);
            record = self.tried(notice, &attempt)?;
        }
        Ok(if last { record.and(self.settled(notice, false)?) } else { record })
    }

    async fn next(&self, _: &Notice) -> Result<Option<Key>> {
        Ok(None)
    }
}
