//! The way to one contact centre: its methods over a connection, as Argus's protocol has them.
//! Source: Argus's description of the integration over the active REST API, 10.2024.
//!
//! A 404 without a body says that there is nothing for these parameters. One with a body is
//! the web server's, which has no such address: a mistake in the settings, and no answer.

use std::time::Duration;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use shared::error::{Error, Kind, Result};
use shared::jobs::Failure;
use shared::outbound::Reply;
use shared::tenant::Tenant;
use shared::web::of_value;
use utoipa::ToSchema;

use crate::integrations::connections::client::{Connector, Connectors, Request};
use crate::integrations::connections::{Config, Connection};

/// What a call and all its attempts may take together: API Gateway waits no longer.
const ALTOGETHER: Duration = Duration::from_secs(25);
/// The largest answer that is read, in bytes.
const LARGEST: usize = 32 * 1024 * 1024;
/// The most of its words that are shown, in characters.
const MOST_WORDS: usize = 300;

/// Why there is no answer.
#[derive(Debug)]
pub struct Unanswered {
    error: Error,
    /// What may come of asking once more.
    pub again: Again,
}

/// What may come of asking once more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Again {
    /// It may answer then.
    MayHelp,
    /// It will say the same.
    IsOfNoUse,
    /// It has no such method.
    HasNone,
}

/// One contact centre.
pub struct Client {
    connector: Connector,
    config: Config,
}

/// Its personnel.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct CentrePersonnel {
    /// Services, with their groups.
    #[serde(default)]
    pub services: Vec<CentreService>,
    /// Agents who are in a group.
    #[serde(default)]
    pub agents: Vec<CentreAgent>,
}

/// A service.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CentreService {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// `ACTIVE` or `INACTIVE`.
    pub status: String,
    /// Its groups.
    #[serde(default)]
    pub service_groups: Vec<CentreGroup>,
}

/// A group: a queue, a project, a skill.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CentreGroup {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// `ACTIVE` or `INACTIVE`.
    pub status: String,
    /// `CHATS`, `MAILS`, `INCOMING_CALLS` or `OUTGOING_CALLS`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel_type: Option<String>,
}

/// An agent.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CentreAgent {
    /// The agent's id.
    pub id: String,
    /// The given name, or the whole one.
    pub name: String,
    /// The family name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub surname: Option<String>,
    /// The patronymic.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub second_name: Option<String>,
    /// The personnel number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent_number: Option<String>,
    /// The groups whose contacts the agent can take.
    #[serde(default)]
    pub agent_groups: Vec<CentreAgentGroup>,
    /// The login in a system for signing in once.
    #[serde(rename = "loginSSO", default, skip_serializing_if = "Option::is_none")]
    pub login_sso: Option<String>,
}

/// A group of an agent.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CentreAgentGroup {
    /// The group's id.
    pub group_id: String,
}

/// The load of a group at this moment and since the start of the day.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ArgusGroupLoad {
    /// The service.
    pub service_id: String,
    /// The group.
    pub group_id: String,
    /// Contacts in the queue.
    pub call_number: i64,
    /// Agents at work in the group, or waiting for contacts.
    pub operator_number: i64,
    /// Contacts received since the start of the day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call_received: Option<i64>,
    /// How long contacts are talked on the average, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aht: Option<i64>,
    /// How many of the contacts were answered, in percent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acd: Option<f64>,
    /// How long contacts wait on the average, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub awt: Option<i64>,
    /// Contacts answered since the start of the day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call_answered: Option<i64>,
    /// Contacts answered in time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call_answered_tst: Option<i64>,
    /// Contacts that agents are working on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call_processing: Option<i64>,
}

impl Client {
    /// Opens a connection that was read.
    ///
    /// # Errors
    /// `Conflict` when its credentials were replaced since then.
    pub async fn open(of: &Connectors, tenant: &Tenant, connection: &Connection) -> Result<Self> {
        Self::open_for(of, tenant, connection, ALTOGETHER).await
    }

    /// The same for calls each of which may take this time, with all its attempts.
    pub async fn open_for(
        of: &Connectors,
        tenant: &Tenant,
        connection: &Connection,
        altogether: Duration,
    ) -> Result<Self> {
        let config = connection.config()?;
        let connector = of.connect(tenant, connection).await?.within(altogether);
        Ok(Self { connector, config })
    }

    /// Services, groups and agents.
    ///
    /// # Errors
    /// `Unavailable` when it does not answer, `RefusedElsewhere`, in its words, when it refuses
    /// or its answer cannot be read; here and below.
    pub async fn personnel(&self) -> Result<CentrePersonnel, Unanswered> {
        let none = CentrePersonnel { services: Vec::new(), agents: Vec::new() };
        Ok(self.ask("personnel", "/personnel", &[]).await?.unwrap_or(none))
    }

    /// The load of these groups, of which there is one at least.
    pub async fn groups_load(&self, groups: &[String]) -> Result<Vec<ArgusGroupLoad>> {
        let groups = groups.join(",");
        let query = [("groupId", groups.as_str())];
        let path = "/online/groupsOnlineLoad";
        let told: Option<_> = self.ask("groupsOnlineLoad", path, &query).await?;
        Ok(told.unwrap_or_default())
    }

    /// A list of a historic method; empty where it says that there is nothing.
    pub async fn historic<T: DeserializeOwned>(
        &self,
        method: &'static str,
        query: &[(&str, &str)],
    ) -> Result<Vec<T>, Unanswered> {
        let path = format!("/historic/{method}");
        Ok(self.ask(method, &path, query).await?.unwrap_or_default())
    }

    async fn ask<T: DeserializeOwned>(
        &self,
        method: &'static str,
        usual: &str,
        query: &[(&str, &str)],
    ) -> Result<Option<T>, Unanswered> {
        let request = Request::get(self.config.path(method, usual)).up_to(LARGEST);
        let request = query.iter().fold(request, |to, (name, value)| to.query(name, value));
        let reply = self
            .connector
            .call(request)
            .await
            .map_err(|failed| Unanswered { error: failed.into(), again: Again::MayHelp })?;
        read(method, &reply)
    }
}

/// A call that changes nothing, for a test of a connection.
pub fn harmless(config: &Config) -> Request {
    Request::get(config.path("personnel", "/personnel")).up_to(LARGEST)
}

/// An error as the protocol has it.
#[derive(Deserialize)]
struct Refusal {
    #[serde(default)]
    field: Option<String>,
    message: String,
    #[serde(default)]
    description: Option<String>,
}

fn read<T: DeserializeOwned>(method: &'static str, reply: &Reply) -> Result<Option<T>, Unanswered> {
    let status = reply.status.as_u16();
    let refused = |again, words| Err(Unanswered::refused(again, words));
    match status {
        200 => match serde_json::from_slice(&reply.body) {
            Ok(told) => Ok(Some(told)),
            Err(error) => Err(Unanswered::unreadable(method, &why_not::<T>(&reply.body, &error))),
        },
        404 if reply.body.is_empty() => Ok(None),
        404 => {
            let words = format!("The contact centre has no method {method} at its path");
            refused(Again::HasNone, words)
        }
        401 | 403 => {
            let words = "The contact centre refuses the connection's user".to_owned();
            refused(Again::IsOfNoUse, words)
        }
        408 | 429 | 502..=504 => {
            let words = format!("The contact centre answers {status} to {method}");
            let mut error = Error::new(Kind::Unavailable, words);
            let after = reply.failure(String::new()).retry_after;
            error.retry_after = Some(after.unwrap_or(Duration::from_secs(5)));
            Err(Unanswered { error, again: Again::MayHelp })
        }
        _ => refused(Again::MayHelp, said(method, reply)),
    }
}

/// Why a body is not what it should be, with the name of the member.
fn why_not<T: DeserializeOwned>(body: &[u8], error: &serde_json::Error) -> String {
    let value: Result<serde_json::Value, _> = serde_json::from_slice(body);
    let named = value.ok().and_then(|value| of_value::<T>(value).err());
    named.map_or_else(|| format!("it is not JSON: {error}"), |named| named.detail)
}

/// Its own words about why it refuses.
fn said(method: &str, reply: &Reply) -> String {
    let status = reply.status.as_u16();
    match serde_json::from_slice::<Refusal>(&reply.body) {
        Ok(said) => {
            let all = [Some(said.message), said.field, said.description];
            let words: Vec<String> = all.into_iter().flatten().filter(|w| !w.is_empty()).collect();
            let words: String = words.join(", ").chars().take(MOST_WORDS).collect();
            format!("The contact centre refuses {method} ({status}): {words}")
        }
        Err(_) => format!("The contact centre answers {status} to {method}"),
    }
}

impl Unanswered {
    /// An answer that is not the protocol's, for this reason.
    pub fn unreadable(method: &str, reason: &str) -> Self {
        let words = format!("The contact centre's answer to {method} cannot be read: {reason}");
        Self::refused(Again::IsOfNoUse, words)
    }

    fn refused(again: Again, words: String) -> Self {
        Self { error: Error::new(Kind::RefusedElsewhere, words), again }
    }
}

impl From<Unanswered> for Error {
    fn from(unanswered: Unanswered) -> Self {
        unanswered.error
    }
}

impl From<Unanswered> for Failure {
    fn from(Unanswered { error, again }: Unanswered) -> Self {
        Self { retry: again == Again::MayHelp, ..error.into() }
    }
}
