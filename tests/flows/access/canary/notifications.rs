//! The ways in of channels' addresses: given, replaced, and wrong.

use anyhow::{Context, Result, ensure};
use reqwest::Method;
use serde_json::json;

use super::World;

const TARGETS: &str = "/api/v1/notifications/targets";

impl World {
    /// Registers channels, changes their addresses, tries them out, and reads all of it.
    pub(super) async fn make_targets(&mut self) -> Result<()> {
        let slack = "https://hooks.slack.com/services/T0/B0";
        let teams = "https://nowhere.westeurope.logic.azure.com/workflows/1?sig=";
        for (kind, before) in [("slack", format!("{slack}/")), ("teams", teams.to_owned())] {
            let secret = self.hidden("a channel's address");
            let new = json!({ "name": kind, "kind": kind, "url": format!("{before}{secret}") });
            let call = (Method::POST, TARGETS);
            let made = self.watch.send(&self.admin, call, |request| request.json(&new)).await;
            ensure!(made.status == 201, "{}", made.text);
            let path = format!("{TARGETS}/{}", made.json["id"].as_str().context("an id")?);
            let secret = self.hidden("a channel's new address");
            let refused = self.hidden("an address that is refused");
            for change in [
                json!({ "url": format!("{before}{secret}") }),
                json!({ "url": refused }),
                json!({ "url": format!("https://example.com/{refused}") }),
                json!({ "url": format!("https://wfm:{refused}@hooks.slack.com/") }),
                json!({ "url": [refused] }),
                json!({ "recipients": [refused] }),
            ] {
                let call = (Method::PUT, &*path);
                self.watch.send(&self.admin, call, |request| request.json(&change)).await;
            }
            let test = format!("{path}/test");
            self.watch.send(&self.admin, (Method::POST, &*test), |it| it).await;
            for read in [&*path, TARGETS, "/api/v1/notifications/notices"] {
                self.watch.send(&self.admin, (Method::GET, read), |it| it).await;
            }
        }
        Ok(())
    }
}
