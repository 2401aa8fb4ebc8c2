//! The outside systems: Slack, Microsoft Teams, and whoever carries mail.

mod email;
mod slack;
mod teams;

pub(super) use email::{Reached, send as email};
pub(super) use slack::send as slack;
pub(super) use teams::send as teams;

use std::time::{Duration, Instant};

use shared::clock::millis;
use shared::outbound::{Call, CallError, Class, Outcome};

use super::notices::NoticeError;

/// How long one of them may take.
const TIME: Duration = Duration::from_secs(15);
/// The most that is read of an answer, and the most that is kept of it, in bytes.
const READ: usize = 4096;
const KEPT: usize = 300;
/// The shortest part of an address that is worth hiding.
const SECRET: usize = 9;

/// What came of one attempt.
pub(super) struct Attempt {
    pub took_ms: i64,
    pub http_status: Option<u16>,
    /// The beginning of what was answered.
    pub answer: Option<String>,
    /// Why it failed; none when the notice was taken.
    pub failed: Option<Refusal>,
    /// Which of several recipients it is done with.
    pub reached: Reached,
}

/// Why a notice was not taken.
#[derive(Clone, Debug)]
pub(super) struct Refusal {
    pub error: NoticeError,
    pub reason: String,
    /// Whether another attempt can help.
    pub retry: bool,
    /// Whether it may have been taken all the same.
    pub in_doubt: bool,
    /// When the other side asked to be tried again.
    pub retry_after: Option<Duration>,
}

/// What an answer says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    /// It was taken.
    Taken,
    /// Not now.
    Wait,
    /// It may go well the next time.
    Again,
    /// Not this notice.
    NotThis,
    /// No notice will be.
    Never,
}

/// Makes a call, and has its answer read: by status and body.
///
/// The address is a secret, which a careless server repeats.
async fn exchange(
    (who, url): (&str, &str),
    call: Call,
    read: impl Fn(u16, &str) -> Verdict,
) -> Attempt {
    let began = Instant::now();
    let reply = call.within(TIME).keeping(READ).send().await;
    let took_ms = millis(began.elapsed());
    let reply = match reply {
        Ok(reply) => reply,
        Err(error) => {
            let failed = Some(Refusal::of(error));
            let reached = Reached::default();
            return Attempt { took_ms, http_status: None, answer: None, failed, reached };
        }
    };
    let (_, address) = url.split_once("://").unwrap_or_default();
    let (_, behind_host) = address.split_once('/').unwrap_or_default();
    let parts = behind_host.split(['/', '?', '&', '=']).filter(|part| part.len() >= SECRET);
    let reply = reply.without(parts);
    let (status, body) = (reply.status.as_u16(), String::from_utf8_lossy(&reply.body));
    let answer = body[..body.floor_char_boundary(KEPT)].to_owned();
    let retry_after = reply.failure(String::new()).retry_after;
    let verdict = read(status, body.trim());
    let failed = (verdict != Verdict::Taken).then(|| Refusal {
        error: verdict.error(),
        reason: format!("{who}: HTTP {status}: {answer}"),
        retry: matches!(verdict, Verdict::Wait | Verdict::Again),
        in_doubt: verdict == Verdict::Again,
        retry_after,
    });
    let reached = Reached::default();
    Attempt { took_ms, http_status: Some(status), answer: Some(answer), failed, reached }
}

impl Verdict {
    /// What a status says, when nothing else does.
    fn of_status(status: u16) -> Self {
        match status {
            200..=299 => Self::Taken,
            401 | 403 | 404 | 410 => Self::Never,
            408 | 425 | 429 => Self::Wait,
            400..=499 => Self::NotThis,
            _ => Self::Again,
        }
    }

    fn error(self) -> NoticeError {
        match self {
            Self::Wait => NoticeError::Throttled,
            Self::Taken | Self::Again => NoticeError::Unwell,
            Self::NotThis => NoticeError::RefusedNotice,
            Self::Never => NoticeError::RefusedTarget,
        }
    }
}

impl Attempt {
    /// Of one that was not made.
    pub fn not_made(error: NoticeError, reason: &str) -> Self {
        let (retry, in_doubt, retry_after) = (false, false, None);
        let failed = Refusal { error, reason: reason.to_owned(), retry, in_doubt, retry_after };
        let (failed, reached) = (Some(failed), Reached::default());
        Self { took_ms: 0, http_status: None, answer: None, failed, reached }
    }

    /// Whether the other side is not there, or not well, which its breaker counts.
    pub fn is_unwell(&self) -> bool {
        let unwell = [NoticeError::Connection, NoticeError::NoAnswer, NoticeError::Unwell];
        self.failed.as_ref().is_some_and(|refusal| unwell.contains(&refusal.error))
    }
}

impl Refusal {
    fn of(error: CallError) -> Self {
        let CallError { outcome, class, reason, retry_after } = error;
        Self {
            error: match class {
                Class::Target | Class::Request => NoticeError::InvalidTarget,
                Class::Dns | Class::Connection => NoticeError::Connection,
                Class::Timeout | Class::Broken | Class::Answer | Class::TooLarge => {
                    NoticeError::NoAnswer
                }
            },
            reason,
            retry: outcome != Outcome::Refused,
            in_doubt: outcome == Outcome::InDoubt,
            retry_after,
        }
    }
}

/// As much of a text as takes so many bytes as JSON, cut between characters.
fn fitting(text: &str, bytes: usize) -> &str {
    let mut left = bytes;
    for (at, c) in text.char_indices() {
        let takes = match c {
            '"' | '\\' | '\n' | '\r' | '\t' | '\u{8}' | '\u{c}' => 2,
            c if c < ' ' => 6,
            c => c.len_utf8(),
        };
        if takes > left {
            return &text[..at];
        }
        left -= takes;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_cut_by_what_they_take_as_json() -> anyhow::Result<()> {
        for (text, bytes, fits) in [
            ("abc", 3, "abc"),
            ("abc", 2, "ab"),
            ("a\"b", 3, "a\""),
            ("a\"b", 2, "a"),
            ("\u{1}a", 5, ""),
            ("\u{e9}\u{e9}", 3, "\u{e9}"),
            ("\u{1f600}", 3, ""),
            ("", 0, ""),
        ] {
            assert_eq!(fitting(text, bytes), fits, "{text:?} {bytes}");
        }
        let all: String = (0..0x250).filter_map(char::from_u32).collect();
        for bytes in 0..2000 {
            let json = serde_json::to_string(fitting(&all, bytes))?;
            assert!(json.len() - 2 <= bytes, "{bytes}");
        }
        Ok(())
    }
}
