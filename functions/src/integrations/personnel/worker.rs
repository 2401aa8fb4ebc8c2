//! The work that a synchronisation is: ask the source, compare stretch by stretch, publish,
//! clear away. Each step is written down before the next one begins.

use serde_json::json;
use shared::clock::timestamp;
use shared::env::Env;
use shared::error::Result;
use shared::jobs::{Claim, Done, Failure, Ready, Record, Work};
use shared::table::{Key, Value};
use shared::tenant::Tenant;

use super::changes::Changes;
use super::compare::{Counts, Rule, compare};
use super::model::{Change, Person};
use super::roster::Roster;
use super::settings::vanish_limit;
use super::source::{Read, Source};
use super::start::Personnel;
use super::sync::{PersonnelSync, Stage, Told};
use crate::integrations::connections::Connection;
use crate::integrations::onec::Settings;
use crate::messages::catalogue::PERSONNEL_HELD;
use crate::pages::PageSet;
use crate::support::tickets::Tickets;

/// Stretches that are compared in one step.
const STRETCHES: usize = 16;
/// How long pages are kept that nobody came to compare, in seconds: a week.
const UNCOMPARED: i64 = 7 * 24 * 3600;
/// How long a person may take to decide, in milliseconds: a week.
const DECISION_MS: i64 = 7 * 24 * 3600 * 1000;

/// The work.
pub struct Syncing {
    pub(super) personnel: Personnel,
    source: Source,
    tickets: Tickets,
}

/// How far comparing is.
struct Walk {
    position: String,
    next: PageSet,
    counts: Counts,
    changes: Vec<Change>,
    over: bool,
}

impl Syncing {
    /// Needs all that personnel, connections and tickets need.
    pub fn load(env: &Env) -> Result<Self> {
        Ok(Self {
            personnel: Personnel::load(env)?,
            source: Source::load(env)?,
            tickets: Tickets::load(env)?,
        })
    }

    /// Reads everything, and keeps it under a name of this attempt's own: a worker that was
    /// given up writes beside it.
    async fn fetch(&self, sync: &PersonnelSync, claim: &Claim) -> Result<Done, Failure> {
        let (tenant, here) = (sync.tenant()?, &self.personnel);
        let Read { mut people, failed, faults, nameless, unreadable } =
            self.source.read(&tenant, &self.connection(sync).await?, &sync.wanted).await?;
        let now = here.means.clock.now_ms();
        let roster = Roster::find(&here.means.table, &tenant, &sync.connection_id).await?;
        if let Some(left) = &roster.left_over {
            here.means.table.delete_many(&left.keys(&tenant)).await?;
        }
        people.sort_by(|a, b| a.agent_id.cmp(&b.agent_id));
        let mut set = PageSet::named(format!("told.{}.{}", sync.id(), claim.owner()));
        let pages = set.continued(&tenant, 0, &people, Some(now / 1000 + UNCOMPARED))?;
        set.total = people.len();
        here.means.table.put_many(pages).await?;
        let before = roster.published.unwrap_or_default();
        let told = Told { set, failed, faults, nameless, unreadable };
        let set = vec![
            ("stage", Value::of(&Stage::Compare)?),
            ("told", Value::of(&told)?),
            ("before", Value::of(&before)?),
        ];
        Ok(goes_on(Record { set, ..Record::default() }, now))
    }

    async fn connection(&self, sync: &PersonnelSync) -> Result<Connection> {
        self.personnel.means.connections.find(&sync.tenant()?, &sync.connection_id).await
    }

    /// Compares the next stretches; after the last one, publishes or asks a person.
    async fn compare(&self, sync: &PersonnelSync) -> Result<Done, Failure> {
        let (tenant, here) = (sync.tenant()?, &self.personnel);
        let told = sync.told()?;
        let mut walk = Walk {
            position: sync.position.clone(),
            next: sync.next.clone(),
            counts: sync.counts,
            changes: Vec::new(),
            over: false,
        };
        let config = self.connection(sync).await?.config()?;
        let now = here.means.clock.now_ms();
        let zone = Settings::of(&config)?.zone;
        let today = timestamp(now).to_zoned(zone).date().to_string();
        let rule = Rule {
            // Somebody is missing who was told of, and nobody knows who.
            full: sync.wanted.full && !told.nameless,
            departments: &sync.wanted.departments,
            unreadable: &told.unreadable,
            today: &today,
        };
        for _ in 0..STRETCHES {
            self.stretch(&tenant, sync, &rule, &mut walk).await?;
            if walk.over {
                break;
            }
        }
        let changes = (&tenant, sync.id(), sync.steps);
        let mut record = Record {
            set: vec![
                ("position", walk.position.as_str().into()),
                ("steps", (sync.steps + 1).into()),
                ("next", Value::of(&walk.next)?),
                ("counts", Value::of(&walk.counts)?),
            ],
            also: vec![Changes::write(&here.means.table, changes, &walk.changes, now)?],
            ..Record::default()
        };
        if !walk.over {
            return Ok(goes_on(record, now));
        }
        if walk.counts.vanishes_more_than(vanish_limit(&config)?) {
            record.set.push(("stage", Value::of(&Stage::Ask)?));
            return Ok(goes_on(record, now));
        }
        let compared = PersonnelSync { next: walk.next, counts: walk.counts, ..sync.clone() };
        Ok(goes_on(record.and(here.publish(&compared).await?), now))
    }

    /// Compares the people up to the next end of a page, of those told or those before.
    async fn stretch(
        &self,
        tenant: &Tenant,
        sync: &PersonnelSync,
        rule: &Rule<'_>,
        walk: &mut Walk,
    ) -> Result<()> {
        let (table, told) = (&self.personnel.means.table, &sync.told()?.set);
        let pages = [&sync.before, told].map(|set| set.behind(&walk.position).map(|at| (set, at)));
        let Some(end) = pages.iter().flatten().map(|(set, at)| &set.bounds[*at]).min() else {
            walk.over = true;
            return Ok(());
        };
        let mut people: [Vec<Person>; 2] = [Vec::new(), Vec::new()];
        for (page, people) in pages.iter().zip(&mut people) {
            let Some((set, at)) = page else { continue };
            *people = set.read(table, tenant, *at).await?;
            people.retain(|one| one.agent_id > walk.position && one.agent_id <= *end);
        }
        let [before, told] = &people;
        let compared = compare(before, told, rule);
        walk.counts = walk.counts.and(compared.counts);
        walk.changes.extend(compared.changes);
        walk.append(table, tenant, compared.people).await?;
        walk.position.clone_from(end);
        Ok(())
    }

    /// Asks a person whether so many have really left.
    async fn ask(&self, sync: &PersonnelSync) -> Result<Done, Failure> {
        let (tenant, here) = (sync.tenant()?, &self.personnel);
        let Counts { vanished, active_before, .. } = sync.counts;
        let ticket = self.tickets.ask_itself(&tenant, sync.id(), &question(sync)?).await?;
        let decide_by = here.means.clock.now_ms() + DECISION_MS;
        let told = json!({ "sync_id": sync.id(), "connection_id": sync.connection_id,
            "vanished": vanished, "active_before": active_before, "ticket_id": ticket });
        let emission = here.means.emitter.prepare(&tenant, PERSONNEL_HELD, &told).await?;
        let mut record = here.means.emitter.record(emission);
        record.set.extend([
            ("stage", Value::of(&Stage::Held)?),
            ("ticket_id", ticket.as_str().into()),
            ("decide_by", decide_by.into()),
        ]);
        Ok(goes_on(record, decide_by))
    }

    /// Publishes what a person confirmed, and drops what nobody did. Nobody can decide any
    /// more, but somebody may have since this was read.
    async fn decided(&self, seen: &PersonnelSync) -> Result<Done, Failure> {
        let here = &self.personnel;
        let sync = &here.find(&seen.tenant()?, &seen.connection_id, seen.id()).await?;
        let record = match &sync.decision {
            Some(decision) if decision.confirmed => here.publish(sync).await?,
            Some(decision) => here.drop_it(sync, &decision.reason).await?,
            None => here.drop_it(sync, "nobody decided in time").await?,
        };
        Ok(goes_on(record, here.means.clock.now_ms()))
    }

    /// Removes the pages that are not published.
    async fn clear(&self, sync: &PersonnelSync) -> Result<Done, Failure> {
        let (tenant, table) = (sync.tenant()?, &self.personnel.means.table);
        let unused = if sync.refused.is_some() { &sync.next } else { &sync.before };
        table.delete_many(&unused.keys(&tenant)).await?;
        if let Some(told) = &sync.told {
            table.delete_many(&told.set.keys(&tenant)).await?;
        }
        Ok(Done::default())
    }
}

impl Walk {
    /// Puts people behind those who are there. The last page is filled up first, so that
    /// pages stay full from one generation to the next; what another try of this step put
    /// there does not count.
    async fn append(
        &mut self,
        table: &shared::table::Table,
        tenant: &Tenant,
        people: Vec<Person>,
    ) -> Result<()> {
        let last = self.next.bounds.len().saturating_sub(1);
        let mut all: Vec<Person> = match self.next.bounds.is_empty() {
            true => Vec::new(),
            false => self.next.read(table, tenant, last).await?,
        };
        all.retain(|one| one.agent_id <= self.position);
        self.next.total += people.len();
        all.extend(people);
        let pages = self.next.continued(tenant, last, &all, None)?;
        table.put_many(pages).await
    }
}

/// What a person is asked.
fn question(sync: &PersonnelSync) -> Result<crate::support::tickets::NewRequest> {
    let Counts { vanished, active_before, .. } = sync.counts;
    let (id, connection) = (sync.id(), &sync.connection_id);
    let description = format!(
        "Synchronisation {id} of connection {connection} was told of {vanished} people less than \
         the {active_before} who work there, and is held. If they have really left, confirm it: \
         POST /integrations/1c/syncs/{id}/confirm; if not, reject it: \
         POST /integrations/1c/syncs/{id}/reject. Nothing changes before that."
    );
    let request = json!({
        "employee_id": sync.by,
        "request_type": "personnel_sync",
        "title": format!("{vanished} of {active_before} people would vanish from personnel"),
        "description": description,
        "priority": "high",
    });
    serde_json::from_value(request).map_err(shared::error::Error::internal)
}

fn goes_on(record: Record, at: i64) -> Done {
    Done { record, again: Some(at), park: None }
}

impl Work for Syncing {
    type Row = PersonnelSync;
    type Leave = ();

    async fn ready(&self, sync: &PersonnelSync) -> Result<Ready> {
        let now = self.personnel.means.clock.now_ms();
        Ok(match (sync.stage, &sync.decision, sync.decide_by) {
            (Stage::Held, None, Some(until)) if until > now => Ready::After(until),
            _ => Ready::Now(()),
        })
    }

    async fn run(
        &self,
        sync: &PersonnelSync,
        claim: &Claim,
        _: Option<()>,
    ) -> Result<Done, Failure> {
        match sync.stage {
            Stage::Fetch => self.fetch(sync, claim).await,
            Stage::Compare => self.compare(sync).await,
            Stage::Ask => self.ask(sync).await,
            Stage::Held => self.decided(sync).await,
            Stage::Clear => self.clear(sync).await,
        }
    }

    async fn failed(&self, sync: &PersonnelSync, failure: &Failure, last: bool) -> Result<Record> {
        match last && sync.stage != Stage::Clear {
            true => self.personnel.give_up(sync, &failure.reason).await,
            false => Ok(Record::default()),
        }
    }

    async fn next(&self, _: &PersonnelSync) -> Result<Option<Key>> {
        Ok(None)
    }
}
