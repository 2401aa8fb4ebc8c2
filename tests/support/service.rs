//! The routes without a socket, for tests in which time stands still.

use std::sync::Mutex;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use functions::access::{at_the_machine, gatekeeper};
use serde_json::Value;
use shared::boxed::Boxed;
use shared::clock::{Clock, millis};
use shared::env::Env;
use shared::error::Result;
use shared::queue::{Hint, Queue};
use shared::tenant::Tenant;
use shared::web::{Browsers, Routes, finish};
use tower::ServiceExt;

use super::Answer;

/// A queue that loses everything.
pub struct Nowhere;

impl Queue for Nowhere {
    fn send(&self, _: Vec<Hint>, _: Duration) -> Boxed<'_, Result<()>> {
        Box::pin(async { Ok(()) })
    }
}

/// A queue that keeps what is to be worked on at once; what has time is the sweeper's.
#[derive(Default)]
pub struct Collected(Mutex<Vec<Hint>>);

impl Collected {
    /// What came since it was last asked.
    pub fn take(&self) -> Vec<Hint> {
        std::mem::take(&mut self.0.lock().expect("no panic"))
    }
}

impl Queue for Collected {
    fn send(&self, hints: Vec<Hint>, delay: Duration) -> Boxed<'_, Result<()>> {
        if delay.is_zero() {
            self.0.lock().expect("no panic").extend(hints);
        }
        Box::pin(async { Ok(()) })
    }
}

/// A queue that hands each hint out when its time has come, by this clock.
pub struct Timed {
    clock: Clock,
    waiting: Mutex<Vec<(i64, Hint)>>,
}

impl Timed {
    /// In the time of this clock.
    pub fn by(clock: Clock) -> Self {
        Self { clock, waiting: Mutex::default() }
    }

    /// The hints whose time has come.
    pub fn take(&self) -> Vec<Hint> {
        let now = self.clock.now_ms();
        let mut waiting = self.waiting.lock().expect("no panic");
        let (due, later) = std::mem::take(&mut *waiting).into_iter().partition(|one| one.0 <= now);
        *waiting = later;
        let due: Vec<(i64, Hint)> = due;
        due.into_iter().map(|(_, hint)| hint).collect()
    }
}

impl Queue for Timed {
    fn send(&self, hints: Vec<Hint>, delay: Duration) -> Boxed<'_, Result<()>> {
        let at = self.clock.now_ms() + millis(delay);
        let hints = hints.into_iter().map(|hint| (at, hint));
        self.waiting.lock().expect("no panic").extend(hints);
        Box::pin(async { Ok(()) })
    }
}

/// Routes that can be called.
pub struct Service(Router);

impl Service {
    /// Routes that take everybody for the operator, acting for the tenant `default`.
    pub fn of(env: &Env, routes: Routes) -> Self {
        let tenant = Tenant::parse("default").expect("a name");
        let gatekeeper = at_the_machine(env, &tenant).expect("a gatekeeper");
        Self(finish(routes, gatekeeper, &Browsers::default()))
    }

    /// Routes behind the gatekeeper that the functions have.
    pub fn guarded(env: &Env, routes: Routes) -> Self {
        let gatekeeper = gatekeeper(env).expect("a gatekeeper");
        Self(finish(routes, gatekeeper, &Browsers::default()))
    }

    /// The routes, for a socket or a body that is read as it comes.
    pub fn router(&self) -> Router {
        self.0.clone()
    }

    /// Status and JSON of the answer.
    pub async fn call(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: String,
    ) -> (u16, Value) {
        let answer = self.ask(method, path, headers, body).await;
        (answer.status, answer.json)
    }

    /// The whole answer.
    pub async fn ask(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: String,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::from(body)).expect("a request");
        let response = self.0.clone().oneshot(request).await.expect("an answer");
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, usize::MAX).await.expect("a body");
        Answer {
            status: parts.status.as_u16(),
            headers: parts.headers,
            json: serde_json::from_slice(&bytes).unwrap_or_default(),
            text: String::from_utf8_lossy(&bytes).into_owned(),
        }
    }
}
