//! The way to Pega: its DX API in both versions, over the client of connections, which
//! signs in, keeps tokens, and limits how many calls one host gets.

mod environments;
mod manner;
mod operations;
mod own;
mod place;
mod probe;
mod refusal;
mod settings;
mod v1;
mod v2;

use std::sync::Arc;
use std::time::Duration;

use shared::outbound::{Class, Reply, StatusCode};
use tokio::time::Instant;

pub use environments::Environments;
pub use manner::{Manner, Notes};
pub use operations::{NewCase, Taken};
pub use probe::Probed;
pub use refusal::{Meaning, Trouble};

use self::own::Own;
use crate::integrations::connections::client::{Connector, Failed, Request};

/// What the installation's own Pega is called among environments.
pub const OWN: &str = "installation";
/// What calls may take together when nothing else is said.
const USUAL: Duration = Duration::from_secs(40);

/// The way to one Pega.
pub struct Pega {
    /// Which one: the id of its connection, or [`OWN`].
    pub environment: String,
    manner: Manner,
    connector: Connector,
    /// Where its credentials are renewed, and the mark of those it has.
    own: Option<(Arc<Own>, String)>,
    until: Instant,
}

impl Pega {
    fn over(environment: String, manner: Manner, connector: Connector) -> Self {
        Self { environment, manner, connector, own: None, until: Instant::now() + USUAL }
    }

    /// Gives all calls from now on this time together.
    #[must_use]
    pub fn within(self, time: Duration) -> Self {
        Self { until: Instant::now() + time, ..self }
    }

    /// How much of its time is left.
    pub fn left(&self) -> Duration {
        self.until.saturating_duration_since(Instant::now())
    }

    /// Makes a call, and once more if other credentials took the place of those that Pega
    /// refused; that says that nothing was done. Answers what was answered, whatever its
    /// status.
    async fn call(&self, request: Request) -> Result<Reply, Trouble> {
        let request = self.manner.dressed(request);
        let first = self.connector.call_within(request.clone(), self.left()).await;
        let Some((own, mark)) = self.own.as_ref().filter(|_| is_refused(&first)) else {
            return first.map_err(Trouble::from);
        };
        let renewed = own.renewed(mark).await.map_err(|error| {
            let reason = format!("no credentials for Pega: {}", error.detail);
            Trouble::passing(Meaning::Unreachable, reason)
        })?;
        match renewed {
            Some(renewed) => Ok(renewed.call_within(request, self.left()).await?),
            None => first.map_err(Trouble::from),
        }
    }
}

/// Whether Pega, or the endpoint that it gets its tokens from, refused the credentials.
fn is_refused(answered: &Result<Reply, Failed>) -> bool {
    match answered {
        Ok(reply) => reply.status == StatusCode::UNAUTHORIZED,
        Err(Failed::Call(error)) => error.class == Class::Answer,
        Err(Failed::Held(_)) => false,
    }
}
