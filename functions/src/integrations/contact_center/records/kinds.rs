//! How each kind of record is found: whose it is, its natural key, and where echoes of it are.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::DAY;
use super::keys::{BETWEEN, Shelf, day_of, joined, midnight};
use super::model::{
    AgentCall, AgentChat, AgentLogin, AgentStatus, ChatDay, GroupMetrics, QueueMetrics,
};
use super::row::DataKind;

/// What is kept in rows of its own.
pub trait Kept: Clone + Serialize + DeserializeOwned + Send {
    /// What it is.
    const KIND: DataKind;
    /// The name of its partitions.
    const NAME: &'static str;
    /// How much time is in one of them.
    const SHELF: Shelf = Shelf::Month;

    /// Whose partition it is in.
    fn who(&self) -> String;
    /// When it is found.
    fn at(&self) -> i64;
    /// What else its natural key has.
    fn natural(&self) -> String;
    /// Later moments at which it is found as well.
    fn echoes(&self) -> Vec<i64> {
        Vec::new()
    }
    /// What an echo must have in common with its first row.
    fn end(&self) -> Option<i64> {
        None
    }
    /// Whether it ends something, and so comes before what begins at its moment.
    fn comes_first(&self) -> bool {
        false
    }
}

/// What is said of an agent's status at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// It was entered.
    Entered,
    /// It was left.
    Left,
}

/// A change of an agent's status.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusMark {
    /// Whether it was entered or left at `start`.
    pub mark: Mark,
    /// The status.
    #[serde(flatten)]
    pub status: AgentStatus,
}

impl Kept for StatusMark {
    const KIND: DataKind = DataKind::AgentStatus;
    const NAME: &'static str = "STATUS";

    fn who(&self) -> String {
        self.status.agent.clone()
    }
    fn at(&self) -> i64 {
        self.status.start
    }
    fn natural(&self) -> String {
        let AgentStatus { state_code, service, group, .. } = &self.status;
        let or_none = |id: &Option<String>| id.clone().unwrap_or_default();
        joined(&[state_code, &or_none(service), &or_none(group)])
    }
    fn echoes(&self) -> Vec<i64> {
        self.status.end.into_iter().collect()
    }
    fn end(&self) -> Option<i64> {
        self.status.end
    }
    fn comes_first(&self) -> bool {
        self.mark == Mark::Left
    }
}

impl Kept for GroupMetrics {
    const KIND: DataKind = DataKind::ServiceGroupMetrics;
    const NAME: &'static str = "GROUP";

    fn who(&self) -> String {
        joined(&[&self.service, &self.group])
    }
    fn at(&self) -> i64 {
        self.start
    }
    fn natural(&self) -> String {
        String::new()
    }
}

impl Kept for QueueMetrics {
    const KIND: DataKind = DataKind::QueueMetrics;
    const NAME: &'static str = "QUEUE";
    const SHELF: Shelf = Shelf::Day;

    fn who(&self) -> String {
        String::new()
    }
    fn at(&self) -> i64 {
        self.at
    }
    fn natural(&self) -> String {
        joined(&[&self.queue, self.service_group.as_deref().unwrap_or_default()])
    }
}

impl Kept for AgentLogin {
    const KIND: DataKind = DataKind::AgentLogins;
    const NAME: &'static str = "LOGIN";

    fn who(&self) -> String {
        self.agent.clone()
    }
    fn at(&self) -> i64 {
        self.login
    }
    fn natural(&self) -> String {
        String::new()
    }
    fn echoes(&self) -> Vec<i64> {
        vec![self.logout]
    }
    fn end(&self) -> Option<i64> {
        Some(self.logout)
    }
}

impl Kept for AgentCall {
    const KIND: DataKind = DataKind::AgentCalls;
    const NAME: &'static str = "CALL";

    fn who(&self) -> String {
        self.agent.clone()
    }
    fn at(&self) -> i64 {
        self.start
    }
    fn natural(&self) -> String {
        joined(&[&self.service, &self.group])
    }
}

impl Kept for AgentChat {
    const KIND: DataKind = DataKind::AgentChats;
    const NAME: &'static str = "CHAT";

    fn who(&self) -> String {
        self.agent.clone()
    }
    fn at(&self) -> i64 {
        self.start
    }
    fn natural(&self) -> String {
        self.chat.clone().unwrap_or_default()
    }
    /// The midnights that it goes on at.
    fn echoes(&self) -> Vec<i64> {
        let mut midnights = Vec::new();
        let mut next = day_of(self.start) + DAY;
        while next < self.end {
            midnights.push(next);
            next += DAY;
        }
        midnights
    }
    fn end(&self) -> Option<i64> {
        Some(self.end)
    }
}

impl Kept for ChatDay {
    const KIND: DataKind = DataKind::AgentChats;
    const NAME: &'static str = "CHATDAY";

    fn who(&self) -> String {
        self.agent.clone()
    }
    fn at(&self) -> i64 {
        self.day.parse().map_or(0, midnight)
    }
    fn natural(&self) -> String {
        String::new()
    }
}

/// The service and the group of what [`GroupMetrics`] are found by.
pub(super) fn service_and_group(who: &str) -> (String, String) {
    let (service, group) = who.split_once(BETWEEN).unwrap_or_default();
    (service.to_owned(), group.to_owned())
}
