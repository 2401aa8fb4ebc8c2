//! Use case: have a contact centre pulled, one pull of a connection at a time.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::json;
use shared::env::Env;
use shared::error::{Error, Kind, Result};
use shared::jobs::{Job, Row};
use shared::table::{Cond, Item, Key};
use shared::web::{Caller, moment};
use utoipa::ToSchema;

use super::super::historic::LONGEST_DAYS;
use super::super::records::DAY;
use super::job::{Pull, pull_key};
use super::kind::PullKind;
use super::marks::Marks;
use super::plan::Period;
use super::settings::Settings;
use crate::integrations::connections::{Connection, Direction, IntegrationType, SyncType};
use crate::integrations::means::{Means, Told};

/// How long it is known what came of one, in seconds: ninety days.
const KEPT: i64 = 90 * 24 * 3600;

/// The use cases of pulls. Cheap to clone.
#[derive(Clone)]
pub struct Pulls {
    pub(super) means: Means,
}

/// What is to be pulled.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPull {
    /// From when: RFC 3339 or a date. From where the last pull ended, when not given.
    #[schema(example = "2026-06-01T00:00:00Z")]
    start_date: Option<String>,
    /// Until when; until now, when not given.
    #[schema(example = "2026-06-02T00:00:00Z")]
    end_date: Option<String>,
    /// What; what the connection's settings say, when not given.
    #[schema(min_items = 1)]
    kinds: Option<Vec<PullKind>>,
}

impl Pulls {
    /// Needs what every synchronisation needs.
    pub fn load(env: &Env) -> Result<Self> {
        Ok(Self { means: Means::load(env)? })
    }

    /// Starts a pull.
    ///
    /// # Errors
    /// `Invalid`, naming the member; `NotFound` without a connection in use; `Conflict`,
    /// naming it, while another one is under way.
    pub(super) async fn start(
        &self,
        by: &Caller,
        named: Option<&str>,
        new: NewPull,
    ) -> Result<Pull> {
        let (period, kinds) = new.read(self.means.clock.now_ms())?;
        let of = IntegrationType::ContactCenter;
        let connection = self.means.connections.chosen(&by.tenant, of, named).await?;
        let kinds = match kinds {
            Some(kinds) => kinds,
            None => Settings::of(&connection.config()?)?.kinds,
        };
        let marks = Marks::find(&self.means.table, &by.tenant, &connection.id).await?;
        self.start_over(by, &connection, &marks, (period, kinds)).await
    }

    /// Starts one over a connection that is in use, of which this was read.
    ///
    /// # Errors
    /// `Conflict`, naming it, when another one is under way, or was since then.
    pub(super) async fn start_over(
        &self,
        by: &Caller,
        connection: &Connection,
        marks: &Marks,
        (period, kinds): (Period, Vec<PullKind>),
    ) -> Result<Pull> {
        let (tenant, means) = (&by.tenant, &self.means);
        let of = (SyncType::Incremental, Direction::Inbound);
        let (log, mut writes) = means.logs.start(tenant, connection, of.0, of.1)?;
        let Key { pk, sk } = pull_key(tenant, &connection.id, &log.id);
        let now = log.started_at;
        let pull = Pull {
            connection_id: connection.id.clone(),
            by: by.actor.clone(),
            corr: by.corr.clone(),
            started_at: now,
            period,
            kinds,
            plan: None,
            came: BTreeMap::new(),
            ended_at: None,
            expires_at: now / 1000 + KEPT,
            job: Job::fresh(now, now, &means.lane.jobs.policy),
            pk,
            sk,
            log,
        };
        let data = json!({ "sync_id": pull.id(), "connection_id": connection.id,
            "sync_type": "incremental", "kinds": pull.kinds });
        let subject = (tenant, connection.id.as_str(), pull.id());
        writes.extend([
            means.table.put(Item::of(&pull)?, Some(Cond::Absent("pk"))),
            marks.take(&means.table, subject, now),
        ]);
        let told = Told { connection: &connection.id, action: "contact_center.pull", data: &data };
        if !means.begin(by, told, writes).await? {
            return Err(self.why_not(by, connection).await?);
        }
        means.hint(pull.key()).await;
        Ok(pull)
    }

    /// Why none could be started.
    async fn why_not(&self, by: &Caller, connection: &Connection) -> Result<Error> {
        let marks = Marks::find(&self.means.table, &by.tenant, &connection.id).await?;
        let told = match marks.running {
            Some(running) => format!("A pull is under way: {running}"),
            None => "Another pull began at the same moment".to_owned(),
        };
        Ok(Error::new(Kind::Conflict, told))
    }
}

impl NewPull {
    fn read(self, now: i64) -> Result<(Period, Option<Vec<PullKind>>)> {
        let at = |name: &str, text: &Option<String>| -> Result<Option<i64>> {
            let text = text.as_deref();
            text.map(|text| Ok(moment(name, text)?.as_millisecond())).transpose()
        };
        let start = at("start_date", &self.start_date)?;
        let end = at("end_date", &self.end_date)?;
        if start.is_some_and(|start| start >= now) {
            return Err(Error::invalid("start_date", "must be in the past"));
        }
        if let Some(start) = start {
            let end = end.unwrap_or(now);
            if end <= start {
                return Err(Error::invalid("end_date", "must be after start_date"));
            }
            if end - start > LONGEST_DAYS * DAY {
                let message = format!("must be at most {LONGEST_DAYS} days before the end");
                return Err(Error::invalid("start_date", message));
            }
        }
        let kinds = self.kinds.map(|mut kinds| {
            kinds.sort_unstable();
            kinds.dedup();
            kinds
        });
        match kinds {
            Some(kinds) if kinds.is_empty() => {
                Err(Error::invalid("kinds", "must have one at least"))
            }
            kinds => Ok((Period { start, end }, kinds)),
        }
    }
}
