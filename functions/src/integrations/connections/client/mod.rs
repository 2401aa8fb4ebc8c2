//! The way to the other side of a connection: signed in as it wants, within the
//! connection's time, not too many calls at once, tried again where that does no harm,
//! and not at all while its circuit breaker is open.

mod exchange;
mod failed;
mod given;
mod request;
mod retry;
mod tokens;

pub use super::credentials::{Client, Credentials};
pub use failed::{Failed, Held};
pub use given::Given;
pub use request::{Judged, Request};

use std::sync::Arc;
use std::time::Duration;

use shared::breaker::{Breakers, Leave};
use shared::bulkhead::{Bulkhead, Place};
use shared::clock::Clock;
use shared::env::Env;
use shared::error::{Error, Kind, Result};
use shared::outbound::{Outbound, Reply};
use shared::table::{Query, Table};
use shared::tenant::Tenant;
use shared::vault::{Cached, SecretName};
use tokio::time::Instant;

use super::config::{Config, LogLevel};
use super::model::{Connection, ConnectionStatus, IntegrationType, directory};
use super::store::{INTERFERED, find};
use tokens::Tokens;

/// Calls of one connection that a process makes side by side, unless the variable
/// `CONNECTION_CALLS` says otherwise.
const SIDE_BY_SIDE: usize = 8;

/// Calls to one host of Pega that a process makes side by side over all connections that
/// lead there, unless the variable `PEGA_CALLS` says otherwise.
const AT_ONE_PEGA: usize = 5;

/// Opens connections. Cheap to clone; clones share tokens, places and breakers.
#[derive(Clone)]
pub struct Connectors {
    table: Table,
    vault: Cached,
    /// Reaches what users may name.
    guarded: Outbound,
    /// Reaches what the operator named.
    unguarded: Outbound,
    breakers: Breakers,
    bulkhead: Bulkhead,
    pegas: Bulkhead,
    tokens: Tokens,
    clock: Clock,
}

/// An open connection, with its settings and credentials as they were when it was opened.
pub struct Connector {
    connectors: Connectors,
    outbound: Outbound,
    tenant: Tenant,
    connection: Connection,
    config: Config,
    credentials: Option<Arc<Credentials>>,
    altogether: Duration,
}

/// What its circuit breaker is called.
pub(super) fn breaker_name(connection: &str) -> String {
    format!("connection/{connection}")
}

impl Connectors {
    /// Needs the tables `integrations` and `control`, and the vault.
    pub fn load(env: &Env) -> Result<Self> {
        let clock = env.clock();
        Ok(Self {
            table: env.table("INTEGRATIONS_TABLE")?,
            vault: env.vault(),
            guarded: env.guarded_outbound()?,
            unguarded: env.outbound()?,
            breakers: Breakers::new(env.table("CONTROL_TABLE")?, clock.clone()),
            bulkhead: Bulkhead::new(env.parsed("CONNECTION_CALLS", SIDE_BY_SIDE)?),
            pegas: env.bulkhead("PEGA_CALLS", AT_ONE_PEGA)?,
            tokens: Tokens::new(clock.clone()),
            clock,
        })
    }

    /// The breakers of its connections.
    pub(super) fn breakers(&self) -> Breakers {
        self.breakers.clone()
    }

    /// Opens a tenant's connection, whatever its status.
    ///
    /// # Errors
    /// `NotFound` when there is none of this id.
    pub async fn open(&self, tenant: &Tenant, id: &str) -> Result<Connector> {
        self.connect(tenant, &find(&self.table, tenant, id).await?).await
    }

    /// A tenant's connections to systems of this kind that are in use.
    pub async fn active(&self, tenant: &Tenant, of: IntegrationType) -> Result<Vec<Connection>> {
        let all: Vec<Connection> =
            self.table.query_all(Query::partition(&directory(tenant))).await?;
        let wanted = |connection: &Connection| {
            connection.integration_type == of && connection.status == ConnectionStatus::Active
        };
        Ok(all.into_iter().filter(wanted).collect())
    }

    /// Opens a connection that was read.
    ///
    /// # Errors
    /// `Conflict` when its credentials were replaced since then.
    pub async fn connect(&self, tenant: &Tenant, connection: &Connection) -> Result<Connector> {
        let credentials = match &connection.secrets {
            None => None,
            Some(record) => {
                let kept = self.vault.read(&SecretName::of(tenant, record)?).await?;
                // Others took their place since the connection was read.
                let kept = kept.ok_or_else(|| Error::new(Kind::Conflict, INTERFERED))?;
                Some(Arc::new(Credentials::parse(&kept)?))
            }
        };
        let config = connection.config()?;
        let altogether = retry::altogether(&config);
        Ok(Connector {
            connectors: self.clone(),
            outbound: self.guarded.clone(),
            tenant: tenant.clone(),
            connection: connection.clone(),
            config,
            credentials,
            altogether,
        })
    }
}

impl Connector {
    /// The connection.
    pub fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Gives a call and all its attempts this time together.
    #[must_use]
    pub fn within(self, altogether: Duration) -> Self {
        Self { altogether: self.altogether.min(altogether), ..self }
    }

    /// Makes a call and answers what was answered, whatever its status. One that may be
    /// repeated is, as often as the connection's settings say, when the other side fails
    /// or asks for it.
    ///
    /// # Errors
    /// [`Failed::Held`] when it was not made at all, [`Failed::Call`] when there was no
    /// answer.
    pub async fn call(&self, request: Request) -> Result<Reply, Failed> {
        self.timed(request).await.map(|(reply, _)| reply)
    }

    /// As [`Connector::call`], with no more than this time.
    pub async fn call_within(&self, request: Request, time: Duration) -> Result<Reply, Failed> {
        self.attempts(request, time.min(self.altogether)).await.map(|(reply, _)| reply)
    }

    /// As [`Connector::call`], and how many milliseconds the answer took.
    pub async fn timed(&self, request: Request) -> Result<(Reply, i64), Failed> {
        self.attempts(request, self.altogether).await
    }

    async fn attempts(&self, request: Request, time: Duration) -> Result<(Reply, i64), Failed> {
        let until = Instant::now() + time;
        let _place = self.place(self.timeout().min(time)).await.ok_or(Held::FULL)?;
        let attempts = if request.may_repeat() { self.config.retry_attempts } else { 0 };
        let mut last = None;
        for tried in 0..=attempts {
            let attempt = self.attempt(&request, until).await;
            if let (Err(Failed::Held(_)), Some(last)) = (&attempt, last.take()) {
                // Its breaker opened meanwhile; what was answered before says more.
                return last;
            }
            let wait =
                if request.is_settled_by(&attempt) { None } else { retry::wait(&attempt, tried) };
            let (Some(wait), true) = (wait, tried < attempts) else { return attempt };
            if Instant::now() + wait >= until {
                return attempt;
            }
            self.log(LogLevel::Warning, "another attempt follows", &attempt);
            tokio::time::sleep(wait).await;
            last = Some(attempt);
        }
        last.unwrap_or(Err(Held::FULL.into()))
    }

    /// One attempt, if its breaker lets it through; the breaker is told what came of it.
    async fn attempt(&self, request: &Request, until: Instant) -> Result<(Reply, i64), Failed> {
        let (breakers, name) = (&self.connectors.breakers, breaker_name(&self.connection.id));
        let pass = match breakers.ask(&self.tenant, &name).await {
            Leave::Go(pass) => pass,
            Leave::Wait(at) => {
                return Err(Held::open_until(at, self.connectors.clock.now_ms()).into());
            }
        };
        let left = until.saturating_duration_since(Instant::now()).min(self.timeout());
        let outcome = self.exchange(request, left).await.map_err(Failed::Call);
        let judged = outcome.as_ref().ok().map(|(reply, _)| request.judge(reply));
        let is_well = judged == Some(Judged::Well) || !failed::is_the_other_side_s(&outcome);
        breakers.report(&pass, is_well && judged != Some(Judged::NotForNow)).await;
        let level = failed::level(&outcome);
        self.log(level, if level == LogLevel::Error { "call failed" } else { "called" }, &outcome);
        outcome
    }

    /// A place for a call: of the connection's own, or of all those that lead to one Pega.
    async fn place(&self, patience: Duration) -> Option<Place> {
        let Self { connectors, connection, tenant, .. } = self;
        if connection.integration_type == IntegrationType::Pega {
            let host = host(&connection.endpoint_url);
            return connectors.pegas.enter(&host, patience).await;
        }
        connectors.bulkhead.enter(&format!("{tenant}/{}", connection.id), patience).await
    }

    fn timeout(&self) -> Duration {
        Duration::from_secs(self.config.timeout_seconds.into())
    }

    /// Logs what came of an attempt, if the connection's settings want that much.
    fn log(&self, level: LogLevel, what: &str, outcome: &Result<(Reply, i64), Failed>) {
        if level < self.config.log_level {
            return;
        }
        let connection = self.connection.id.as_str();
        let (status, ms) = match outcome {
            Ok((reply, ms)) => (reply.status.as_u16(), *ms),
            Err(_) => (0, 0),
        };
        let error = outcome.as_ref().err().map(ToString::to_string).unwrap_or_default();
        match level {
            LogLevel::Debug => tracing::debug!(connection, status, ms, error, "{what}"),
            LogLevel::Info => tracing::info!(connection, status, ms, error, "{what}"),
            LogLevel::Warning => tracing::warn!(connection, status, ms, error, "{what}"),
            LogLevel::Error => tracing::error!(connection, status, ms, error, "{what}"),
        }
    }
}

/// Host and port of an address.
fn host(url: &str) -> String {
    let authority = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = authority.split(['/', '?', '#']).next().unwrap_or_default();
    authority.rsplit('@').next().unwrap_or_default().to_ascii_lowercase()
}
