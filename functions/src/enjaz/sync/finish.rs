//! How a synchronisation ends: its cases take the place of those that were kept, and its row,
//! the account's, the audit trail and the messages say what came of it, all in one moment.

use std::time::Duration;

use shared::clock::millis;
use shared::error::Result;
use shared::jobs::{Done, Record, Row};
use shared::table::{Cond, Item, Update, Value, Write};
use shared::tenant::Tenant;

use super::super::account::Account;
use super::super::case::Case;
use super::super::means::Means;
use super::super::portal::Outcome;
use super::run::{Ending, Goal, Stage, SyncRun};
use super::step::told;
use crate::messages::catalogue::{ENJAZ_CASES_CHANGED, ENJAZ_SYNC_COMPLETED, ENJAZ_SYNC_FAILED};
use crate::pages::PageSet;

/// The most pages that are replaced in one moment, and their bytes: a transaction takes a
/// hundred writes and 4 MB, of which others are told as well.
const MOST_PAGES: usize = 40;
const LARGEST: usize = 3_000_000;
/// How long the portal is left alone after the second failure in a row, and at most.
const FIRST_REST: Duration = Duration::from_secs(300);
const LONGEST_REST: Duration = Duration::from_secs(6 * 3600);

/// What a synchronisation ends with.
pub(super) struct Ended {
    pub ending: Ending,
    /// What the account's user is told of it, if that is not the outcome.
    pub standing: Option<Outcome>,
    /// The cases as they were and as they are now, by their numbers; none when nothing was
    /// read.
    pub cases: Option<(Vec<Case>, Vec<Case>)>,
    /// How long the portal asked to be left alone.
    pub asked_to_wait: Option<Duration>,
}

impl Means {
    /// Ends one. Without an account, or with one that has become another, nothing is kept.
    pub(super) async fn finish(
        &self,
        run: &SyncRun,
        account: Option<&Account>,
        mut ended: Ended,
    ) -> Result<Done> {
        let mut record = Record::default();
        match account {
            Some(account) if run.is_of(account) => {
                let (update, pages) = self.kept(run, account, &mut ended)?;
                record.also.push(self.table.change(update));
                record.also.extend(pages);
            }
            Some(account) if account.running.as_deref() == Some(run.id()) => {
                let update = Update::of(account.key()).remove("running");
                let is_its = Cond::Eq("running", run.id().into());
                record.also.push(self.table.change(update.when(is_its)));
                ended.ending.outcome = None;
            }
            _ => ended.ending.outcome = None,
        }
        let record = record.and(self.announced(run, account, &ended.ending).await?);
        self.over(run, record, &ended.ending)
    }

    fn over(&self, run: &SyncRun, mut record: Record, ending: &Ending) -> Result<Done> {
        record.set.extend([
            ("result", Value::of(ending)?),
            ("seen", Value::of(&run.seen)?),
            ("stage", Value::of(&Stage::Clear)?),
        ]);
        // An attempt that broke off may have left a session that its row does not know of.
        let leaves_something = run.parts > 0 || run.has_session || run.job.attempt > 1;
        let again = leaves_something.then(|| self.clock.now_ms());
        Ok(Done { record, again, park: None })
    }

    /// The account as it is now, and its cases.
    fn kept(
        &self,
        run: &SyncRun,
        account: &Account,
        ended: &mut Ended,
    ) -> Result<(Update, Vec<Write>)> {
        let mut pages = Vec::new();
        let mut cases = None;
        if let Some((old, new)) = ended.cases.take() {
            match self.replaced(&run.tenant()?, &account.cases, &old, &new)? {
                Some((set, writes)) => {
                    pages = writes;
                    cases = Some(set);
                }
                None => too_many(&mut ended.ending),
            }
        }
        let outcome = ended.standing.or(ended.ending.outcome);
        let now = ended.ending.at;
        let (failures, rest) = self.rest(account, &ended.ending, ended.asked_to_wait);
        let mut update = Update::of(account.key())
            .remove("running")
            .assign("standing", outcome.as_ref().map(Value::of).transpose()?)
            .assign("rests_until", rest.map(|rest| (now + millis(rest)).into()))
            .set("failures", failures)
            .set("last_sync", run.id())
            .set("last_sync_at", now);
        if let Some(set) = &cases {
            update = update.set("cases", Value::of(set)?);
        }
        if ended.ending.outcome == Some(Outcome::Ok) && run.goal == Goal::Cases {
            update = update.set("last_complete_at", now).set("is_another", false);
        }
        let is_its =
            [Cond::Eq("running", run.id().into()), Cond::Eq("version", run.version.into())];
        Ok((update.when(Cond::All(is_its.into())), pages))
    }

    /// Failures in a row after this one, and how long the portal is left alone.
    fn rest(
        &self,
        account: &Account,
        ending: &Ending,
        asked: Option<Duration>,
    ) -> (u32, Option<Duration>) {
        // What a portal asks for is believed up to what is usual.
        let asked = asked.map(|asked| asked.min(LONGEST_REST));
        if ending.outcome != Some(Outcome::PortalUnavailable) {
            return (0, asked);
        }
        let failures = account.failures.saturating_add(1);
        let doubled = |again: u32| FIRST_REST.saturating_mul(2_u32.saturating_pow(again));
        let rest = failures.checked_sub(2).map(|again| doubled(again).min(LONGEST_REST));
        (failures, rest.max(asked))
    }

    /// The writes that put these cases in place of those; none when they are too many. Pages
    /// that stay as they are are not written.
    fn replaced(
        &self,
        tenant: &Tenant,
        former: &PageSet,
        old: &[Case],
        new: &[Case],
    ) -> Result<Option<(PageSet, Vec<Write>)>> {
        let mut set = PageSet { total: new.len(), ..PageSet::named(former.name.clone()) };
        let items = set.continued(tenant, 0, new, None)?;
        let size: usize = items.iter().map(Item::size).sum();
        if items.len() > MOST_PAGES || size > LARGEST {
            return Ok(None);
        }
        let is_same = |page| {
            page < former.bounds.len() && former.on_page(old, page) == set.on_page(new, page)
        };
        let changed = items.into_iter().enumerate().filter(|(page, _)| !is_same(*page));
        let mut writes: Vec<_> = changed.map(|(_, item)| self.table.put(item, None)).collect();
        let surplus = former.keys(tenant).into_iter().skip(set.bounds.len());
        writes.extend(surplus.map(|key| self.table.delete(key, None)));
        Ok(Some((set, writes)))
    }

    /// What the trail and others are told.
    async fn announced(
        &self,
        run: &SyncRun,
        account: Option<&Account>,
        ending: &Ending,
    ) -> Result<Record> {
        let (tenant, told) = (run.tenant()?, told(run, account, ending));
        let subject = format!("enjaz-account:{}", run.account_id);
        let entry = self.trail.entry(&run.caller()?, "enjaz.sync.end", subject, &told)?;
        let mut record = Record { also: vec![entry], ..Record::default() };
        let Some(outcome) = ending.outcome else { return Ok(record) };
        let kind = match outcome {
            Outcome::Ok | Outcome::Connected => ENJAZ_SYNC_COMPLETED,
            _ => ENJAZ_SYNC_FAILED,
        };
        let counts = ending.counts;
        let has_changed = counts.imported + counts.updated + counts.absent > 0;
        let kinds = [Some(kind), has_changed.then_some(ENJAZ_CASES_CHANGED)];
        for kind in kinds.into_iter().flatten() {
            let emission = self.emitter.prepare(&tenant, kind, &told).await?;
            record = record.and(self.emitter.record(emission));
        }
        Ok(record)
    }
}

fn too_many(ending: &mut Ending) {
    ending.outcome = Some(Outcome::Partial);
    ending.detail = "the account's cases are more than can be kept; what was known is kept".into();
    ending.counts = super::super::generation::Counts::default();
}
