//! The permissions there are, and the roles that bundle them.

use serde::{Deserialize, Serialize};
use shared::web::{Permission, Permissions};

/// See events and what became of them.
pub const EVENTS_READ: Permission = Permission("events.read");
/// Send events, and have them worked through again.
pub const EVENTS_WRITE: Permission = Permission("events.write");

/// A bundle of permissions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Everything.
    Admin,
    /// Everything but administration.
    User,
    /// Sending events, and nothing else.
    Sender,
}

impl Role {
    /// What the role may do.
    pub fn permissions(self) -> Permissions {
        let only = |list: &[Permission]| {
            Permissions::Only(list.iter().map(|permission| permission.0.to_owned()).collect())
        };
        match self {
            Self::Admin => Permissions::All,
            Self::User => only(&[EVENTS_READ, EVENTS_WRITE]),
            Self::Sender => only(&[EVENTS_WRITE]),
        }
    }
}
