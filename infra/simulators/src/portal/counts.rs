//! What a test may ask a portal about what has happened.

use std::time::Duration;

use super::Portal;
use super::ledger::{Form, Logins};

impl Portal {
    /// How often a path was asked for, whatever came of it.
    pub fn requests(&self, path: &str) -> usize {
        self.state.locked().ledger.requests.get(path).copied().unwrap_or_default()
    }

    /// Method, path and query of each request, oldest first.
    pub fn asked(&self) -> Vec<String> {
        self.state.locked().ledger.asked.clone()
    }

    /// The forms that it was sent, oldest first, without passwords and codes.
    pub fn forms(&self) -> Vec<Form> {
        self.state.locked().ledger.forms.clone()
    }

    /// The logins of an account.
    pub fn logins(&self, user: &str) -> Logins {
        self.state.locked().ledger.logins.get(user).copied().unwrap_or_default()
    }

    /// How many sessions are alive in which somebody is signed in.
    pub fn sessions_alive(&self) -> usize {
        self.state.locked().sessions.users().count()
    }

    /// How many of them are of this user.
    pub fn sessions_alive_of(&self, user: &str) -> usize {
        self.state.locked().sessions.users().filter(|of| *of == user).count()
    }

    /// The most accounts that ever had a request under way at a time.
    pub fn most_accounts_at_once(&self) -> usize {
        self.state.locked().ledger.most_accounts
    }

    /// The most accounts that were ever visited at a time. A visit begins with a login or with
    /// a page of cases, and ends with the last page, with an answer of 400 or more, with a
    /// mishap that keeps cases from being seen, with a login that is refused or wants a second
    /// factor, and with the session.
    pub fn most_visits_at_once(&self) -> usize {
        self.state.locked().ledger.most_visits
    }

    /// The times between two requests for pages of cases in one session, oldest first.
    pub fn pauses(&self) -> Vec<Duration> {
        self.state.locked().ledger.pauses.clone()
    }

    /// The least of them.
    pub fn least_pause(&self) -> Option<Duration> {
        self.state.locked().ledger.pauses.iter().min().copied()
    }

    /// How often the identity provider was asked anything.
    pub fn provider_calls(&self) -> usize {
        self.state.locked().ledger.provider_calls
    }

    /// Counts everything from nothing again.
    pub fn forget_counts(&self) {
        self.state.locked().ledger.forget();
    }
}
