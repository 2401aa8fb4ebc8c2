//! The case types of this Pega, and what can be done with cases of all of them.

use serde_json::{Map, Value};

/// A case type.
pub struct CaseType {
    /// Its id.
    pub id: &'static str,
    /// The property that may not be blank.
    pub required: Option<&'static str>,
}

/// All there are.
pub(super) static TYPES: [CaseType; 3] = [
    CaseType { id: "HRSR-Work", required: None },
    CaseType { id: "HRSR-Work-Onboarding", required: Some("EmployeeName") },
    CaseType { id: "MYCO-PAC-Work-Request", required: None },
];

/// The local actions of every case; the first one is the one that changes its details.
pub(super) const OF_CASES: [&str; 3] = ["pyUpdateCaseDetails", "AddNote", "Escalate"];
/// The actions of every assignment, which end it.
pub(super) const OF_ASSIGNMENTS: [&str; 2] = ["Approve", "Reject"];

/// The case type of this id.
pub(super) fn find(id: &str) -> Option<&'static CaseType> {
    TYPES.iter().find(|one| one.id == id)
}

impl CaseType {
    /// What the keys of its cases begin with: its class group, in capitals.
    pub fn group(&self) -> String {
        let class = self.id.to_uppercase();
        match class.find("-WORK") {
            Some(at) => class[..at + "-WORK".len()].to_owned(),
            None => class,
        }
    }

    /// The property that is blank in this content and may not be.
    pub fn blank(&self, content: &Map<String, Value>) -> Option<&'static str> {
        let required = self.required?;
        let text = content.get(required).and_then(Value::as_str).unwrap_or_default();
        text.trim().is_empty().then_some(required)
    }
}
