//! The ways in of connections' credentials: each kind, given, replaced, and wrong.

use anyhow::{Context, Result, ensure};
use reqwest::Method;
use serde_json::{Value, json};

use super::{World, canary};

const CONNECTIONS: &str = "/integrations/connections";
const NOWHERE: &str = "https://nowhere.invalid";

/// Credentials of each way of signing in, with this secret.
fn credentials(secret: &str) -> [(&'static str, Value); 4] {
    let token_url = format!("{NOWHERE}/token");
    [
        ("basic", json!({ "username": "wfm", "password": secret })),
        ("api_key", json!({ "api_key": secret })),
        ("bearer", json!({ "token": secret })),
        ("oauth", json!({ "token_url": token_url, "client_id": "wfm", "client_secret": secret })),
    ]
}

impl World {
    /// A secret that nobody is to see again.
    pub(super) fn hidden(&mut self, what: &str) -> String {
        let secret = canary();
        self.watch.never(what, &secret);
        secret
    }

    /// Sends a body as the admin.
    async fn ask(&mut self, method: Method, path: &str, body: &Value) -> Result<Value> {
        let call = (method, path);
        let answer = self.watch.send(&self.admin, call, |request| request.json(body)).await;
        ensure!(matches!(answer.status, 200 | 422), "{path}: {}", answer.text);
        Ok(answer.json)
    }

    /// Makes connections, changes their credentials, tests them, and reads all of it.
    pub(super) async fn make_connections(&mut self) -> Result<()> {
        for way in 0..4 {
            let secret = self.hidden("a connection's secret");
            let (name, given) = credentials(&secret)[way].clone();
            let connection = json!({ "name": name, "integration_type": "1c",
                "endpoint_url": NOWHERE, "authentication_type": name, "credentials": given,
                "config": { "retry_attempts": 0, "log_level": "DEBUG" } });
            let made = self.ask(Method::POST, CONNECTIONS, &connection).await?;
            let id = made["id"].as_str().context("an id")?;
            let path = format!("{CONNECTIONS}/{id}");
            self.ask(Method::POST, &format!("{path}/test"), &json!({})).await?;
            let secret = self.hidden("a connection's new secret");
            let renewed = json!({ "credentials": credentials(&secret)[way].1 });
            self.ask(Method::PUT, &path, &renewed).await?;
            let tested = self.ask(Method::POST, &format!("{path}/test"), &json!({})).await?;
            ensure!(tested["success"] == false, "{tested}");
            let secret = self.hidden("a secret that is refused");
            for wrong in [
                json!({ "credentials": credentials(&secret)[(way + 1) % 4].1 }),
                json!({ "credentials": credentials(&format!("{secret}\n"))[way].1 }),
                json!({ "credentials": secret }),
                json!({ "endpoint_url": format!("https://wfm:{secret}@nowhere.invalid") }),
                json!({ "endpoint_url": format!("{NOWHERE}/?key={secret}") }),
            ] {
                self.ask(Method::PUT, &path, &wrong).await?;
            }
            for below in ["", "/status", "/sync-logs", "/uptime", "/mappings"] {
                let call = (Method::GET, &*format!("{path}{below}"));
                let answer = self.watch.send(&self.admin, call, |it| it).await;
                ensure!(answer.status == 200, "{below}: {}", answer.text);
            }
        }
        Ok(())
    }
}
