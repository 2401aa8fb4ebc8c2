//! What was asked of it, by whom, and how fast. No password is kept.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::call::Call;

/// What stands for the value of a field that is a secret.
pub const HIDDEN: &str = "(hidden)";

/// A form that it was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Form {
    /// The path.
    pub path: String,
    /// The fields, in their order; a secret is [`HIDDEN`].
    pub fields: Vec<(String, String)>,
    /// The header `Referer`.
    pub referer: Option<String>,
    /// The header `Origin`.
    pub origin: Option<String>,
    /// The header `User-Agent`.
    pub user_agent: Option<String>,
}

/// The logins of an account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Logins {
    /// How often its login form was sent, whatever came of it.
    pub attempted: usize,
    /// How often a wrong password was, or any while it was locked.
    pub wrong: usize,
    /// How often somebody was signed in after it, or came from the identity provider.
    pub succeeded: usize,
    /// The most that were ever under way at a time.
    pub most_at_once: usize,
}

/// What happened.
#[derive(Default)]
pub(super) struct Ledger {
    /// Method, path and query of each call, oldest first.
    pub asked: Vec<String>,
    /// How often each path was asked for.
    pub requests: BTreeMap<String, usize>,
    pub forms: Vec<Form>,
    pub logins: BTreeMap<String, Logins>,
    /// The times between two pages of cases in one session.
    pub pauses: Vec<Duration>,
    /// How many calls of each account are under way.
    under_way: BTreeMap<String, usize>,
    /// How many logins of each are.
    logins_under_way: BTreeMap<String, usize>,
    /// The accounts of which somebody has begun to look at the cases and is not done.
    visits: BTreeSet<String>,
    pub most_accounts: usize,
    pub most_visits: usize,
    /// How often the identity provider was asked anything.
    pub provider_calls: usize,
}

impl Ledger {
    /// Notes a call. Values that hold one of these secrets are hidden, and those of fields
    /// that are named so.
    pub fn note(&mut self, call: &Call, names: &[&str], secrets: &[&str]) {
        let holds = |name: &str, value: &str| {
            names.contains(&name) || secrets.iter().any(|secret| is_in(secret, value))
        };
        let astray = call.parameters().any(|(name, value)| holds(&name, &value));
        let address = if astray { format!("{}?{HIDDEN}", call.path) } else { call.address() };
        self.asked.push(format!("{} {address}", call.method));
        *self.requests.entry(call.path.clone()).or_default() += 1;
        let Some(fields) = &call.form else { return };
        let kept = |(name, value): &(String, String)| {
            let value = if holds(name, value) { HIDDEN } else { value };
            (name.clone(), value.to_owned())
        };
        let header = |name| call.header(name).map(str::to_owned);
        self.forms.push(Form {
            path: call.path.clone(),
            fields: fields.iter().map(kept).collect(),
            referer: header("referer"),
            origin: header("origin"),
            user_agent: header("user-agent"),
        });
    }

    pub fn logins(&mut self, user: &str) -> &mut Logins {
        self.logins.entry(user.to_owned()).or_default()
    }

    /// A call of an account begins, which may be a login.
    pub fn begins(&mut self, user: &str, is_login: bool) {
        *self.under_way.entry(user.to_owned()).or_default() += 1;
        self.most_accounts = self.most_accounts.max(self.under_way.len());
        if is_login {
            let under_way = self.logins_under_way.entry(user.to_owned()).or_default();
            *under_way += 1;
            let under_way = *under_way;
            let logins = self.logins(user);
            logins.attempted += 1;
            logins.most_at_once = logins.most_at_once.max(under_way);
        }
    }

    /// It ends.
    pub fn ends(&mut self, user: &str, is_login: bool) {
        one_less(&mut self.under_way, user);
        if is_login {
            one_less(&mut self.logins_under_way, user);
        }
    }

    /// Somebody begins to look at the cases of an account.
    pub fn visit_begins(&mut self, user: &str) {
        self.visits.insert(user.to_owned());
        self.most_visits = self.most_visits.max(self.visits.len());
    }

    /// And has seen them, or will not.
    pub fn visit_ends(&mut self, user: &str) {
        self.visits.remove(user);
    }

    /// Counts from nothing again; what is under way still is.
    pub fn forget(&mut self) {
        let (under_way, logins_under_way) =
            (std::mem::take(&mut self.under_way), std::mem::take(&mut self.logins_under_way));
        let visits = std::mem::take(&mut self.visits);
        let (most_accounts, most_visits) = (under_way.len(), visits.len());
        *self = Self {
            under_way,
            logins_under_way,
            visits,
            most_accounts,
            most_visits,
            ..Self::default()
        };
    }
}

/// Whether a value holds a secret. A very short one has to be all of it, since it is found in
/// values that have nothing to do with it.
fn is_in(secret: &str, value: &str) -> bool {
    !secret.is_empty() && (value == secret || (secret.len() > 4 && value.contains(secret)))
}

fn one_less(counts: &mut BTreeMap<String, usize>, user: &str) {
    if let Some(count) = counts.get_mut(user) {
        *count -= 1;
        if *count == 0 {
            counts.remove(user);
        }
    }
}
