//! Mail of the local process: over SMTP, to the server that the operator names.
//!
//! `MAIL_SMTP_URL` is `smtps://user:password@host` for TLS from the start,
//! `smtp://…?tls=required` for STARTTLS, and `smtp://host:port` for neither, which is
//! taken for a server on this machine, or where `?tls=none` says that it is meant.

use std::error::Error as _;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use lettre::message::{Mailbox, header::ContentType};
use lettre::transport::smtp::{Error as SmtpError, PoolConfig};
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use shared::boxed::Boxed;
use shared::env::Env;
use shared::mail::{Fault, Mail, MailError, Mailer};
use shared::outbound::{Gate, Outcome};

/// How long one command may take.
const TIME: Duration = Duration::from_secs(15);
/// Connections that are kept.
const CONNECTIONS: u32 = 4;

/// What is answered to `RCPT` alone (RFC 5321, section 4.3.2, and RFC 7504 for 556).
const OF_RECIPIENTS: [u16; 2] = [551, 556];
/// What is answered to `MAIL`, `RCPT` or `DATA`, for as many reasons (RFC 5321, section
/// 4.3.2). Which one it is the enhanced status code tells, if there is one.
const OF_ANYTHING: [u16; 2] = [550, 553];
/// Mailboxes that are not there, or not any more (RFC 3463, sections 3.2 and 3.3, and RFC
/// 7505 for 5.1.10). The other ones of addresses are the sender's or nobody's.
const NO_MAILBOX: [&str; 8] =
    ["5.1.1", "5.1.2", "5.1.3", "5.1.4", "5.1.5", "5.1.6", "5.1.10", "5.2.1"];
/// Credentials that are wrong or missing (RFC 4954, section 6), which somebody will mend.
const OF_CREDENTIALS: [u16; 4] = [530, 534, 535, 538];

/// A mailer over SMTP.
struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    gate: Option<Arc<dyn Gate>>,
}

/// The same environment with mail over SMTP, if `MAIL_SMTP_URL` says where to.
pub fn with_mail(env: Env) -> Result<Env> {
    let Some(url) = env.optional("MAIL_SMTP_URL") else { return Ok(env) };
    let transport = transport(url).context("MAIL_SMTP_URL cannot be used")?;
    let gate = env.gate();
    Ok(env.with_mailer(Arc::new(Smtp { transport, gate })))
}

fn transport(url: &str) -> Result<AsyncSmtpTransport<Tokio1Executor>> {
    let plain = url.strip_prefix("smtp://").filter(|rest| !rest.contains("tls="));
    if let Some(rest) = plain {
        let host = rest.rsplit('@').next().unwrap_or_default();
        let here = ["127.0.0.1", "localhost", "[::1]"];
        ensure!(
            here.iter().any(|name| host == *name || host.starts_with(&format!("{name}:"))),
            "mail to another machine is sent over TLS: smtps://, or ?tls=required, or ?tls=none"
        );
    }
    let url = url.replace("?tls=none", "");
    // Its own words could quote the password.
    let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(&url);
    let builder = builder.map_err(|_| anyhow::anyhow!("it is none of smtp:// and smtps://"))?;
    let pool = PoolConfig::new().max_size(CONNECTIONS);
    Ok(builder.timeout(Some(TIME)).pool_config(pool).build())
}

impl Mailer for Smtp {
    fn send<'a>(&'a self, mail: &'a Mail) -> Boxed<'a, Result<String, MailError>> {
        Box::pin(async move {
            let message = message(mail);
            let message =
                message.map_err(|why| MailError::refused(Fault::Mail, format!("{why:#}")))?;
            if let Some(gate) = &self.gate {
                gate.pass().await;
            }
            let answer = self.transport.send(message).await.map_err(|error| failure(&error))?;
            Ok(answer.message().collect::<Vec<_>>().join(" "))
        })
    }
}

/// The mail, with an id of its own at the sender's domain.
fn message(mail: &Mail) -> Result<Message> {
    let from: Mailbox = mail.from.parse().context("MAIL_FROM")?;
    let id = format!("<{}@{}>", mail.id, from.email.domain());
    let mut message = Message::builder().from(from).message_id(Some(id)).subject(&mail.subject);
    for to in &mail.to {
        message = message.to(to.parse().context("a recipient")?);
    }
    Ok(message.header(ContentType::TEXT_PLAIN).body(mail.text.clone())?)
}

/// What an answer says. Permanent refusals (5yz) are of the recipients, the credentials,
/// or the mail; of transient ones (4yz) nothing was taken.
fn failure(error: &SmtpError) -> MailError {
    let code = error.status().map(u16::from);
    let reason = format!("SMTP: {error}");
    match code {
        Some(code) if OF_ANYTHING.contains(&code) => {
            let words = error.source().map(ToString::to_string).unwrap_or_default();
            MailError::refused(at_fault(&words), reason)
        }
        Some(code) if OF_RECIPIENTS.contains(&code) => {
            MailError::refused(Fault::Recipients, reason)
        }
        Some(code) if OF_CREDENTIALS.contains(&code) => {
            MailError::passing(Outcome::NotDone, reason)
        }
        Some(500..) => MailError::refused(Fault::Mail, reason),
        Some(_) => {
            let fault = Fault::Recipients;
            MailError { fault, ..MailError::passing(Outcome::NotDone, reason) }
        }
        None if error.is_timeout() || error.is_response() => {
            MailError::passing(Outcome::InDoubt, reason)
        }
        None => MailError::passing(Outcome::NotDone, reason),
    }
}

/// Who is at fault, by the words of a refusal.
fn at_fault(words: &str) -> Fault {
    let first = words.split_whitespace().next().unwrap_or_default();
    let is_enhanced = first.starts_with("5.") && first.split('.').count() == 3;
    match first {
        code if NO_MAILBOX.contains(&code) => Fault::Recipients,
        _ if is_enhanced => Fault::Mail,
        _ => Fault::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_a_recipient_s_only_where_it_says_so() {
        for (words, fault) in [
            ("5.1.1 No such user", Fault::Recipients),
            ("5.1.10 Null MX", Fault::Recipients),
            ("5.2.1 Mailbox disabled", Fault::Recipients),
            ("5.1.8 Sender's domain does not exist", Fault::Mail),
            ("5.7.1 Relaying denied", Fault::Mail),
            ("5.7.26 Unauthenticated mail", Fault::Mail),
            ("5.1.1. is no code", Fault::Unknown),
            ("No such user", Fault::Unknown),
            ("", Fault::Unknown),
        ] {
            assert_eq!(at_fault(words), fault, "{words}");
        }
    }

    /// The connections' pool lives in a runtime.
    #[tokio::test]
    async fn mail_leaves_this_machine_in_the_clear_only_when_that_is_said() {
        for (url, fits) in [
            ("smtp://127.0.0.1:2525", true),
            ("smtp://localhost", true),
            ("smtp://user:secret@localhost:25", true),
            ("smtp://localhost.evil.example", false),
            ("smtp://mail.example.com", false),
            ("smtp://mail.example.com?tls=none", true),
            ("smtp://mail.example.com?tls=required", true),
            ("smtps://mail.example.com", true),
            ("http://127.0.0.1", false),
            ("secret", false),
        ] {
            let made = transport(url);
            assert_eq!(made.is_ok(), fits, "{url}");
            let told = made.err().map(|error| format!("{error:#}")).unwrap_or_default();
            assert!(!told.contains("secret"), "{told}");
        }
    }
}
