//! Use case: tell everybody who watches of a message. Nothing of it is tried again but
//! what was not begun: who misses a message sees the gap in the numbers and reads it.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::iter;
use shared::clock::Clock;
use shared::env::Env;
use shared::error::Result;
use shared::push::{Push, Pushed};
use shared::queue::Hint;
use shared::table::{Read, Table};
use shared::tenant::Tenant;

use super::connection::{self, Connection};
use super::frame::Told;
use super::topics::{may_see, names};
use crate::access::Standings;
use crate::messages::Message;
use crate::messages::catalogue::EventType;

/// Sockets that are sent to side by side.
const AT_ONCE: usize = 32;

/// The use case.
pub struct Fanout {
    messages: Table,
    standings: Standings,
    push: Arc<dyn Push>,
    clock: Clock,
}

impl Fanout {
    /// Needs the tables `messages` and `control`, and to reach sockets at `PUSH_URL`.
    pub fn load(env: &Env) -> Result<Self> {
        Ok(Self {
            messages: env.table("MESSAGES_TABLE")?,
            standings: Standings::load(env)?,
            push: env.push("PUSH_URL")?,
            clock: env.clock(),
        })
    }

    /// Tells of the message that is hinted at.
    ///
    /// # Errors
    /// Before anybody was told.
    pub async fn deliver(&self, hint: Hint) -> Result<()> {
        let Some(tenant) = Tenant::of_pk(&hint.key.pk) else {
            tracing::error!("a hint at nobody's message was dropped");
            return Ok(());
        };
        let message: Option<Message> = self.messages.get(&hint.key, Read::Consistent).await?;
        let Some(message) = message else { return Ok(()) };
        let Some(of) = message.kind() else { return Ok(()) };
        let (now, frame) = (self.clock.now_ms(), Bytes::from(Told::event(&message)?));
        let connections = connection::all(&self.messages, &tenant).await?.into_iter();
        let watching = connections.filter(|c| c.is_open_at(now) && names(&c.topics, of));
        let told = watching.map(|connection| self.tell(&tenant, connection, of, frame.clone()));
        let told: Vec<Result<()>> = iter(told).buffer_unordered(AT_ONCE).collect().await;
        for error in told.into_iter().filter_map(Result::err) {
            tracing::warn!(%error, seq = message.seq, "somebody who watches was not told");
        }
        Ok(())
    }

    /// Tells one connection, if its caller may see it at this moment.
    async fn tell(
        &self,
        tenant: &Tenant,
        connection: Connection,
        of: EventType,
        frame: Bytes,
    ) -> Result<()> {
        let (id, named) = (&connection.sk, &connection.permissions);
        let holds = self.standings.permissions(tenant, &connection.standing, named).await?;
        let Some(permissions) = holds else {
            self.push.close(id).await?;
            return connection::remove(&self.messages, tenant, id).await;
        };
        if !may_see(of, &permissions) {
            return Ok(());
        }
        match self.push.send(id, frame).await? {
            Pushed::Sent => Ok(()),
            Pushed::Gone => connection::remove(&self.messages, tenant, id).await,
            missed @ (Pushed::Slow | Pushed::TooLarge) => {
                tracing::debug!(?missed, connection = %id, "a message was left out");
                Ok(())
            }
        }
    }
}
