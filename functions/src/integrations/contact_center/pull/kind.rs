//! The kinds of what was, by the methods of the protocol that tell of them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What can be pulled.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "camelCase")]
pub enum PullKind {
    /// Contacts of groups by interval.
    ServiceGroupData,
    /// Statuses of agents.
    AgentStatusData,
    /// Times of being signed in.
    AgentLoginData,
    /// Contacts of agents.
    AgentCallsData,
    /// Times with chats, by day; only chat platforms have it.
    AgentChatsWorkTime,
}

impl PullKind {
    /// All, in the order in which they are pulled.
    pub const ALL: [Self; 5] = [
        Self::ServiceGroupData,
        Self::AgentStatusData,
        Self::AgentLoginData,
        Self::AgentCallsData,
        Self::AgentChatsWorkTime,
    ];

    /// The method's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::ServiceGroupData => "serviceGroupData",
            Self::AgentStatusData => "agentStatusData",
            Self::AgentLoginData => "agentLoginData",
            Self::AgentCallsData => "agentCallsData",
            Self::AgentChatsWorkTime => "agentChatsWorkTime",
        }
    }

    /// The kind of this method.
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Whether it is asked for by group, and not by agent.
    pub fn is_of_groups(self) -> bool {
        self == Self::ServiceGroupData
    }
}
