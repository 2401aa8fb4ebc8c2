//! Event bodies.

use serde_json::{Value, json};

/// A change that raises an alert.
pub fn high_risk(case_id: &str) -> Value {
    json!({
        "caseId": case_id, "event": "department_change", "employeeId": "EMP001",
        "oldDepartment": "IT", "newDepartment": "Finance",
        "hasFinancialAccess": true, "hasAdminRights": true, "accessToSensitiveData": true,
    })
}

/// A change that nobody need worry about.
pub fn role_change(case_id: &str) -> Value {
    json!({
        "caseId": case_id, "event": "role_change", "employeeId": "EMP005",
        "oldRole": "Analyst", "newRole": "Manager",
    })
}

/// The note that a high-risk change puts on its case, without its mark.
pub const NOTE: &str = "HIGH RISK: Employee EMP001 department change requires additional approval";

/// A case that no other test uses.
pub fn new_case() -> String {
    format!("HRSR-WORK HR-{}", &shared::ids::unique()[..12])
}
