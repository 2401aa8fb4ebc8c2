//! The API as commands call it: of a server that runs, here or on AWS, or, where no
//! server works on the data folder, in this very process.

use std::collections::HashMap;
use std::path::PathBuf;

use anyhow::{Context, Result, anyhow, bail, ensure};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use clap::Args;
use functions::access::at_the_machine;
use functions::access::tenants::{Registrations, operator};
use serde_json::Value;
use shared::outbound::{Method, Outbound};
use shared::table::Read;
use shared::tenant::Tenant;
use shared::vault::{ExposeSecret, SecretString};
use tower::ServiceExt;

use crate::bundle::Bundle;
use crate::data::DataFolder;
use crate::embedded::to_disk;

/// The largest answer that is read, in bytes.
const LARGEST: usize = 64 * 1024 * 1024;

/// Whom a command talks to.
#[derive(Args, Clone)]
pub(super) struct Whom {
    /// The data folder. Without a server on it, whoever may read it may do everything.
    #[arg(long, default_value = "./.caseway", global = true)]
    data: PathBuf,
    /// The address of a server, for example a deployed stack's; wins over --data.
    #[arg(long, env = "CASEWAY_URL", global = true)]
    url: Option<String>,
    /// The API key to call it with; of a data folder's server its admin.key, when not given.
    #[arg(long, env = "CASEWAY_KEY", hide_env_values = true, global = true)]
    key: Option<SecretString>,
    /// The tenant, where no server runs; elsewhere the key decides.
    #[arg(long, global = true)]
    tenant: Option<String>,
}

/// The API.
pub(super) enum Api {
    /// In this process. The bundle holds the data folder.
    Here { router: Router, _held: Box<Bundle> },
    /// Of a server.
    There { outbound: Outbound, url: String, key: SecretString },
}

/// A good answer.
pub(super) struct Answer {
    pub text: String,
    /// The query of the next page.
    pub next: Option<String>,
}

impl Answer {
    /// Its body.
    pub fn json(&self) -> Result<Value> {
        serde_json::from_str(&self.text).context("the answer is no JSON")
    }
}

impl Whom {
    /// The API that these options mean.
    pub async fn api(self, vars: HashMap<String, String>) -> Result<Api> {
        let kept = DataFolder::admin_key_in(&self.data)?.filter(|_| self.url.is_none());
        let url = self.url.clone().or_else(|| DataFolder::address_in(&self.data));
        let Some(url) = url else { return self.here(vars).await };
        ensure!(self.tenant.is_none(), "--tenant is for a data folder that no server works on");
        // The folder's own key goes to the folder's own server and nowhere else.
        let key = self.key.or(kept.map(Into::into)).context("--key or CASEWAY_KEY is needed")?;
        let url = url.trim_end_matches('/').to_owned();
        Ok(Api::There { outbound: Outbound::new(None)?, url, key })
    }

    async fn here(self, vars: HashMap<String, String>) -> Result<Api> {
        let folder = &self.data;
        let there = DataFolder::database_in(folder).exists();
        ensure!(there, "there is no installation in {}", folder.display());
        let bundle = Bundle::open(folder, vars, to_disk(), Vec::new(), false).await?;
        let tenant = match &self.tenant {
            Some(name) => Tenant::parse(name)?,
            None => operator(&bundle.env)?,
        };
        let registrations = Registrations(bundle.env.table("CONTROL_TABLE")?);
        let known = registrations.find(&tenant, Read::Consistent).await?;
        ensure!(known.is_some(), "there is no tenant {tenant}");
        let router = bundle.router(at_the_machine(&bundle.env, &tenant)?)?;
        Ok(Api::Here { router, _held: Box::new(bundle) })
    }
}

impl Api {
    /// Calls it.
    ///
    /// # Errors
    /// What the answer says is wrong, when it is no success.
    pub async fn call(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Answer> {
        self.call_with(method, path, body, &[]).await
    }

    /// Whether a server works on what a call began.
    pub fn is_served(&self) -> bool {
        matches!(self, Self::There { .. })
    }

    /// The same with headers.
    pub async fn call_with(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
        headers: &[(&str, &str)],
    ) -> Result<Answer> {
        let (status, link, text) = match self {
            Self::Here { router, .. } => here(router.clone(), method, path, body, headers).await?,
            Self::There { outbound, url, key } => {
                let call = outbound.call(method, &format!("{url}{path}"));
                let call = call.header("x-api-key", key.expose_secret());
                let call =
                    headers.iter().fold(call, |call, (name, value)| call.header(name, value));
                let call = body.into_iter().fold(call, |call, body| call.json(body));
                let reply = call.send().await.with_context(|| format!("call {url}"))?;
                let link = reply.headers.get("link").and_then(|link| link.to_str().ok());
                let text = String::from_utf8(reply.body.to_vec())?;
                (reply.status, link.map(str::to_owned), text)
            }
        };
        if status.is_success() {
            let next =
                link.and_then(|link| Some(link.split_once('<')?.1.split_once('>')?.0.to_owned()));
            return Ok(Answer { text, next });
        }
        bail!(problem(status, &text))
    }

    /// All pages of a list, one after the other.
    pub async fn pages(&self, path: &str, mut each: impl FnMut(&str) -> Result<()>) -> Result<()> {
        let (base, _) = path.split_once('?').unwrap_or((path, ""));
        let mut answer = self.call(Method::GET, path, None).await?;
        loop {
            each(&answer.text)?;
            let Some(next) = answer.next else { return Ok(()) };
            answer = self.call(Method::GET, &format!("{base}{next}"), None).await?;
        }
    }
}

async fn here(
    router: Router,
    method: Method,
    path: &str,
    body: Option<&Value>,
    headers: &[(&str, &str)],
) -> Result<(StatusCode, Option<String>, String)> {
    let request = Request::builder().method(method).uri(path);
    let request = request.header(header::CONTENT_TYPE, "application/json");
    let request =
        headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
    let Ok(response) = router.oneshot(request.body(body)?).await;
    let (parts, body) = response.into_parts();
    let link = parts.headers.get(header::LINK).and_then(|link| link.to_str().ok());
    let text = String::from_utf8(to_bytes(body, LARGEST).await?.to_vec())?;
    Ok((parts.status, link.map(str::to_owned), text))
}

/// What a refusal says, for a person.
fn problem(status: StatusCode, text: &str) -> anyhow::Error {
    let problem: Value = serde_json::from_str(text).unwrap_or_default();
    match problem["detail"].as_str() {
        Some(detail) => anyhow!("{detail} ({status})"),
        None => anyhow!("the answer was {status}"),
    }
}
