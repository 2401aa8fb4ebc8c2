//! A server on a loopback port for as long as its handle lives.

use std::net::SocketAddr;

use axum::Router;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// A running server; dropping it frees the port and cuts its connections.
pub struct Server {
    address: SocketAddr,
    router: Router,
    task: JoinHandle<()>,
}

/// A simulator that is down, with everything it knew.
pub struct Stopped<T> {
    port: u16,
    router: Router,
    /// What the simulator is once its server is up again.
    up: Box<dyn FnOnce(Server) -> T + Send>,
}

impl<T> Stopped<T> {
    /// Comes up again on the same port.
    pub async fn start(self) -> std::io::Result<T> {
        Server::start(self.router, self.port).await.map(self.up)
    }
}

impl Server {
    /// Serves `router` on this loopback port; 0 for any free one.
    pub async fn start(router: Router, port: u16) -> std::io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", port)).await?;
        let address = listener.local_addr()?;
        let serving = router.clone();
        let task = tokio::spawn(async move {
            // It only ever ends with the handle.
            let _ = axum::serve(listener, serving).await;
        });
        Ok(Self { address, router, task })
    }

    /// `http://127.0.0.1:<port>`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Stops, as if it were down, and is back when the port is free. `up` makes the simulator
    /// of the server that it has later.
    pub(crate) async fn stop<T>(
        mut self,
        up: impl FnOnce(Self) -> T + Send + 'static,
    ) -> Stopped<T> {
        self.task.abort();
        // It ends as told, which is no news.
        let _ = (&mut self.task).await;
        Stopped { port: self.port(), router: self.router.clone(), up: Box::new(up) }
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.address.port()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}
