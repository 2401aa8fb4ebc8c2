//! What a notice says: the words of its rule's templates, or the usual ones, which suit
//! every type of message.

use serde_json::{Value as Json, json};
use shared::tenant::Tenant;
use shared::web::to_the_second;

use super::rules::Words;
use super::template::{Missing, Wrong, render};
use crate::messages::catalogue::EventType;

/// The longest subject, in characters.
const SUBJECT: usize = 200;
/// How many members of the data the usual words show, and how long a value of them is.
const MEMBERS: usize = 20;
const VALUE: usize = 300;
/// Members that say what a message is about, the first of them best.
const NAMES: [&str; 4] = ["name", "case_id", "message", "event_type"];

/// What is told of.
pub(super) struct Told<'a> {
    /// The type of the message.
    pub of: EventType,
    /// When it was emitted, milliseconds since 1970.
    pub at: i64,
    /// What has happened.
    pub data: Json,
    /// Whose it is.
    pub tenant: &'a Tenant,
    /// Where people can see more.
    pub link: Option<&'a str>,
}

/// What a notice says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Said {
    /// In one line.
    pub subject: String,
    pub text: String,
}

/// What a notice says in these words.
///
/// # Errors
/// Which of the templates is wrong, and why.
pub(super) fn say(
    told: &Told<'_>,
    words: &Words,
    missing: Missing,
) -> Result<Said, (&'static str, Wrong)> {
    let variables = json!({
        "event_type": told.of.0,
        "description": told.of.description(),
        "severity": told.of.severity(&told.data),
        "timestamp": to_the_second(told.at),
        "data": told.data,
        "tenant": told.tenant,
        "link": told.link.unwrap_or_default(),
    });
    let of =
        |field, source: &str| render(source, &variables, missing).map_err(|wrong| (field, wrong));
    let subject = match &words.subject {
        Some(source) => of("subject", source)?,
        None => usual_subject(told),
    };
    let text = match &words.text {
        Some(source) => of("text", source)?,
        None => usual_text(told),
    };
    Ok(Said { subject: in_one_line(&subject), text })
}

/// A text in one line, and not longer than a subject is.
pub(super) fn in_one_line(text: &str) -> String {
    shortened(&joined(text), SUBJECT)
}

/// A text without line ends and control characters.
fn joined(text: &str) -> String {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control());
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

fn usual_subject(told: &Told<'_>) -> String {
    let about = NAMES.iter().find_map(|name| told.data.get(name)?.as_str());
    let about = about.map(|about| format!(": {about}")).unwrap_or_default();
    let severity = told.of.severity(&told.data).shout();
    format!("[{severity}] {}{about}", told.of.description())
}

/// The data's members, one a line, and when it was.
fn usual_text(told: &Told<'_>) -> String {
    let members = told.data.as_object().into_iter().flatten();
    let shown = members.filter(|(_, value)| !value.is_null()).take(MEMBERS);
    let lines = shown.map(|(name, value)| {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        format!("{}: {}", name.replace('_', " "), shortened(&joined(&value), VALUE))
    });
    let when = format!("{} at {}", told.of.0, to_the_second(told.at));
    let link = told.link.map(str::to_owned);
    lines.chain([when]).chain(link).collect::<Vec<_>>().join("\n")
}

fn shortened(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some(_) => text.chars().take(most - 1).chain(['\u{2026}']).collect(),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::messages::catalogue::{ENDPOINT_DISABLED, all, example};

    #[test]
    fn the_usual_words_say_what_has_happened() -> anyhow::Result<()> {
        let tenant = Tenant::parse("acme")?;
        let link = Some("https://caseway.example");
        for entry in all() {
            let told = Told { of: entry.of, at: 0, data: example(entry.of), tenant: &tenant, link };
            let said = say(&told, &Words::default(), Missing::IsWrong);
            let said = said.map_err(|(_, wrong)| anyhow::anyhow!(wrong.what))?;
            assert!(said.subject.contains(entry.description), "{said:?}");
            assert!(said.text.contains(entry.of.0) && said.text.ends_with("example"), "{said:?}");
        }
        let of = ENDPOINT_DISABLED;
        let data = json!({ "name": "Badge\nsystem", "reason": "x".repeat(1000), "none": null });
        let told = Told { of, at: 0, data, tenant: &tenant, link: None };
        let said = say(&told, &Words::default(), Missing::IsWrong);
        let said = said.map_err(|(_, wrong)| anyhow::anyhow!(wrong.what))?;
        assert!(said.subject.starts_with("[ERROR] A webhook was disabled"));
        assert!(said.subject.ends_with(": Badge system"));
        assert!(said.text.len() < 400 && !said.text.contains("none"), "{}", said.text);
        Ok(())
    }
}
