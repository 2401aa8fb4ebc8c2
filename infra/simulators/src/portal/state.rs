//! What a portal knows, behind one lock.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::http::Method;

use super::accounts::Account;
use super::call::Call;
use super::habits::{Action, Habits};
use super::ledger::Ledger;
use super::mishaps::Planned;
use super::session::{Sessions, Stage};

/// Tells the time that has passed since some moment.
pub(super) type Clock = Box<dyn Fn() -> Duration + Send + Sync>;

/// Everything, behind one lock.
pub(super) struct State {
    known: Mutex<Known>,
    pub now: Clock,
}

#[derive(Default)]
pub(super) struct Known {
    pub habits: Habits,
    /// The portal's own base address.
    pub base: String,
    /// The identity provider's.
    pub provider: String,
    pub accounts: BTreeMap<String, Account>,
    pub sessions: Sessions,
    /// Whom the identity provider vouches for, by ticket.
    pub tickets: BTreeMap<String, String>,
    /// How many tickets were ever given.
    pub tickets_given: usize,
    pub mishaps: Vec<Planned>,
    pub ledger: Ledger,
}

impl State {
    pub fn new(now: Clock) -> Self {
        Self { known: Mutex::default(), now }
    }

    pub fn locked(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    /// Where the login form is sent.
    pub fn login_path(&self) -> &'static str {
        if self.habits.action == Action::Own { "/login" } else { "/auth/sign-in" }
    }

    /// Whether a call is the sending of the login form.
    pub fn is_login(&self, call: &Call) -> bool {
        call.method == Method::POST && call.path == self.login_path()
    }

    /// The account that a call is of: that of its session, or that of the login, whether there
    /// is such an account or not.
    pub fn account_of(&mut self, call: &Call) -> Option<String> {
        if self.is_login(call) {
            return call.field(self.habits.fields.0).map(str::to_owned);
        }
        let (_, session) = self.sessions.of(call)?;
        match &session.stage {
            Stage::SignedIn(user) | Stage::Halfway(user) => Some(user.clone()),
            Stage::Anonymous => None,
        }
    }

    /// Ends the sessions of these users.
    pub fn end_sessions(&mut self, ends: impl Fn(&str) -> bool) {
        let ended: Vec<String> = self.sessions.users().map(str::to_owned).collect();
        self.sessions.end_of(&ends);
        ended.iter().filter(|user| ends(user)).for_each(|user| self.ledger.visit_ends(user));
    }
}

/// A call of an account that is under way, until it is answered or given up.
pub(super) struct UnderWay {
    state: Arc<State>,
    user: String,
    is_login: bool,
}

impl UnderWay {
    /// Counts a call of this account as long as what this answers is kept.
    pub fn enter(state: &Arc<State>, known: &mut Known, user: String, is_login: bool) -> Self {
        known.ledger.begins(&user, is_login);
        if is_login {
            known.ledger.visit_begins(&user);
        }
        Self { state: Arc::clone(state), user, is_login }
    }

    /// It was answered with a failure, so that nobody sees any cases.
    pub fn failed(&self) {
        self.state.locked().ledger.visit_ends(&self.user);
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.state.locked().ledger.ends(&self.user, self.is_login);
    }
}
