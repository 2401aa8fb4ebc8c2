//! What is looked for: the rules that a run's own row is held against, whatever the index
//! said of it. Pure.

use std::collections::{BTreeMap, BTreeSet};

use shared::error::Result;

use crate::processes::index::{fold, scalars};
use crate::processes::runs::{Run, RunStatus};

/// A stretch of time, both ends included, in milliseconds since 1970.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stretch {
    /// From here on.
    pub after: Option<i64>,
    /// Up to here.
    pub before: Option<i64>,
}

/// Rules that must all hold. The default is that there are none.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Of this process.
    pub process: Option<i64>,
    /// About exactly this.
    pub entity_id: Option<String>,
    /// With this in its name, whatever its case.
    pub entity_name: Option<String>,
    /// In this status.
    pub status: Option<RunStatus>,
    /// When it was made.
    pub created: Stretch,
    /// When it began.
    pub started: Stretch,
    /// When it ended.
    pub finished: Stretch,
    /// By member of its metadata: one of these values, whatever its case.
    pub meta: BTreeMap<String, BTreeSet<String>>,
    /// With a failure of this step that was not run again since.
    pub failed_at: Option<i64>,
    /// With this in its name, or as what it is about, or as a value of its metadata.
    pub q: Option<String>,
}

/// A field in which a run has what was looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match {
    /// `entity_name`, `entity_id`, or `meta.` and the member.
    pub field: String,
    /// What stands there.
    pub value: String,
}

impl Stretch {
    /// Whether it has no ends.
    pub fn is_open(self) -> bool {
        self == Self::default()
    }

    /// Whether a moment lies in it; one that there is not does not, unless it has no ends.
    pub fn has(self, moment: Option<i64>) -> bool {
        let Some(moment) = moment else { return self.is_open() };
        self.after.is_none_or(|after| after <= moment)
            && self.before.is_none_or(|before| moment <= before)
    }
}

impl Filter {
    /// The same with texts as they are compared.
    #[must_use]
    pub fn folded(mut self) -> Self {
        self.entity_name = self.entity_name.map(|text| fold(&text)).filter(|text| !text.is_empty());
        self.q = self.q.map(|text| fold(&text));
        let folded = |values: BTreeSet<String>| values.iter().map(|value| fold(value)).collect();
        self.meta = self.meta.into_iter().map(|(path, values)| (path, folded(values))).collect();
        self
    }

    /// Whether a run is not deleted and keeps all the rules. The filter is folded.
    ///
    /// # Errors
    /// `Internal` when the row is broken, here and below.
    pub fn passes(&self, run: &Run) -> Result<bool> {
        let plain = run.deleted_at.is_none()
            && self.process.is_none_or(|process| process == run.process_id)
            && self.status.is_none_or(|status| status == run.status)
            && self.entity_id.as_ref().is_none_or(|id| *id == run.entity_id)
            && self.created.has(Some(run.created_at))
            && self.started.has(run.started_at)
            && self.finished.has(run.finished_at)
            && self.failed_at.is_none_or(|step| failed_at(run, step));
        Ok(plain && self.is_called(run) && self.says(run)? && self.answers(run)?)
    }

    fn is_called(&self, run: &Run) -> bool {
        let Some(part) = &self.entity_name else { return true };
        run.entity_name.as_deref().is_some_and(|name| fold(name).contains(part))
    }

    fn says(&self, run: &Run) -> Result<bool> {
        if self.meta.is_empty() {
            return Ok(true);
        }
        let said = scalars(&run.meta()?);
        Ok(self.meta.iter().all(|(path, values)| {
            said.iter().any(|scalar| scalar.path == *path && values.contains(&fold(&scalar.text)))
        }))
    }

    fn answers(&self, run: &Run) -> Result<bool> {
        Ok(self.q.is_none() || !self.matches(run)?.is_empty())
    }

    /// The fields in which a run has what was looked for by one text.
    pub fn matches(&self, run: &Run) -> Result<Vec<Match>> {
        let Some(q) = &self.q else { return Ok(Vec::new()) };
        let mut found = Vec::new();
        let name = run.entity_name.iter().filter(|name| fold(name).contains(q));
        found.extend(name.map(|name| Match { field: "entity_name".into(), value: name.clone() }));
        if fold(&run.entity_id) == *q {
            found.push(Match { field: "entity_id".into(), value: run.entity_id.clone() });
        }
        let said = scalars(&run.meta()?).into_iter().filter(|scalar| fold(&scalar.text) == *q);
        found.extend(
            said.map(|scalar| Match { field: format!("meta.{}", scalar.path), value: scalar.text }),
        );
        Ok(found)
    }

    /// Whether the index says all there is to say, but for what was deleted or changed.
    pub fn is_by_terms_alone(&self) -> bool {
        let Self { status, created, started, finished, failed_at, entity_name, q, .. } = self;
        let stretches = [created, started, finished];
        status.is_none()
            && failed_at.is_none()
            && entity_name.is_none()
            && q.is_none()
            && stretches.iter().all(|stretch| stretch.is_open())
    }
}

fn failed_at(run: &Run, step: i64) -> bool {
    use crate::processes::runs::StepStatus::Failed;
    run.current().any(|current| current.step_id == step && current.status == Failed)
}
