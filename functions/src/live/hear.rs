//! Use case: answer what the other end of a socket says.

use shared::error::{Error, Kind, Result};
use shared::push::Reply;
use shared::tenant::Tenant;
use shared::web::Permissions;

use super::Sockets;
use super::connection::{self, Connection};
use super::frame::{self, Asked, Told};
use super::topics::{self, MOST, may_see, names};
use crate::messages::{Message, watch};

/// How often a subscription that others change at the same moment is tried.
const TRIES: usize = 8;
/// The most missed messages that come with a subscription.
const MISSED: usize = 100;

/// Somebody who is connected, and what they may do at this moment.
struct Watcher {
    tenant: Tenant,
    connection: Connection,
    permissions: Permissions,
}

impl Sockets {
    /// Answers a frame; none is a binary one. What is wrong with it is told, and the
    /// socket is closed if it is its end: too many frames, or nobody who may be there.
    pub async fn hear(&self, id: &str, text: Option<&str>) -> Reply {
        match self.answer(id, text).await {
            Ok(frames) => Reply { frames, close: false },
            Err(error) => {
                if let Some(cause) = &error.cause {
                    tracing::error!(cause = %format!("{cause:#}"), "frame not answered");
                }
                let action = text.and_then(frame::action);
                let told = Told::Error { detail: &error.detail, action: action.as_deref() };
                let close = matches!(error.kind, Kind::TooMany | Kind::Unauthorized);
                Reply { frames: vec![told.frame()], close }
            }
        }
    }

    async fn answer(&self, id: &str, text: Option<&str>) -> Result<Vec<String>> {
        self.frames.spend(id, self.frames_most).await?;
        let asked = frame::read(text)?;
        let mut watcher = self.watcher(id).await?;
        match asked {
            Asked::Ping => {
                let seq = self.history.last(&watcher.tenant).await?;
                Ok(vec![Told::Pong { seq }.frame()])
            }
            Asked::Subscribe { topics, after } => {
                topics::check(&topics, &watcher.permissions)?;
                self.change(&mut watcher, |known| joined(known, &topics)).await?;
                self.missed(&watcher, after).await
            }
            Asked::Unsubscribe { topics } => {
                self.change(&mut watcher, |known| without(known, &topics)).await?;
                self.missed(&watcher, None).await
            }
        }
    }

    /// Who is connected so.
    ///
    /// # Errors
    /// `Unauthorized` when nobody is, or nobody who may be any more.
    async fn watcher(&self, id: &str) -> Result<Watcher> {
        let ended = || Error::new(Kind::Unauthorized, "This connection has ended");
        let tenant = connection::owner(&self.messages, id).await?.ok_or_else(ended)?;
        let found = connection::find(&self.messages, &tenant, id).await?;
        let open = found.filter(|found| found.is_open_at(self.clock.now_ms()));
        let connection = open.ok_or_else(ended)?;
        let (standing, named) = (&connection.standing, &connection.permissions);
        let holds = self.standings.permissions(&tenant, standing, named).await?;
        let Some(permissions) = holds else {
            connection::remove(&self.messages, &tenant, id).await?;
            return Err(Error::new(Kind::Unauthorized, "These credentials are not valid any more"));
        };
        Ok(Watcher { tenant, connection, permissions })
    }

    /// Changes what is watched, and has messages written from now on.
    async fn change(
        &self,
        watcher: &mut Watcher,
        change: impl Fn(&[String]) -> Result<Vec<String>>,
    ) -> Result<()> {
        let Watcher { tenant, connection, .. } = watcher;
        for _ in 0..TRIES {
            let topics = change(&connection.topics)?;
            if !topics.is_empty() {
                watch(&self.messages, tenant, connection.expires_at * 1000).await?;
            }
            if topics == connection.topics || connection.watch(&self.messages, topics).await? {
                return Ok(());
            }
            let now = connection::find(&self.messages, tenant, &connection.sk).await?;
            *connection = now.ok_or_else(|| Error::bug("a connection ended meanwhile"))?;
        }
        Err(Error::unavailable(anyhow::anyhow!("too many subscriptions at once")))
    }

    /// What came behind this number, and what is watched now.
    async fn missed(&self, watcher: &Watcher, after: Option<i64>) -> Result<Vec<String>> {
        let Watcher { tenant, connection, permissions } = watcher;
        let (mut frames, topics) = (Vec::new(), &connection.topics);
        let seq = match after {
            None => self.history.last(tenant).await?,
            Some(after) => {
                let sees = |message: &Message| {
                    let of = message.kind();
                    of.is_some_and(|of| names(topics, of) && may_see(of, permissions))
                };
                let missed = self.history.after(tenant, after, MISSED, sees).await?;
                for message in &missed.messages {
                    frames.push(Told::event(message)?);
                }
                missed.last
            }
        };
        frames.push(Told::Subscribed { topics, seq }.frame());
        Ok(frames)
    }
}

/// These patterns and those, each once.
fn joined(known: &[String], more: &[String]) -> Result<Vec<String>> {
    let mut topics = known.to_vec();
    for topic in more {
        if !topics.contains(topic) {
            topics.push(topic.clone());
        }
    }
    if topics.len() > MOST {
        return Err(Error::invalid("topics", format!("of a connection are {MOST} at most")));
    }
    Ok(topics)
}

/// These patterns without those.
fn without(known: &[String], less: &[String]) -> Result<Vec<String>> {
    Ok(known.iter().filter(|topic| !less.contains(topic)).cloned().collect())
}
