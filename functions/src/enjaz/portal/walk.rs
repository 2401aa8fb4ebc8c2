//! The way through the pages of cases: one page at a time, politely, and with an honest word
//! on where it ended. It outlives a session, and can be kept between two.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use shared::ids;
use shared::outbound::StatusCode;
use url::Url;

use super::outcome::{Outcome, Refusal};
use super::page::Page;
use super::profile::NextPage;
use super::rows::FoundCase;
use super::rules::Rules;
use super::session::Session;
use super::sight::{self, Sight};

/// What was read so far, and where it goes on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Walk {
    /// The cases, in the portal's order, each number once.
    pub cases: Vec<FoundCase>,
    /// How many pages were read.
    pub pages: u32,
    /// How many rows had no number, or none of at most 255 characters.
    pub unnumbered: usize,
    /// How many rows had a number that was there before; the first one counts.
    pub duplicates: usize,
    /// The page to be read next; none for the first.
    next: Option<String>,
    /// The pages that were read, and the numbers that were there: marks of them, for a walk
    /// is kept in one item.
    visited: BTreeSet<u64>,
    numbers: BTreeSet<u64>,
}

/// What a text is recognised by.
fn mark(text: &str) -> u64 {
    let digest = ids::digest(text.as_bytes());
    digest.iter().take(8).fold(0, |mark, byte| mark << 8 | u64::from(*byte))
}

/// What came of reading a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// It was read, and there is another one.
    More,
    /// All were read.
    Complete,
    /// The session has ended. After another login the same page can be read.
    SessionLost,
    /// It could not be read.
    Stopped(Refusal),
}

impl Walk {
    /// What a walk comes to that ended so: `ok`, `partial` when pages were read before it
    /// stopped, and otherwise why it stopped.
    pub fn outcome(&self, step: &Step) -> Outcome {
        match step {
            Step::Complete => Outcome::Ok,
            _ if self.pages > 0 => Outcome::Partial,
            Step::Stopped(refusal) => refusal.outcome,
            Step::More | Step::SessionLost => Outcome::PortalUnavailable,
        }
    }

    /// Takes the cases of a page, and tells whether there were any that are new. A page of
    /// rows without numbers counts as new.
    fn take(&mut self, rows: Vec<Option<FoundCase>>) -> bool {
        let known = self.cases.len();
        let numbered = rows.iter().flatten().count();
        for case in rows {
            let Some(case) = case else {
                self.unnumbered += 1;
                continue;
            };
            if self.numbers.insert(mark(&case.number)) {
                self.cases.push(case);
            } else {
                self.duplicates += 1;
            }
        }
        self.cases.len() > known || numbered == 0
    }

    /// The address of the page to be read next.
    fn address(&self, rules: &Rules) -> Url {
        let next = self.next.as_deref().and_then(|next| Url::parse(next).ok());
        next.unwrap_or_else(|| rules.cases.clone())
    }

    /// Adds a page, and tells where the next one is.
    fn add(&mut self, asked: &Url, page: &Page, mut seen: Sight, rules: &Rules) -> Step {
        if seen.rows.is_empty() {
            self.pages += 1;
            return Step::Complete;
        }
        if self.pages == 0 && seen.rows.iter().all(Option::is_none) {
            let detail = "no case on the page has a number";
            return Step::Stopped(Refusal::changed(detail, &seen.fingerprint));
        }
        let rows = std::mem::take(&mut seen.rows);
        let counts = (self.unnumbered, self.duplicates);
        if !self.take(rows) {
            // A page again that was there before, under another address.
            (self.unnumbered, self.duplicates) = counts;
            return Step::Complete;
        }
        self.pages += 1;
        self.visited.extend([asked, &page.url].map(|url| mark(url.as_str())));
        let next = match &rules.profile.next_page {
            NextPage::Selector(_) => seen.next,
            NextPage::QueryParam(name) => Some(numbered(&rules.cases, name, self.pages + 1)),
            NextPage::None => None,
        };
        let Some(next) = next.filter(|next| !self.visited.contains(&mark(next.as_str()))) else {
            return Step::Complete;
        };
        self.next = Some(next.to_string());
        Step::More
    }
}

/// The address of a page by its number.
fn numbered(cases: &Url, name: &str, page: u32) -> Url {
    let mut url = cases.clone();
    let others = cases.query_pairs().filter(|(of, _)| of != name);
    let others: Vec<_> = others.map(|(of, value)| (of.into_owned(), value.into_owned())).collect();
    url.query_pairs_mut().clear().extend_pairs(others).append_pair(name, &page.to_string());
    url
}

impl Session {
    /// Reads pages from where the walk is to the last one, or to what stops it.
    pub async fn read(&mut self, walk: &mut Walk) -> Step {
        loop {
            match self.read_page(walk).await {
                Step::More => {}
                step => return step,
            }
        }
    }

    /// Reads one page. The walk is as it was if the page could not be read.
    pub async fn read_page(&mut self, walk: &mut Walk) -> Step {
        let rules = self.browser.rules.clone();
        if walk.pages >= rules.profile.max_pages {
            let detail = format!("there are more than {} pages", rules.profile.max_pages);
            return Step::Stopped(Refusal::unavailable(detail));
        }
        if self.has_asked {
            self.browser.pause().await;
        }
        self.has_asked = true;
        let asked = walk.address(&rules);
        let page = match self.browser.get(&asked, None).await {
            Ok(page) => page,
            // Where one signs in is elsewhere, as for whoever has no session any more.
            Err(refusal) if refusal.outcome == Outcome::SsoRequired && walk.pages > 0 => {
                return Step::SessionLost;
            }
            Err(refusal) => return Step::Stopped(refusal),
        };
        let seen = match sight::of(&page, &rules) {
            Ok(seen) => seen,
            Err(refusal) => return Step::Stopped(refusal),
        };
        match hindrance(walk, &page, &seen, &rules) {
            Some(step) => step,
            None => walk.add(&asked, &page, seen, &rules),
        }
    }
}

/// What keeps a page from being one of cases, if anything does.
fn hindrance(walk: &Walk, page: &Page, seen: &Sight, rules: &Rules) -> Option<Step> {
    let is_login = page.url.path() == rules.login.path() && rules.login != rules.cases;
    let refusal = if seen.form.is_some() || is_login || page.status == StatusCode::UNAUTHORIZED {
        return Some(Step::SessionLost);
    } else if page.status == StatusCode::FORBIDDEN {
        page.forbidden()
    } else if page.status == StatusCode::NOT_FOUND && walk.is_beyond(rules) {
        return Some(Step::Complete);
    } else if !page.status.is_success() {
        let detail = format!("the page of cases answered HTTP {}", page.status.as_u16());
        Refusal::changed(detail, &seen.fingerprint)
    } else if !seen.rows.is_empty() {
        return None;
    } else if seen.captcha {
        Refusal::new(Outcome::CaptchaRequired, "a captcha stands before the cases")
    } else if seen.factor {
        Refusal::new(Outcome::MfaRequired, "a second factor is asked for before the cases")
    } else if seen.emptiness {
        return None;
    } else if seen.maintenance {
        Refusal::unavailable("the portal is under maintenance")
    } else {
        Refusal::changed("the page has no cases and does not say so", &seen.fingerprint)
    };
    Some(Step::Stopped(refusal))
}

impl Walk {
    /// Whether the next page was only guessed, so that there may be none.
    fn is_beyond(&self, rules: &Rules) -> bool {
        self.pages > 0 && matches!(rules.profile.next_page, NextPage::QueryParam(_))
    }
}
