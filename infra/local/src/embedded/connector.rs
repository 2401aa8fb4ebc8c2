//! The SDK's HTTP client whose other end is the embedded database.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, mpsc};

use anyhow::Result;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use tokio::sync::oneshot;

use super::engine::Engine;

/// Where requests are answered.
#[derive(Clone)]
pub(super) enum Connector {
    /// Here and now, for tests whose time stands still while nothing happens.
    Inline(Arc<Engine>),
    /// On the database's own thread: it answers one request at a time anyhow, and
    /// nobody who could do something else should wait for its lock.
    Thread(mpsc::Sender<Asked>),
}

/// A request, and where its answer goes.
type Asked = (HttpRequest, oneshot::Sender<Result<HttpResponse, ConnectorError>>);

impl Connector {
    /// Starts the database's thread; it ends with the last handle.
    pub fn start(engine: Arc<Engine>) -> Result<Self> {
        let (sender, asked) = mpsc::channel::<Asked>();
        std::thread::Builder::new().name("database".to_owned()).spawn(move || {
            while let Ok((request, reply)) = asked.recv() {
                let answer = catch_unwind(AssertUnwindSafe(|| engine.answer(&request)));
                let Ok(answer) = answer else {
                    // What it left half done only a restart can tell.
                    tracing::error!("the database failed; stopping");
                    std::process::abort();
                };
                // Whoever asked may have given up; what was written is written.
                let _ = reply.send(answer);
            }
        })?;
        Ok(Self::Thread(sender))
    }
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        match self {
            Self::Inline(engine) => HttpConnectorFuture::ready(engine.answer(&request)),
            Self::Thread(sender) => {
                let (reply, answer) = oneshot::channel();
                // If the thread is gone, so is `reply`, and `answer` says so.
                let _ = sender.send((request, reply));
                HttpConnectorFuture::new(async move {
                    let gone = |gone| ConnectorError::other(Box::new(gone), None);
                    answer.await.map_err(gone)?
                })
            }
        }
    }
}

impl HttpClient for Connector {
    fn http_connector(
        &self,
        _: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl std::fmt::Debug for Connector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("embedded DynamoDB")
    }
}
