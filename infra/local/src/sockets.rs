//! Open sockets: `/live` on the process's own port. What is said over one is answered by
//! the use cases that answer it on AWS; here is only what API Gateway does there: frames
//! in and out, how long a socket may be open, and its end. A frame leaves when what it
//! tells of is on the disk.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, WebSocketUpgrade, close_code};
use axum::extract::{FromRequestParts, Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bytes::Bytes;
use functions::live::Sockets;
use shared::boxed::Boxed;
use shared::env::Env;
use shared::error::{Error, Kind, Result};
use shared::ids;
use shared::push::{Push, Pushed};
use shared::web::Gatekeeper;
use tokio::sync::{RwLock, mpsc, watch};
use tokio::time::{Instant, sleep, sleep_until, timeout};

use crate::embedded::Disk;

/// Frames that may wait for one socket; those beyond are dropped.
const WAITING: usize = 64;
/// The largest message that is read at all, in bytes: API Gateway's.
const LARGEST: usize = 128 * 1024;
/// How long a socket may be open.
const LONGEST: Duration = Duration::from_secs(2 * 3600);
/// How long a frame may take to leave, and a socket to be closed.
const SENT_WITHIN: Duration = Duration::from_secs(30);
const CLOSED_WITHIN: Duration = Duration::from_secs(1);

/// The sockets that are open, by their connections.
#[derive(Default)]
pub(crate) struct Open {
    outgoing: Mutex<HashMap<String, mpsc::Sender<Bytes>>>,
    /// Each socket that is open holds it for reading.
    running: Arc<RwLock<()>>,
}

impl Open {
    fn outgoing(&self) -> MutexGuard<'_, HashMap<String, mpsc::Sender<Bytes>>> {
        self.outgoing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns when no socket is open.
    pub async fn closed(&self) {
        drop(self.running.write().await);
    }
}

impl Push for Open {
    fn send<'a>(&'a self, connection: &'a str, frame: Bytes) -> Boxed<'a, Result<Pushed>> {
        let outgoing = self.outgoing();
        let pushed = outgoing.get(connection).map(|outgoing| outgoing.try_send(frame));
        let pushed = match pushed {
            Some(Ok(())) => Pushed::Sent,
            Some(Err(mpsc::error::TrySendError::Full(_))) => Pushed::Slow,
            None | Some(Err(mpsc::error::TrySendError::Closed(_))) => Pushed::Gone,
        };
        Box::pin(async move { Ok(pushed) })
    }

    fn close<'a>(&'a self, connection: &'a str) -> Boxed<'a, Result<()>> {
        // The end of its frames is its end.
        self.outgoing().remove(connection);
        Box::pin(async { Ok(()) })
    }
}

/// What serves sockets.
#[derive(Clone)]
struct Server {
    sockets: Sockets,
    open: Arc<Open>,
    disk: Option<Disk>,
    idle: Duration,
    stopped: watch::Receiver<bool>,
}

/// `/live`. `LIVE_IDLE_SECONDS` is how long nothing may pass over a socket: 600.
pub(crate) fn router(
    env: &Env,
    gatekeeper: Arc<dyn Gatekeeper>,
    open: Arc<Open>,
    disk: Option<Disk>,
    stopped: watch::Receiver<bool>,
) -> Result<Router> {
    let sockets = Sockets::behind(env, gatekeeper)?;
    let idle = Duration::from_secs_f64(env.parsed("LIVE_IDLE_SECONDS", 600.0)?);
    let not_allowed = async || Error::new(Kind::MethodNotAllowed, "Method Not Allowed");
    let route = get(open_socket).fallback(not_allowed);
    let server = Server { sockets, open, disk, idle, stopped };
    Ok(Router::new().route("/live", route).with_state(server))
}

async fn open_socket(State(server): State<Server>, request: Request) -> Response {
    let (mut parts, _) = request.into_parts();
    let Ok(upgrade) = WebSocketUpgrade::from_request_parts(&mut parts, &()).await else {
        return Error::malformed("Nothing but a WebSocket is opened here").into_response();
    };
    let id = ids::unique();
    if let Err(error) = server.sockets.connect(&id, &parts).await {
        return error.into_response();
    }
    let upgrade = upgrade.max_message_size(LARGEST).max_frame_size(LARGEST);
    upgrade.on_upgrade(async move |socket| server.serve(&id, socket).await)
}

impl Server {
    /// Serves a socket to its end.
    async fn serve(mut self, id: &str, mut socket: WebSocket) {
        let _running = self.open.running.clone().read_owned().await;
        let (sender, outgoing) = mpsc::channel(WAITING);
        self.open.outgoing().insert(id.to_owned(), sender);
        let code = self.talk(id, &mut socket, outgoing).await;
        self.open.outgoing().remove(id);
        let frame = CloseFrame { code, reason: Utf8Bytes::default() };
        // Whoever does not take its end has it all the same.
        let _ = timeout(CLOSED_WITHIN, socket.send(Message::Close(Some(frame)))).await;
        if let Err(error) = self.sockets.disconnect(id).await {
            tracing::warn!(%error, "a connection that ended is not forgotten yet");
        }
    }

    /// Passes frames both ways until the socket is to end; with what code.
    async fn talk(
        &mut self,
        id: &str,
        socket: &mut WebSocket,
        mut outgoing: mpsc::Receiver<Bytes>,
    ) -> u16 {
        let end = Instant::now() + LONGEST;
        loop {
            let mut stopped = self.stopped.clone();
            let heard = tokio::select! {
                () = told(&mut stopped) => return close_code::AWAY,
                () = sleep_until(end) => return close_code::AWAY,
                () = sleep(self.idle) => return close_code::AWAY,
                frame = outgoing.recv() => {
                    let Some(frame) = frame else { return close_code::POLICY };
                    let Ok(text) = Utf8Bytes::try_from(frame) else { continue };
                    if !self.send(socket, text).await {
                        return close_code::AWAY;
                    }
                    continue;
                }
                heard = socket.recv() => heard,
            };
            let text = match heard {
                Some(Ok(Message::Text(text))) => Some(text),
                Some(Ok(Message::Binary(_))) => None,
                // Pings are answered below us.
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => continue,
                Some(Ok(Message::Close(_))) | None => return close_code::NORMAL,
                Some(Err(_)) => return close_code::SIZE,
            };
            let reply = self.sockets.hear(id, text.as_deref()).await;
            for frame in reply.frames {
                if !self.send(socket, frame.into()).await {
                    return close_code::AWAY;
                }
            }
            if reply.close {
                return close_code::POLICY;
            }
        }
    }

    /// Sends a frame when all that was written so far is on the disk. Whether it left.
    async fn send(&mut self, socket: &mut WebSocket, text: Utf8Bytes) -> bool {
        let mut stopped = self.stopped.clone();
        let sent = async {
            if let Some(disk) = &self.disk {
                disk.settled().await;
            }
            socket.send(Message::Text(text)).await.is_ok()
        };
        tokio::select! {
            sent = timeout(SENT_WITHIN, sent) => sent.unwrap_or(false),
            () = told(&mut stopped) => false,
        }
    }
}

/// Returns when the process is told to stop and all sockets are closed.
pub(crate) async fn until_closed(open: Arc<Open>, mut stopped: watch::Receiver<bool>) {
    told(&mut stopped).await;
    open.closed().await;
}

/// Returns when the process is told to stop.
async fn told(stopped: &mut watch::Receiver<bool>) {
    let _ = stopped.wait_for(|stopped| *stopped).await;
}
