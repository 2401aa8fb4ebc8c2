//! What a caller can learn of themselves.

pub mod api;
mod view;

use shared::env::Env;
use shared::error::Result;

use super::keys::Keys;
use super::usage::Usage;

/// The use case.
#[derive(Clone)]
pub struct Account {
    keys: Keys,
    usage: Usage,
}

impl Account {
    /// Needs the tables `control` and `audit`.
    pub fn load(env: &Env) -> Result<Self> {
        Ok(Self { keys: Keys::load(env)?, usage: Usage::load(env)? })
    }
}
