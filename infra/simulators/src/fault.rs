//! Misbehaviour on demand: the next calls that match are delayed, refused, cut
//! off before anything happened, or cut off after everything did.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::response::Parts;
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use tokio::sync::oneshot;

/// One kind of misbehaviour.
#[derive(Clone, Debug)]
pub enum Fault {
    /// Happens and answers after this time, even if the caller has gone.
    Delay(Duration),
    /// Answers this status and body; nothing happens.
    Answer(StatusCode, String),
    /// As `Answer`, with a `Retry-After` of so many seconds.
    Busy(StatusCode, u64),
    /// Sends the caller elsewhere; nothing happens.
    Redirect(String),
    /// Answers that it happened, which it did not, with a body that never ends.
    Stall,
    /// Says that the call is here, then does what another fault does once it is told to.
    Held(Arc<Mutex<Option<Hold>>>, Box<Fault>),
    /// Cuts the connection; nothing happens.
    Cut,
    /// Cuts the connection after it happened.
    DoneThenCut,
}

impl Fault {
    /// A fault that comes when it is told to, who is told that the call is there, and who
    /// tells it to go on.
    pub fn held(fault: Self) -> (Self, oneshot::Receiver<()>, oneshot::Sender<()>) {
        let ((reached, is_there), (go_on, answer)) = (oneshot::channel(), oneshot::channel());
        let hold = Arc::new(Mutex::new(Some(Hold { reached, answer })));
        (Self::Held(hold, Box::new(fault)), is_there, go_on)
    }
}

/// The two ends that a held call has.
#[derive(Debug)]
pub struct Hold {
    reached: oneshot::Sender<()>,
    answer: oneshot::Receiver<()>,
}

/// The faults that are to come. Cheap to clone.
#[derive(Clone, Default)]
pub struct Faults(Arc<Mutex<Vec<Planned>>>);

struct Planned {
    method: &'static str,
    path: &'static str,
    times: usize,
    fault: Fault,
}

impl Faults {
    /// Misbehaves at the next `times` calls of this method whose path ends so.
    pub fn plan(&self, method: &'static str, path: &'static str, times: usize, fault: Fault) {
        self.planned().push(Planned { method, path, times, fault });
    }

    /// Misbehaves at the next such call when it is told to; first it tells that the call
    /// is there.
    pub fn plan_held(
        &self,
        method: &'static str,
        path: &'static str,
        fault: Fault,
    ) -> (oneshot::Receiver<()>, oneshot::Sender<()>) {
        let (held, is_there, go_on) = Fault::held(fault);
        self.plan(method, path, 1, held);
        (is_there, go_on)
    }

    /// Behaves well again.
    pub fn clear(&self) {
        self.planned().clear();
    }

    fn take(&self, request: &Request) -> Option<Fault> {
        let mut planned = self.planned();
        let due = planned.iter_mut().find(|planned| {
            planned.times > 0
                && request.method().as_str() == planned.method
                && request.uri().path().ends_with(planned.path)
        })?;
        due.times -= 1;
        Some(due.fault.clone())
    }

    fn planned(&self) -> std::sync::MutexGuard<'_, Vec<Planned>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The middleware that carries faults out.
pub(crate) async fn misbehave(
    State(faults): State<Faults>,
    request: Request,
    next: Next,
) -> Response {
    let fault = faults.take(&request);
    carry_out(fault, request, next).await
}

/// Answers a call that goes wrong so, if it does.
pub(crate) async fn carry_out(mut fault: Option<Fault>, request: Request, next: Next) -> Response {
    if let Some(Fault::Held(hold, then)) = fault {
        let hold = hold.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(Hold { reached, answer }) = hold {
            let _ = reached.send(());
            let _ = answer.await;
        }
        fault = Some(*then);
    }
    match fault {
        // It is held once.
        Some(Fault::Held(..)) | None => next.run(request).await,
        Some(Fault::Delay(time)) => {
            // It goes on even when nobody waits for its answer any more.
            let late = tokio::spawn(async move {
                tokio::time::sleep(time).await;
                next.run(request).await
            });
            late.await.unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())
        }
        Some(Fault::Answer(status, body)) => (status, body).into_response(),
        Some(Fault::Busy(status, seconds)) => {
            (status, [("retry-after", seconds.to_string())]).into_response()
        }
        Some(Fault::Redirect(to)) => (StatusCode::FOUND, [("location", to)]).into_response(),
        Some(Fault::Stall) => {
            let endless = stream::pending::<Result<Bytes, std::io::Error>>();
            Response::new(Body::from_stream(endless))
        }
        Some(Fault::Cut) => cut(),
        Some(Fault::DoneThenCut) => {
            next.run(request).await;
            cut()
        }
    }
}

/// An answer of which only the first half arrives.
pub(crate) async fn broken_off(response: Response) -> Response {
    let (parts, body) = response.into_parts();
    let whole = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let half = whole.slice(..whole.len() / 2);
    let end = async {
        // The half is written while the end is waited for.
        tokio::task::yield_now().await;
        Err(std::io::Error::other("broken off in its middle"))
    };
    let pieces = stream::once(async { Ok(half) }).chain(stream::once(end));
    Response::from_parts(without_length(parts), Body::from_stream(pieces))
}

fn without_length(mut parts: Parts) -> Parts {
    parts.headers.remove(header::CONTENT_LENGTH);
    parts
}

/// An answer that breaks off: the server drops the connection at the first byte
/// of a body that fails.
fn cut() -> Response {
    let broken = std::io::Error::other("cut by a planned fault");
    let stream = stream::once(async { Err::<Bytes, _>(broken) });
    Response::new(Body::from_stream(stream))
}
