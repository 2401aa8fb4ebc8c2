//! What happened to a ticket, in order: rows beside it, numbered without a gap, written with
//! the change that they tell of.
//! Source of the types and their members: the IT support service.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};
use shared::error::{Error, Result};
use shared::web::to_the_millisecond;

use super::model::Ticket;

/// What the sort keys of events begin with, and what comes behind the last.
pub const FIRST: &str = "E#";
pub const LAST: &str = "E$";

/// A ticket's event, a row in the table `tickets`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TicketEvent {
    pk: String,
    sk: String,
    /// Its number, from 1.
    pub seq: i64,
    /// What callers read, but for its number: a JSON object's text.
    data: String,
    /// Whether nothing follows it unless the ticket is opened again.
    pub is_last: bool,
}

/// What is to be told of a ticket.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    kind: &'static str,
    members: Map<String, Json>,
}

impl Told {
    /// Of this type, with these members of an object.
    pub fn of(kind: &'static str, members: Json) -> Self {
        let members = match members {
            Json::Object(members) => members,
            _ => Map::new(),
        };
        Self { kind, members }
    }

    /// What it tells, by name.
    pub fn members(&self) -> &Map<String, Json> {
        &self.members
    }

    /// That the ticket is in another status, or its workflow further.
    pub fn update(ticket: &Ticket, message: &str) -> Self {
        let members = json!({
            "status": ticket.status,
            "decision": ticket.decision,
            "next_action": ticket.status.next_action(),
            "message": message,
        });
        Self::of("workflow_update", members)
    }
}

impl TicketEvent {
    /// The event of this number of a ticket as it is then.
    pub fn new(ticket: &Ticket, seq: i64, told: &Told, now: i64) -> Self {
        let mut data = json!({
            "type": told.kind,
            "ticket_id": ticket.ticket_id,
            "timestamp": to_the_millisecond(now),
        });
        for (name, value) in &told.members {
            data[name] = value.clone();
        }
        Self {
            pk: ticket.key().pk,
            sk: event_sk(seq),
            seq,
            data: data.to_string(),
            is_last: ticket.status.is_terminal() && seq == ticket.seq,
        }
    }

    /// As callers read it.
    pub fn shown(&self) -> Result<Json> {
        let mut shown: Json = serde_json::from_str(&self.data).map_err(Error::internal)?;
        shown["id"] = self.seq.into();
        Ok(shown)
    }
}

/// The sort key of the event of this number.
pub fn event_sk(seq: i64) -> String {
    format!("{FIRST}{seq:012}")
}
