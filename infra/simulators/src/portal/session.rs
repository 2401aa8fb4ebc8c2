//! Sessions, each a pair of cookies. Signing in begins another one than it was done in.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use super::call::Call;

/// The cookie that names a session.
pub const SESSION_COOKIE: &str = "portal_session";
/// The cookie that a session works with alone, from the moment that somebody signed in.
pub const DEVICE_COOKIE: &str = "portal_device";

/// Tells portals apart, so that none takes the cookies of another.
static PORTALS: AtomicUsize = AtomicUsize::new(0);

/// Who is in a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// Nobody yet.
    Anonymous,
    /// Somebody who gave the right password and owes a second factor.
    Halfway(String),
    /// This user.
    SignedIn(String),
}

/// What belongs to a session.
pub(super) struct Session {
    pub stage: Stage,
    secret: String,
    /// How often its login form was shown.
    pub shown: usize,
    /// When it asked for a page of cases last.
    pub last_page: Option<Duration>,
}

/// The sessions that are alive.
pub(super) struct Sessions {
    portal: usize,
    begun: usize,
    alive: BTreeMap<String, Session>,
}

impl Default for Sessions {
    fn default() -> Self {
        let portal = PORTALS.fetch_add(1, Ordering::Relaxed);
        Self { portal, begun: 0, alive: BTreeMap::new() }
    }
}

impl Sessions {
    /// Begins one, and answers its id.
    pub fn begin(&mut self, stage: Stage) -> String {
        self.begun += 1;
        let secret = hashed(&format!("secret {} {}", self.portal, self.begun));
        let id = hashed(&format!("session {} {}", self.portal, self.begun));
        let id: String = id.chars().filter(char::is_ascii_alphanumeric).collect();
        let session = Session { stage, secret, shown: 0, last_page: None };
        self.alive.insert(id.clone(), session);
        id
    }

    /// The id and the session that a call is in.
    pub fn of(&mut self, call: &Call) -> Option<(String, &mut Session)> {
        let id = call.cookie(SESSION_COOKIE)?;
        let session = self.alive.get_mut(id)?;
        let whole = session.stage == Stage::Anonymous
            || call.cookie(DEVICE_COOKIE) == Some(session.device().as_str());
        whole.then(|| (id.to_owned(), session))
    }

    pub fn get(&mut self, id: &str) -> Option<&mut Session> {
        self.alive.get_mut(id)
    }

    /// Ends one.
    pub fn end(&mut self, id: &str) -> Option<Session> {
        self.alive.remove(id)
    }

    /// Ends those in which such a user is.
    pub fn end_of(&mut self, ends: impl Fn(&str) -> bool) {
        self.alive.retain(|_, session| !session.user().is_some_and(&ends));
    }

    /// The users who are signed in, once for each session.
    pub fn users(&self) -> impl Iterator<Item = &str> {
        self.alive.values().filter_map(Session::user)
    }
}

impl Session {
    /// Who is signed in.
    pub fn user(&self) -> Option<&str> {
        match &self.stage {
            Stage::SignedIn(user) => Some(user),
            Stage::Anonymous | Stage::Halfway(_) => None,
        }
    }

    /// A token of this session for a purpose, in base64.
    pub fn token(&self, purpose: &str) -> String {
        hashed(&format!("{purpose} {}", self.secret))
    }

    /// The value of its second cookie.
    pub fn device(&self) -> String {
        self.token("device").chars().filter(char::is_ascii_alphanumeric).collect()
    }
}

fn hashed(text: &str) -> String {
    BASE64_STANDARD.encode(digest(&SHA256, text.as_bytes()))
}
