//! Use cases: let somebody open a socket, and forget one that ended.

use std::sync::Arc;

use axum::http::request::Parts;
use serde_json::json;
use shared::audit::Trail;
use shared::clock::Clock;
use shared::env::Env;
use shared::error::{Error, Kind, Result};
use shared::ids;
use shared::limit::Limiter;
use shared::table::{Table, Written};
use shared::web::{Admission, Browsers, Caller, CorrelationId, Gatekeeper, Guard, percent_decode};

use super::connection::{self, Connection};
use super::history::History;
use super::ticket::{Tickets, spent};
use crate::access::{Standings, gatekeeper};

/// The use cases of sockets. Cheap to clone.
#[derive(Clone)]
pub struct Sockets {
    pub(super) messages: Table,
    pub(super) history: History,
    pub(super) standings: Standings,
    pub(super) frames: Limiter,
    pub(super) frames_most: u32,
    pub(super) clock: Clock,
    tickets: Tickets,
    gatekeeper: Arc<dyn Gatekeeper>,
    browsers: Browsers,
    trail: Trail,
}

impl Sockets {
    /// Needs the tables `messages`, `control` and `audit`. `LIVE_FRAMES_PER_MINUTE` is
    /// how many frames one connection may send: 120.
    pub fn load(env: &Env) -> Result<Self> {
        Self::behind(env, gatekeeper(env)?)
    }

    /// The same behind a gatekeeper that stands elsewhere too.
    pub fn behind(env: &Env, gatekeeper: Arc<dyn Gatekeeper>) -> Result<Self> {
        let control = env.table("CONTROL_TABLE")?;
        Ok(Self {
            messages: env.table("MESSAGES_TABLE")?,
            history: History::load(env)?,
            standings: Standings::load(env)?,
            frames: Limiter::new("live-frames", control, env.clock()),
            frames_most: env.parsed("LIVE_FRAMES_PER_MINUTE", 120)?,
            clock: env.clock(),
            tickets: Tickets::load(env)?,
            gatekeeper,
            browsers: Browsers::load(env)?,
            trail: Trail::load(env)?,
        })
    }

    /// Lets the sender of this request open a socket: by `?ticket=`, or by the headers
    /// of an API key or token.
    ///
    /// # Errors
    /// `Unauthorized`; `Forbidden` for a page of an origin that may not call.
    pub async fn connect(&self, id: &str, request: &Parts) -> Result<()> {
        if !self.browsers.may_open(&request.headers) {
            return Err(Error::new(Kind::Forbidden, "Pages of this origin may not connect"));
        }
        let (caller, ticket) = match ticket_in(request.uri.query()) {
            Some(text) => {
                let (caller, spend) = self.tickets.present(&text).await?;
                (caller, Some(spend))
            }
            None => (self.admit(request).await?, None),
        };
        let connection = Connection::new(id, &caller, self.clock.now_ms());
        let (standing, named) = (&connection.standing, &connection.permissions);
        if self.standings.permissions(&caller.tenant, standing, named).await?.is_none() {
            return Err(Error::new(Kind::Unauthorized, "These credentials are not valid"));
        }
        let by_ticket = ticket.is_some();
        let details = json!({ "by": if by_ticket { "ticket" } else { "credential" } });
        let subject = format!("live-connection:{id}");
        let mut writes: Vec<_> = ticket.into_iter().collect();
        writes.extend(connection.create(&self.messages, &caller.tenant)?);
        writes.push(self.trail.entry(&caller, "live.connect", subject, &details)?);
        match self.messages.transact(&ids::time_ordered(), writes).await? {
            Written::Done => Ok(()),
            // Somebody else spent it at the same moment.
            Written::Refused(refusals) if by_ticket && refusals.iter().any(|r| r.at == 0) => {
                Err(spent())
            }
            Written::Refused(_) => Err(Error::bug("a connection's id was given twice")),
        }
    }

    /// Whose credential the headers hold. It counts as a request.
    async fn admit(&self, request: &Parts) -> Result<Caller> {
        let guard = Guard::KNOWN;
        let Admission::Admitted(mut caller) = self.gatekeeper.admit(request, guard, None).await?
        else {
            return Err(Error::bug("nobody signs the request for a socket"));
        };
        self.gatekeeper.count(&caller, guard, "GET /live").await?;
        self.gatekeeper.settle(false).await;
        let corr = request.extensions.get::<CorrelationId>().map(|corr| corr.id.clone());
        caller.corr = corr.unwrap_or_else(ids::time_ordered);
        Ok(caller)
    }

    /// Forgets a connection that ended.
    pub async fn disconnect(&self, id: &str) -> Result<()> {
        match connection::owner(&self.messages, id).await? {
            Some(tenant) => connection::remove(&self.messages, &tenant, id).await,
            None => Ok(()),
        }
    }
}

/// The ticket in a query.
fn ticket_in(query: Option<&str>) -> Option<String> {
    query?.split('&').find_map(|pair| pair.strip_prefix("ticket=")).map(percent_decode)
}
