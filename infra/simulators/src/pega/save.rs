//! What both versions check before they save, and what is told of a case.

use serde_json::{Map, Value, json};

use super::state::{Case, Known};
use super::types::{OF_ASSIGNMENTS, OF_CASES};

/// Why nothing was saved.
pub(super) enum Unsaved {
    NoCase,
    NoAction,
    NoVersion,
    Stale,
    Locked,
    Blank(&'static str),
}

/// Saves content by an action, if it may be; `same` says whether the caller's version is
/// this one.
pub(super) fn save(
    known: &mut Known,
    id: &str,
    content: &Map<String, Value>,
    resolves: bool,
    same: impl Fn(&str) -> Result<bool, Unsaved>,
) -> Result<(), Unsaved> {
    let case = known.cases.get(id).ok_or(Unsaved::NoCase)?;
    if known.locked.contains(id) {
        return Err(Unsaved::Locked);
    }
    if !same(&case.saved)? {
        return Err(Unsaved::Stale);
    }
    let mut after = case.content.clone();
    after.extend(content.clone());
    if let Some(blank) = case.case_type.blank(&after) {
        return Err(Unsaved::Blank(blank));
    }
    known.save(id, content.clone(), resolves);
    Ok(())
}

/// The case that an assignment is one of, while it is.
pub(super) fn case_of(known: &Known, assignment: &str) -> Option<String> {
    let of = |(id, case): (&String, &Case)| {
        (case.assignment(id).as_deref() == Some(assignment)).then(|| id.clone())
    };
    known.cases.iter().find_map(of)
}

/// The actions of a case, as both versions list them.
pub(super) fn actions() -> Vec<Value> {
    OF_CASES.iter().map(|id| json!({ "ID": id, "name": id })).collect()
}

/// The assignments of a case, as both versions list them.
pub(super) fn assignments(id: &str, case: &Case) -> Vec<Value> {
    let actions: Vec<Value> =
        OF_ASSIGNMENTS.iter().map(|id| json!({ "ID": id, "name": id })).collect();
    let shown = |key: String| json!({ "ID": key, "name": "Review", "actions": actions });
    case.assignment(id).map(shown).into_iter().collect()
}
