//! What callers say of processes and steps, and whether it can be so.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use shared::error::{Error, Result};
use shared::web::at_most;
use utoipa::ToSchema;

use super::model::Step;
use crate::processes::reruns::RerunConfig;

/// The longest name, in characters.
const LONGEST_NAME: usize = 255;
/// The largest metadata, and the largest configuration of a step, in bytes.
const LARGEST_META: usize = 32 * 1024;
const LARGEST_CONFIG: usize = 8 * 1024;
/// The most steps of a process.
pub(super) const MOST_STEPS: usize = 60;
/// The longest that anything may take, in seconds: a year.
const LONGEST: i64 = 366 * 24 * 3600;
/// The longest that runs are kept as they are, in months.
const LONGEST_RETENTION: u32 = 1200;

/// What a process is made of.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewProcess {
    /// What people call it.
    #[schema(min_length = 1, max_length = 255, example = "Customer Onboarding")]
    pub(super) name: String,
    /// Whatever else is to be known of it. `run_metadata_schema` names the fields of its
    /// runs' metadata and their types. At most 32 KiB.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub(super) meta: Map<String, Json>,
    /// Its steps, at most 60; more can be added later.
    #[serde(default)]
    pub(super) steps: Vec<NewStep>,
    /// After how many months its runs are neutralised; never when not given.
    #[schema(minimum = 1, maximum = 1200)]
    pub(super) retention_months: Option<u32>,
    /// How long a run may take, in seconds, before it is told to be late.
    #[schema(minimum = 1)]
    pub(super) deadline_seconds: Option<i64>,
}

/// A step of a process that is being made.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewStep {
    /// Its place, from 0; behind the others when not given.
    #[schema(minimum = 0)]
    pub(super) index: Option<i64>,
    #[schema(min_length = 1, max_length = 255, example = "Check credit")]
    pub(super) name: String,
    /// Whether a failed try may be followed by another one.
    #[serde(default)]
    pub(super) is_rerunnable: bool,
    /// How it is run again. At most 8 KiB.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub(super) rerun_config: Map<String, Json>,
    /// How long it may take from its start, in seconds, before it is told to be late.
    #[schema(minimum = 1)]
    pub(super) deadline_seconds: Option<i64>,
}

impl NewStep {
    /// The step of this id, at this place if it names none itself. `at` says where it
    /// stands in the request.
    ///
    /// # Errors
    /// `Invalid`, naming the member.
    pub(super) fn read(self, at: &str, id: i64, next: i64) -> Result<Step> {
        let field = |name: &str| format!("{at}{name}");
        let index = self.index.unwrap_or(next);
        if !(0..=i64::from(u32::MAX)).contains(&index) {
            return Err(Error::invalid(&field("index"), "must not be negative, and not too large"));
        }
        Ok(Step {
            id,
            index,
            name: name(&field("name"), &self.name)?,
            is_rerunnable: self.is_rerunnable,
            rerun_config: config(&field("rerun_config"), self.rerun_config)?,
            deadline_seconds: deadline(&field("deadline_seconds"), self.deadline_seconds)?,
        })
    }
}

/// A name without blanks around it.
///
/// # Errors
/// `Invalid`, naming `field`, when it is empty or too long.
pub(super) fn name(field: &str, text: &str) -> Result<String> {
    let name = text.trim();
    match name.chars().count() {
        0 => Err(Error::invalid(field, "must not be empty")),
        1..=LONGEST_NAME => Ok(name.to_owned()),
        _ => Err(Error::invalid(field, format!("must have at most {LONGEST_NAME} characters"))),
    }
}

/// Metadata as they are stored.
///
/// # Errors
/// `Invalid`, naming `meta`, when they are too large, or `run_metadata_schema` is not an
/// object of texts.
pub(super) fn meta(meta: Map<String, Json>) -> Result<String> {
    if let Some(schema) = meta.get("run_metadata_schema") {
        let is_type = |of: &Json| of.is_string();
        if !schema.as_object().is_some_and(|fields| fields.values().all(is_type)) {
            let message = "must be an object that names the type of each field";
            return Err(Error::invalid("meta.run_metadata_schema", message));
        }
    }
    let text = Json::Object(meta).to_string();
    at_most(LARGEST_META, "meta", &text)?;
    Ok(text)
}

/// A step's configuration as it is stored.
///
/// # Errors
/// `Invalid`, naming `field`.
pub(super) fn config(field: &str, config: Map<String, Json>) -> Result<String> {
    RerunConfig::read(field, &config)?;
    let text = Json::Object(config).to_string();
    at_most(LARGEST_CONFIG, field, &text)?;
    Ok(text)
}

/// How long something may take.
///
/// # Errors
/// `Invalid`, naming `field`.
pub(super) fn deadline(field: &str, seconds: Option<i64>) -> Result<Option<i64>> {
    match seconds {
        Some(seconds) if !(1..=LONGEST).contains(&seconds) => {
            Err(Error::invalid(field, format!("must be between 1 and {LONGEST}")))
        }
        seconds => Ok(seconds),
    }
}

/// After how many months runs are neutralised.
///
/// # Errors
/// `Invalid`, naming `retention_months`.
pub(super) fn retention(months: Option<u32>) -> Result<Option<u32>> {
    match months {
        Some(months) if !(1..=LONGEST_RETENTION).contains(&months) => {
            let message = format!("must be between 1 and {LONGEST_RETENTION}");
            Err(Error::invalid("retention_months", message))
        }
        months => Ok(months),
    }
}

/// That a process has not too many steps.
///
/// # Errors
/// `Invalid`, naming `field`.
pub(super) fn count(field: &str, steps: usize) -> Result<()> {
    if steps <= MOST_STEPS {
        return Ok(());
    }
    Err(Error::invalid(field, format!("a process has at most {MOST_STEPS} steps")))
}
