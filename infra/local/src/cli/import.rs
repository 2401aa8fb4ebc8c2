//! The command that imports records of a contact centre from a file, in parts that the API
//! takes. What was imported already is imported once, so that the same command again goes on
//! where an earlier one broke off.

mod file;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};
use shared::ids;
use shared::outbound::Method;
use shared::web::percent_encode;

use super::api::{Api, Whom};
use crate::say::{complain, say};
use file::{Part, parts};

/// Records that cannot be imported and are told of one by one.
const TOLD: usize = 20;
/// How often an import is looked at.
const LOOKS: Duration = Duration::from_millis(400);

/// A file of records.
#[derive(Args)]
pub(super) struct Import {
    #[command(flatten)]
    pub whom: Whom,
    /// The file: a JSON object a line, or one JSON array of them.
    file: PathBuf,
    /// What the records are, for example `agent_status` or `service_group_metrics`.
    #[arg(long = "type", value_name = "TYPE")]
    data_type: String,
    /// Records take the place of others with their keys that say something else.
    #[arg(long)]
    update_existing: bool,
    /// What can be imported is, whatever is wrong with other records. Otherwise nothing is if
    /// any record is wrong in itself, and of ten thousand all or none are if one is in the way
    /// of what is kept.
    #[arg(long)]
    skip_invalid: bool,
    /// The connection, if there are several to contact centres.
    #[arg(long, value_name = "ID")]
    connection: Option<String>,
}

/// What came of all parts.
#[derive(Default)]
struct Sum {
    total: u64,
    successful: u64,
    /// Records that there is something wrong with.
    wrong: usize,
}

impl Import {
    /// Imports it, and tells what came of it.
    ///
    /// # Errors
    /// When any record was not imported.
    pub async fn run(&self, api: &Api) -> Result<()> {
        let records = self.check(api).await?;
        let bar = ProgressBar::new(records);
        let style = "{bar:40} {pos}/{len} {per_sec}, {eta} left";
        bar.set_style(ProgressStyle::with_template(style)?);
        let mut sum = Sum::default();
        for part in parts(&self.file)? {
            self.send(api, &part?, &bar, &mut sum).await?;
        }
        bar.finish_and_clear();
        let Sum { total, successful, .. } = sum;
        say(&format!("{successful} of {total} records are imported"));
        ensure!(successful == total, "{} records are not imported", total - successful);
        Ok(())
    }

    /// Counts the records, and checks them if all are to be imported or none.
    async fn check(&self, api: &Api) -> Result<u64> {
        let (mut records, mut wrong) = (0, Sum::default());
        for part in parts(&self.file)? {
            let part = part?;
            records += part.records.len() as u64;
            if self.skip_invalid {
                continue;
            }
            let body = json!({ "data_type": self.data_type, "data": part.records });
            let path = self.path("validate-data");
            let checked = api.call(Method::POST, &path, Some(&body)).await?.json()?;
            wrong.tell(&part, &checked["validation_errors"]);
        }
        match (records, wrong.wrong) {
            (0, _) => bail!("there are no records in {}", self.file.display()),
            (_, 0) => Ok(records),
            (_, many) => bail!("there is something wrong with {many} records; none is imported"),
        }
    }

    fn path(&self, what: &str) -> String {
        let of = self.connection.as_deref();
        let of = of.map(|id| format!("?connection_id={}", percent_encode(id))).unwrap_or_default();
        format!("/integrations/cc/{what}{of}")
    }

    /// Sends a part, and watches it until it is over.
    async fn send(&self, api: &Api, part: &Part, bar: &ProgressBar, sum: &mut Sum) -> Result<()> {
        let body = json!({ "data_type": self.data_type, "data": part.records,
            "validate_before_import": !self.skip_invalid,
            "update_existing": self.update_existing });
        let key = ids::unique();
        let mut answer = self.post(api, &body, &key, !api.is_served()).await?;
        // The same again is answered with what came of the first one. Where no server works
        // on it, that works on it.
        while answer["status"] == "started" {
            if api.is_served() {
                watch(api, &answer["batch_id"], part.first, bar).await?;
            }
            answer = self.post(api, &body, &key, true).await?;
        }
        bar.set_position(part.first + part.records.len() as u64);
        let count = |name: &str| answer[name].as_u64().unwrap_or(0);
        sum.total += count("total_records");
        sum.successful += count("successful_records");
        bar.suspend(|| sum.tell(part, &answer["errors"]));
        if answer["status"] == "failed" {
            bail!("the import {} could not go on", answer["batch_id"]);
        }
        Ok(())
    }

    async fn post(&self, api: &Api, body: &Value, key: &str, waits: bool) -> Result<Value> {
        let headers = [("idempotency-key", key), ("prefer", "respond-async")];
        let headers = if waits { &headers[..1] } else { &headers[..] };
        let path = self.path("bulk-import");
        api.call_with(Method::POST, &path, Some(body), headers).await?.json()
    }
}

/// Shows how an import goes on, until it is over.
async fn watch(api: &Api, id: &Value, first: u64, bar: &ProgressBar) -> Result<()> {
    let path = format!("/integrations/cc/imports/{}", id.as_str().context("an id")?);
    loop {
        let import = api.call(Method::GET, &path, None).await?.json()?;
        bar.set_position(first + import["processed_records"].as_u64().unwrap_or(0));
        if import["status"] != "started" {
            return Ok(());
        }
        tokio::time::sleep(LOOKS).await;
    }
}

impl Sum {
    /// Tells what is wrong with records of a part; of the first ones, one by one.
    fn tell(&mut self, part: &Part, errors: &Value) {
        for error in errors.as_array().into_iter().flatten() {
            self.wrong += 1;
            if self.wrong > TOLD {
                continue;
            }
            let place = part.first + error["record_index"].as_u64().unwrap_or(0);
            let all = error["errors"].as_array().into_iter().flatten();
            let all: Vec<_> = all.filter_map(Value::as_str).collect();
            complain(&format!("record {place}: {}", all.join("; ")));
        }
    }
}
