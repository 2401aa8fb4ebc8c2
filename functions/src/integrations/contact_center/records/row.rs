//! A record's rows.

use serde::{Deserialize, Serialize};
use shared::error::Result;
use shared::table::{Item, Key};
use utoipa::ToSchema;

use super::keys::{Centre, moment};
use super::kinds::Kept;

/// The kinds of records, as the API calls them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DataKind {
    /// Stretches in a status.
    AgentStatus,
    /// Contacts of groups over intervals.
    ServiceGroupMetrics,
    /// Numbers of queues.
    QueueMetrics,
    /// Times of being signed in.
    AgentLogins,
    /// Contacts of agents.
    AgentCalls,
    /// Times with chats.
    AgentChats,
}

/// Where a record came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// The contact centre was asked.
    Argus,
    /// It was pushed.
    RealtimeApi,
    /// It was imported in bulk.
    BulkImport,
}

/// A row of a record.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Row<T> {
    pub(super) pk: String,
    pub(super) sk: String,
    /// The record's first moment, if this is an echo of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) echo_of: Option<i64>,
    /// The record.
    #[serde(flatten)]
    pub record: T,
    /// Where it came from.
    pub origin: Origin,
    /// What was sent, as JSON text, if that was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw: Option<String>,
    pub(super) expires_at: i64,
}

impl<T: Kept> Row<T> {
    /// Whether it stands for a record that begins before.
    pub fn is_echo(&self) -> bool {
        self.echo_of.is_some()
    }

    /// Its key.
    pub fn key(&self) -> Key {
        Key { pk: self.pk.clone(), sk: self.sk.clone() }
    }

    /// Its first row, and its echoes, as they are to be written.
    pub(super) fn all(centre: Centre<'_>, of: &Self) -> Result<Vec<Item>> {
        let mut items = vec![Item::of(of)?];
        for at in of.record.echoes() {
            let key = echo_key(centre, &of.record, at);
            let (echo_of, raw) = (Some(of.record.at()), None);
            items.push(Item::of(&Self { pk: key.pk, sk: key.sk, echo_of, raw, ..of.clone() })?);
        }
        Ok(items)
    }
}

/// The key of a record's first row.
pub(super) fn first_key<T: Kept>(centre: Centre<'_>, record: &T) -> Key {
    let (at, order) = (record.at(), if record.comes_first() { '0' } else { '1' });
    let pk = centre.partition(T::NAME, T::SHELF, at, &record.who());
    Key { pk, sk: format!("{}#{order}#{}", moment(at), record.natural()) }
}

fn echo_key<T: Kept>(centre: Centre<'_>, record: &T, at: i64) -> Key {
    let pk = centre.partition(T::NAME, T::SHELF, at, &record.who());
    let first = moment(record.at());
    Key { pk, sk: format!("{}#0#{first}#{}", moment(at), record.natural()) }
}
