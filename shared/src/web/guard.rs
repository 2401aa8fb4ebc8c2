//! What a route asks of its callers.

use std::sync::Arc;

use crate::error::{Error, Kind};

/// The largest body of a route that does not say otherwise, in bytes.
const BODY_LIMIT: usize = 256 * 1024;

/// One thing that a caller may be allowed to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Permission(pub &'static str);

/// What a caller may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Permissions(Arc<[Permission]>);

impl Permissions {
    /// These and no others.
    pub fn of(permissions: impl IntoIterator<Item = Permission>) -> Self {
        Self(permissions.into_iter().collect())
    }

    /// Whether this is among them.
    pub fn allow(&self, permission: Permission) -> bool {
        self.0.contains(&permission)
    }

    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = Permission> {
        self.0.iter().copied()
    }

    /// Their names.
    pub fn names(&self) -> Vec<&'static str> {
        self.iter().map(|permission| permission.0).collect()
    }
}

/// What a route asks of its callers.
#[derive(Clone, Copy, Debug)]
pub struct Guard {
    /// What they must be allowed to do; none when it is enough to be known.
    pub permission: Option<Permission>,
    /// Another permission that does as well.
    pub or: Option<Permission>,
    /// Whether senders of events may use their own credentials here beside an API key.
    pub senders: bool,
    /// Whether requests count towards the rate limit of their caller.
    pub limited: bool,
    /// The largest body, in bytes.
    pub body: usize,
}

impl Permission {
    /// A guard that asks for this permission.
    pub const fn of_people(self) -> Guard {
        Guard { permission: Some(self), ..Guard::KNOWN }
    }

    /// A guard that asks for this permission and knows senders of events as well.
    pub const fn of_senders(self) -> Guard {
        Guard { senders: true, ..self.of_people() }
    }

    /// A guard of administration, which no rate limit shuts out: whoever must mend
    /// a limit needs to reach it.
    pub const fn of_admins(self) -> Guard {
        Guard { limited: false, ..self.of_people() }
    }

    /// The refusal of a caller who lacks it.
    pub(super) fn missing(self) -> Error {
        missing(self.0)
    }
}

impl Guard {
    /// Asks for nothing but a valid API key or token.
    pub const KNOWN: Self =
        Self { permission: None, or: None, senders: false, limited: true, body: BODY_LIMIT };

    /// The name of the permission that it asks for, for example `events.read`, or
    /// `events.read or events.write`; `authenticated` for none.
    pub fn name(&self) -> String {
        match (self.permission, self.or) {
            (Some(one), Some(other)) => format!("{} or {}", one.0, other.0),
            (Some(one), None) => one.0.to_owned(),
            (None, _) => "authenticated".to_owned(),
        }
    }

    /// With another permission that does as well.
    #[must_use]
    pub const fn or(self, other: Permission) -> Self {
        Self { or: Some(other), ..self }
    }

    /// The refusal of a caller who holds these permissions, unless they are let through.
    pub(super) fn refusal(&self, held: &Permissions) -> Option<Error> {
        let lacking = |permission: &Permission| !held.allow(*permission);
        self.permission.filter(lacking).filter(|_| self.or.is_none_or(|or| lacking(&or)))?;
        Some(missing(&self.name()))
    }

    /// With this limit of its body, in bytes.
    #[must_use]
    pub const fn with_body(self, body: usize) -> Self {
        Self { body, ..self }
    }
}

fn missing(name: &str) -> Error {
    Error::new(Kind::Forbidden, format!("Missing required permission: {name}"))
}
