//! What callers ask of Pega, as it is kept until it is done.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use utoipa::ToSchema;

/// One thing that is asked of Pega.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "operation", rename_all = "snake_case")]
pub(super) enum Operation {
    CreateCase {
        case_type: String,
        process_id: Option<String>,
        parent_case_id: Option<String>,
        content: Map<String, Json>,
    },
    UpdateCase {
        case_id: String,
        action_id: Option<String>,
        content: Map<String, Json>,
    },
    AddNote {
        case_id: String,
        text: String,
    },
    RunAction {
        case_id: String,
        action_id: String,
        content: Map<String, Json>,
    },
}

/// The kinds of what is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = PegaOperation)]
pub(super) enum Kind {
    /// A new case.
    CreateCase,
    /// A change of a case.
    UpdateCase,
    /// A note on a case.
    AddNote,
    /// An action of a case or of one of its assignments.
    RunAction,
}

impl Operation {
    /// Which kind it is.
    pub fn kind(&self) -> Kind {
        match self {
            Self::CreateCase { .. } => Kind::CreateCase,
            Self::UpdateCase { .. } => Kind::UpdateCase,
            Self::AddNote { .. } => Kind::AddNote,
            Self::RunAction { .. } => Kind::RunAction,
        }
    }

    /// The case that it is about; none before it is there.
    pub fn case_id(&self) -> Option<&str> {
        match self {
            Self::CreateCase { .. } => None,
            Self::UpdateCase { case_id, .. }
            | Self::AddNote { case_id, .. }
            | Self::RunAction { case_id, .. } => Some(case_id),
        }
    }
}

impl Kind {
    /// What the audit trail calls it.
    pub fn action(self) -> &'static str {
        match self {
            Self::CreateCase => "pega-case.create",
            Self::UpdateCase => "pega-case.update",
            Self::AddNote => "pega-case.note",
            Self::RunAction => "pega-case.action",
        }
    }
}
