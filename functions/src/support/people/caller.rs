//! Whom a caller speaks for. A token is one person's, who speaks for nobody else; an API key
//! is a program's, which says for whom it speaks.

use shared::error::{Error, Result};
use shared::web::Caller;

use crate::access::permission::{TICKETS_APPROVE, TICKETS_READ};
use crate::support::tickets::Ticket;

/// The person whose token it is; none for a program.
pub fn person(by: &Caller) -> Option<&str> {
    by.actor.strip_prefix("user:")
}

/// That a caller may speak for the person whom a field names.
///
/// # Errors
/// `Invalid`, naming the field.
pub fn may_speak_for(by: &Caller, field: &str, name: &str) -> Result<()> {
    match person(by).filter(|person| *person != name) {
        Some(person) => Err(Error::invalid(field, format!("must be {person}, whose token it is"))),
        None => Ok(()),
    }
}

/// Whether a caller may see a ticket: whoever reads or approves all of them, others those
/// that they asked for.
pub fn sees(by: &Caller, ticket: &Ticket) -> bool {
    by.permissions.allow(TICKETS_READ)
        || by.permissions.allow(TICKETS_APPROVE)
        || ticket.requested_by == by.actor
        || person(by).is_some_and(|person| ticket.is_asked_for_by(person))
}
