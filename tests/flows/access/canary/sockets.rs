//! Tickets in addresses, and secrets in frames.

use anyhow::{Context, Result, ensure};
use serde_json::json;
use tests::support::Socket;

use super::{World, canary};

impl World {
    /// Opens a socket with a ticket, tries it again and a wrong one, and says secrets.
    pub(super) async fn open_sockets(&mut self) -> Result<()> {
        let made = self.made("/live/tickets", json!({})).await?;
        let ticket = self.shown("a ticket", &made["ticket"])?;
        let url = made["url"].as_str().context("an address")?;
        let with = |ticket: &str| format!("{url}?ticket={ticket}");
        let mut socket = Socket::open(&with(&ticket), &[]).await.ok().context("a socket")?;
        let wrong = canary();
        self.watch.never("a wrong ticket", &wrong);
        for ticket in [&ticket, &wrong] {
            ensure!(Socket::open(&with(ticket), &[]).await.err() == Some(401));
        }
        let secret = canary();
        self.watch.never("a secret in a frame", &secret);
        for frame in [
            json!({ "action": secret }),
            json!({ "action": "subscribe", "topics": [secret] }),
            json!({ "action": "ping", (secret.clone()): 1 }),
            json!([secret]),
        ] {
            ensure!(socket.ask(&frame).await["type"] == "error", "{frame}");
        }
        socket.close().await;
        Ok(())
    }
}
