//! What a step writes down when it ends, and what it ends with.

use serde_json::json;
use shared::error::Result;
use shared::jobs::{Done, Record};
use shared::table::{Value, count};
use shared::tenant::Tenant;
use shared::vault::{ExposeSecret, SecretName, SecretString};

use super::super::account::{Account, needs_its_user};
use super::super::case::Case;
use super::super::credentials::SignIn;
use super::super::generation::{Compared, Rule, compare};
use super::super::means::Means;
use super::super::portal::{FoundCase, Outcome};
use super::finish::Ended;
use super::parts;
use super::read::{End, Ground, MOST_CASES, Reading, session_name};
use super::run::{Ending, Goal, Seen, SyncRun};

impl Means {
    /// Writes down how far a synchronisation is, or how it ended.
    pub(super) async fn written_down(
        &self,
        ground: &Ground<'_>,
        mut reading: Reading,
    ) -> Result<Done> {
        let (run, now) = (ground.run, self.clock.now_ms());
        let seen = Seen {
            pages: i64::from(reading.walk.pages),
            cases: run.seen.cases + count(reading.walk.cases.len()),
            unnumbered: count(reading.walk.unnumbered),
            duplicates: count(reading.walk.duplicates),
        };
        if reading.end.is_some() {
            let run = SyncRun { seen, ..run.clone() };
            return self.ended(ground, &run, reading).await;
        }
        let (parts, also) = parts::kept(&self.table, run, &mut reading.walk, now)?;
        if let Some(session) = &reading.session {
            self.vault.write(&session_name(&ground.tenant, run.id())?, session).await?;
        }
        let set = vec![
            ("parts", Value::of(&parts)?),
            ("seen", Value::of(&seen)?),
            ("has_session", reading.session.is_some().into()),
            ("signed_in_again", reading.signed_in_again.into()),
        ];
        Ok(Done { record: Record { set, also, ..Record::default() }, again: Some(now), park: None })
    }

    async fn ended(&self, ground: &Ground<'_>, run: &SyncRun, reading: Reading) -> Result<Done> {
        let Reading { walk, end, session, mut earlier, .. } = reading;
        let Some(end) = end else { return Ok(Done::default()) };
        earlier.extend(walk.cases);
        let read_some = matches!(end.outcome, Outcome::Ok | Outcome::Partial);
        let mut ended = Ended {
            ending: Ending {
                outcome: Some(end.outcome),
                detail: detail(&end),
                fingerprint: end.refusal.as_ref().and_then(|of| of.fingerprint.clone()),
                counts: Compared::default().counts,
                at: self.clock.now_ms(),
            },
            standing: end.refusal.as_ref().map(|of| of.outcome).filter(|of| needs_its_user(*of)),
            cases: None,
            asked_to_wait: end.refusal.and_then(|refusal| refusal.retry_after),
        };
        if read_some && run.goal == Goal::Cases {
            self.compared(ground, run, earlier, &mut ended).await?;
        }
        if let Some(session) = session.filter(|_| ground.account.by_session) {
            self.refreshed(ground, &session).await?;
        }
        // It may have become another while the portal was read.
        let account = self.look_up(&run.account).await?;
        self.finish(run, account.as_ref(), ended).await
    }

    /// Compares what was found with what is kept.
    async fn compared(
        &self,
        ground: &Ground<'_>,
        run: &SyncRun,
        mut found: Vec<FoundCase>,
        ended: &mut Ended,
    ) -> Result<()> {
        let (account, ending) = (ground.account, &mut ended.ending);
        found.truncate(MOST_CASES);
        let kept: Vec<Case> = account.cases.read_all(&self.table, &ground.tenant).await?;
        let is_free = run.accepts_missing || account.is_another;
        let rule = Rule {
            is_complete: ending.outcome == Some(Outcome::Ok),
            vanish_limit: (!is_free).then_some(self.vanish_limit),
            volatile: &ground.profile.volatile_columns,
            sync_id: run.id(),
            now: ending.at,
        };
        let mut compared = compare(kept.clone(), found, rule);
        compared.forget_absent(MOST_CASES);
        ending.counts = compared.counts;
        if compared.is_held {
            ending.outcome = Some(Outcome::Partial);
            ending.detail = format!(
                "{} cases are missing, more than may be at once; none was taken for absent. \
                 Synchronise with accept_missing if that is right",
                compared.counts.missing
            );
        }
        self.number(&ground.tenant, &mut compared).await?;
        ended.cases = Some((kept, compared.cases));
        Ok(())
    }

    /// Gives new cases their numbers.
    async fn number(&self, tenant: &Tenant, compared: &mut Compared) -> Result<()> {
        let new = compared.cases.iter_mut().filter(|case| case.id == 0);
        let numbered = new.map(|case| async move {
            case.id = self.case_numbers.next(tenant).await?;
            Ok(())
        });
        futures_util::future::try_join_all(numbered).await.map(drop)
    }

    /// Keeps a session that was handed over as the portal left it, unless its user took it
    /// back meanwhile.
    async fn refreshed(&self, ground: &Ground<'_>, session: &SecretString) -> Result<()> {
        let name = SecretName::of(&ground.tenant, &ground.account.secret)?;
        let text = SignIn::Session(session.clone()).text()?;
        let is_other = |kept: SecretString| kept.expose_secret() != text.expose_secret();
        if self.vault.read(&name).await?.is_some_and(is_other) {
            let (account, by) = (ground.account, ground.run.caller()?);
            let data = json!({ "for": ground.run.id(), "version": account.version });
            let action = "enjaz.credentials.refresh";
            let entry = self.trail.entry(&by, action, account.subject(), &data)?;
            self.table.transact(&shared::ids::time_ordered(), vec![entry]).await?;
            self.vault.write(&name, &text).await?;
            let account = self.look_up(&ground.run.account).await?;
            if account.is_none_or(|account| account.secret != ground.account.secret) {
                self.vault.remove(&name).await?;
            }
        }
        Ok(())
    }
}

fn detail(end: &End) -> String {
    match &end.refusal {
        Some(refusal) => refusal.detail.clone(),
        None if end.outcome == Outcome::Partial => {
            format!("there are more than {MOST_CASES} cases, as many as an account has here")
        }
        None => end.outcome.sentence().to_owned(),
    }
}

/// What is told of what came of one.
pub(super) fn told(run: &SyncRun, account: Option<&Account>, ending: &Ending) -> serde_json::Value {
    json!({
        "sync_id": run.id(),
        "account_id": run.account_id,
        "owner": account.map(|account| &account.user),
        "trigger": run.trigger,
        "outcome": ending.outcome,
        "detail": ending.detail,
        "cases_imported": ending.counts.imported,
        "cases_updated": ending.counts.updated,
        "cases_unchanged": ending.counts.unchanged,
        "cases_absent": ending.counts.absent,
    })
}
