//! A row of a lane that carries several kinds of jobs, as far as the lane itself reads it.

use serde::Deserialize;

use super::{Job, Row};
use crate::table::Key;

/// A row with a job, whatever it is besides.
#[derive(Debug, Deserialize)]
pub struct Errand {
    #[serde(flatten)]
    key: Key,
    #[serde(flatten)]
    job: Job,
}

impl Row for Errand {
    fn key(&self) -> Key {
        self.key.clone()
    }

    fn job(&self) -> &Job {
        &self.job
    }
}
