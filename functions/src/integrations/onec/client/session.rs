//! Sessions of 1C: each call begins one and ends it, unless the calls of a request share
//! one. Source: the platform's header `IBSession` and its cookie `ibsession`. One that is not
//! used ends by itself after a time that the publication says.

use shared::outbound::Reply;
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::integrations::connections::client::{Connector, Failed, Request};

/// The session of one request's calls.
pub struct Session {
    /// None when each call has its own. It is held during a call: a session does one thing
    /// at a time.
    shared: Option<Mutex<Option<String>>>,
}

impl Session {
    /// One that is shared, or none.
    pub fn new(is_shared: bool) -> Self {
        Self { shared: is_shared.then(Mutex::default) }
    }

    /// Whether one was begun.
    pub async fn is_open(&self) -> bool {
        match &self.shared {
            Some(cookie) => cookie.lock().await.is_some(),
            None => false,
        }
    }

    /// Forgets the one that was begun.
    pub async fn drop(&self) {
        if let Some(cookie) = &self.shared {
            *cookie.lock().await = None;
        }
    }

    /// Makes a call in it that ends by then, and begins it if need be.
    pub async fn call(
        &self,
        over: &Connector,
        request: Request,
        until: Instant,
    ) -> Result<Reply, Failed> {
        let left = || until.saturating_duration_since(Instant::now());
        let Some(cookie) = &self.shared else { return over.call_within(request, left()).await };
        let mut cookie = cookie.lock().await;
        let request = match cookie.as_deref() {
            Some(id) => request.header("cookie", &format!("ibsession={id}")),
            None => request.header("ibsession", "start"),
        };
        let reply = over.call_within(request, left()).await?;
        if let Some(id) = begun(&reply) {
            *cookie = Some(id);
        }
        Ok(reply)
    }
}

/// The id of the session that an answer says was begun.
fn begun(reply: &Reply) -> Option<String> {
    let cookies = reply.headers.get_all("set-cookie").into_iter();
    let cookies = cookies.filter_map(|cookie| cookie.to_str().ok());
    let id =
        cookies.filter_map(|cookie| cookie.split(';').next()?.trim().strip_prefix("ibsession="));
    id.filter(|id| !id.is_empty()).map(str::to_owned).next_back()
}
