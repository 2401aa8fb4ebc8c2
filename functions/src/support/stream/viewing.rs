//! Use case: watch a ticket. What a viewer missed is read from where they were, and then
//! again and again what is new, until the ticket ends, or it is time to come back.

use std::time::Duration;

use bytes::Bytes;
use futures_util::Stream;
use futures_util::stream::unfold;
use shared::env::Env;
use shared::error::Result;
use shared::web::Caller;
use tokio::time::Instant;

use super::frames;
use super::seats::{Seat, Seats};
use crate::access::Standings;
use crate::support::people::sees;
use crate::support::tickets::{TicketEvent, TicketLog, unknown_ticket};

/// How often the store is looked into, in milliseconds, if nobody says otherwise.
const POLL_MS: u64 = 1000;
/// How long one stream lasts, in seconds: API Gateway ends it after 15 minutes.
const LASTS: u64 = 300;
/// How often a viewer is told that the connection is whole: API Gateway ends an idle one
/// after 30 s on its edge, and proxies after a minute.
const BEAT: Duration = Duration::from_secs(15);
/// How many may watch a tenant's tickets at a time.
const SEATS: usize = 50;

/// The use case. Cheap to clone.
#[derive(Clone)]
pub struct Streams {
    log: TicketLog,
    standings: Standings,
    seats: Seats,
    poll: Duration,
    lasts: Duration,
}

/// One viewer's connection.
struct Viewing {
    log: TicketLog,
    standings: Standings,
    by: Caller,
    ticket_id: String,
    /// The number of the last event that was told.
    after: i64,
    seat: Option<Seat>,
    poll: Duration,
    ends_at: Instant,
    beats_at: Instant,
}

impl Streams {
    /// Needs the tables `tickets` and `control`. The variables `STREAM_POLL_MS`, `STREAM_SECONDS` and
    /// `STREAM_SEATS` may say how often it is looked into, how long a stream lasts and how
    /// many a tenant has at a time.
    pub fn load(env: &Env) -> Result<Self> {
        let log = TicketLog::load(env)?;
        let most = env.within("STREAM_SEATS", SEATS, 1..=1000)?;
        Ok(Self {
            seats: Seats::new(log.table.clone(), env.clock(), most),
            log,
            standings: Standings::load(env)?,
            poll: Duration::from_millis(env.within("STREAM_POLL_MS", POLL_MS, 10..=60_000)?),
            lasts: Duration::from_secs(env.within("STREAM_SECONDS", LASTS, 1..=900)?),
        })
    }

    /// What happened to a ticket behind this number, and what happens. None when nothing is to
    /// come any more.
    ///
    /// # Errors
    /// `NotFound`; `Unavailable` when too many watch.
    pub(super) async fn watch(
        &self,
        by: &Caller,
        id: &str,
        after: i64,
    ) -> Result<Option<impl Stream<Item = Result<Bytes>> + use<>>> {
        let ticket = self.log.find(&by.tenant, id).await?;
        if !sees(by, &ticket) {
            return Err(unknown_ticket());
        }
        if ticket.status.is_terminal() && after >= ticket.seq {
            return Ok(None);
        }
        let seat = self.seats.take(&by.tenant).await?;
        let now = Instant::now();
        let viewing = Viewing {
            log: self.log.clone(),
            standings: self.standings.clone(),
            by: by.clone(),
            ticket_id: id.to_owned(),
            after: after.min(ticket.seq),
            seat: Some(seat),
            poll: self.poll,
            ends_at: now + self.lasts,
            beats_at: now + BEAT,
        };
        let first = frames::connected(id);
        let rest = unfold(viewing, Viewing::next);
        Ok(Some(futures_util::StreamExt::chain(
            futures_util::stream::once(async { Ok(first) }),
            rest,
        )))
    }
}

impl Viewing {
    /// What is told next; none at the end.
    async fn next(mut self) -> Option<(Result<Bytes>, Self)> {
        self.seat.as_ref()?;
        match self.wait().await {
            Ok(Some(frame)) => Some((Ok(frame), self)),
            Ok(None) => None,
            // What was told so far holds; the viewer comes back for the rest.
            Err(error) => {
                tracing::error!(%error, "a stream broke off");
                self.leave().await;
                None
            }
        }
    }

    async fn wait(&mut self) -> Result<Option<Bytes>> {
        loop {
            let events = self.log.events(&self.by.tenant, &self.ticket_id, self.after).await?;
            if let Some(last) = events.last() {
                self.after = last.seq;
                if last.is_last {
                    self.leave().await;
                }
                return told(&events).map(Some);
            }
            let now = Instant::now();
            if now >= self.ends_at {
                self.leave().await;
                return Ok(None);
            }
            if now >= self.beats_at {
                self.beats_at = now + BEAT;
                if !self.may_stay().await? {
                    self.leave().await;
                    return Ok(None);
                }
                return Ok(Some(frames::keepalive(self.log.clock.now_ms())));
            }
            tokio::time::sleep(self.poll).await;
        }
    }

    /// Whether the viewer would be let in now, and still has a seat.
    async fn may_stay(&mut self) -> Result<bool> {
        let named: Vec<String> =
            self.by.permissions.names().into_iter().map(str::to_owned).collect();
        let held = self.standings.permissions(&self.by.tenant, &self.by.standing, &named).await?;
        let Some(permissions) = held else { return Ok(false) };
        self.by.permissions = permissions;
        let ticket = self.log.find(&self.by.tenant, &self.ticket_id).await?;
        match &self.seat {
            Some(seat) => Ok(sees(&self.by, &ticket) && seat.renew().await?),
            None => Ok(false),
        }
    }

    async fn leave(&mut self) {
        if let Some(seat) = self.seat.take() {
            seat.leave().await;
        }
    }
}

impl Drop for Viewing {
    /// A viewer who goes away leaves the seat at once.
    fn drop(&mut self) {
        if let (Some(seat), Ok(runtime)) = (self.seat.take(), tokio::runtime::Handle::try_current())
        {
            runtime.spawn(seat.leave());
        }
    }
}

fn told(events: &[TicketEvent]) -> Result<Bytes> {
    let frames: Vec<String> = events
        .iter()
        .map(|event| Ok(frames::event(event.seq, &event.shown()?)))
        .collect::<Result<_>>()?;
    Ok(Bytes::from(frames.concat()))
}
