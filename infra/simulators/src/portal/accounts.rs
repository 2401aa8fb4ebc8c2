//! Who may sign in.

use super::case::Case;

/// An account.
#[derive(Default)]
pub(super) struct Account {
    pub password: String,
    /// How many wrong passwords there were since the last right one.
    pub wrong: usize,
    pub locked: bool,
    /// Whether its owner has approved the login that waits for it.
    pub approved: bool,
    /// Its cases, in the order that they are listed in.
    pub cases: Vec<Case>,
}

/// What comes of a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Right,
    Wrong,
    Locked,
}

impl Account {
    /// Tries a password; so many wrong ones lock the account, whatever comes later.
    pub fn try_password(&mut self, password: &str, wrong_until_locked: usize) -> Verdict {
        if self.locked {
            return Verdict::Locked;
        }
        if password == self.password {
            self.wrong = 0;
            return Verdict::Right;
        }
        self.wrong += 1;
        self.locked = self.wrong >= wrong_until_locked;
        if self.locked { Verdict::Locked } else { Verdict::Wrong }
    }
}
