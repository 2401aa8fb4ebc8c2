//! The work that a pull is: learn whom to ask for, then ask, one request a step, and keep what
//! is told before the step is written down. A kind that the contact centre refuses does not
//! keep the others from theirs.

use std::time::Duration;

use shared::env::Env;
use shared::error::{Error, Result};
use shared::jobs::{Claim, Done, Failure, Ready, Record, Work};
use shared::table::{Key, Value};
use shared::tenant::Tenant;

use super::super::centre::{centre, time_zone};
use super::super::client::Client;
use super::super::records::{DAY, Entry, Origin, Records};
use super::crowd::Crowd;
use super::job::{Came, Pull};
use super::kind::PullKind;
use super::marks::Marks;
use super::plan::{Plan, place, stretches};
use super::read::Request;
use super::settings::Settings;
use super::start::Pulls;
use crate::integrations::connections::client::Connectors;
use crate::integrations::connections::{Connection, ConnectionStatus};

/// What a call and all its attempts may take together.
const ALTOGETHER: Duration = Duration::from_secs(240);

/// The work.
pub struct Pulling {
    pulls: Pulls,
    records: Records,
    connectors: Connectors,
}

/// Whom a step works for.
struct Ground {
    tenant: Tenant,
    connection: Connection,
    client: Client,
}

impl Pulling {
    /// Needs what every synchronisation and the records of contact centres need.
    pub fn load(env: &Env) -> Result<Self> {
        Ok(Self {
            pulls: Pulls::load(env)?,
            records: Records::load(env)?,
            connectors: Connectors::load(env)?,
        })
    }

    async fn ground(&self, pull: &Pull) -> Result<Ground, Failure> {
        let (tenant, means) = (pull.tenant()?, &self.pulls.means);
        let connection = means.connections.find(&tenant, &pull.connection_id).await?;
        if connection.status != ConnectionStatus::Active {
            return Err(Failure::permanent("the connection is not in use any more"));
        }
        let to = &self.connectors;
        let client = Client::open_for(to, &tenant, &connection, ALTOGETHER).await?;
        Ok(Ground { tenant, connection, client })
    }

    /// Asks whom there is to ask for, and makes the plan. Whom it was told of is kept under a
    /// name of this attempt's own: a worker that was given up writes beside it.
    async fn begin(&self, pull: &Pull, claim: &Claim) -> Result<Done, Failure> {
        let Ground { tenant, connection, client } = &self.ground(pull).await?;
        let (means, now) = (&self.pulls.means, self.pulls.means.clock.now_ms());
        let told = Crowd::told(&client.personnel().await?, now)?;
        let marks = Marks::find(&means.table, tenant, &connection.id).await?;
        let (settings, time_zone) = (Settings::of(&connection.config()?)?, time_zone(connection)?);
        let known = (&marks.watermarks, now, &place(time_zone.as_deref()));
        let stretches = stretches(&pull.kinds, pull.period, &settings, known);
        let first = stretches.iter().map(|stretch| stretch.from).min().unwrap_or(now);
        let before = match &marks.crowd {
            Some(pages) => pages.read(&means.table, tenant).await?.unwrap_or_default(),
            None => Crowd::default(),
        };
        let name = format!("{}.{}", pull.id(), claim.owner());
        let (crowd, items) = told.and(before, first - DAY).pages(tenant, name, now)?;
        means.table.put_many(items).await?;
        let plan = Plan {
            crowd,
            former: marks.crowd,
            stretches,
            done: 0,
            watermarks: marks.watermarks,
            goes_on: pull.period.start.is_none(),
            time_zone,
            step: settings.step,
            at_once: settings.at_once,
        };
        let came = pull.kinds.iter().map(|kind| (*kind, Came::default())).collect();
        self.goes_on(Pull { plan: Some(plan), came, ..pull.clone() }, true).await
    }

    /// Asks for the next ids of a slice, and keeps what is told of them.
    async fn ask(&self, pull: &Pull, plan: &Plan, claim: &Claim) -> Result<Done, Failure> {
        let Ground { tenant, connection, client } = &self.ground(pull).await?;
        let Some(slice) = plan.slice() else { return Err(Error::bug("no slice").into()) };
        let crowd = plan.crowd.read(&self.pulls.means.table, tenant).await?;
        let crowd = crowd.ok_or_else(|| Error::bug("whom to ask for is gone"))?;
        let all = crowd.of(slice.kind);
        let ids = plan.ids(&all);
        let mut told = Vec::new();
        if !ids.is_empty() {
            let place = &place(plan.time_zone.as_deref());
            let request = Request { slice, ids, step: plan.step, place };
            told = match request.ask(client).await.map_err(Failure::from) {
                Ok(told) => told,
                Err(failure) if self.is_last(pull, claim, &failure) => {
                    return self.without(pull, plan, slice.kind, failure).await;
                }
                Err(failure) => return Err(failure),
            };
        }
        let entry = |record| Entry { record, origin: Origin::Argus, raw: None };
        let entries: Vec<Entry> = told.into_iter().map(entry).collect();
        self.records.keep(centre(tenant, connection), &entries).await?;
        let (mut next, mut plan) = (pull.clone(), plan.clone());
        let came = next.came.entry(slice.kind).or_default();
        came.records += i64::try_from(entries.len()).unwrap_or(i64::MAX);
        let slice_is_over = plan.asked(slice, ids.len(), all.len());
        self.goes_on(Pull { plan: Some(plan), ..next }, slice_is_over).await
    }

    /// Whether a kind is given up after this failure. Once one used all its attempts up, the
    /// others are tried once: a contact centre that is down would have each wait anew.
    fn is_last(&self, pull: &Pull, claim: &Claim, failure: &Failure) -> bool {
        let waited = pull.came.values().any(|came| came.used_up);
        let most = if waited { 1 } else { self.pulls.means.lane.jobs.policy.max_attempts };
        !failure.retry || claim.attempt >= most
    }

    /// Goes on without a kind, whose watermark stays where it is.
    async fn without(
        &self,
        pull: &Pull,
        plan: &Plan,
        kind: PullKind,
        failure: Failure,
    ) -> Result<Done, Failure> {
        let (mut pull, mut plan) = (pull.clone(), plan.clone());
        let came = pull.came.entry(kind).or_default();
        came.used_up = failure.retry;
        came.error = Some(failure.reason);
        plan.drop_kind();
        self.goes_on(Pull { plan: Some(plan), ..pull }, false).await
    }

    /// Writes down how far it is, on the connection's row as well if that moved; after the last
    /// step, how it ended.
    async fn goes_on(&self, pull: Pull, moved: bool) -> Result<Done, Failure> {
        let (tenant, means, plan) = (pull.tenant()?, &self.pulls.means, pull.plan.as_ref());
        let mut record = Record {
            set: vec![("plan", Value::of(&plan)?), ("came", Value::of(&pull.came)?)],
            ..Record::default()
        };
        if plan.is_some_and(|plan| !plan.stretches.is_empty()) {
            if moved {
                let subject = (&tenant, pull.connection_id.as_str(), pull.id());
                record.also.push(Marks::moved(&means.table, subject, plan, false)?);
            }
            return Ok(Done { record, again: Some(means.clock.now_ms()), park: None });
        }
        if let Some(former) = plan.and_then(|plan| plan.former.as_ref()) {
            means.table.delete_many(&former.keys(&tenant)).await?;
        }
        Ok(Done { record: record.and(self.pulls.finish(&pull).await?), ..Done::default() })
    }
}

impl Work for Pulling {
    type Row = Pull;
    type Leave = ();

    async fn ready(&self, _: &Pull) -> Result<Ready> {
        Ok(Ready::Now(()))
    }

    async fn run(&self, pull: &Pull, claim: &Claim, _: Option<()>) -> Result<Done, Failure> {
        match &pull.plan {
            None => self.begin(pull, claim).await,
            Some(plan) => self.ask(pull, plan, claim).await,
        }
    }

    async fn failed(&self, pull: &Pull, failure: &Failure, last: bool) -> Result<Record> {
        match last {
            true => self.pulls.give_up(pull, &failure.reason).await,
            false => Ok(Record::default()),
        }
    }

    async fn next(&self, _: &Pull) -> Result<Option<Key>> {
        Ok(None)
    }
}
