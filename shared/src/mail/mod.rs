//! The mail port. A mailer hands a mail to whoever carries it on; what becomes of it
//! behind that nobody tells. On AWS it is Amazon SES, which only the function that asks
//! for it links; a local process speaks SMTP.

mod ses;

pub use ses::ses;

use std::time::Duration;

use crate::boxed::Boxed;
use crate::outbound::Outcome;

/// How many people one mail may go to: SES's own limit
/// (Amazon SES API v2 reference, `Destination`).
pub const MOST_RECIPIENTS: usize = 50;

/// A mail of plain text.
#[derive(Clone, Debug)]
pub struct Mail {
    /// Whom it is from.
    pub from: String,
    /// Whom it is to.
    pub to: Vec<String>,
    /// Its subject, in one line.
    pub subject: String,
    /// Its text.
    pub text: String,
    /// What it is known by, the same for each attempt at it.
    pub id: String,
}

/// Why a mail was not taken.
#[derive(Clone, Debug)]
pub struct MailError {
    /// Whether it may have been taken all the same, and whether to try again.
    pub outcome: Outcome,
    /// What is at fault.
    pub fault: Fault,
    /// What was answered, in one line.
    pub reason: String,
    /// When the other side asked to be tried again.
    pub retry_after: Option<Duration>,
}

/// What is at fault when a mail is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Those whom it is to: no other mail will reach them either.
    Recipients,
    /// The mail itself.
    Mail,
    /// Who sends, or the way there.
    Sender,
    /// Any of these; that is not told.
    Unknown,
}

/// Hands mails on.
pub trait Mailer: Send + Sync {
    /// Hands a mail on, and answers what it is known by there.
    ///
    /// # Errors
    /// What was refused, and whether trying again may help.
    fn send<'a>(&'a self, mail: &'a Mail) -> Boxed<'a, Result<String, MailError>>;
}

impl MailError {
    /// A refusal that will be one at the next attempt as well.
    pub fn refused(fault: Fault, reason: impl Into<String>) -> Self {
        Self { outcome: Outcome::Refused, fault, reason: reason.into(), retry_after: None }
    }

    /// Whether it may be that one recipient is refused, and not the others.
    pub fn may_be_of_one(&self) -> bool {
        self.outcome == Outcome::Refused && matches!(self.fault, Fault::Recipients | Fault::Unknown)
    }

    /// A failure that may pass.
    pub fn passing(outcome: Outcome, reason: impl Into<String>) -> Self {
        Self { outcome, fault: Fault::Sender, reason: reason.into(), retry_after: None }
    }
}
