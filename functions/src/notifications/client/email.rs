//! Mail, by whatever carries it here.

use std::time::Instant;

use shared::clock::millis;
use shared::mail::{Fault, Mail, MailError, Mailer};
use shared::outbound::Outcome;

use super::{Attempt, Refusal};
use crate::notifications::content::Said;
use crate::notifications::notices::NoticeError;

/// Sends a notice to these people. Its id is the notice's at every attempt, so that
/// whoever gets it twice can tell.
pub async fn send(
    mailer: &dyn Mailer,
    from: &str,
    to: &[String],
    notice: &str,
    said: &Said,
) -> Attempt {
    let mail = Mail {
        from: from.to_owned(),
        to: to.to_vec(),
        subject: said.subject.clone(),
        text: said.text.clone(),
        id: notice.to_owned(),
    };
    let began = Instant::now();
    let sent = mailer.send(&mail).await;
    let took_ms = millis(began.elapsed());
    let (answer, failed) = match sent {
        Ok(answer) => (Some(answer), None),
        Err(error) => (None, Some(refusal(error))),
    };
    Attempt { took_ms, http_status: None, answer, failed }
}

fn refusal(error: MailError) -> Refusal {
    let MailError { outcome, fault, reason, retry_after } = error;
    let error = match (outcome, fault) {
        (Outcome::Refused, Fault::Recipients) => NoticeError::RefusedTarget,
        (Outcome::Refused, Fault::Mail) => NoticeError::RefusedNotice,
        (Outcome::Refused, Fault::Sender) => NoticeError::RefusedSender,
        (Outcome::NotDone, Fault::Recipients) => NoticeError::Unwell,
        (Outcome::NotDone, _) if retry_after.is_some() => NoticeError::Throttled,
        (Outcome::NotDone, _) => NoticeError::Connection,
        (Outcome::InDoubt, _) => NoticeError::NoAnswer,
    };
    let (retry, in_doubt) = (outcome != Outcome::Refused, outcome == Outcome::InDoubt);
    Refusal { error, reason, retry, in_doubt, retry_after }
}
