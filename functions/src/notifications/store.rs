//! What all use cases of notifications share.

use serde::de::DeserializeOwned;
use serde_json::Value as Json;
use shared::audit::Trail;
use shared::breaker::Breakers;
use shared::clock::Clock;
use shared::env::Env;
use shared::error::{Error, Kind, Result};
use shared::ids;
use shared::jobs::Lane;
use shared::outbound::Targets;
use shared::table::{Key, Read, Table, Write, Written};
use shared::vault::Cached;
use shared::web::Caller;
use uuid::Uuid;

use super::lane::lane;
use super::notices::Notifier;

/// The use cases. Cheap to clone.
#[derive(Clone)]
pub struct Notifications {
    pub(super) messages: Table,
    pub(super) vault: Cached,
    pub(super) reachable: Targets,
    pub(super) trail: Trail,
    pub(super) lane: Lane,
    pub(super) notifier: Notifier,
    pub(super) breakers: Breakers,
    pub(super) clock: Clock,
    /// Whether mail can be sent.
    pub(super) sends_mail: bool,
    /// Where people can see more.
    pub(super) link: Option<String>,
}

/// What is said when somebody else was faster.
pub(super) const INTERFERED: &str = "It was changed by somebody else at the same moment";

/// What the circuit breaker of a target is called.
pub(super) fn breaker_name(target: &str) -> String {
    format!("notifications/{target}")
}

impl Notifications {
    /// Needs the tables `messages`, `control` and `audit`, the queue of notices, and the
    /// vault. Mail can be sent when `MAIL_FROM` says from whom; `PUBLIC_URL` is where
    /// people can see more.
    pub fn load(env: &Env) -> Result<Self> {
        Ok(Self {
            messages: env.table("MESSAGES_TABLE")?,
            vault: env.vault(),
            reachable: env.targets()?,
            trail: Trail::load(env)?,
            lane: lane(env)?,
            notifier: Notifier::load(env)?,
            breakers: Breakers::new(env.table("CONTROL_TABLE")?, env.clock()),
            clock: env.clock(),
            sends_mail: env.optional("MAIL_FROM").is_some(),
            link: env.optional("PUBLIC_URL").map(str::to_owned),
        })
    }

    /// What has this id; none for what cannot be one.
    pub(super) async fn of_id<T: DeserializeOwned>(
        &self,
        id: &str,
        key: impl FnOnce(&str) -> Key,
    ) -> Result<Option<T>> {
        match Uuid::try_parse(id) {
            Ok(id) => self.messages.get(&key(&id.to_string()), Read::Consistent).await,
            Err(_) => Ok(None),
        }
    }

    /// Makes a change together with its entry in the audit trail.
    ///
    /// # Errors
    /// `Conflict`, told as `refused`, when one of the writes is.
    pub(super) async fn change(
        &self,
        by: &Caller,
        action: &str,
        subject: String,
        details: &Json,
        mut writes: Vec<Write>,
        refused: &str,
    ) -> Result<()> {
        writes.push(self.trail.entry(by, &format!("notification.{action}"), subject, details)?);
        match self.messages.transact(&ids::time_ordered(), writes).await? {
            Written::Done => Ok(()),
            Written::Refused(_) => Err(Error::new(Kind::Conflict, refused)),
        }
    }
}
