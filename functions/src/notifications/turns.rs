//! How fast notices go out, by the limits of their target. One that has to wait gets a
//! moment of its own, which its row remembers: it waits once, however many wait with it.

use serde::{Deserialize, Serialize};
use shared::clock::{Clock, millis};
use shared::env::Env;
use shared::error::Result;
use shared::ids;
use shared::jobs::{Job, Row};
use shared::pace::{Pace, Rate, Turn};
use shared::table::{Cond, Table, Update, Value};
use shared::tenant::Tenant;

use super::limits::{self, SPREAD};
use super::notices::Notice;
use super::targets::{Kind, Target};

/// Whose calls all mails are: those of an installation are all sent by one.
const MAIL: &str = "MAIL";

/// A moment that is a notice's own, for one attempt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Reserved {
    /// Milliseconds since 1970.
    at: i64,
    /// Which of the limits that it passes one after the other it is of.
    limit: usize,
    generation: u32,
    attempt: u32,
}

/// The moments at which notices may go.
pub(super) struct Turns {
    messages: Table,
    pace: Pace,
    mails: [Rate; 1],
    mails_of_one: [Rate; 1],
    clock: Clock,
}

impl Turns {
    /// Needs the tables `messages` and `control`. `MAIL_PER_SECOND` mails go out a second
    /// at most, 10 when not given.
    pub fn load(env: &Env) -> Result<Self> {
        let mails = env.parsed("MAIL_PER_SECOND", 10)?;
        Ok(Self {
            messages: env.table("MESSAGES_TABLE")?,
            pace: Pace::new(env.table("CONTROL_TABLE")?, env.clock()),
            mails: limits::of_mail(mails),
            mails_of_one: limits::of_mail_of_one(mails),
            clock: env.clock(),
        })
    }

    /// Whose limits a target's notices pass, one after the other: none of a later one is
    /// taken before the moment has come that an earlier one gave.
    fn limits(&self, tenant: &Tenant, target: &Target) -> Vec<(String, &[Rate])> {
        let own = || tenant.pk("TARGET", &target.id);
        match target.kind {
            Kind::Slack => vec![(own(), limits::SLACK)],
            Kind::Teams => vec![(own(), limits::of_teams(&target.shown))],
            Kind::Email => {
                vec![(tenant.pk(MAIL, ""), &self.mails_of_one), (MAIL.to_owned(), &self.mails)]
            }
        }
    }

    /// Until when a notice has to wait (milliseconds since 1970); none when its turn is now.
    ///
    /// # Errors
    /// When the moment that it got cannot be remembered.
    pub async fn wait(&self, notice: &Notice, target: &Target) -> Result<Option<i64>> {
        let (tenant, now) = (notice.tenant()?, self.clock.now_ms());
        let reserved = notice.turn.as_ref().filter(|turn| turn.is_of(&notice.job));
        if let Some(turn) = reserved.filter(|turn| now < turn.at) {
            return Ok(Some(turn.at));
        }
        let limits = self.limits(&tenant, target);
        let mut passed = 0;
        if let Some(turn) = reserved
            && let Some((who, _)) = limits.get(turn.limit)
        {
            passed = turn.limit + usize::from(self.pace.is_turn(who, turn.at).await);
        }
        for (limit, (who, rates)) in limits.iter().enumerate().skip(passed) {
            match self.pace.take(who, rates).await {
                Turn::Now => {}
                Turn::Ask(at) => return Ok(Some(at + millis(ids::jitter(SPREAD)))),
                Turn::At(at) => {
                    let Job { generation, attempt, .. } = notice.job;
                    self.remember(notice, &Reserved { at, limit, generation, attempt }).await?;
                    return Ok(Some(at));
                }
            }
        }
        Ok(None)
    }

    /// Writes a moment down, unless the notice moved on meanwhile.
    async fn remember(&self, notice: &Notice, turn: &Reserved) -> Result<()> {
        let as_seen = Cond::Eq("attempt", notice.job.attempt.into());
        let update = Update::of(notice.key()).set("turn", Value::of(turn)?).when(as_seen);
        self.messages.update(update).await.map(drop)
    }

    /// Lets no notice go there before that moment (milliseconds since 1970), as was asked.
    pub async fn hold(&self, tenant: &Tenant, target: &Target, until: i64) {
        if let Some((who, _)) = self.limits(tenant, target).last() {
            self.pace.hold(who, until).await;
        }
    }
}

impl Reserved {
    /// Whether it is for the attempt that comes next.
    fn is_of(&self, job: &Job) -> bool {
        (self.generation, self.attempt) == (job.generation, job.attempt)
    }
}
