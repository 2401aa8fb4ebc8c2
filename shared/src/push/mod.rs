//! The port to open sockets: sends a frame to one, closes one. Over API Gateway's
//! management of connections here; a local process has its own.

mod gateway;

use bytes::Bytes;

pub use gateway::Gateway;

use crate::boxed::Boxed;
use crate::error::Result;

/// What became of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pushed {
    /// It is on its way.
    Sent,
    /// There is no such socket any more.
    Gone,
    /// The other end takes no more at the moment; the frame was dropped.
    Slow,
    /// No socket takes a frame as large as this.
    TooLarge,
}

/// What the other end of a socket is answered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reply {
    /// Text frames, in order.
    pub frames: Vec<String>,
    /// Whether the socket is closed after them.
    pub close: bool,
}

/// Where open sockets are reached.
pub trait Push: Send + Sync {
    /// Sends a frame, which is text in UTF-8, to the socket of this connection.
    ///
    /// # Errors
    /// `Unavailable` when it is not known what became of it.
    fn send<'a>(&'a self, connection: &'a str, frame: Bytes) -> Boxed<'a, Result<Pushed>>;

    /// Closes the socket of this connection; one that is gone is no failure.
    ///
    /// # Errors
    /// `Unavailable` when it may still be open.
    fn close<'a>(&'a self, connection: &'a str) -> Boxed<'a, Result<()>>;
}
