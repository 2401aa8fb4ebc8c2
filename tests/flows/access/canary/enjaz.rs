//! The ways in of what people sign in to a portal with: right, wrong, handed over, misplaced.

use anyhow::{Context, Result, ensure};
use reqwest::Method;
use serde_json::{Value, json};
use simulators::portal::Case;

use super::World;

const BASE: &str = "/api/v1/enjaz";

impl World {
    async fn tell_enjaz(&mut self, method: Method, below: &str, body: &Value) -> Result<Value> {
        let path = format!("{BASE}{below}");
        let call = (method, &*path);
        let answer = self.watch.send(&self.admin, call, |request| request.json(body)).await;
        Ok(answer.json)
    }

    /// Connects accounts, has their cases synchronised, and reads all of it.
    pub(super) async fn connect_accounts(&mut self) -> Result<()> {
        let user = self.hidden("a portal's user");
        let password = self.hidden("a portal's password");
        self.portal.account(&user, &password);
        self.portal.cases(&user, (1..=9).map(Case::english));
        let wrong = self.hidden("a wrong password");
        for (password, outcome) in [(&wrong, "credentials_rejected"), (&password, "ok")] {
            let body = json!({ "username": user, "password": password });
            self.tell_enjaz(Method::POST, "/connect", &body).await?;
            let synced = self.tell_enjaz(Method::POST, "/sync-cases", &json!({})).await?;
            ensure!(synced["data"]["sync"]["outcome"] == outcome, "{synced}");
        }
        let mut cookies = serde_json::Map::new();
        for (name, value) in self.portal.session_of(&user) {
            self.watch.never("a portal's session", &value);
            cookies.insert(name, json!(value));
        }
        let body = json!({ "cookies": cookies, "label": "by session" });
        let handed = self.tell_enjaz(Method::POST, "/session", &body).await?;
        let id = handed["data"]["id"].as_i64().context("an account")?;
        let path = format!("/sync-cases?account_id={id}");
        let synced = self.tell_enjaz(Method::POST, &path, &json!({})).await?;
        ensure!(synced["data"]["sync"]["outcome"] == "ok", "{synced}");
        let refused = self.hidden("a password that is refused");
        for body in [
            json!({ "username": "", "password": refused }),
            json!({ "username": "u", "password": [refused] }),
            json!({ "username": "u", "password": "p", "interval_minutes": refused }),
            json!({ "cookies": [refused] }),
            json!(refused),
        ] {
            self.tell_enjaz(Method::POST, "/connect", &body).await?;
            self.tell_enjaz(Method::POST, "/session", &body).await?;
        }
        let profile = json!({ "base_url": format!("https://u:{refused}@portal.invalid") });
        self.tell_enjaz(Method::PUT, "/portal", &profile).await?;
        for below in ["/accounts", "/account-status", "/cases", "/accounts/1/syncs", "/portal"] {
            self.tell_enjaz(Method::GET, below, &json!({})).await?;
        }
        Ok(())
    }
}
