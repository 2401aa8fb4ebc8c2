//! The model: a person, and what a comparison finds of one.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::pages::Paged;

/// Somebody who works there, or did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Person {
    /// Their id at the source.
    pub agent_id: String,
    /// Their personnel number.
    #[schema(example = "223-16")]
    pub tab_number: String,
    pub first_name: String,
    pub last_name: String,
    pub middle_name: Option<String>,
    pub department_id: String,
    /// The department's name, if the source tells it.
    pub department: Option<String>,
    pub position_id: String,
    pub position: String,
    /// The first day.
    #[schema(format = Date)]
    pub hire_date: String,
    /// The last day, once it is known.
    #[schema(format = Date)]
    pub dismissal_date: Option<String>,
    pub status: Employment,
    /// Hours a week by contract.
    pub norm_week: f64,
    /// The part of a full place; none when the source does not tell.
    pub rate: Option<f64>,
    pub login: Option<String>,
}

/// Whether somebody works there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Employment {
    /// They do.
    Active,
    /// Their last day is over, or the source knows them no longer.
    Inactive,
}

impl Paged for Person {
    fn id(&self) -> &str {
        &self.agent_id
    }
}

impl Person {
    /// As on this day (`YYYY-MM-DD`): whose last day is over does not work there any more.
    /// Source: the vendor's requirements, by which a leaver is deactivated the day after.
    #[must_use]
    pub fn on(self, today: &str) -> Self {
        let is_over = self.dismissal_date.as_deref().is_some_and(|last| last < today);
        let status = if is_over { Employment::Inactive } else { self.status };
        Self { status, ..self }
    }

    /// Whether they work there.
    pub fn is_active(&self) -> bool {
        self.status == Employment::Active
    }
}

/// What has become of somebody since the generation before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Change {
    pub agent_id: String,
    pub kind: ChangeKind,
    /// What is different, by name; of a change alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<String>,
}

/// The kinds of changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// They were not there, or did not work there.
    Joined,
    /// Something of them is different.
    Changed,
    /// Their last day is over.
    Left,
    /// The source does not know them any more.
    Vanished,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::integrations::personnel::compare::tests::person;

    #[test]
    fn somebody_leaves_the_day_after_the_last() {
        for (last, today, status) in [
            (None, "2026-11-22", Employment::Active),
            (Some("2026-11-22"), "2026-11-22", Employment::Active),
            (Some("2026-11-21"), "2026-11-22", Employment::Inactive),
        ] {
            let person = Person { dismissal_date: last.map(str::to_owned), ..person("a") };
            assert_eq!(person.on(today).status, status, "{last:?}");
        }
    }
}
