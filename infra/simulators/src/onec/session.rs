//! Sessions: one a call, unless the caller starts one that stays.
//! Source: the header `IBSession` and the cookie `ibsession` of the platform.

use std::collections::BTreeSet;

use axum::http::{HeaderMap, HeaderValue, header};

/// The sessions that stay.
#[derive(Default)]
pub(super) struct Sessions {
    open: BTreeSet<String>,
    /// How many were ever begun, those of one call among them.
    pub begun: usize,
}

impl Sessions {
    /// Whether a call is in a session that is no more, and starts no other.
    pub fn is_lost(&self, headers: &HeaderMap) -> bool {
        let known = cookie(headers).is_none_or(|id| self.open.contains(id));
        !known && word(headers) != Some("start")
    }

    /// Begins a session for a call that is in none, and answers the id of one that stays; or
    /// ends the one that a call is in, if it says so.
    pub fn enter(&mut self, headers: &HeaderMap) -> Option<String> {
        match (word(headers), cookie(headers)) {
            (Some("start"), _) => {
                self.begun += 1;
                let id = format!("6f1d2c3a-0000-4000-8000-{:012}", self.begun);
                self.open.insert(id.clone());
                return Some(id);
            }
            (Some("finish"), Some(id)) => {
                self.open.remove(id);
            }
            (_, Some(_)) => {}
            (_, None) => self.begun += 1,
        }
        None
    }

    /// Loses all that stay.
    pub fn lose(&mut self) {
        self.open.clear();
    }

    /// How many stay.
    pub fn open(&self) -> usize {
        self.open.len()
    }
}

/// What tells the caller of a session that was started.
pub(super) fn set_cookie(id: &str, instance: &str) -> Option<HeaderValue> {
    HeaderValue::from_str(&format!("ibsession={id}; HttpOnly; Path=/{instance}")).ok()
}

fn word(headers: &HeaderMap) -> Option<&str> {
    headers.get("ibsession")?.to_str().ok()
}

fn cookie(headers: &HeaderMap) -> Option<&str> {
    let all = headers.get_all(header::COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    all.flat_map(|value| value.split(';')).find_map(|one| one.trim().strip_prefix("ibsession="))
}
