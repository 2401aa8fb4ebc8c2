//! The way to one 1C: the five methods of the vendor's HTTP service over a connection.
//! Source: Argus's requirements to the integration with 1C:ZUP. It has GET and POST alone;
//! 200 and 500 alone, so that bodies tell what statuses do not.
//!
//! What only reads, and what replaces what was sent before, may be tried again; a fact is
//! sent once, whatever comes of it.

mod answer;
mod session;

pub use answer::{Said, Sent};

use std::time::Duration;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::Value as Json;
use shared::error::Result;
use shared::outbound::{Method, Outcome, Reply};
use shared::tenant::Tenant;
use tokio::time::Instant;

use super::people::{Personnel, Unread};
use super::settings::Settings;
use crate::integrations::connections::client::{Connector, Connectors, Failed, Request};
use crate::integrations::connections::{Config, Connection};
use session::Session;

/// What the calls of a request may take together: API Gateway waits no longer.
const ALTOGETHER: Duration = Duration::from_secs(25);
/// The largest answer that is read, in bytes: some twenty thousand employees.
const LARGEST: usize = 32 * 1024 * 1024;

/// One 1C, for the calls of one request. It is called over one session if its settings say
/// so, and then one call after the other.
pub struct Client {
    connector: Connector,
    config: Config,
    session: Session,
    /// When all calls must have ended.
    until: Instant,
    /// How it is spoken to.
    pub settings: Settings,
}

impl Client {
    /// Opens a connection that was read.
    ///
    /// # Errors
    /// `Conflict` when its credentials were replaced since then.
    pub async fn open(
        connectors: &Connectors,
        tenant: &Tenant,
        connection: &Connection,
    ) -> Result<Self> {
        Self::open_for(connectors, tenant, connection, ALTOGETHER).await
    }

    /// As [`Client::open`], for calls that may take so long from now on, all of them together.
    pub async fn open_for(
        connectors: &Connectors,
        tenant: &Tenant,
        connection: &Connection,
        altogether: Duration,
    ) -> Result<Self> {
        let config = connection.config()?;
        let settings = Settings::of(&config)?;
        let connector = connectors.connect(tenant, connection).await?;
        let (session, until) = (Session::new(settings.keeps_session), Instant::now() + altogether);
        Ok(Self { connector, config, session, until, settings })
    }

    /// Departments and employees as they are now, with the balances of vacation of a period.
    ///
    /// # Errors
    /// `Unavailable` when it does not answer or has no licence free, `RefusedElsewhere`, in its
    /// words, when it refuses or its answer cannot be read; here and below.
    pub async fn agents(&self, start: Date, end: Date) -> Result<Personnel> {
        Personnel::read(&self.told_agents(start, end).await?, &self.settings.zone)
    }

    /// As [`Client::agents`]; employees that cannot be read are told beside the others.
    pub async fn agents_each(&self, start: Date, end: Date) -> Result<(Personnel, Vec<Unread>)> {
        Personnel::read_each(&self.told_agents(start, end).await?, &self.settings.zone)
    }

    async fn told_agents(&self, start: Date, end: Date) -> Result<Json> {
        let path = format!("{}/{start}/{end}", self.path("agents", "/agents"));
        self.read("agents", Request::get(&path)).await
    }

    /// Norms of hours, as answered.
    pub async fn norm_hours(&self, body: Json) -> Result<Json> {
        let path = self.path("getNormHours", "/getNormHours");
        self.read("getNormHours", post(path, body).harmless()).await
    }

    /// Timesheets, as answered.
    pub async fn time_types(&self, body: Json) -> Result<Json> {
        let path = self.path("getTimetypeInfo", "/getTimetypeInfo");
        self.read("getTimetypeInfo", post(path, body).harmless()).await
    }

    /// Has the schedules of an employee made, or replaced by these.
    pub async fn send_schedule(&self, body: Json) -> Result<Said> {
        let path = self.path("sendSchedule", "/sendSchedule");
        let answer = self.read("sendSchedule", post(path, body).harmless()).await?;
        Said::read("sendSchedule", &answer)
    }

    /// Sends what was worked of a shift, once.
    pub async fn send_fact(&self, body: Json) -> Sent {
        let request = post(self.path("sendFactWorkTime", "/sendFactWorkTime"), body).once();
        match self.call(request).await {
            Ok(reply) => Sent::of(&reply),
            Err(Failed::Held(held)) => Sent::NotDone(held.into()),
            Err(Failed::Call(error)) if error.outcome == Outcome::InDoubt => {
                Sent::InDoubt(format!("There was no answer: {error}"))
            }
            Err(failed) => Sent::NotDone(failed.into()),
        }
    }

    fn path<'a>(&'a self, method: &str, usual: &'a str) -> &'a str {
        self.config.path(method, usual)
    }

    /// What a method answers, if it does. A session that is lost is begun anew once.
    async fn read(&self, method: &'static str, request: Request) -> Result<Json> {
        let had_session = self.session.is_open().await;
        let reply = self.call(request.clone()).await?;
        let reply = if had_session && answer::may_have_lost_session(&reply) {
            self.session.drop().await;
            self.call(request).await?
        } else {
            reply
        };
        answer::body(method, &reply)
    }

    async fn call(&self, request: Request) -> Result<Reply, Failed> {
        let request = request.up_to(LARGEST).judged(answer::judge);
        self.session.call(&self.connector, request, self.until).await
    }
}

/// A call that changes nothing, for a test of a connection.
pub fn harmless(config: &Config, today: Date) -> Request {
    let path = config.path("agents", "/agents");
    Request::get(&format!("{path}/{today}/{today}")).up_to(LARGEST).judged(answer::judge)
}

/// Whether an answer to that call says that all is well, and is none of 1C's.
pub fn is_foreign(reply: &Reply) -> bool {
    let people = || answer::body("agents", reply);
    reply.status.is_success()
        && people().and_then(|told| Personnel::read(&told, &TimeZone::UTC)).is_err()
}

fn post(path: &str, body: Json) -> Request {
    Request::new(Method::POST, path).json(body)
}
