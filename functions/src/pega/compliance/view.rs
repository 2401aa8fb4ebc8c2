//! The reports as they are shown.

use serde::Serialize;
use utoipa::ToSchema;

use crate::pega::checklists::ChecklistView;
use crate::pega::history::HappenedView;
use crate::pega::requests::PegaRequestView;
use crate::pega::rules::Explained;
use crate::pega::ruling::RulingView;
use crate::pega::view::EventView;

/// All there is to tell of an event.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct EventReport {
    /// When this was gathered, RFC 3339, UTC.
    pub generated_at: String,
    /// The event, who sent it, and its result.
    pub event: EventView,
    /// SHA-256 of what was sent, byte for byte, hexadecimal.
    pub payload_sha256: String,
    /// On what it was decided; none before that, and for types that nobody works through.
    pub evidence: Option<Evidence>,
    /// What a person decided.
    pub decision: Option<RulingView>,
    /// When Pega took the note that was to be sent.
    pub alert_sent_at: Option<String>,
    /// What was done.
    pub steps: Vec<StepDone>,
    /// What happened to it after it was received.
    pub history: Vec<HappenedView>,
    /// The checklists that it brought.
    pub checklists: Vec<ChecklistView>,
}

/// On what an event was decided.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Evidence {
    /// Which rules: the tenant's `version N`, or `default` or `installation` and the beginning
    /// of that file's SHA-256.
    pub rules: String,
    /// SHA-256 of their file, hexadecimal; none when the installation has another one by now,
    /// of which nothing can be told.
    pub rules_sha256: Option<String>,
    /// How its risk comes about by them; none where there is none to analyse.
    pub risk: Option<Explained>,
    /// The note that the case was to get.
    pub alert: Option<String>,
    /// Whether a person had to approve.
    pub required_decision: bool,
}

/// Something that was done.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct StepDone {
    pub name: String,
    /// `done`, or `handed_over`.
    pub how: &'static str,
    pub at: String,
    /// What came of it.
    pub detail: Option<String>,
}

/// All there is to tell of a case.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CaseReport {
    /// When this was gathered, RFC 3339, UTC.
    pub generated_at: String,
    pub case_id: String,
    /// Its events, newest first.
    pub events: Vec<EventReport>,
    /// What was asked of Pega about it and what Pega answered, newest first.
    pub requests: Vec<PegaRequestView>,
    /// Whether there are more events or requests than the report holds.
    pub more: bool,
}
