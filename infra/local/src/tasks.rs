//! What runs beside each other while the process runs: the server, and what comes
//! round every few seconds.

use std::future::IntoFuture;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{ConnectInfo, Request};
use axum::middleware::{Next, from_fn};
use axum::serve::ListenerExt;
use axum::{Router, ServiceExt};
use functions::audit::Sealer;
use functions::integrations::Timetable;
use functions::upkeep::Sweeper;
use shared::env::Env;
use shared::web::{Gatekeeper, Peer};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tower::Layer;
use tower_http::normalize_path::NormalizePathLayer;

use crate::embedded::Embedded;

/// How often what runs on a schedule looks; on AWS it is a minute, and five for
/// synchronisations.
const SWEEP_EVERY: Duration = Duration::from_secs(10);
/// How often counted usage is written down.
const SETTLE_EVERY: Duration = Duration::from_secs(5);

/// Answers calls until it is told to stop.
pub(crate) async fn serve(
    listener: TcpListener,
    router: Router,
    mut stopped: watch::Receiver<bool>,
) {
    let listener = listener.tap_io(|stream| {
        // Answers are small; waiting to fill a packet only delays them.
        let _ = stream.set_nodelay(true);
    });
    let router = router.layer(from_fn(tell_peer));
    let service = NormalizePathLayer::trim_trailing_slash().layer(router);
    let service = ServiceExt::<Request>::into_make_service_with_connect_info::<SocketAddr>(service);
    let _ = axum::serve(listener, service)
        .with_graceful_shutdown(async move {
            let _ = stopped.wait_for(|stopped| *stopped).await;
        })
        .into_future()
        .await;
}

async fn tell_peer(mut request: Request, next: Next) -> axum::response::Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip());
    if let Some(peer) = peer {
        request.extensions_mut().insert(Peer(peer));
    }
    next.run(request).await
}

/// What runs on a schedule.
pub(crate) struct Rounds {
    sweeper: Sweeper,
    sealer: Sealer,
    timetable: Timetable,
}

impl Rounds {
    /// Needs what each of them needs.
    pub fn load(env: &Env) -> shared::error::Result<Self> {
        Ok(Self {
            sweeper: Sweeper::load(env)?,
            sealer: Sealer::load(env)?,
            timetable: Timetable::load(env)?,
        })
    }
}

/// Looks for overdue work, seals the audit trail, starts synchronisations that are due,
/// forgets what has expired.
pub(crate) async fn sweep(rounds: Rounds, database: Embedded, mut stopped: watch::Receiver<bool>) {
    let mut ticks = tokio::time::interval(SWEEP_EVERY);
    loop {
        tokio::select! {
            _ = stopped.wait_for(|stopped| *stopped) => return,
            _ = ticks.tick() => {}
        }
        if let Err(error) = rounds.sweeper.tick().await {
            tracing::error!(%error, "sweep failed");
        }
        if let Err(error) = rounds.sealer.tick().await {
            tracing::error!(%error, "the audit trail was not sealed");
        }
        if let Err(error) = rounds.timetable.tick().await {
            tracing::error!(%error, "not every synchronisation that is due started");
        }
        database.sweep_expired();
    }
}

/// Writes counted usage down, the last time at the end.
pub(crate) async fn settle(gatekeeper: Arc<dyn Gatekeeper>, mut stopped: watch::Receiver<bool>) {
    let mut ticks = tokio::time::interval(SETTLE_EVERY);
    loop {
        let ended = tokio::select! {
            _ = stopped.wait_for(|stopped| *stopped) => true,
            _ = ticks.tick() => false,
        };
        gatekeeper.settle(ended).await;
        if ended {
            return;
        }
    }
}
