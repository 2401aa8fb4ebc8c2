//! What the data of messages looks like, by their types.

use serde_json::{Value as Json, json};

use super::EventType;

/// What the data of a type's messages looks like, for people who write a receiver.
pub fn example(of: EventType) -> Json {
    let id = "0f9d7c1e-3c55-4a0e-9a53-6a8c5f0e1b7d";
    let sync = json!({
        "connection_id": id, "sync_id": id, "sync_type": "personnel", "records_processed": 1500,
    });
    match of.0 {
        "integration.connection.status_changed" => json!({
            "connection_id": id, "name": "1C ZUP", "integration_type": "1c",
            "status": "active", "previous_status": "inactive", "last_error": null,
        }),
        name if name.starts_with("integration.connection.") => {
            json!({ "connection_id": id, "name": "1C ZUP", "integration_type": "1c" })
        }
        name if name.starts_with("contact_center.") => example_of_contact_center(name),
        "integration.schedule.sent" | "integration.timesheet.sent" => example_of_onec(of.0),
        name if name.starts_with("1c.") && !name.starts_with("1c.personnel") => {
            example_of_onec(name)
        }
        "webhook.endpoint.failing" => json!({
            "webhook_id": id, "name": "Badge system", "failing_since": "2026-01-31T12:00:00Z",
            "will_be_disabled_at": "2026-02-05T12:00:00Z",
        }),
        "webhook.endpoint.disabled" => json!({
            "webhook_id": id, "name": "Badge system", "disabled_at": "2026-02-05T12:00:00Z",
            "reason": "every attempt has failed since 2026-01-31T12:00:00Z",
        }),
        "notification.target.disabled" => json!({
            "target_id": id, "name": "On-call channel", "kind": "slack",
            "disabled_at": "2026-02-05T12:00:00Z", "reason": "Slack: channel_is_archived",
        }),
        name if name.starts_with("webhook.delivery.") => json!({
            "webhook_id": id, "delivery_id": id, "event_type": "integration.sync.completed",
        }),
        name if name.starts_with("pega.") => example_of_pega(name),
        name if name.starts_with("process.") => example_of_process(name),
        name if name.starts_with("enjaz.") => example_of_enjaz(name, id),
        name if name.starts_with("system.") => json!({ "message": "Maintenance" }),
        _ => sync,
    }
}

fn example_of_enjaz(name: &str, id: &str) -> Json {
    match name {
        name if name.starts_with("enjaz.account.") => json!({
            "account_id": 1, "owner": "user:anna", "label": "default", "by_session": false,
            "credential_version": 1, "interval_minutes": 60, "paused": false,
        }),
        name => json!({
            "sync_id": id, "account_id": 1, "owner": "user:anna", "trigger": "schedule",
            "outcome": if name.ends_with("failed") { "portal_unavailable" } else { "ok" },
            "detail": "All cases of the portal were read.", "cases_imported": 2,
            "cases_updated": 1, "cases_unchanged": 12, "cases_absent": 0,
        }),
    }
}

fn example_of_contact_center(name: &str) -> Json {
    match name {
        "contact_center.agent.status.updated" => {
            json!({ "agent_id": "agent123", "status": "available" })
        }
        "contact_center.queue.metrics.updated" => {
            json!({ "queue_id": "7", "calls_waiting": 3, "longest_wait_ms": 41000 })
        }
        _ => {
            json!({ "data_type": "agent_calls", "records": 10000, "failed_records": 0 })
        }
    }
}

fn example_of_onec(name: &str) -> Json {
    let id = "0f9d7c1e-3c55-4a0e-9a53-6a8c5f0e1b7d";
    match name {
        "integration.schedule.sent" | "1c.schedule.sent" => json!({
            "connection_id": id, "sync_log_id": id, "schedule_id": id, "employees_count": 12,
            "shifts_count": 180, "records_failed": 0,
        }),
        "integration.timesheet.sent" | "1c.timesheet.sent" => json!({
            "connection_id": id, "sync_log_id": id, "total_records": 12,
            "successful_records": 11, "failed_records": 1,
        }),
        _ => json!({
            "connection_id": id, "start_date": "2026-01-01", "end_date": "2026-01-31",
            "total_count": 3,
        }),
    }
}

fn example_of_pega(name: &str) -> Json {
    match name {
        "pega.event.received" => json!({
            "event_id": 42, "event": "department_change", "case_id": "HR-WORK 7",
        }),
        "pega.step.requested" => json!({
            "event_id": 42, "event": "department_change", "case_id": "HR-WORK 7",
            "step": "badge", "text": "Update badge access for department Finance",
            "employee_id": "EMP001", "payload": { "newDepartment": "Finance" },
        }),
        "pega.checklist.completed" => json!({
            "checklist_id": "000000000042-checklist", "name": "onboarding", "event_id": 42,
            "case_id": "HR-WORK 7", "employee_id": "EMP001",
        }),
        _ => json!({
            "event_id": 42, "event": "department_change", "case_id": "HR-WORK 7",
            "processing_result": { "status": "success", "event": "department_change" },
        }),
    }
}

fn example_of_process(name: &str) -> Json {
    match name {
        "process.created" | "process.updated" | "process.deleted" => {
            json!({ "process_id": 1, "name": "Customer Onboarding", "version": 3 })
        }
        "process.step.updated" | "process.step.rerun" => json!({
            "run_id": 123, "process_id": 1, "entity_id": "CUST-20251003-001",
            "step_run_id": 123_002, "step_id": 4, "step_name": "Check credit",
            "status": "failed", "original_step_run_id": null,
        }),
        "process.deadline.missed" => json!({
            "run_id": 123, "process_id": 1, "entity_id": "CUST-20251003-001",
            "step_run_id": 123_002, "step_name": "Check credit",
            "deadline": "2025-10-03T12:00:00.000Z",
        }),
        _ => json!({
            "run_id": 123, "process_id": 1, "entity_id": "CUST-20251003-001",
            "entity_name": "Acme Corporation", "status": "running",
            "previous_status": "pending", "started_at": "2025-10-03T10:15:00.000Z",
            "finished_at": null,
        }),
    }
}
