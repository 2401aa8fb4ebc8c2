//! Use case: gather all there is to tell of an event, or of a case.

use shared::clock::Clock;
use shared::env::Env;
use shared::error::{Error, Result};
use shared::ids::hex_digest;
use shared::table::{Key, Read};
use shared::tenant::Tenant;
use shared::web::to_the_second;

use super::view::{CaseReport, EventReport, Evidence, StepDone};
use crate::outlets::How;
use crate::pega::checklists::{self, Checklist, ChecklistView};
use crate::pega::event::{Event, events_table};
use crate::pega::history::{self, Happened};
use crate::pega::log::{EventLog, Recorded};
use crate::pega::progress::Progress;
use crate::pega::requests::{self, PegaRequestView, RequestLog};
use crate::pega::rules::RuleBook;
use crate::pega::ruling::Ruling;
use crate::pega::search::Filter;
use crate::pega::view::EventView;

/// Events and requests of a case that one report holds.
const MOST: usize = 50;

/// The use case.
#[derive(Clone)]
pub struct Compliance {
    log: EventLog,
    requests: RequestLog,
    rules: RuleBook,
    clock: Clock,
}

impl Compliance {
    /// Needs the tables `events`, `control` and `audit`, and the queue of events.
    pub fn load(env: &Env) -> Result<Self> {
        Ok(Self {
            log: EventLog::load(env)?,
            requests: RequestLog { table: events_table(env)? },
            rules: RuleBook::load(env)?,
            clock: env.clock(),
        })
    }

    /// The report of an event.
    pub(super) async fn of_event(&self, tenant: &Tenant, id: i64) -> Result<EventReport> {
        self.of_recorded(tenant, self.log.find(tenant, id).await?).await
    }

    /// The report of a case.
    ///
    /// # Errors
    /// `NotFound` when nothing is known of it.
    pub(super) async fn of_case(&self, tenant: &Tenant, case_id: &str) -> Result<CaseReport> {
        let case = Some(case_id.to_owned());
        let filter = Filter { limit: MOST, case_id: case.clone(), ..Filter::default() };
        let (recorded, more_events) = self.log.list(tenant, filter).await?;
        let filter = requests::Filter { limit: MOST, case_id: case, ..Default::default() };
        let (rows, more_requests) = self.requests.list(tenant, &filter).await?;
        if recorded.is_empty() && rows.is_empty() {
            return Err(Error::not_found("Nothing is known of this case"));
        }
        let mut events = Vec::with_capacity(recorded.len());
        for event in recorded {
            events.push(self.of_recorded(tenant, event).await?);
        }
        Ok(CaseReport {
            generated_at: self.clock.now().to_string(),
            case_id: case_id.to_owned(),
            events,
            requests: rows.iter().map(PegaRequestView::of).collect::<Result<_>>()?,
            more: more_events.is_some() || more_requests.is_some(),
        })
    }

    async fn of_recorded(&self, tenant: &Tenant, recorded: Recorded) -> Result<EventReport> {
        let event = &recorded.event;
        let progress = Progress::of(event)?;
        let history = history::of(&self.log.events, tenant, event.id()).await?;
        Ok(EventReport {
            generated_at: self.clock.now().to_string(),
            payload_sha256: hex_digest(recorded.payload.as_bytes()),
            evidence: self.evidence(tenant, event, &recorded.payload).await?,
            decision: Ruling::of(event)?.map(|ruling| ruling.shown()),
            alert_sent_at: progress.alerted.map(to_the_second),
            checklists: self.checklists(tenant, event, &progress).await?,
            steps: steps(progress),
            history: history.iter().map(Happened::shown).collect::<Result<_>>()?,
            event: EventView::of(recorded)?,
        })
    }

    /// On what an event was decided, found again from the rules that it was settled by.
    async fn evidence(
        &self,
        tenant: &Tenant,
        event: &Event,
        payload: &str,
    ) -> Result<Option<Evidence>> {
        let Some(rules) = event.rules.clone() else { return Ok(None) };
        let held = self.rules.named(tenant, &rules).await?;
        let payload = serde_json::from_str(payload).map_err(Error::internal)?;
        let is_it = held.name() == rules;
        let rule = held.rules.events.get(&event.event).filter(|_| is_it);
        let rule = rule.and_then(|rule| rule.risk.clone());
        let risk = rule.and_then(|mut rule| {
            rule.explain = true;
            rule.assess(&payload)
        });
        Ok(Some(Evidence {
            rules,
            rules_sha256: is_it.then(|| held.digest.clone()),
            alert: risk.as_ref().and_then(|risk| risk.alert.clone()),
            required_decision: risk.as_ref().is_some_and(|risk| risk.must_decide),
            risk: risk.and_then(|risk| risk.explained),
        }))
    }

    async fn checklists(
        &self,
        tenant: &Tenant,
        event: &Event,
        progress: &Progress,
    ) -> Result<Vec<ChecklistView>> {
        let details = progress.steps.values().filter_map(|made| made.detail.as_deref());
        let ids = details.filter(|detail| checklists::is_of(detail, event.id()));
        let keys: Vec<Key> = ids.map(|id| checklists::checklist_key(tenant, id)).collect();
        let rows: Vec<Checklist> = self.log.events.get_many(&keys, Read::Consistent).await?;
        Ok(rows.into_iter().map(Into::into).collect())
    }
}

/// What was done, in the order of that.
fn steps(progress: Progress) -> Vec<StepDone> {
    let mut made: Vec<_> = progress.steps.into_iter().collect();
    made.sort_by_key(|(_, made)| made.at);
    let shown = made.into_iter().map(|(name, made)| StepDone {
        name,
        how: match made.how {
            How::Done => "done",
            How::HandedOver => "handed_over",
        },
        at: to_the_second(made.at),
        detail: made.detail,
    });
    shown.collect()
}
