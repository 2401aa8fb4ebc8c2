//! The template, deployed with the functions' real binaries on an emulated AWS
//! account that is this value's alone.

use std::collections::HashMap;

use anyhow::{Context, Result};
use serde_json::{Value, json};
use shared::env::Env;
use simulators::pega::{OPERATOR, Pega};

use super::operator::Operator;
use super::{bootstraps, root};
use crate::conformance::Tables;

/// The tenant whose admin and senders these are.
const TENANT: &str = "default";

/// A deployed template. Gone when it is dropped.
pub struct Deployed {
    operator: Operator,
    outputs: Value,
    url: String,
    admin_key: String,
}

impl Deployed {
    /// Deploys the template and puts this value into Pega's secret. Waits until
    /// all of it is there.
    pub async fn start(pega_secret: Value) -> Result<Self> {
        let code = bootstraps::folder().await?;
        let operator = Operator::start().await?;
        let parameters = json!({
            "JobBackoffSeconds": "0.1", "AuthFailuresPerMinute": "1000000",
            "JobSettleSeconds": "0.3", "DeletionPolicyProtection": "false",
            "TargetNetworks": "127.0.0.1/32", "TargetPorts": "1-65535",
        });
        let template = root()?.join("template.yaml");
        let what = json!({"template": template, "code": code, "parameters": parameters});
        let outputs = operator.has("deploy", what).await?;
        let (api, secret) = (text(&outputs, "ApiId")?, &outputs["PegaSecretArn"]);
        operator.has("put_secret", json!({"name": secret, "value": pega_secret})).await?;
        // The stage is the one that ApiUrl ends with.
        let stage = text(&outputs, "ApiUrl")?.rsplit('/').next().unwrap_or_default();
        let url = format!("{}/_aws/execute-api/{api}/{stage}", operator.url);
        let mut deployed = Self { operator, outputs, url, admin_key: String::new() };
        deployed.admin_key = deployed.new_admin_key(TENANT).await?;
        Ok(deployed)
    }

    /// Deploys the template for this Pega, whose operator it signs in as.
    pub async fn beside(pega: &Pega) -> Result<Self> {
        let (username, password) = OPERATOR;
        let secret = json!({
            "PEGA_URL": pega.url(), "PEGA_USERNAME": username, "PEGA_PASSWORD": password,
        });
        Self::start(secret).await
    }

    /// Where the API answers; a path that starts with a slash can be put after it.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The first admin's key.
    pub fn admin_key(&self) -> &str {
        &self.admin_key
    }

    /// Another admin's key, of any tenant.
    pub async fn new_admin_key(&self, tenant: &str) -> Result<String> {
        let answer = self.set_up(json!({"command": "new-admin-key", "tenant": tenant})).await?;
        Ok(text(&answer, "admin_key")?.to_owned())
    }

    /// The account's tables, as an operator reaches them.
    pub async fn tables(&self) -> Result<Tables> {
        let sdk = self.operator.sdk().await?;
        let name = |output| text(&self.outputs, output);
        Ok(Tables::of(&sdk, name("EventsTableName")?, name("ControlTableName")?))
    }

    /// What use cases are loaded from that an operator runs beside the functions: with
    /// the account's tables, and its queue of messages for who watches.
    pub async fn env(&self) -> Result<Env> {
        let outputs = [
            ("CONTROL_TABLE", "ControlTableName"),
            ("MESSAGES_TABLE", "MessagesTableName"),
            ("LIVE_QUEUE_URL", "LiveQueueUrl"),
        ];
        let mut vars = HashMap::new();
        for (variable, output) in outputs {
            vars.insert(variable.to_owned(), text(&self.outputs, output)?.to_owned());
        }
        // Nobody has a webhook or a rule.
        for queue in ["DELIVERIES_QUEUE_URL", "NOTICES_QUEUE_URL"] {
            vars.insert(queue.to_owned(), "none".to_owned());
        }
        Ok(Env::new(vars, self.operator.sdk().await?))
    }

    /// What the template's function of this name runs with.
    pub async fn environment(&self, function: &str) -> Result<HashMap<String, String>> {
        let found = self.operator.has("environment", json!({"name": function})).await?;
        serde_json::from_value(found).context("a function's environment")
    }

    /// Sweeps now; the schedule is late on the emulator.
    pub async fn sweep(&self) -> Result<()> {
        self.invoke("SweeperFunctionName", json!({})).await.map(drop)
    }

    /// Has the worker listen to its queue, or not.
    pub async fn worker_listens(&self, enabled: bool) -> Result<()> {
        let what = json!({"mapping": self.outputs["WorkerHintsId"], "enabled": enabled});
        self.operator.has("listen", what).await.map(drop)
    }

    /// Loses all hints that wait in the queue; answers how many.
    pub async fn lose_hints(&self) -> Result<u64> {
        let what = json!({"queue": self.outputs["EventsQueueUrl"]});
        self.operator.has("purge", what).await?.as_u64().context("a number")
    }

    async fn set_up(&self, command: Value) -> Result<Value> {
        self.invoke("SetupFunctionName", command).await
    }

    /// Calls the function that this output names.
    async fn invoke(&self, output: &str, payload: Value) -> Result<Value> {
        let what = json!({"function": self.outputs[output], "payload": payload});
        self.operator.has("invoke", what).await
    }
}

fn text<'a>(value: &'a Value, name: &str) -> Result<&'a str> {
    value[name].as_str().with_context(|| format!("{name} is missing"))
}
