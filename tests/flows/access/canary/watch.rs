//! Every secret that is in play, and every answer that was given.

use std::path::Path;

use anyhow::{Result, ensure};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use reqwest::{Method, RequestBuilder};
use tests::support::{Answer, Caller};

/// A secret, and which answers show it.
struct Secret {
    what: String,
    /// What of it is secret, in each form that it could be found in.
    forms: Vec<String>,
    shown: Shown,
}

/// Which answers show a secret.
#[derive(PartialEq)]
enum Shown {
    /// As many as this.
    Times(usize),
    /// None but those to requests that name it themselves: links to further pages, and
    /// what is wrong with a filter.
    Back,
}

/// What is looked for, and where it must not be.
#[derive(Default)]
pub struct Watch {
    secrets: Vec<Secret>,
    answers: Vec<(String, String)>,
}

impl Watch {
    /// A secret that no answer shows.
    pub fn never(&mut self, what: &str, text: &str) {
        self.add(what, text, Shown::Times(0));
    }

    /// A secret that is told to nobody but who says it.
    pub fn back(&mut self, what: &str, text: &str) {
        self.add(what, text, Shown::Back);
    }

    /// A secret that one answer shows.
    pub fn once(&mut self, what: &str, text: &str) {
        self.add(what, text, Shown::Times(1));
    }

    fn add(&mut self, what: &str, text: &str, shown: Shown) {
        let core = secret_part(text);
        assert!(core.len() >= 16, "{what} is too short to be told from other text");
        let decoded = text.strip_prefix("whsec_").and_then(|b| BASE64_STANDARD.decode(b).ok());
        let encoded = BASE64_STANDARD.encode(text).trim_end_matches('=').to_owned();
        let forms = [Some(core.to_owned()), Some(encoded), decoded.as_deref().map(searchable)];
        let forms = forms.into_iter().flatten().collect();
        self.secrets.push(Secret { what: what.to_owned(), forms, shown });
    }

    /// Sends a request, and keeps its answer.
    pub async fn send(
        &mut self,
        caller: &Caller,
        (method, path): (Method, &str),
        with: impl FnOnce(RequestBuilder) -> RequestBuilder,
    ) -> Answer {
        let name = format!("the answer to {method} {path}");
        let answer = caller.send(with(caller.request(method, path))).await;
        self.answers.push((name, format!("{:?}\n{}", answer.headers, answer.text)));
        // Another tenant has no Pega, which is no fault.
        let has_none = answer.json["detail"] == "Pega client not configured";
        assert!(answer.status < 500 || has_none, "{:?}", self.answers.last());
        answer
    }

    /// How many secrets there are, and answers.
    pub fn counts(&self) -> (usize, usize) {
        (self.secrets.len(), self.answers.len())
    }

    /// Each secret is in the answers that are to show it, and in no other.
    pub fn check_answers(&self) -> Result<()> {
        for secret in &self.secrets {
            let showing = self.answers.iter().filter(|(call, text)| {
                secret.is_in(text) && !(secret.shown == Shown::Back && secret.is_in(call))
            });
            let showing: Vec<_> = showing.collect();
            let shown = if let Shown::Times(times) = secret.shown { times } else { 0 };
            ensure!(showing.len() == shown, "{} is shown in {showing:#?}", secret.what);
        }
        Ok(())
    }

    /// No secret is in here.
    pub fn check(&self, place: &str, content: &[u8]) -> Result<()> {
        let content = searchable(content);
        for secret in &self.secrets {
            ensure!(!secret.is_in(&content), "{place} holds {}", secret.what);
        }
        Ok(())
    }

    /// No secret is in a file of the data folder, but for the two that are made of them.
    pub fn check_folder(&self, folder: &Path) -> Result<()> {
        let mut seen = 0;
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let content = std::fs::read(&path)?;
            if !matches!(&*name, "admin.key" | "vault.key" | "lock") && !content.is_empty() {
                self.check(&name, &content)?;
                seen += 1;
            }
        }
        ensure!(seen >= 3, "only {seen} files were looked through");
        Ok(())
    }
}

impl Secret {
    fn is_in(&self, content: &str) -> bool {
        self.forms.iter().any(|form| content.contains(form))
    }
}

/// Bytes as text, a character each, because text is searched fastest.
fn searchable(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

/// The part that is nobody else's business: an API key's beginning and a token's claims
/// may be known.
fn secret_part(text: &str) -> &str {
    if let Some(key) = text.strip_prefix("pd_") {
        return key.split('_').nth(1).unwrap_or(key);
    }
    match text.split('.').collect::<Vec<_>>()[..] {
        [_, _, signature] => signature,
        _ => text.strip_prefix("whsec_").unwrap_or(text),
    }
}
