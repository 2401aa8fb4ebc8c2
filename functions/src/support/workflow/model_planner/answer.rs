//! What a language model answered, held to its form: what is in it of policies must stand in
//! them. Pure.

use serde::Deserialize;

use super::super::assessment::{Citation, Verdict};
use super::unfit::Unfit;
use crate::support::policies::Policy;
use crate::support::tickets::Ticket;

/// The most citations, and the most fields that may be missing.
pub(super) const MOST: usize = 10;
/// The longest passage, the longest name of a field and the longest justification, in
/// characters.
pub(super) const LONGEST_PASSAGE: usize = 1_000;
/// The fewest words of a passage.
const FEWEST_WORDS: usize = 2;
pub(super) const LONGEST_NAME: usize = 40;
pub(super) const LONGEST_JUSTIFICATION: usize = 500;

/// An answer.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Answer {
    pub decision: Verdict,
    pub citations: Vec<Citation>,
    pub confidence: f64,
    pub needs_human: bool,
    pub missing_fields: Vec<String>,
    pub justification_brief: String,
}

/// What the protocol wraps it in. Other members are the other side's business.
#[derive(Deserialize)]
struct Completion {
    choices: Vec<Choice>,
}

#[derive(Deserialize)]
struct Choice {
    message: Message,
    finish_reason: Option<String>,
}

#[derive(Deserialize)]
struct Message {
    content: Option<String>,
    refusal: Option<String>,
}

/// Reads the answer to a question about these policies.
pub(super) fn read_answer(body: &[u8], policies: &[&Policy]) -> Result<Answer, Unfit> {
    let completion: Completion = serde_json::from_slice(body).map_err(|_| Unfit::Unreadable)?;
    let choice = completion.choices.into_iter().next().ok_or(Unfit::Unreadable)?;
    if choice.message.refusal.is_some_and(|words| !words.is_empty()) {
        return Err(Unfit::Refused);
    }
    match choice.finish_reason.as_deref() {
        Some("stop") => {}
        Some("length") => return Err(Unfit::Cut),
        _ => return Err(Unfit::Unfinished),
    }
    let content = choice.message.content.ok_or(Unfit::Unreadable)?;
    let answer: Answer = serde_json::from_str(&content).map_err(|_| Unfit::Unreadable)?;
    answer.check(policies)?;
    Ok(answer)
}

impl Answer {
    fn check(&self, policies: &[&Policy]) -> Result<(), Unfit> {
        let is_name = |name: &String| {
            (1..=LONGEST_NAME).contains(&name.len())
                && name.bytes().all(|byte| byte == b'_' || byte.is_ascii_lowercase())
        };
        let is_part = |number: f64| (0.0..=1.0).contains(&number);
        let fits = is_part(self.confidence)
            && self.citations.len() <= MOST
            && self.citations.iter().all(|it| it.fits() && is_part(it.relevance))
            && self.missing_fields.len() <= MOST
            && self.missing_fields.iter().all(is_name)
            && !self.justification_brief.trim().is_empty()
            && self.justification_brief.chars().count() <= LONGEST_JUSTIFICATION;
        if !fits {
            return Err(Unfit::OutOfBounds);
        }
        if self.citations.is_empty() {
            return Err(Unfit::Uncited);
        }
        let stands = |citation: &Citation| {
            let policy = policies.iter().find(|policy| policy.id == citation.source);
            policy.is_some_and(|policy| stands_in(&citation.text, &policy.text))
        };
        if self.citations.iter().all(stands) { Ok(()) } else { Err(Unfit::Invented) }
    }

    /// The same, in which nothing is missing that the ticket has. People are asked once for
    /// what a model misses; somebody looks at what it misses after that.
    pub fn asking_once(mut self, ticket: &Ticket) -> Self {
        let known = ticket.fields();
        self.missing_fields.retain(|name| !known.contains_key(name));
        if !ticket.given.is_empty() && !self.missing_fields.is_empty() {
            self.missing_fields.clear();
            self.needs_human = true;
        }
        self
    }
}

impl Citation {
    fn fits(&self) -> bool {
        self.text.chars().count() <= LONGEST_PASSAGE
    }
}

/// Whether a passage stands in a text word for word, however the words are spaced. A single
/// word is none: it would stand anywhere.
fn stands_in(passage: &str, text: &str) -> bool {
    let (passage, text) = (folded(passage), folded(text));
    let whole = |(at, _): (usize, &str)| {
        let before = text[..at].chars().next_back();
        let after = text[at + passage.len()..].chars().next();
        let is_cut = |inside: Option<char>, outside: Option<char>| {
            inside.is_some_and(char::is_alphanumeric) && outside.is_some_and(char::is_alphanumeric)
        };
        !is_cut(passage.chars().next(), before) && !is_cut(passage.chars().next_back(), after)
    };
    let is_passage = passage.split(' ').count() >= FEWEST_WORDS;
    is_passage && passage.contains(char::is_alphanumeric) && text.match_indices(&passage).any(whole)
}

/// With one blank between words.
fn folded(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};
    use shared::error::Result;

    use super::*;
    use crate::rule_book::Rules;
    use crate::support::policies::Policies;
    use crate::support::workflow::model_planner::tests::ticket;

    /// The beginning of the policy on access, as the default file has it.
    const PASSAGE: &str = "Access to a system or to data is given to those whose work needs it";

    fn good() -> Json {
        json!({
            "decision": "REQUIRES_APPROVAL",
            "citations": [{ "source": "access-control", "text": PASSAGE, "relevance": 0.9 }],
            "confidence": 0.8,
            "needs_human": false,
            "missing_fields": ["cost_centre"],
            "justification_brief": "A manager has to approve it.",
        })
    }

    /// The good answer with these members instead of its own; null takes one away.
    fn but(changes: Json) -> Json {
        let mut answer = good();
        let (Json::Object(members), Json::Object(changes)) = (&mut answer, changes) else {
            return answer;
        };
        members.extend(changes);
        members.retain(|_, value| !value.is_null());
        answer
    }

    fn completion(message: &Json, finish_reason: &str) -> String {
        let choice = json!({ "index": 0, "message": message, "finish_reason": finish_reason });
        json!({ "object": "chat.completion", "choices": [choice], "usage": {} }).to_string()
    }

    fn read(body: &str) -> Result<Result<Answer, Unfit>> {
        let file = Policies::parse(Policies::DEFAULT)?;
        let policies: Vec<&Policy> =
            file.policies.iter().filter(|policy| policy.id != "passwords").collect();
        Ok(read_answer(body.as_bytes(), &policies))
    }

    /// What is read of this content of a message.
    fn check(content: &str, expected: Option<Unfit>) -> anyhow::Result<()> {
        let message = json!({ "role": "assistant", "content": content, "refusal": null });
        let read = read(&completion(&message, "stop"))?;
        assert_eq!(read.err(), expected, "{content}");
        Ok(())
    }

    #[test]
    fn a_good_answer_is_read_whole() -> anyhow::Result<()> {
        let message = json!({ "content": good().to_string() });
        let answer = read(&completion(&message, "stop"))??;
        assert_eq!(answer.decision, Verdict::RequiresApproval);
        assert_eq!(answer.missing_fields, ["cost_centre"]);
        assert_eq!(answer.citations[0].source, "access-control");
        for fits in [
            json!({ "confidence": 0, "missing_fields": [], "needs_human": true }),
            json!({ "confidence": 1, "decision": "DENIED" }),
            json!({ "missing_fields": vec!["a".repeat(40); 10] }),
            json!({ "justification_brief": "ü".repeat(500) }),
            json!({ "citations": vec![good()["citations"][0].clone(); 10] }),
        ] {
            check(&but(fits).to_string(), None)?;
        }
        Ok(())
    }

    #[test]
    fn what_is_not_of_the_form_is_not_read() -> anyhow::Result<()> {
        let whole = good().to_string();
        for content in ["", "null", "[]", "ALLOWED", "{", &whole[1..], &whole[..whole.len() - 1]] {
            check(content, Some(Unfit::Unreadable))?;
        }
        check(&format!("```json\n{whole}\n```"), Some(Unfit::Unreadable))?;
        check(&format!("{whole} I hope that this helps."), Some(Unfit::Unreadable))?;
        for changes in [
            json!({ "decision": "allowed" }),
            json!({ "decision": null }),
            json!({ "policy": "passwords" }),
            json!({ "plan": [] }),
            json!({ "confidence": "0.9" }),
            json!({ "needs_human": null }),
            json!({ "missing_fields": "title" }),
            json!({ "citations": [{ "source": "access-control", "text": PASSAGE }] }),
            json!({ "citations": [PASSAGE] }),
        ] {
            check(&but(changes).to_string(), Some(Unfit::Unreadable))?;
        }
        check(&whole.replace("0.8", "1e999"), Some(Unfit::Unreadable))
    }

    #[test]
    fn what_is_out_of_bounds_is_not_taken() -> anyhow::Result<()> {
        let cited = |count: usize| vec![good()["citations"][0].clone(); count];
        let long = json!({ "source": "access-control", "text": "x".repeat(1001), "relevance": 1 });
        let relevant = |relevance: f64| json!([{ "source": "access-control", "text": PASSAGE, "relevance": relevance }]);
        for changes in [
            json!({ "confidence": 1.01 }),
            json!({ "confidence": -0.01 }),
            json!({ "citations": relevant(1.5) }),
            json!({ "citations": relevant(-0.5) }),
            json!({ "citations": cited(11) }),
            json!({ "citations": [long] }),
            json!({ "missing_fields": vec!["a"; 11] }),
            json!({ "missing_fields": ["a".repeat(41)] }),
            json!({ "missing_fields": [""] }),
            json!({ "missing_fields": ["Cost centre"] }),
            json!({ "missing_fields": ["your password, please"] }),
            json!({ "justification_brief": "x".repeat(501) }),
            json!({ "justification_brief": " " }),
        ] {
            check(&but(changes).to_string(), Some(Unfit::OutOfBounds))?;
        }
        check(&but(json!({ "citations": [] })).to_string(), Some(Unfit::Uncited))
    }

    #[test]
    fn what_is_cited_stands_in_the_policy_that_is_named() -> anyhow::Result<()> {
        for (source, text, stands) in [
            ("access-control", "for thirty days at most.", true),
            ("access-control", "  for\nthirty \t days at most ", true),
            ("access-control", "access of administrators", false),
            ("access-control", "for thirty days", true),
            ("access-control", "or thirty days", false),
            ("access-control", "for thirty day", false),
            ("access-control", "Access is given to everybody.", false),
            ("access-control", "Employees get help", false),
            ("access-control", "", false),
            ("access-control", " ", false),
            ("access-control", ",", false),
            ("general", "Employees get help", true),
            ("general", "help", false),
            ("Access to systems and data", PASSAGE, false),
            // A policy that it was not told of.
            ("passwords", "Employees may have their own password reset", false),
            ("", PASSAGE, false),
        ] {
            let good = json!({ "source": "access-control", "text": PASSAGE, "relevance": 1 });
            let other = json!({ "source": source, "text": text, "relevance": 0.1 });
            let answer = but(json!({ "citations": [good, other] }));
            check(&answer.to_string(), (!stands).then_some(Unfit::Invented))?;
        }
        Ok(())
    }

    #[test]
    fn an_answer_that_is_none_is_told_by_how_it_ended() -> anyhow::Result<()> {
        let said = json!({ "content": good().to_string() });
        for (body, expected) in [
            (completion(&said, "length"), Unfit::Cut),
            (completion(&said, "content_filter"), Unfit::Unfinished),
            (completion(&said, "tool_calls"), Unfit::Unfinished),
            (completion(&json!({ "content": null, "refusal": "No." }), "stop"), Unfit::Refused),
            (completion(&json!({ "content": null }), "stop"), Unfit::Unreadable),
            (json!({ "choices": [{ "message": said }] }).to_string(), Unfit::Unfinished),
            (json!({ "choices": [] }).to_string(), Unfit::Unreadable),
            (json!({ "error": { "message": "no" } }).to_string(), Unfit::Unreadable),
            (good().to_string(), Unfit::Unreadable),
            ("<html>Sign in</html>".to_owned(), Unfit::Unreadable),
            (String::new(), Unfit::Unreadable),
        ] {
            assert_eq!(read(&body)?.err(), Some(expected), "{body}");
        }
        Ok(())
    }

    #[test]
    fn people_are_asked_once_for_what_a_model_misses() -> anyhow::Result<()> {
        let message = json!({ "content": but(json!({
            "missing_fields": ["title", "cost_centre", "business_justification"],
        })).to_string() });
        let answer = read(&completion(&message, "stop"))??;
        let mut ticket = ticket("Access, please")?;
        let first = answer.clone().asking_once(&ticket);
        let missing = ["cost_centre", "business_justification"].map(str::to_owned);
        assert_eq!((first.missing_fields, first.needs_human), (missing.to_vec(), false));
        ticket.given.insert("cost_centre".to_owned(), "4711".to_owned());
        let again = answer.clone().asking_once(&ticket);
        assert_eq!((again.missing_fields, again.needs_human), (vec![], true));
        ticket.given.insert("business_justification".to_owned(), "Because.".to_owned());
        let last = answer.asking_once(&ticket);
        assert_eq!((last.missing_fields, last.needs_human), (vec![], false));
        Ok(())
    }
}
