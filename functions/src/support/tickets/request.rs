//! Use case: ask for something. The ticket is written with the job of its workflow, and the
//! answer does not wait for that.

use serde::{Deserialize, Serialize};
use shared::env::Env;
use shared::error::{Error, Result};
use shared::idempotency::{IdempotencyKey, Remembered};
use shared::ids;
use shared::table::Table;
use shared::tenant::Tenant;
use shared::web::{Caller, at_most, moment};
use utoipa::ToSchema;

use super::model::{Priority, Request, Ticket, ticket_id};
use super::store::TicketStore;
use crate::access::permission::TICKETS_APPROVE;
use crate::rule_book::RuleBook;
use crate::support::people::may_speak_for;
use crate::support::policies::Policies;

/// The longest name of anybody, kind and title, in characters.
const LONGEST_NAME: usize = 100;
const LONGEST_TITLE: usize = 255;
/// Letters that leave no mark.
const HIDDEN: [char; 8] =
    ['\u{ad}', '\u{200b}', '\u{200c}', '\u{200d}', '\u{200e}', '\u{200f}', '\u{2060}', '\u{feff}'];
/// The longest description and justification, in bytes.
const LONGEST_TEXT: usize = 16 * 1024;

/// The use cases of tickets. Cheap to clone.
#[derive(Clone)]
pub struct Tickets {
    pub(super) store: TicketStore,
    pub(super) book: RuleBook<Policies>,
    control: Table,
}

/// What somebody asks for.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRequest {
    /// For whom.
    #[schema(min_length = 1, max_length = 100, example = "EMP001")]
    employee_id: String,
    /// What kind of thing, in any words; the policies go by it.
    #[schema(min_length = 1, max_length = 100, example = "software_access")]
    request_type: String,
    /// In one line.
    #[schema(min_length = 1, max_length = 255, example = "Request for Admin Access")]
    title: String,
    /// In full, at most 16 KiB.
    #[schema(example = "Need admin access to database")]
    description: String,
    /// `low`, `medium`, `high`, `urgent` or `critical`, whatever the case.
    #[serde(default = "medium")]
    #[schema(required = false, example = "high")]
    priority: String,
    /// How soon it is wanted: `normal`, `urgent` or `critical`.
    #[serde(default = "normal")]
    #[schema(required = false, max_length = 100, example = "urgent")]
    urgency: String,
    /// Why it is needed, at most 16 KiB.
    #[schema(example = "Required for quarterly review")]
    business_justification: Option<String>,
    /// By when it is wanted: RFC 3339, or a date.
    #[schema(example = "2024-01-15T00:00:00Z")]
    desired_completion_date: Option<String>,
}

fn medium() -> String {
    "medium".to_owned()
}

fn normal() -> String {
    "normal".to_owned()
}

impl Tickets {
    /// Needs the tables `tickets`, `control`, `audit` and `messages`, and the queues of
    /// tickets, of deliveries, of notices and of live messages.
    pub fn load(env: &Env) -> Result<Self> {
        Ok(Self {
            store: TicketStore::load(env)?,
            book: RuleBook::load(env)?,
            control: env.table("CONTROL_TABLE")?,
        })
    }

    /// Asks, or answers the ticket that was made under this key.
    ///
    /// # Errors
    /// `Invalid`, naming the member.
    pub(super) async fn ask(
        &self,
        by: &Caller,
        new: &NewRequest,
        key: Option<IdempotencyKey>,
    ) -> Result<Ticket> {
        let request = new.read()?;
        if !by.permissions.allow(TICKETS_APPROVE) {
            may_speak_for(by, "employee_id", &request.employee_id)?;
        }
        let digest = ids::hex_digest(&serde_json::to_vec(new).map_err(Error::internal)?);
        let clock = &self.store.log.clock;
        if let Some(key) = &key
            && let Some(known) = key.look_up(&self.control, &by.tenant, clock).await?
        {
            return self.known(by, &known, &digest).await;
        }
        let rank = self.store.next_number(&by.tenant).await?;
        let mut ticket = Ticket::new(&by.tenant, rank, &by.actor, request, clock.now_ms());
        let remember = key.map(|key| key.remember(&self.control, &by.tenant, clock, rank, &digest));
        let also = remember.transpose()?.into_iter().collect();
        match self.store.create(by, &mut ticket, also).await? {
            Ok(()) => Ok(ticket),
            Err(Some(first)) => self.known(by, &first.parse()?, &digest).await,
            Err(None) => Err(Error::bug("what stood in a key's way is nothing")),
        }
    }

    /// Has the product itself ask for something, once under this key, and answers the id of
    /// the ticket.
    ///
    /// # Errors
    /// `Invalid`, naming the member.
    pub(crate) async fn ask_itself(
        &self,
        tenant: &Tenant,
        key: &str,
        new: &NewRequest,
    ) -> Result<String> {
        let (sender, value) = ("system".to_owned(), key.to_owned());
        let key = IdempotencyKey { sender, place: "itself", value };
        let ticket = self.ask(&Caller::system(tenant), new, Some(key)).await?;
        Ok(ticket.ticket_id)
    }

    /// The ticket that was made first under a key.
    async fn known(&self, by: &Caller, known: &Remembered, digest: &str) -> Result<Ticket> {
        if known.body != digest {
            let message = "was used before for another request";
            return Err(Error::invalid("header Idempotency-Key", message));
        }
        self.store.log.find(&by.tenant, &ticket_id(&by.tenant, known.id)).await
    }
}

impl NewRequest {
    /// The ticket that would come of it, which is not written.
    ///
    /// # Errors
    /// `Invalid`, naming the member.
    pub(in crate::support) fn untold(&self, by: &Caller) -> Result<Ticket> {
        Ok(Ticket::new(&by.tenant, 0, &by.actor, self.read()?, 0))
    }

    fn read(&self) -> Result<Request> {
        name("employee_id", &self.employee_id)?;
        name("request_type", &self.request_type)?;
        words("title", &self.title, LONGEST_TITLE)?;
        if self.description.trim().is_empty() {
            return Err(Error::invalid("description", "must not be empty"));
        }
        at_most(LONGEST_TEXT, "description", &self.description)?;
        let justification = self.business_justification.clone();
        at_most(LONGEST_TEXT, "business_justification", justification.as_deref().unwrap_or(""))?;
        name("urgency", &self.urgency)?;
        let completion = self.desired_completion_date.as_deref();
        let completion = completion.map(|text| moment("desired_completion_date", text));
        let completion = completion.transpose()?.map(|moment| moment.as_millisecond());
        Ok(Request {
            employee_id: self.employee_id.clone(),
            request_type: self.request_type.clone(),
            title: self.title.clone(),
            description: self.description.clone(),
            priority: priority(&self.priority)?,
            priority_said: self.priority.clone(),
            urgency: self.urgency.clone(),
            business_justification: justification,
            desired_completion: completion,
        })
    }
}

fn priority(text: &str) -> Result<Priority> {
    match text.to_lowercase().as_str() {
        "low" => Ok(Priority::Low),
        "medium" => Ok(Priority::Medium),
        "high" => Ok(Priority::High),
        "urgent" | "critical" => Ok(Priority::Urgent),
        _ => Err(Error::invalid("priority", "must be low, medium, high, urgent or critical")),
    }
}

/// That this can be somebody's name, or that of a kind of thing.
///
/// # Errors
/// `Invalid`, naming `field`.
pub fn name(field: &str, text: &str) -> Result<()> {
    // What is not seen would make one person two.
    let is_seen = |letter: char| !letter.is_control() && !HIDDEN.contains(&letter);
    if text.trim() != text || !text.chars().all(is_seen) {
        return Err(Error::invalid(field, "must not have spaces around it, or letters not seen"));
    }
    words(field, text, LONGEST_NAME)
}

fn words(field: &str, text: &str, longest: usize) -> Result<()> {
    match text.chars().count() {
        many if many <= longest && !text.trim().is_empty() => Ok(()),
        _ => Err(Error::invalid(field, format!("must have 1 to {longest} characters"))),
    }
}
