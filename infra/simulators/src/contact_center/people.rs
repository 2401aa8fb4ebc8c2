//! Who works there and on what: services, their groups, and agents.

use serde::{Serialize, Serializer};

/// The id of the one service of a centre that knows none.
pub const STATIC_SERVICE: &str = "1";

/// A service: contacts on a topic over a channel.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Service {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Whether it is active.
    #[serde(rename = "status", serialize_with = "status")]
    pub active: bool,
    /// Its groups; without any the list is left out.
    #[serde(rename = "serviceGroups", skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<Group>,
}

/// A group: a queue, a project, a skill.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Group {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Whether it is active.
    #[serde(rename = "status", serialize_with = "status")]
    pub active: bool,
    /// What its contacts come over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel_type: Option<Channel>,
}

/// What contacts come over.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Channel {
    /// Chats.
    Chats,
    /// Mails.
    Mails,
    /// Calls of customers.
    IncomingCalls,
    /// Calls to customers.
    OutgoingCalls,
}

/// An agent's account.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Agent {
    /// Its id.
    pub id: String,
    /// The given name, or the whole one, or that of the account.
    pub name: String,
    /// The family name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub surname: Option<String>,
    /// The patronymic.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub second_name: Option<String>,
    /// The personnel number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent_number: Option<String>,
    /// The login in a system for signing in once.
    #[serde(rename = "loginSSO", skip_serializing_if = "Option::is_none")]
    pub login: Option<String>,
    /// The groups whose contacts it can take; without any it is not told of.
    #[serde(rename = "agentGroups", serialize_with = "groups")]
    pub groups: Vec<String>,
}

impl Service {
    /// An active one without groups.
    pub fn new(id: &str, name: &str) -> Self {
        Self { id: id.to_owned(), name: name.to_owned(), active: true, groups: Vec::new() }
    }

    /// With an active group more.
    pub fn group(mut self, id: &str, name: &str) -> Self {
        let (id, name) = (id.to_owned(), name.to_owned());
        self.groups.push(Group { id, name, active: true, channel_type: None });
        self
    }
}

impl Agent {
    /// One of these groups, with no member that is optional.
    pub fn new(id: &str, name: &str, groups: &[&str]) -> Self {
        Self {
            id: id.to_owned(),
            name: name.to_owned(),
            surname: None,
            second_name: None,
            agent_number: None,
            login: None,
            groups: groups.iter().map(|group| (*group).to_owned()).collect(),
        }
    }
}

/// A service with so many groups, `1` and on, and so many agents, `1` and on, each of one or
/// two of the groups.
pub(super) fn crowd(groups: usize, agents: usize) -> (Service, Vec<Agent>) {
    let service = (1..=groups).fold(Service::new(STATIC_SERVICE, "External system"), |all, id| {
        all.group(&id.to_string(), &format!("Group {id}"))
    });
    let agent = |number: usize| {
        let (one, other) = (number % groups + 1, number * 7 % groups + 1);
        let (one, other) = (one.to_string(), other.to_string());
        let groups = if one == other { vec![one.as_str()] } else { vec![one.as_str(), &other] };
        let agent = Agent::new(&number.to_string(), &format!("Agent{number}"), &groups);
        Agent { agent_number: Some(format!("{number:06}")), ..agent }
    };
    (service, (1..=agents).map(agent).collect())
}

fn status<S: Serializer>(active: &bool, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(if *active { "ACTIVE" } else { "INACTIVE" })
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct OfGroup<'a> {
    group_id: &'a str,
}

fn groups<S: Serializer>(groups: &[String], to: S) -> Result<S::Ok, S::Error> {
    to.collect_seq(groups.iter().map(|group_id| OfGroup { group_id }))
}
