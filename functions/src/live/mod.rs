//! Live events: whoever may see a tenant's messages watches them over a socket.
//!
//! A ticket or a credential opens a socket, whose *connection* is a row of the tenant.
//! Frames subscribe it to patterns of the catalogue. Each message that is emitted while
//! somebody watches is fanned out to the connections that it is for. Nothing is promised
//! of a frame on its way: messages have numbers, and whoever misses one reads it. The
//! frames are in `frame`.

pub mod api;
mod connect;
mod connection;
mod fanout;
mod frame;
mod hear;
mod history;
mod ticket;
mod topics;

pub use connect::Sockets;
pub use fanout::Fanout;
pub use history::History;
pub use ticket::Tickets;

use shared::env::Env;
use shared::error::Result;

/// The use cases of callers by HTTP: tickets, and messages to read again.
#[derive(Clone)]
pub struct Live {
    tickets: Tickets,
    history: History,
    /// Where sockets are opened, when it is not this process that serves them.
    url: Option<String>,
}

impl Live {
    /// Needs the tables `messages`, `control` and `audit`. `LIVE_URL` is where sockets are
    /// opened, when this process does not serve them itself.
    pub fn load(env: &Env) -> Result<Self> {
        let url = env.optional("LIVE_URL").map(str::to_owned);
        Ok(Self { tickets: Tickets::load(env)?, history: History::load(env)?, url })
    }
}
