//! Use case: take out of a run whatever may be about people. What is left cannot be
//! connected with anybody, and still counts.
//! Source of what becomes of the members: the process dashboard's last release.

use serde_json::{Map, Value as Json};
use shared::error::{Error, Result};
use shared::web::Caller;

use super::change::Change;
use super::model::Run;
use super::store::{RunStore, interfered};

/// How often a change that others interfere with is tried.
const TRIES: u32 = 8;
/// What texts become.
const NOTHING: &str = "[NEUTRALIZED]";
/// Members that are about no person, and stay.
const KEPT: [&str; 4] = ["category", "type", "department", "status_code"];

/// Neutralises a run, deleted or not; one that is neutral already stays as it is.
///
/// # Errors
/// `NotFound`; `Conflict` when others keep changing it.
pub async fn neutralise(runs: &RunStore, by: &Caller, id: i64) -> Result<Run> {
    let act = |run: &mut Run, now| neutralised(run, now);
    for _ in 0..TRIES {
        let seen = runs.any(&by.tenant, id).await?;
        let mut next = seen.clone();
        if neutralised(&mut next, 0)?.is_none() {
            return Ok(seen);
        }
        // Before, so that a break in between is made good by whoever does it again.
        runs.index.forget(&by.tenant, &seen, &next).await?;
        if let Some(run) = runs.try_change(by, &seen, &act).await? {
            return Ok(run);
        }
    }
    Err(interfered())
}

/// Takes it out; nothing when that was done before.
fn neutralised(run: &mut Run, now: i64) -> Result<Option<Change>> {
    if run.neutralised_at.is_some() {
        return Ok(None);
    }
    run.neutralised_at = Some(now);
    run.entity_id = format!("NEUTRALIZED_{}", run.id());
    run.entity_name = None;
    run.meta = neutral(&run.meta)?;
    for step in &mut run.steps {
        step.meta = neutral(&step.meta)?;
        step.failure = step.failure.as_deref().map(neutral).transpose()?;
        step.last_modified_by = None;
    }
    Ok(Some(Change::of("run.neutralize")))
}

/// The same members without what they said.
fn neutral(text: &str) -> Result<String> {
    let members: Map<String, Json> = serde_json::from_str(text).map_err(Error::internal)?;
    let neutral = members.into_iter().map(|(name, value)| match KEPT.contains(&name.as_str()) {
        true => (name, value),
        false => (name, without(value)),
    });
    Ok(Json::Object(neutral.collect()).to_string())
}

fn without(value: Json) -> Json {
    match value {
        Json::String(_) => NOTHING.into(),
        Json::Number(_) => 0.into(),
        Json::Array(all) => all.into_iter().map(without).collect(),
        Json::Object(members) => {
            let members = members.into_iter().map(|(name, value)| match value {
                value if KEPT.contains(&name.as_str()) => (name, value),
                value => (name, without(value)),
            });
            Json::Object(members.collect())
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_about_people_is_gone() -> anyhow::Result<()> {
        let text = r#"{"name":"Anna","age":7,"department":"Sales","ok":true,"none":null,
            "of":{"type":"a","phone":"1","all":["x",2]}}"#;
        let neutral = neutral(text)?;
        let expected = r#"{"age":0,"department":"Sales","name":"[NEUTRALIZED]","none":null,
            "of":{"all":["[NEUTRALIZED]",0],"phone":"[NEUTRALIZED]","type":"a"},"ok":true}"#;
        assert_eq!(
            serde_json::from_str::<Json>(&neutral)?,
            serde_json::from_str::<Json>(expected)?
        );
        Ok(())
    }
}
