//! What 1C's answers say: JSON with or without a byte order mark, a refusal under 200 or 500,
//! an exception as text or HTML, a page of the web server before it, or that no licence is
//! free. Its words are shown as they are; nothing depends on which they are but licences.
//!
//! Source of the words: the platform's messages. The documents do not say under which status
//! they come.

use std::time::Duration;

use serde_json::Value as Json;
use shared::error::{Error, Kind, Result};
use shared::outbound::{Outcome, Reply};

use super::super::read::{Members, Writer};
use crate::integrations::connections::client::Judged;

/// When it is worth asking again for a licence: whoever has one keeps it for minutes.
const UNTIL_A_LICENCE: Duration = Duration::from_secs(300);
/// The most of its words that are shown, in characters.
const MOST_WORDS: usize = 500;
/// What it says when all licences are taken, in small letters.
const NO_LICENCE: [&str; 2] = ["не обнаружено свободной лицензии", "не найдена лицензия"];

/// What it says to something that was to be done: done, or why not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// Whether it was done.
    pub done: bool,
    /// Its own words, or the document that it made.
    pub told: Option<String>,
}

/// What came of something that may only be sent once.
#[derive(Debug)]
pub enum Sent {
    /// It was done, or refused.
    Said(Said),
    /// It was not done, and may be sent again.
    NotDone(Error),
    /// Nobody knows; this is all that is known.
    InDoubt(String),
}

impl Said {
    /// Reads an answer whose `result` is a text or a Boolean, by the method.
    pub fn read(method: &'static str, answer: &Json) -> Result<Self> {
        let members = Members::of(answer, "", Writer::OneC(method))?;
        let done = match members.given("result") {
            Some(Json::Bool(done)) => *done,
            Some(Json::String(text)) if is_one_of(text, &["true", "истина"]) => true,
            Some(Json::String(text)) if is_one_of(text, &["false", "ложь"]) => false,
            _ => return Err(members.wrong("result", "must be true or false")),
        };
        let told = match members.maybe_text("message")? {
            None => members.maybe_text("doc")?,
            message => message,
        };
        Ok(Self { done, told })
    }
}

impl Sent {
    /// What an answer says. Whatever does not say plainly that nothing was done leaves it
    /// open.
    pub fn of(reply: &Reply) -> Self {
        let text = text(reply);
        if has_no_licence(&text) {
            return Self::NotDone(no_licence(&text));
        }
        let method = "sendFactWorkTime";
        match body(method, reply).and_then(|answer| Said::read(method, &answer)) {
            Ok(said) => Self::Said(said),
            Err(error) if reply.status.is_success() => Self::InDoubt(error.detail),
            Err(error) => match reply.failure(String::new()).outcome {
                Outcome::InDoubt => Self::InDoubt(error.detail),
                Outcome::Refused | Outcome::NotDone => Self::NotDone(error),
            },
        }
    }
}

/// The body of a method's answer.
///
/// # Errors
/// `Unavailable` when no licence is free or the web server is busy; `RefusedElsewhere`, in
/// 1C's words, for every other answer that is none.
pub fn body(method: &'static str, reply: &Reply) -> Result<Json> {
    let text = text(reply);
    if has_no_licence(&text) {
        return Err(no_licence(&text));
    }
    let refused = |told: String| Err(Error::new(Kind::RefusedElsewhere, told));
    match (reply.status.as_u16(), serde_json::from_str(&text)) {
        (200, Ok(body)) => Ok(body),
        (200, Err(_)) => refused(format!(
            "1C's answer to {method} cannot be read: it is not JSON{}",
            told(&text)
        )),
        (500, Ok(body)) if is_word(&body) => Ok(body),
        (401 | 403, _) => refused(format!("1C refuses the user of the connection{}", told(&text))),
        (404, _) => refused(format!("1C has no method {method} at its path{}", told(&text))),
        (status @ (408 | 429 | 502..=504), _) => {
            let words = format!("1C's web server answers {status}{}", told(&text));
            let mut error = Error::new(Kind::Unavailable, words);
            let failure = reply.failure(String::new());
            error.retry_after = Some(failure.retry_after.unwrap_or(Duration::from_secs(5)));
            Err(error)
        }
        (status, _) => refused(format!("1C fails at {method} with status {status}{}", told(&text))),
    }
}

/// What an answer says of how 1C is: a refusal under 500 is a word of one that is well.
pub fn judge(reply: &Reply) -> Judged {
    if reply.status.is_success() {
        return Judged::AsItsStatus;
    }
    let text = text(reply);
    if has_no_licence(&text) {
        return Judged::NotForNow;
    }
    let spoke = reply.status.as_u16() == 500
        && serde_json::from_str(&text).is_ok_and(|body: Json| is_word(&body));
    if spoke { Judged::Well } else { Judged::AsItsStatus }
}

/// Whether an answer in a session may only say that the session is lost.
pub fn may_have_lost_session(reply: &Reply) -> bool {
    matches!(reply.status.as_u16(), 400 | 404 | 500) && judge(reply) == Judged::AsItsStatus
}

/// Whether a body is what a method of 1C's writes of its own accord.
fn is_word(body: &Json) -> bool {
    body.get("result").is_some()
}

fn is_one_of(text: &str, words: &[&str]) -> bool {
    let text = text.trim().to_lowercase();
    words.contains(&text.as_str())
}

fn text(reply: &Reply) -> String {
    let text = String::from_utf8_lossy(&reply.body);
    text.strip_prefix('\u{feff}').unwrap_or(&text).to_owned()
}

fn has_no_licence(text: &str) -> bool {
    // A body of this system's own making may hold any words.
    let is_json = text.trim_start().starts_with(['{', '[']);
    let text = text.get(..text.floor_char_boundary(4096)).unwrap_or_default().to_lowercase();
    !is_json && NO_LICENCE.iter().any(|words| text.contains(words))
}

fn no_licence(text: &str) -> Error {
    let mut error = Error::new(Kind::Unavailable, format!("1C has no licence free{}", told(text)));
    error.retry_after = Some(UNTIL_A_LICENCE);
    error
}

/// Its words, to be put behind a sentence: in one line, without tags, and not too many.
fn told(text: &str) -> String {
    let mut plain = String::new();
    let (mut inside, mut space) = (false, false);
    for c in text.chars() {
        match c {
            '<' => (inside, space) = (true, true),
            '>' if inside => inside = false,
            _ if inside => {}
            _ if c.is_whitespace() || c.is_control() => space = true,
            _ => {
                if space && !plain.is_empty() {
                    plain.push(' ');
                }
                space = false;
                plain.push(c);
            }
        }
    }
    let shown: String = plain.chars().take(MOST_WORDS).collect();
    if shown.is_empty() { shown } else { format!(": {shown}") }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use shared::outbound::{HeaderMap, StatusCode};

    use super::*;

    fn reply(status: u16, body: &str) -> Reply {
        let status = StatusCode::from_u16(status).unwrap_or_default();
        let (headers, body) = (HeaderMap::new(), body.to_owned().into());
        Reply { status, headers, body, truncated: false }
    }

    fn failure(status: u16, text: &str) -> (Kind, String, Option<u64>) {
        let failed = body("agents", &reply(status, text)).err();
        let failed = failed.unwrap_or_else(|| Error::bug("it is an answer"));
        (failed.kind, failed.detail, failed.retry_after.map(|after| after.as_secs()))
    }

    #[test]
    fn an_answer_is_read_with_and_without_a_mark_and_under_both_statuses() -> anyhow::Result<()> {
        assert_eq!(body("agents", &reply(200, "\u{feff}[1]"))?, json!([1]));
        let refused = r#"{"result": "false", "message": "Нет данных по сотруднику."}"#;
        for status in [200, 500] {
            let said = Said::read("sendSchedule", &body("sendSchedule", &reply(status, refused))?)?;
            let told = Some("Нет данных по сотруднику.".to_owned());
            assert_eq!(said, Said { done: false, told });
        }
        for (result, done) in [
            (json!(true), Some(true)),
            (json!("true"), Some(true)),
            (json!("Истина"), Some(true)),
            (json!(" False "), Some(false)),
            (json!(false), Some(false)),
            (json!("да"), None),
            (json!(1), None),
            (json!(null), None),
        ] {
            let said = Said::read("sendFactWorkTime", &json!({"result": result, "doc": "Неявка"}));
            assert_eq!(said.ok().map(|said| said.done), done, "{result}");
        }
        Ok(())
    }

    #[test]
    fn failures_are_told_in_the_words_of_1c() {
        use Kind::{RefusedElsewhere, Unavailable};
        let html = "<html><head><title>x</title></head><body><pre>Ошибка\n вызова</pre></body>";
        for (status, text, kind, told, after) in [
            (
                500,
                "Деление на 0",
                RefusedElsewhere,
                "1C fails at agents with status 500: Деление на 0",
                None,
            ),
            (
                500,
                html,
                RefusedElsewhere,
                "1C fails at agents with status 500: x Ошибка вызова",
                None,
            ),
            (500, "", RefusedElsewhere, "1C fails at agents with status 500", None),
            (500, "[]", RefusedElsewhere, "1C fails at agents with status 500: []", None),
            (
                200,
                "не JSON",
                RefusedElsewhere,
                "1C's answer to agents cannot be read: it is not JSON: не JSON",
                None,
            ),
            (401, "", RefusedElsewhere, "1C refuses the user of the connection", None),
            (404, "", RefusedElsewhere, "1C has no method agents at its path", None),
            (503, "busy", Unavailable, "1C's web server answers 503: busy", Some(5)),
            (302, "", RefusedElsewhere, "1C fails at agents with status 302", None),
            (
                500,
                "Не обнаружено свободной лицензии!",
                Unavailable,
                "1C has no licence free: Не обнаружено свободной лицензии!",
                Some(300),
            ),
            (
                200,
                "\u{feff}Не найдена лицензия. Не обнаружен ключ",
                Unavailable,
                "1C has no licence free: Не найдена лицензия. Не обнаружен ключ",
                Some(300),
            ),
        ] {
            assert_eq!(failure(status, text), (kind, told.to_owned(), after), "{status} {text}");
        }
        let (_, long, _) = failure(500, &"я".repeat(2000));
        assert_eq!(long.chars().filter(|c| *c == 'я').count(), MOST_WORDS);
    }

    #[test]
    fn only_an_answer_that_says_so_leaves_nothing_open() {
        let sent = |status, text: &str| match Sent::of(&reply(status, text)) {
            Sent::Said(said) => {
                if said.done {
                    "done"
                } else {
                    "refused"
                }
            }
            Sent::NotDone(_) => "not done",
            Sent::InDoubt(_) => "in doubt",
        };
        for (status, text, came_of_it) in [
            (200, r#"{"result": true, "doc": "Неявка"}"#, "done"),
            (200, r#"{"result": false, "doc": null}"#, "refused"),
            (500, r#"{"result": false, "doc": null}"#, "refused"),
            (500, "Не обнаружено свободной лицензии!", "not done"),
            (401, "", "not done"),
            (404, "<html>", "not done"),
            (302, "", "not done"),
            (200, r#"{"result": tr"#, "in doubt"),
            (200, "{}", "in doubt"),
            (500, "Ошибка", "in doubt"),
            (502, "", "in doubt"),
            (504, "", "in doubt"),
        ] {
            assert_eq!(sent(status, text), came_of_it, "{status} {text}");
        }
    }

    #[test]
    fn a_refusal_is_a_word_of_one_that_is_well() {
        for (status, text, judged) in [
            (200, "[]", Judged::AsItsStatus),
            (500, r#"{"result": "false"}"#, Judged::Well),
            (500, "Ошибка", Judged::AsItsStatus),
            (500, "Не обнаружено свободной лицензии!", Judged::NotForNow),
            (404, "", Judged::AsItsStatus),
        ] {
            assert_eq!(judge(&reply(status, text)), judged, "{status} {text}");
        }
        assert!(may_have_lost_session(&reply(404, "")));
        assert!(!may_have_lost_session(&reply(500, r#"{"result": "false"}"#)));
    }
}
