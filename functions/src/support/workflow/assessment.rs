//! What the policies say of a request. The model of the answer, whoever gives it: the rules,
//! or a language model that is held to the same form.
//! Source of the members: the IT support service's decision record.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What may be done with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Verdict {
    /// It may be done.
    Allowed,
    /// It may be done if somebody approves.
    RequiresApproval,
    /// It may not be done.
    Denied,
}

/// How much there is to think about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum Complexity {
    /// Little.
    Simple,
    /// Some.
    Moderate,
    /// Much.
    Complex,
}

/// How much harm it may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum Risk {
    /// Little.
    Low,
    /// Some.
    Medium,
    /// Much.
    High,
}

/// Who said it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase", tag = "by")]
pub enum Author {
    /// The rules alone.
    Rules,
    /// A language model, which the rules let be no milder than they are.
    Model {
        /// Which one.
        model: String,
    },
    /// The rules, as the language model was of no use.
    Fallback {
        /// Why it was not.
        reason: String,
    },
}

/// A passage of a policy that was considered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Citation {
    /// The policy's id.
    #[schema(example = "access-control")]
    pub source: String,
    /// The passage, word for word.
    pub text: String,
    /// How much it has to do with the request, 0 to 1.
    #[schema(minimum = 0, maximum = 1)]
    pub relevance: f64,
}

/// What the policies say of a request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = TicketAssessment)]
pub struct Assessment {
    /// What may be done.
    pub decision: Verdict,
    /// How sure that is, 0 to 1.
    #[schema(minimum = 0, maximum = 1)]
    pub confidence: f64,
    /// Whether a person has to look at it.
    pub needs_human: bool,
    /// What is missing to decide.
    pub missing_fields: Vec<String>,
    /// What it rests on; at least one.
    pub citations: Vec<Citation>,
    /// Why, in a line.
    pub justification_brief: String,
    /// How much there is to think about.
    pub complexity: Complexity,
    /// How much harm it may do.
    pub risk: Risk,
    /// The policy that decides.
    pub policy: String,
    /// What the policies were called that held then.
    pub policies: String,
    /// Who said it.
    #[serde(flatten)]
    pub author: Author,
}
