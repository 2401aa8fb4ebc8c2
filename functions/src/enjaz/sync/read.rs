//! A step of reading: sign in unless there is a session, then read page after page until it
//! is time to write down how far that is.

use std::time::Duration;

use shared::clock::millis;
use shared::error::Result;
use shared::tenant::Tenant;
use shared::vault::{SecretName, SecretString};

use super::super::account::Account;
use super::super::credentials::SignIn;
use super::super::means::Means;
use super::super::portal::{FoundCase, Outcome, Profile, Refusal, Session, Step, Walk};
use super::parts;
use super::run::{Goal, SyncRun};

/// How long pages are read before that is written down.
const STEP: Duration = Duration::from_secs(8);
/// The most cases of an account.
pub(super) const MOST_CASES: usize = 10_000;
/// Attempts at the step that signs in: what came of one that broke off nobody knows, and a
/// portal locks accounts.
const SIGN_INS: u32 = 2;

/// How far a synchronisation is after a step.
pub(super) struct Reading {
    pub walk: Walk,
    /// What ended it; none when there is more to read.
    pub end: Option<End>,
    pub signed_in_again: bool,
    /// The session that goes on, as text for a vault.
    pub session: Option<SecretString>,
    /// Cases of earlier steps, once it has ended.
    pub earlier: Vec<FoundCase>,
}

/// What ended a reading.
pub(super) struct End {
    pub outcome: Outcome,
    /// Why it stopped, if it did.
    pub refusal: Option<Refusal>,
}

/// What a step works with.
pub(super) struct Ground<'a> {
    pub tenant: Tenant,
    pub run: &'a SyncRun,
    pub account: &'a Account,
    pub profile: Profile,
    pub attempt: u32,
}

impl End {
    fn refused(refusal: Refusal) -> Self {
        Self { outcome: refusal.outcome, refusal: Some(refusal) }
    }

    fn of(walk: &Walk, step: &Step) -> Self {
        let refusal = match step {
            Step::Stopped(refusal) => Some(refusal.clone()),
            _ => None,
        };
        Self { outcome: walk.outcome(step), refusal }
    }
}

impl Means {
    /// Reads on for a step.
    pub(super) async fn read_on(&self, ground: &Ground<'_>) -> Result<Reading> {
        let walk = parts::walk(&self.table, ground.run).await?;
        let mut reading = Reading {
            walk,
            end: None,
            signed_in_again: ground.run.signed_in_again,
            session: None,
            earlier: Vec::new(),
        };
        let mut session = match self.session(ground).await? {
            Ok(session) => session,
            Err(refusal) => {
                reading.end = Some(End::refused(refusal));
                return Ok(reading);
            }
        };
        if ground.run.goal == Goal::SignIn && !session.is_handed_over() {
            reading.end = Some(End { outcome: Outcome::Connected, refusal: None });
        } else {
            self.pages(ground, &mut session, &mut reading).await?;
        }
        reading.session = Some(session.cookies());
        if reading.end.is_some() {
            reading.earlier = parts::cases(&self.table, ground.run).await?;
        }
        Ok(reading)
    }

    /// Reads pages until the time of a step is over, or there are no more.
    async fn pages(
        &self,
        ground: &Ground<'_>,
        session: &mut Session,
        reading: &mut Reading,
    ) -> Result<()> {
        let until = self.clock.now_ms() + millis(STEP);
        loop {
            let step = match session.read_page(&mut reading.walk).await {
                Step::SessionLost if !reading.signed_in_again && !session.is_handed_over() => {
                    reading.signed_in_again = true;
                    match self.sign_in(ground).await? {
                        Ok(anew) => *session = anew,
                        Err(refusal) => {
                            let stopped = Step::Stopped(refusal);
                            reading.end = Some(End::of(&reading.walk, &stopped));
                            return Ok(());
                        }
                    }
                    continue;
                }
                step => session.settled(step),
            };
            let many =
                usize::try_from(ground.run.seen.cases).unwrap_or(0) + reading.walk.cases.len();
            let is_over = match (&step, ground.run.goal) {
                // A session that shows a page of cases is alive.
                (Step::More | Step::Complete, Goal::SignIn) => {
                    reading.walk = Walk::default();
                    reading.end = Some(End { outcome: Outcome::Connected, refusal: None });
                    return Ok(());
                }
                (Step::More, Goal::Cases) => many > MOST_CASES,
                _ => true,
            };
            if is_over {
                reading.end = Some(End::of(&reading.walk, &step));
                return Ok(());
            }
            if self.clock.now_ms() >= until {
                return Ok(());
            }
        }
    }

    /// The session that reads: the one of the step before, the one that was handed over, or a
    /// new one.
    async fn session(&self, ground: &Ground<'_>) -> Result<Result<Session, Refusal>> {
        let Ground { tenant, run, account, profile, attempt } = ground;
        let at = profile.origin();
        if account.portal != at {
            let told = format!(
                "it was connected to the portal at {}, and the portal is at {at} now; connect it \
                 again",
                account.portal
            );
            return Ok(Err(Refusal::new(Outcome::CredentialsRejected, told)));
        }
        if run.has_session
            && let Some(kept) = self.vault.read(&session_name(tenant, run.id())?).await?
        {
            return self.portals.resume(profile, &kept).map(Ok);
        }
        if *attempt > SIGN_INS && !account.by_session {
            let told = "the sign-in broke off twice, and is not tried again by itself";
            return Ok(Err(Refusal::unavailable(told)));
        }
        self.sign_in(ground).await
    }

    async fn sign_in(&self, ground: &Ground<'_>) -> Result<Result<Session, Refusal>> {
        let Ground { run, account, profile, .. } = ground;
        Ok(match self.sign_in_of(&run.caller()?, account, run.id()).await? {
            SignIn::Session(kept) => Ok(self.portals.resume(profile, &kept)?),
            SignIn::Password(credentials) => self.portals.sign_in(profile, &credentials).await,
        })
    }
}

/// What the vault calls a synchronisation's session.
pub(in crate::enjaz) fn session_name(tenant: &Tenant, sync_id: &str) -> Result<SecretName> {
    SecretName::of(tenant, &format!("enjaz-sessions/{sync_id}"))
}
