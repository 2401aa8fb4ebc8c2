//! What the answer to a rerun makes of its step run. Pure.

use serde_json::{Map, Value as Json};
use shared::error::{Error, Result};

use super::model::Answer;
use crate::messages::catalogue::STEP_UPDATED;
use crate::processes::runs::{Change, Run, StepStatus};

/// Applies an answer to the step run of this number, which was called first at `called_at`;
/// nothing when somebody said more of it meanwhile, or it says this already.
pub fn apply(
    run: &mut Run,
    number: i64,
    answer: &Answer,
    called_at: i64,
    now: i64,
) -> Result<Option<Change>> {
    let bare = run.neutralised_at.is_some().then(|| answer.bare());
    let answer = bare.as_ref().unwrap_or(answer);
    let step = run.step_mut(number)?;
    let seen = step.clone();
    let goes_on = match step.status {
        StepStatus::Pending => true,
        // Whoever runs it said so, and knows better than a call that failed.
        StepStatus::Running => answer.failed_with.is_none() && answer.status.is_terminal(),
        _ => false,
    };
    if !goes_on {
        return Ok(None);
    }
    let began = step.started_at.unwrap_or(called_at);
    step.go_to(answer.status, now);
    if answer.status != StepStatus::Pending {
        step.started_at = Some(began);
    }
    if answer.status == StepStatus::Failed {
        step.failure = answer.failure.as_ref().map(Json::to_string);
    }
    let mut meta: Map<String, Json> = serde_json::from_str(&step.meta).map_err(Error::internal)?;
    meta.extend(answer.meta.clone());
    step.meta = Json::Object(meta).to_string();
    if *step == seen {
        return Ok(None);
    }
    step.updated_at = now;
    let step = step.clone();
    Ok(Some(Change::of_step("step-run.rerun-result", STEP_UPDATED, run, &step)))
}
