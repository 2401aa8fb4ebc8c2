//! Use case: take out of a run whatever may be about people. What is left cannot be
//! connected with anybody, and still counts.
//! Source of what becomes of the members: the process dashboard's last release.

use serde_json::{Map, Value as Json};
use shared::error::{Error, Result};
use shared::web::Caller;

use super::change::Change;
use super::model::Run;
use super::store::RunStore;

/// Up to this many bytes a text may grow.
const SMALL: usize = 256;
/// What texts become.
const NOTHING: &str = "[NEUTRALIZED]";
/// Members that are about no person, and stay.
const KEPT: [&str; 4] = ["category", "type", "department", "status_code"];

/// Neutralises a run, deleted or not; one that is neutral already stays as it is.
///
/// # Errors
/// `NotFound`.
pub async fn neutralise(runs: &RunStore, by: &Caller, id: i64) -> Result<Run> {
    runs.change_deleted(by, id, neutralised).await
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
        step.rerun_config = neutral(&step.rerun_config)?;
        step.last_modified_by = None;
        if let Some(dismissed) = &mut step.dismissed {
            dismissed.reason = NOTHING.to_owned();
        }
    }
    Ok(Some(Change::of("run.neutralize")))
}

/// The same members without what they said.
fn neutral(text: &str) -> Result<String> {
    let members: Map<String, Json> = serde_json::from_str(text).map_err(Error::internal)?;
    let neutral = members.into_iter().map(|(name, value)| match is_kept(&name, &value) {
        true => (name, value),
        false => (name, without(value)),
    });
    let neutral = Json::Object(neutral.collect()).to_string();
    // So that no run grows out of its row.
    Ok(if neutral.len() > text.len().max(SMALL) { "{}".to_owned() } else { neutral })
}

/// Whether a member is about no person.
fn is_kept(name: &str, value: &Json) -> bool {
    KEPT.contains(&name) && !value.is_object() && !value.is_array()
}

fn without(value: Json) -> Json {
    match value {
        Json::String(_) => NOTHING.into(),
        Json::Number(_) => 0.into(),
        Json::Array(all) => all.into_iter().map(without).collect(),
        Json::Object(members) => {
            let members = members.into_iter().map(|(name, value)| match is_kept(&name, &value) {
                true => (name, value),
                false => (name, without(value)),
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
