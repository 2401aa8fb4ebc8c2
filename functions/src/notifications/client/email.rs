//! Mail, by whatever carries it here. What somebody among several recipients is refused
//! goes to each of them alone, so that it reaches the others.

use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use shared::clock::millis;
use shared::mail::{Fault, Mail, MailError, Mailer};
use shared::outbound::Outcome;

use super::{Attempt, KEPT, Refusal};
use crate::notifications::content::Said;
use crate::notifications::notices::NoticeError;

/// How long an attempt goes on to the next recipient.
const TIME: Duration = Duration::from_secs(20);

/// Which recipients a notice is done with, when it goes to each alone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reached {
    /// Whose mail was taken.
    pub taken: Vec<String>,
    /// Whose was refused.
    pub refused: Vec<String>,
}

/// Sends a notice to these people, but for those who are done with. Its id is the notice's
/// at every attempt, so that whoever gets it twice can tell.
pub async fn send(
    mailer: &dyn Mailer,
    (from, to): (&str, &[String]),
    reached: Reached,
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
    let (began, mut reached) = (Instant::now(), reached);
    let sent = if reached == Reached::default() {
        match mailer.send(&mail).await {
            Err(error) if to.len() > 1 && error.may_be_of_one() => {
                each(mailer, &mail, &mut reached, began).await
            }
            sent => sent,
        }
    } else {
        each(mailer, &mail, &mut reached, began).await
    };
    let took_ms = millis(began.elapsed());
    let (answer, failed) = match sent {
        Ok(answer) => (Some(answer), None),
        Err(error) => (None, Some(refusal(error))),
    };
    Attempt { took_ms, http_status: None, answer, failed, reached }
}

/// One mail for each who is not done with, until one fails in a way that may pass. It is
/// sent when one of them at least has got it.
async fn each(
    mailer: &dyn Mailer,
    mail: &Mail,
    reached: &mut Reached,
    began: Instant,
) -> Result<String, MailError> {
    let mut refusal = MailError::refused(Fault::Recipients, "nobody's mail was taken");
    for to in &mail.to {
        if reached.taken.contains(to) || reached.refused.contains(to) {
            continue;
        }
        if began.elapsed() > TIME {
            return Err(MailError::passing(Outcome::NotDone, "not all were sent in time"));
        }
        match mailer.send(&Mail { to: vec![to.clone()], ..mail.clone() }).await {
            Ok(_) => reached.taken.push(to.clone()),
            Err(error) if error.may_be_of_one() => {
                reached.refused.push(to.clone());
                // One that is nobody's for sure is the one that is told of.
                if refusal.fault == Fault::Recipients {
                    refusal = error;
                }
            }
            Err(error) => return Err(error),
        }
    }
    match reached.taken.len() {
        0 => Err(refusal),
        _ if reached.refused.is_empty() => Ok("taken, for each alone".to_owned()),
        _ => {
            let answer = format!("taken, but not for {}", reached.refused.join(", "));
            Ok(answer[..answer.floor_char_boundary(KEPT)].to_owned())
        }
    }
}

fn refusal(error: MailError) -> Refusal {
    let MailError { outcome, fault, reason, retry_after } = error;
    let error = match (outcome, fault) {
        (Outcome::Refused, Fault::Recipients) => NoticeError::RefusedTarget,
        (Outcome::Refused, Fault::Mail | Fault::Unknown) => NoticeError::RefusedNotice,
        (Outcome::Refused, Fault::Sender) => NoticeError::RefusedSender,
        (Outcome::NotDone, Fault::Recipients) => NoticeError::Unwell,
        (Outcome::NotDone, _) if retry_after.is_some() => NoticeError::Throttled,
        (Outcome::NotDone, _) => NoticeError::Connection,
        (Outcome::InDoubt, _) => NoticeError::NoAnswer,
    };
    let (retry, in_doubt) = (outcome != Outcome::Refused, outcome == Outcome::InDoubt);
    Refusal { error, reason, retry, in_doubt, retry_after }
}
