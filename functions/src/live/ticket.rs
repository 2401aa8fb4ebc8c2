//! Tickets: what a browser opens a socket with, since it can send no headers then. A
//! ticket lets its maker in once, within a minute; only its digest is stored.

use serde::{Deserialize, Serialize};
use serde_json::json;
use shared::audit::Trail;
use shared::clock::Clock;
use shared::env::Env;
use shared::error::{Error, Kind, Result};
use shared::ids;
use shared::table::{Cond, Item, Key, Read, Table, Write, Written};
use shared::tenant::Tenant;
use shared::web::{Caller, Permission, Permissions, Standing};

use crate::access::permission::{Role, known};
use crate::access::tenants::operator;

/// How long a ticket is valid, in milliseconds.
const VALID_MS: i64 = 60_000;
/// What every ticket starts with, so that it is known for one wherever it turns up.
const START: &str = "lt_";

/// The use case.
#[derive(Clone)]
pub struct Tickets {
    messages: Table,
    trail: Trail,
    clock: Clock,
    operator: Tenant,
}

/// A ticket's text and until when it is valid, in milliseconds since 1970.
pub(super) struct Issued {
    pub text: String,
    pub until: i64,
}

/// A ticket as stored.
#[derive(Serialize, Deserialize)]
struct Ticket {
    pk: String,
    sk: String,
    tenant: Tenant,
    actor: String,
    permissions: Vec<String>,
    standing: Standing,
    corr: String,
    /// From when on it is not valid, in milliseconds since 1970.
    until: i64,
    expires_at: i64,
}

impl Tickets {
    /// Needs the tables `messages` and `audit`.
    pub fn load(env: &Env) -> Result<Self> {
        Ok(Self {
            messages: env.table("MESSAGES_TABLE")?,
            trail: Trail::load(env)?,
            clock: env.clock(),
            operator: operator(env)?,
        })
    }

    /// A ticket for this caller.
    pub(super) async fn issue(&self, by: &Caller) -> Result<Issued> {
        let text = format!("{START}{}{}", ids::unique(), ids::unique());
        let until = self.clock.now_ms() + VALID_MS;
        let Key { pk, sk } = place(&text);
        let ticket = Ticket {
            pk,
            sk,
            tenant: by.tenant.clone(),
            actor: by.actor.clone(),
            permissions: by.permissions.names().into_iter().map(str::to_owned).collect(),
            standing: by.standing.clone(),
            corr: by.corr.clone(),
            until,
            expires_at: until / 1000 + 1,
        };
        let subject = format!("live-ticket:{}", &ids::unique()[..12]);
        let writes = vec![
            self.messages.put(Item::of(&ticket)?, Some(Cond::Absent("pk"))),
            self.trail.entry(by, "live-ticket.create", subject, &json!({}))?,
        ];
        match self.messages.transact(&ids::time_ordered(), writes).await? {
            Written::Done => Ok(Issued { text, until }),
            Written::Refused(_) => Err(Error::bug("a ticket was given twice")),
        }
    }

    /// Whose ticket this is, and the write that spends it, which is refused when it was
    /// spent meanwhile.
    ///
    /// # Errors
    /// `Unauthorized` when it is not valid.
    pub(super) async fn present(&self, text: &str) -> Result<(Caller, Write)> {
        let place = place(text);
        let found: Option<Ticket> = self.messages.get(&place, Read::Consistent).await?;
        let now = self.clock.now_ms();
        let ticket = found.filter(|ticket| now < ticket.until).ok_or_else(spent)?;
        let whole = Role::Admin.permissions(&ticket.tenant, &self.operator);
        let held: Vec<Permission> =
            ticket.permissions.iter().filter_map(|name| known(&whole, name)).collect();
        let caller = Caller {
            tenant: ticket.tenant,
            actor: ticket.actor,
            permissions: Permissions::of(held),
            rate_limit: None,
            standing: ticket.standing,
            corr: ticket.corr,
        };
        Ok((caller, self.messages.delete(place, Some(Cond::Present("pk")))))
    }
}

/// The refusal of a ticket.
pub(super) fn spent() -> Error {
    Error::new(Kind::Unauthorized, "The ticket is unknown, used or expired")
}

/// Where a ticket is found. Only who has it knows the place.
fn place(text: &str) -> Key {
    Key::alone(format!("LIVE-TICKET#{}", ids::hex_digest(text.as_bytes())))
}
