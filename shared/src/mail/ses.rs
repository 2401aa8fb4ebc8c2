//! Mail over Amazon SES v2.
//! Source of the errors: the documentation of aws-sdk-sesv2, `SendEmailError`.

use std::sync::Arc;

use aws_sdk_sesv2::Client;
use aws_sdk_sesv2::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sesv2::operation::send_email::SendEmailError;
use aws_sdk_sesv2::types::{Body, Content, Destination, EmailContent, Message, MessageHeader};

use super::{Fault, Mail, MailError, Mailer};
use crate::boxed::Boxed;
use crate::env::Env;
use crate::outbound::Outcome;

/// The header that says which mail it is: SES sets a `Message-ID` of its own.
const ID: &str = "X-Caseway-Id";

struct Ses(Client);

/// The mailer over SES. Each attempt is one call: who tries again is the job.
pub fn ses(env: &Env) -> Arc<dyn Mailer> {
    let config = aws_sdk_sesv2::config::Builder::from(env.sdk());
    let once = aws_sdk_sesv2::config::retry::RetryConfig::disabled();
    Arc::new(Ses(Client::from_conf(config.retry_config(once).build())))
}

impl Mailer for Ses {
    fn send<'a>(&'a self, mail: &'a Mail) -> Boxed<'a, Result<String, MailError>> {
        Box::pin(async move {
            let message = message(mail).map_err(|why| MailError::refused(Fault::Mail, why))?;
            let to = Destination::builder().set_to_addresses(Some(mail.to.clone())).build();
            let call = self.0.send_email().from_email_address(&mail.from).destination(to);
            let call = call.content(EmailContent::builder().simple(message).build());
            let answer = call.send().await.map_err(failure)?;
            Ok(answer.message_id.unwrap_or_default())
        })
    }
}

fn message(mail: &Mail) -> Result<Message, String> {
    let text = |data: &str| Content::builder().data(data).charset("UTF-8").build();
    let wrong = |error: aws_sdk_sesv2::error::BuildError| error.to_string();
    let body = Body::builder().text(text(&mail.text).map_err(wrong)?).build();
    let id = MessageHeader::builder().name(ID).value(&mail.id).build().map_err(wrong)?;
    let message = Message::builder().subject(text(&mail.subject).map_err(wrong)?).body(body);
    Ok(message.headers(id).build())
}

/// What an answer says: only that there were too many, a daily quota and a failure of
/// theirs pass.
fn failure(error: SdkError<SendEmailError>) -> MailError {
    let refused = match error {
        SdkError::ServiceError(refused) => refused,
        SdkError::ConstructionFailure(_) => {
            return MailError::refused(Fault::Mail, "the mail cannot be sent as it is");
        }
        SdkError::DispatchFailure(failure) if !failure.is_timeout() => {
            return MailError::passing(Outcome::NotDone, "no connection to Amazon SES");
        }
        _ => return MailError::passing(Outcome::InDoubt, "no answer of Amazon SES"),
    };
    let status = refused.raw().status().as_u16();
    let error = refused.into_err();
    let reason = error.message().unwrap_or_default();
    let code = error.code().unwrap_or("an error without a name");
    of_code(code, reason, status)
}

fn of_code(code: &str, message: &str, status: u16) -> MailError {
    let reason = format!("Amazon SES: {code}: {message}");
    let unverified = message.contains("Email address is not verified");
    match code {
        "TooManyRequestsException" | "LimitExceededException" => {
            MailError::passing(Outcome::NotDone, reason)
        }
        "MessageRejected" if unverified => MailError::refused(Fault::Recipients, reason),
        "MessageRejected" | "BadRequestException" => MailError::refused(Fault::Mail, reason),
        _ if status >= 500 => MailError::passing(Outcome::InDoubt, reason),
        _ => MailError::refused(Fault::Sender, reason),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_pass_is_tried_again_and_nothing_else() {
        use Outcome::{InDoubt, NotDone, Refused};
        for (code, message, status, outcome, fault) in [
            ("TooManyRequestsException", "", 429, NotDone, Fault::Sender),
            ("LimitExceededException", "", 400, NotDone, Fault::Sender),
            ("InternalFailure", "", 500, InDoubt, Fault::Sender),
            ("ServiceUnavailable", "", 503, InDoubt, Fault::Sender),
            ("AccountSuspendedException", "", 400, Refused, Fault::Sender),
            ("SendingPausedException", "", 400, Refused, Fault::Sender),
            ("MailFromDomainNotVerifiedException", "", 400, Refused, Fault::Sender),
            ("NotFoundException", "", 404, Refused, Fault::Sender),
            ("AccessDeniedException", "", 403, Refused, Fault::Sender),
            ("BadRequestException", "", 400, Refused, Fault::Mail),
            ("MessageRejected", "a virus", 400, Refused, Fault::Mail),
            (
                "MessageRejected",
                "Email address is not verified. The following identities failed",
                400,
                Refused,
                Fault::Recipients,
            ),
        ] {
            let error = of_code(code, message, status);
            assert_eq!((error.outcome, error.fault), (outcome, fault), "{code}");
        }
    }
}
