//! The words of a notice that goes out: of one message, or of all that a digest holds.

use std::collections::HashMap;

use shared::env::Env;
use shared::error::Result;
use shared::table::{Read, Table};
use shared::tenant::Tenant;
use shared::web::to_the_second;

use super::content::{Said, Told, say};
use super::notices::{Gathered, Notice, What, gather};
use super::rules::{Rule, Words, rule_key};
use super::template::{LONGEST_TEXT, Missing};
use crate::messages::catalogue::{TEST, of_name};
use crate::messages::{Log, Message};

/// Finds words. Needs the tables `messages` and `control`.
pub(super) struct Speaker {
    messages: Table,
    log: Log,
    link: Option<String>,
}

/// What is said of a notice.
pub(super) enum Spoken {
    /// This.
    Said(Said),
    /// There is nothing to tell of.
    Nothing,
    /// Its message has expired.
    Expired,
}

impl Speaker {
    /// `PUBLIC_URL` is where people can see more.
    pub fn load(env: &Env) -> Result<Self> {
        let link = env.optional("PUBLIC_URL").map(str::to_owned);
        Ok(Self { messages: env.table("MESSAGES_TABLE")?, log: Log::load(env)?, link })
    }

    /// What a notice says now.
    pub async fn say(&self, tenant: &Tenant, notice: &Notice) -> Result<Spoken> {
        let (subject, text) = match &notice.what {
            What::Words { subject, text } => (subject.clone(), text.clone()),
            What::Test => test_words(tenant),
            What::Message { rule_id, seq } => {
                let Some(message) = self.log.find(tenant, *seq).await? else {
                    return Ok(Spoken::Expired);
                };
                let words = self.words(tenant, rule_id).await?;
                return Ok(Spoken::Said(self.of_message(tenant, &message, &words)?));
            }
            What::Digest { rule_id, .. } => return self.of_digest(tenant, notice, rule_id).await,
        };
        Ok(Spoken::Said(Said { subject, text }))
    }

    /// The templates of a rule; the usual words when it was removed.
    async fn words(&self, tenant: &Tenant, rule: &str) -> Result<Words> {
        let rule: Option<Rule> =
            self.messages.get(&rule_key(tenant, rule), Read::Consistent).await?;
        Ok(rule.map(|rule| rule.template).unwrap_or_default())
    }

    /// Templates that cannot be used with these data give way to the usual words.
    fn of_message(&self, tenant: &Tenant, message: &Message, words: &Words) -> Result<Said> {
        let (of, data, link) =
            (of_name(&message.event_type).unwrap_or(TEST), message.data()?, self.link.as_deref());
        let told = Told { of, at: message.at, data, tenant, link };
        let said = say(&told, words, Missing::IsNothing);
        let said = said.or_else(|(field, wrong)| {
            tracing::warn!(field, line = wrong.line, "a template could not be used");
            say(&told, &Words::default(), Missing::IsNothing)
        });
        Ok(said.unwrap_or_default())
    }

    /// A line each of what a digest holds; of one message alone what is usually said.
    async fn of_digest(&self, tenant: &Tenant, notice: &Notice, rule: &str) -> Result<Spoken> {
        let gathered = gather(&self.messages, tenant, &notice.sk).await?;
        if gathered.count == 0 {
            return Ok(Spoken::Nothing);
        }
        let words = self.words(tenant, rule).await?;
        let numbers = gathered.shown.iter().copied();
        let messages = self.log.find_many(tenant, numbers).await?;
        let messages: HashMap<i64, Message> =
            messages.into_iter().map(|message| (message.seq, message)).collect();
        let messages: Vec<&Message> =
            gathered.shown.iter().filter_map(|seq| messages.get(seq)).collect();
        if let ([message], 1) = (&*messages, gathered.count) {
            return Ok(Spoken::Said(self.of_message(tenant, message, &words)?));
        }
        let lines = messages.iter().map(|message| {
            let said = self.of_message(tenant, message, &words)?;
            Ok(format!("{}  {}", to_the_second(message.at), said.subject))
        });
        let lines: Vec<String> = lines.collect::<Result<_>>()?;
        Ok(Spoken::Said(together(&gathered, lines, self.link.as_deref())))
    }
}

/// What is said of several messages.
fn together(gathered: &Gathered, lines: Vec<String>, link: Option<&str>) -> Said {
    let subject = format!("[{}] {} notifications", gathered.severity.shout(), gathered.count);
    let (mut text, mut shown) = (String::new(), 0);
    for line in lines {
        if text.len() + line.len() > LONGEST_TEXT {
            break;
        }
        text.push_str(&line);
        text.push('\n');
        shown += 1;
    }
    if shown < gathered.count {
        text.push_str(&format!("and {} more\n", gathered.count - shown));
    }
    text.push_str(link.unwrap_or_default());
    Said { subject, text: text.trim_end().to_owned() }
}

fn test_words(tenant: &Tenant) -> (String, String) {
    let text = format!("Somebody of {tenant} tries out whether notifications reach this place.");
    ("Test notification".to_owned(), text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::messages::Severity;

    #[test]
    fn what_is_too_much_to_show_is_counted() {
        let gathered = |count| Gathered { severity: Severity::Error, shown: Vec::new(), count };
        let few = together(&gathered(2), vec!["a".to_owned(), "b".to_owned()], Some("https://x"));
        assert_eq!((&*few.subject, &*few.text), ("[ERROR] 2 notifications", "a\nb\nhttps://x"));
        let many = together(&gathered(5000), vec!["x".repeat(300); 100], None);
        assert!(many.text.len() < LONGEST_TEXT + 100, "{}", many.text.len());
        assert!(many.text.ends_with("and 4932 more"), "{}", &many.text[many.text.len() - 40..]);
    }
}
