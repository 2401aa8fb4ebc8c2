//! The records there are. Moments are milliseconds since 1970, durations milliseconds.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use shared::error::{Error, Result};

use super::keys::midnight;

/// The longest id, code or name of anything, in bytes.
pub const LONGEST_ID: usize = 128;
/// The longest stretch with a chat that is kept: a week.
const LONGEST_CHAT: i64 = 7 * 24 * 3_600_000;
/// Years that a moment may be in: 2000 to 2199.
const MOMENTS: std::ops::Range<i64> = 946_684_800_000..7_258_118_400_000;

/// A stretch of an agent in a status. Natural key: agent, start, code, service and group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentStatus {
    /// The agent.
    pub agent: String,
    /// The status's code, with the reason's behind it if there is one.
    pub state_code: String,
    /// Its name.
    pub state_name: String,
    /// Since when.
    pub start: i64,
    /// Until when; none if that is not known. Then it is the next change of the agent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<i64>,
    /// The service in which it holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// The group in which it holds; none when it has nothing to do with one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
}

/// Contacts of a group counted over an interval. Natural key: service, group and start.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct GroupMetrics {
    /// The service.
    pub service: String,
    /// The group.
    pub group: String,
    /// The interval.
    pub start: i64,
    /// Its end.
    pub end: i64,
    /// All contacts received, treated and missed.
    pub not_unique_received: i64,
    /// See above.
    pub not_unique_treated: i64,
    /// See above.
    pub not_unique_missed: i64,
    /// Contacts that were the first of their customer on that day.
    pub received_calls: i64,
    /// See above.
    pub treated_calls: i64,
    /// See above.
    pub miss_calls: i64,
    /// Ringing, talking and holding for each of `not_unique_treated`.
    pub aht: i64,
    /// Work afterwards for each of them.
    pub post_processing: i64,
    /// Contacts answered in time, if that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered_in_time: Option<i64>,
}

/// Numbers of a queue at a moment. Natural key: queue, service group and moment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct QueueMetrics {
    /// The queue.
    pub queue: String,
    /// The service or group that it is of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service_group: Option<String>,
    /// When.
    pub at: i64,
    /// The numbers, by name, as a JSON object's text.
    pub metrics: String,
}

/// A time of being signed in. Natural key: agent and login.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentLogin {
    /// The agent.
    pub agent: String,
    /// From when.
    pub login: i64,
    /// Until when.
    pub logout: i64,
}

/// A contact that an agent worked on. Natural key: agent, start, service and group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentCall {
    /// The agent.
    pub agent: String,
    /// The service.
    pub service: String,
    /// The group.
    pub group: String,
    /// From when.
    pub start: i64,
    /// Until when.
    pub end: i64,
    /// Of what kind it was, if that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call_type: Option<String>,
}

/// A time with a chat open. Natural key: agent, start and the chat's id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentChat {
    /// The agent.
    pub agent: String,
    /// From when.
    pub start: i64,
    /// Until when.
    pub end: i64,
    /// The chat's id, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chat: Option<String>,
}

/// How long an agent had chats open on a day, where the chats themselves are not known.
/// Natural key: agent and day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChatDay {
    /// The agent.
    pub agent: String,
    /// The day, as `2026-01-31`, in the contact centre's zone.
    pub day: String,
    /// How long.
    pub work_time: i64,
    /// How many chats there were, if that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sessions: Option<i64>,
}

/// Any of them.
#[derive(Clone, Debug, PartialEq)]
pub enum Record {
    /// A stretch in a status.
    AgentStatus(AgentStatus),
    /// Contacts of a group over an interval.
    GroupMetrics(GroupMetrics),
    /// Numbers of a queue.
    QueueMetrics(QueueMetrics),
    /// A time of being signed in.
    AgentLogin(AgentLogin),
    /// A contact.
    AgentCall(AgentCall),
    /// A time with a chat open.
    AgentChat(AgentChat),
    /// A day's time with chats.
    ChatDay(ChatDay),
}

impl AgentStatus {
    /// The name of a status that was told by its code alone: `after_call_work` is
    /// `After Call Work`.
    pub fn name_of(code: &str) -> String {
        let word = |word: &str| {
            let mut letters = word.chars();
            let first = letters.next().into_iter().flat_map(char::to_uppercase);
            first.chain(letters.flat_map(char::to_lowercase)).collect::<String>()
        };
        code.split(['_', ' ']).map(word).collect::<Vec<_>>().join(" ")
    }
}

impl QueueMetrics {
    /// The numbers, by name.
    pub fn numbers(&self) -> BTreeMap<String, Json> {
        serde_json::from_str(&self.metrics).unwrap_or_default()
    }
}

impl Record {
    /// That the record can be kept: ids are there, short and printable, moments are of our
    /// time and in order, counts and durations are not negative.
    ///
    /// # Errors
    /// `Invalid`, naming the member as it is called here.
    pub fn check(&self) -> Result<()> {
        match self {
            Self::AgentStatus(of) => {
                ids([("agent", &of.agent), ("state_code", &of.state_code)])?;
                named("state_name", &of.state_name)?;
                optional("service", of.service.as_ref())?;
                optional("group", of.group.as_ref())?;
                moments(("start", of.start), of.end.map(|end| ("end", end)))
            }
            Self::GroupMetrics(of) => {
                ids([("service", &of.service), ("group", &of.group)])?;
                of.counts().iter().try_for_each(|(name, count)| not_negative(name, *count))?;
                moments(("start", of.start), Some(("end", of.end)))?;
                less("end", of.start < of.end)
            }
            Self::QueueMetrics(of) => {
                ids([("queue", &of.queue)])?;
                optional("service_group", of.service_group.as_ref())?;
                moments(("at", of.at), None)
            }
            Self::AgentLogin(of) => {
                ids([("agent", &of.agent)])?;
                moments(("login", of.login), Some(("logout", of.logout)))
            }
            Self::AgentCall(of) => {
                ids([("agent", &of.agent), ("service", &of.service), ("group", &of.group)])?;
                optional("call_type", of.call_type.as_ref())?;
                moments(("start", of.start), Some(("end", of.end)))
            }
            Self::AgentChat(of) => {
                ids([("agent", &of.agent)])?;
                optional("chat", of.chat.as_ref())?;
                moments(("start", of.start), Some(("end", of.end)))?;
                let fits = of.end - of.start <= LONGEST_CHAT;
                fits.then_some(()).ok_or_else(|| {
                    Error::invalid("end", "must be at most seven days after the start")
                })
            }
            Self::ChatDay(of) => {
                ids([("agent", &of.agent)])?;
                not_negative("work_time", of.work_time)?;
                not_negative("sessions", of.sessions.unwrap_or(0))?;
                let day = of.day.parse::<jiff::civil::Date>();
                let day = day.map_err(|_| Error::invalid("day", "must be a date"))?;
                moments(("day", midnight(day)), None)
            }
        }
    }
}

impl GroupMetrics {
    fn counts(&self) -> [(&'static str, i64); 9] {
        [
            ("not_unique_received", self.not_unique_received),
            ("not_unique_treated", self.not_unique_treated),
            ("not_unique_missed", self.not_unique_missed),
            ("received_calls", self.received_calls),
            ("treated_calls", self.treated_calls),
            ("miss_calls", self.miss_calls),
            ("aht", self.aht),
            ("post_processing", self.post_processing),
            ("answered_in_time", self.answered_in_time.unwrap_or(0)),
        ]
    }
}

fn ids<const N: usize>(ids: [(&str, &String); N]) -> Result<()> {
    ids.into_iter().try_for_each(|(field, id)| {
        if id.is_empty() { Err(Error::invalid(field, "is required")) } else { named(field, id) }
    })
}

fn optional(field: &str, id: Option<&String>) -> Result<()> {
    id.map_or(Ok(()), |id| ids([(field, id)]))
}

fn named(field: &str, text: &str) -> Result<()> {
    if text.len() <= LONGEST_ID && !text.contains(char::is_control) {
        return Ok(());
    }
    let message = format!("must be at most {LONGEST_ID} bytes, none of them a control character");
    Err(Error::invalid(field, message))
}

fn not_negative(field: &str, number: i64) -> Result<()> {
    if (0..=i64::from(i32::MAX) * 1000).contains(&number) {
        return Ok(());
    }
    Err(Error::invalid(field, "must be >= 0, and no absurd number"))
}

fn moments((first, start): (&str, i64), end: Option<(&str, i64)>) -> Result<()> {
    for (field, moment) in [(first, start)].into_iter().chain(end) {
        if !MOMENTS.contains(&moment) {
            return Err(Error::invalid(field, "must lie between 2000 and 2199"));
        }
    }
    end.map_or(Ok(()), |(field, end)| less(field, start <= end))
}

fn less(field: &str, holds: bool) -> Result<()> {
    let message = "must not be before the start";
    holds.then_some(()).ok_or_else(|| Error::invalid(field, message))
}
