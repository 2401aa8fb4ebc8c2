//! A portal of cases as somebody sees it in a browser: a form to sign in with, a dashboard,
//! and pages of cases, in English or in Arabic. No such portal is documented; it is made of
//! what well-known frameworks do, each a switch in [`Habits`], and of what is seen of portals
//! that have gone wrong, each a [`Mishap`].

mod accounts;
mod call;
mod captcha;
mod case;
mod counts;
mod csrf;
mod factor;
mod habits;
mod layout;
mod ledger;
mod listing;
mod login;
mod mishaps;
mod page;
mod service;
mod session;
mod sso;
mod state;
#[cfg(test)]
mod tests;
mod words;

use std::io::Result;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::{Faults, Server, Stopped};

pub use captcha::{CAPTCHA_ANSWER, Captcha};
pub use case::{ARABIC_STATUSES, Case, ENGLISH_STATUSES, plain_number};
pub use csrf::Csrf;
pub use factor::CODE;
pub use habits::{
    Action, AfterLast, Beyond, Charset, Empty, Factor, Gate, Habits, Lost, Paging, SignOn,
};
pub use layout::{CARDS, CHANGED, ITEMS, Layout, Part, Selectors, TABLE};
pub use ledger::{Form, HIDDEN, Logins};
pub use mishaps::Mishap;
use mishaps::Planned;
pub use page::SIGNED_IN;
use session::Stage;
pub use session::{DEVICE_COOKIE, SESSION_COOKIE};
use state::{Clock, State};
pub use words::{Language, LockWords};

/// A running portal, and the identity provider that it may send people to.
pub struct Portal {
    server: Server,
    provider: Server,
    state: Arc<State>,
    /// What goes wrong next on the way to it.
    pub faults: Faults,
}

impl Portal {
    /// Starts one on any free port, with no accounts.
    pub async fn start() -> Result<Self> {
        let begun = Instant::now();
        Self::start_by(move || begun.elapsed()).await
    }

    /// Starts one that takes the time from this clock: how long ago some moment is.
    pub async fn start_by(now: impl Fn() -> Duration + Send + Sync + 'static) -> Result<Self> {
        let clock: Clock = Box::new(now);
        let (state, faults) = (Arc::new(State::new(clock)), Faults::default());
        let provider = Server::start(sso::provider(Arc::clone(&state)), 0).await?;
        let server = Server::start(service::router(Arc::clone(&state), faults.clone()), 0).await?;
        let mut known = state.locked();
        known.base = server.url();
        known.provider = format!("http://localhost:{}", provider.port());
        drop(known);
        Ok(Self { server, provider, state, faults })
    }

    /// Stops listening, as if it were down, and answers what starts it again with
    /// everything it knew.
    pub async fn stop(self) -> Stopped<Self> {
        let Self { server, provider, state, faults } = self;
        server.stop(|server| Self { server, provider, state, faults }).await
    }

    /// The base address.
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// The base address of the identity provider, which is another host.
    pub fn provider_url(&self) -> String {
        format!("http://localhost:{}", self.provider.port())
    }

    /// Turns switches.
    pub fn habits(&self, turn: impl FnOnce(&mut Habits)) {
        turn(&mut self.state.locked().habits);
    }

    /// Goes wrong so in the next calls of an address, before what was said later. The address
    /// is a path, if need be with a method before it and a page behind it, as in
    /// `POST /login` and `/cases?page=2`.
    pub fn mishap(&self, at: &str, times: usize, mishap: Mishap) {
        let planned = Planned { at: at.to_owned(), times, mishap };
        self.state.locked().mishaps.push(planned);
    }

    /// Forgets the mishaps that have not come yet.
    pub fn behave(&self) {
        self.state.locked().mishaps.clear();
        self.faults.clear();
    }

    /// Adds an account, or changes its password. Sessions stay, and so does a lock.
    pub fn account(&self, user: &str, password: &str) {
        let mut known = self.state.locked();
        let account = known.accounts.entry(user.to_owned()).or_default();
        account.password = password.to_owned();
    }

    /// Unlocks an account, and forgets the wrong passwords.
    pub fn unlock(&self, user: &str) {
        if let Some(account) = self.state.locked().accounts.get_mut(user) {
            (account.locked, account.wrong) = (false, 0);
        }
    }

    /// Whether an account is locked.
    pub fn is_locked(&self, user: &str) -> bool {
        self.state.locked().accounts.get(user).is_some_and(|account| account.locked)
    }

    /// Approves the login that waits for it in Nafath's application.
    pub fn approve(&self, user: &str) {
        if let Some(account) = self.state.locked().accounts.get_mut(user) {
            account.approved = true;
        }
    }

    /// Has exactly these cases in an account, in this order. Nothing keeps them from having
    /// the same number, or none.
    pub fn cases(&self, user: &str, cases: impl IntoIterator<Item = Case>) {
        if let Some(account) = self.state.locked().accounts.get_mut(user) {
            account.cases = cases.into_iter().collect();
        }
    }

    /// The cases of an account.
    pub fn cases_of(&self, user: &str) -> Vec<Case> {
        let known = self.state.locked();
        known.accounts.get(user).map(|account| account.cases.clone()).unwrap_or_default()
    }

    /// Adds a case at the end.
    pub fn add_case(&self, user: &str, case: Case) {
        if let Some(account) = self.state.locked().accounts.get_mut(user) {
            account.cases.push(case);
        }
    }

    /// Changes the cases of this number, and answers how many there are.
    pub fn change_case(&self, user: &str, number: &str, change: impl Fn(&mut Case)) -> usize {
        let mut known = self.state.locked();
        let cases = known.accounts.get_mut(user).map(|account| account.cases.iter_mut());
        let found = cases.into_iter().flatten().filter(|case| case.number == number);
        found.map(change).count()
    }

    /// Removes the cases of this number.
    pub fn remove_case(&self, user: &str, number: &str) {
        if let Some(account) = self.state.locked().accounts.get_mut(user) {
            account.cases.retain(|case| case.number != number);
        }
    }

    /// The cookies, names and values, of a session that this user has just begun, as after a
    /// single sign-on.
    pub fn session_of(&self, user: &str) -> Vec<(String, String)> {
        let mut known = self.state.locked();
        let id = known.sessions.begin(Stage::SignedIn(user.to_owned()));
        let device = known.sessions.get(&id).map(|session| session.device()).unwrap_or_default();
        vec![(SESSION_COOKIE.to_owned(), id), (DEVICE_COOKIE.to_owned(), device)]
    }

    /// Ends the sessions of everybody who is signed in.
    pub fn expire_sessions(&self) {
        self.state.locked().end_sessions(|_| true);
    }

    /// Ends the sessions of a user.
    pub fn expire_sessions_of(&self, user: &str) {
        self.state.locked().end_sessions(|of| of == user);
    }
}
