//! The types of messages there are, and the patterns that name several.
//! Source: the workforce integrations' 22 types; those of other domains are beside them.

mod examples;

use serde_json::Value as Json;
use shared::web::Permission;

pub use examples::example;

use super::severity::Severity;
use crate::access::permission::{
    ENJAZ_SELF, EVENTS_READ, INTEGRATIONS_READ, PROCESSES_READ, TICKETS_READ,
};

/// A type of message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventType(pub &'static str);

/// A type and what it is for.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// The type.
    pub of: EventType,
    /// What has happened, for people.
    pub description: &'static str,
    /// How much it matters, unless its data say more.
    pub severity: Severity,
}

/// A connection was made.
pub const CONNECTION_CREATED: EventType = EventType("integration.connection.created");
/// A connection was changed.
pub const CONNECTION_UPDATED: EventType = EventType("integration.connection.updated");
/// A connection was removed.
pub const CONNECTION_DELETED: EventType = EventType("integration.connection.deleted");
/// A connection is in another status.
pub const CONNECTION_STATUS_CHANGED: EventType = EventType("integration.connection.status_changed");
/// A synchronisation started.
pub const SYNC_STARTED: EventType = EventType("integration.sync.started");
/// A synchronisation ended well.
pub const SYNC_COMPLETED: EventType = EventType("integration.sync.completed");
/// A synchronisation could not go on, or nobody wanted what it found.
pub const SYNC_FAILED: EventType = EventType("integration.sync.failed");
/// Personnel was synchronised.
pub const PERSONNEL_SYNC_COMPLETED: EventType = EventType("integration.personnel.sync.completed");
/// So many would vanish from personnel that a person is asked.
pub const PERSONNEL_HELD: EventType = EventType("integration.personnel.sync.held");
/// Personnel was synchronised with 1C.
pub const ONEC_PERSONNEL_SYNCED: EventType = EventType("1c.personnel.synced");
/// An agent is in another status.
pub const AGENT_STATUS_UPDATED: EventType = EventType("contact_center.agent.status.updated");
/// Data of a contact centre were exported.
pub const DATA_EXPORTED: EventType = EventType("contact_center.data.exported");
/// A delivery failed for good.
pub const DELIVERY_FAILED: EventType = EventType("webhook.delivery.failed");
/// A delivery was taken.
pub const DELIVERY_SUCCESSFUL: EventType = EventType("webhook.delivery.successful");
/// A webhook fails for long and will be disabled if it goes on.
pub const ENDPOINT_FAILING: EventType = EventType("webhook.endpoint.failing");
/// A webhook was disabled.
pub const ENDPOINT_DISABLED: EventType = EventType("webhook.endpoint.disabled");
/// A target of notifications was disabled.
pub const TARGET_DISABLED: EventType = EventType("notification.target.disabled");
/// An event was accepted from a source.
pub const PEGA_EVENT_RECEIVED: EventType = EventType("pega.event.received");
/// An event was worked through.
pub const PEGA_EVENT_PROCESSED: EventType = EventType("pega.event.processed");
/// An event could not be worked through.
pub const PEGA_EVENT_FAILED: EventType = EventType("pega.event.failed");
/// An event from Pega waits for a person to decide.
pub const PEGA_EVENT_REQUIRES_ACTION: EventType = EventType("pega.event.requires_action");
/// Something is to be done because of an event from Pega.
pub const PEGA_STEP_REQUESTED: EventType = EventType("pega.step.requested");
/// Everything on a checklist is done.
pub const PEGA_CHECKLIST_COMPLETED: EventType = EventType("pega.checklist.completed");
/// A process was made.
pub const PROCESS_CREATED: EventType = EventType("process.created");
/// A process or its steps were changed.
pub const PROCESS_UPDATED: EventType = EventType("process.updated");
/// A process was deleted.
pub const PROCESS_DELETED: EventType = EventType("process.deleted");
/// A run started.
pub const RUN_CREATED: EventType = EventType("process.run.created");
/// A run is in another status.
pub const RUN_STATUS_CHANGED: EventType = EventType("process.run.status_changed");
/// A run was changed otherwise.
pub const RUN_UPDATED: EventType = EventType("process.run.updated");
/// A step run was changed.
pub const STEP_UPDATED: EventType = EventType("process.step.updated");
/// A step is to be run again.
pub const STEP_RERUN: EventType = EventType("process.step.rerun");
/// A run or a step took longer than it may.
pub const DEADLINE_MISSED: EventType = EventType("process.deadline.missed");
/// Somebody asked IT support for something.
pub const TICKET_CREATED: EventType = EventType("ticket.created");
/// A ticket is in another status.
pub const TICKET_STATUS_CHANGED: EventType = EventType("ticket.status_changed");
/// Somebody said something about a ticket.
pub const TICKET_COMMENTED: EventType = EventType("ticket.commented");
/// Others are asked what a ticket waits for.
pub const TICKET_REASSIGNED: EventType = EventType("ticket.reassigned");
/// Somebody is reminded that they are asked.
pub const TICKET_REMINDER: EventType = EventType("ticket.reminder");
/// Nobody answered in time, and somebody higher up is asked.
pub const TICKET_ESCALATED: EventType = EventType("ticket.escalated");
/// Something is to be done for a ticket.
pub const TICKET_STEP_REQUESTED: EventType = EventType("ticket.step.requested");
/// Records of a contact centre were imported.
pub const DATA_IMPORTED: EventType = EventType("contact_center.data.imported");
/// More records of an import are done.
pub const IMPORT_PROGRESSED: EventType = EventType("contact_center.import.progressed");
/// A schedule was sent.
pub const SCHEDULE_SENT: EventType = EventType("integration.schedule.sent");
/// A timesheet was sent.
pub const TIMESHEET_SENT: EventType = EventType("integration.timesheet.sent");
/// A schedule was sent to 1C.
pub const ONEC_SCHEDULE_SENT: EventType = EventType("1c.schedule.sent");
/// A timesheet was sent to 1C.
pub const ONEC_TIMESHEET_SENT: EventType = EventType("1c.timesheet.sent");
/// Plan and fact differ, by what 1C told.
pub const ONEC_DEVIATIONS_RECEIVED: EventType = EventType("1c.deviations.received");
/// Somebody connected an account of the Enjaz portal.
pub const ENJAZ_ACCOUNT_CONNECTED: EventType = EventType("enjaz.account.connected");
/// Somebody disconnected one.
pub const ENJAZ_ACCOUNT_DISCONNECTED: EventType = EventType("enjaz.account.disconnected");
/// A synchronisation of cases did what it was for.
pub const ENJAZ_SYNC_COMPLETED: EventType = EventType("enjaz.sync.completed");
/// A synchronisation of cases did not, or not all.
pub const ENJAZ_SYNC_FAILED: EventType = EventType("enjaz.sync.failed");
/// Cases are new, or changed, or absent.
pub const ENJAZ_CASES_CHANGED: EventType = EventType("enjaz.cases.changed");
/// What a webhook is sent to try it. Nobody subscribes to it.
pub const TEST: EventType = EventType("integration.test");

/// The types of the workforce integrations, in the order of their contract.
pub const INTEGRATIONS: [Entry; 22] = [
    entry(CONNECTION_CREATED, "A connection was created"),
    entry(CONNECTION_UPDATED, "A connection was changed"),
    entry(CONNECTION_DELETED, "A connection was deleted or deactivated"),
    entry(CONNECTION_STATUS_CHANGED, "A connection became active, inactive or faulty"),
    entry(SYNC_STARTED, "A synchronisation started"),
    entry(SYNC_COMPLETED, "A synchronisation completed"),
    entry(SYNC_FAILED, "A synchronisation failed").at(Severity::Error),
    entry(PERSONNEL_SYNC_COMPLETED, "Personnel was synchronised"),
    entry(SCHEDULE_SENT, "A schedule was sent"),
    entry(TIMESHEET_SENT, "A timesheet was sent"),
    entry(AGENT_STATUS_UPDATED, "An agent's status changed"),
    entry(EventType("contact_center.queue.metrics.updated"), "A queue's metrics changed"),
    entry(DATA_IMPORTED, "Contact-centre data was imported"),
    entry(DATA_EXPORTED, "Contact-centre data was exported"),
    entry(ONEC_PERSONNEL_SYNCED, "Personnel was synchronised with 1C"),
    entry(ONEC_SCHEDULE_SENT, "A schedule was sent to 1C"),
    entry(ONEC_TIMESHEET_SENT, "A timesheet was sent to 1C"),
    entry(ONEC_DEVIATIONS_RECEIVED, "Deviations were received from 1C"),
    entry(DELIVERY_FAILED, "A webhook delivery failed for good").at(Severity::Error),
    entry(DELIVERY_SUCCESSFUL, "A webhook delivery was taken"),
    entry(EventType("system.maintenance.started"), "Maintenance started"),
    entry(EventType("system.maintenance.completed"), "Maintenance completed"),
];

/// The types of the other domains.
pub const OTHERS: [Entry; 32] = [
    entry(IMPORT_PROGRESSED, "More of a bulk import of contact-centre data is done"),
    entry(PERSONNEL_HELD, "So many would vanish from personnel that a person is asked")
        .at(Severity::Warning),
    entry(ENDPOINT_FAILING, "A webhook keeps failing and will be disabled if it goes on")
        .at(Severity::Warning),
    entry(ENDPOINT_DISABLED, "A webhook was disabled because it kept failing or is gone")
        .at(Severity::Error),
    entry(TARGET_DISABLED, "A target of notifications was disabled because it refuses them")
        .at(Severity::Error),
    entry(PEGA_EVENT_RECEIVED, "An event was received from Pega"),
    entry(PEGA_EVENT_PROCESSED, "An event from Pega was worked through"),
    entry(PEGA_EVENT_FAILED, "An event from Pega could not be worked through").at(Severity::Error),
    entry(PEGA_EVENT_REQUIRES_ACTION, "An event from Pega waits for a person to decide")
        .at(Severity::Warning),
    entry(PEGA_STEP_REQUESTED, "Something is to be done because of an event from Pega"),
    entry(PEGA_CHECKLIST_COMPLETED, "Everything on a checklist is done"),
    entry(PROCESS_CREATED, "A process was created"),
    entry(PROCESS_UPDATED, "A process or its steps were changed, or it was restored"),
    entry(PROCESS_DELETED, "A process was deleted"),
    entry(RUN_CREATED, "A run of a process started"),
    entry(RUN_STATUS_CHANGED, "A run is in another status"),
    entry(RUN_UPDATED, "A run was changed, deleted, restored or neutralised"),
    entry(STEP_UPDATED, "A step of a run is in another status or was changed otherwise"),
    entry(STEP_RERUN, "A step of a run is to be run again"),
    entry(DEADLINE_MISSED, "A run or a step took longer than it may").at(Severity::Warning),
    entry(TICKET_CREATED, "Somebody asked IT support for something"),
    entry(TICKET_STATUS_CHANGED, "A ticket is in another status, maybe waiting for somebody"),
    entry(TICKET_COMMENTED, "Somebody said something about a ticket"),
    entry(TICKET_REASSIGNED, "Others are asked what a ticket waits for"),
    entry(TICKET_REMINDER, "Somebody is reminded that a ticket waits for them")
        .at(Severity::Warning),
    entry(TICKET_ESCALATED, "Nobody answered a ticket in time").at(Severity::Error),
    entry(TICKET_STEP_REQUESTED, "Something is to be done for a ticket"),
    entry(ENJAZ_ACCOUNT_CONNECTED, "Somebody connected an account of the Enjaz portal"),
    entry(ENJAZ_ACCOUNT_DISCONNECTED, "Somebody disconnected an account of the Enjaz portal"),
    entry(ENJAZ_SYNC_COMPLETED, "A synchronisation of Enjaz cases completed"),
    entry(ENJAZ_SYNC_FAILED, "A synchronisation of Enjaz cases failed, or read only a part")
        .at(Severity::Error),
    entry(ENJAZ_CASES_CHANGED, "Enjaz cases are new, changed or absent"),
];

const fn entry(of: EventType, description: &'static str) -> Entry {
    Entry { of, description, severity: Severity::Info }
}

impl Entry {
    const fn at(self, severity: Severity) -> Self {
        Self { severity, ..self }
    }
}

/// All types.
pub fn all() -> impl Iterator<Item = &'static Entry> {
    INTEGRATIONS.iter().chain(&OTHERS)
}

impl EventType {
    /// What its name starts with, for example `integration`.
    pub fn category(self) -> &'static str {
        self.0.split('.').next().unwrap_or_default()
    }

    /// Whether it tells of how others are told.
    pub fn is_of_telling(self) -> bool {
        matches!(self.category(), "webhook" | "notification")
    }

    /// What has happened, for people; its name when it is of no list.
    pub fn description(self) -> &'static str {
        self.entry().map_or(self.0, |entry| entry.description)
    }

    /// How much a message of this type with these data matters.
    pub fn severity(self, data: &Json) -> Severity {
        let usual = self.entry().map_or(Severity::Info, |entry| entry.severity);
        let is_error = match self {
            CONNECTION_STATUS_CHANGED => data["status"] == "error",
            RUN_STATUS_CHANGED => data["status"] == "failed",
            TICKET_STATUS_CHANGED => data["status"] == "error",
            _ => false,
        };
        if is_error { Severity::Error } else { usual }
    }

    fn entry(self) -> Option<&'static Entry> {
        all().find(|entry| entry.of == self)
    }

    /// What one must be allowed to do to see it.
    pub fn permission(self) -> Permission {
        match self.category() {
            "pega" => EVENTS_READ,
            "process" => PROCESSES_READ,
            "ticket" => TICKETS_READ,
            "enjaz" => ENJAZ_SELF,
            _ => INTEGRATIONS_READ,
        }
    }

    /// Whether a pattern names it: the name itself, `*`, or the beginning of names and
    /// `.*`. `*` alone leaves out what tells of how others are told, or each delivery would
    /// be the reason of the next.
    pub fn is_named_by(self, pattern: &str) -> bool {
        match pattern.strip_suffix('*') {
            None => pattern == self.0,
            Some("") => !self.is_of_telling(),
            Some(beginning) => beginning.ends_with('.') && self.0.starts_with(beginning),
        }
    }
}

/// Whether a pattern names at least one type.
pub fn is_pattern(pattern: &str) -> bool {
    all().any(|entry| entry.of.is_named_by(pattern))
}

/// The type of this name.
pub fn of_name(name: &str) -> Option<EventType> {
    all().map(|entry| entry.of).chain([TEST]).find(|of| of.0 == name)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(pattern: &str, named: &[EventType], not: &[EventType]) {
        for of in named {
            assert!(of.is_named_by(pattern), "{pattern} and {}", of.0);
        }
        for of in not {
            assert!(!of.is_named_by(pattern), "{pattern} and {}", of.0);
        }
    }

    #[test]
    fn patterns_name_types_by_their_beginning() {
        let telling = [DELIVERY_FAILED, ENDPOINT_DISABLED, TARGET_DISABLED];
        check("*", &[CONNECTION_CREATED, PEGA_EVENT_FAILED], &telling);
        check("webhook.*", &[DELIVERY_FAILED, ENDPOINT_DISABLED], &[CONNECTION_CREATED]);
        check("integration.connection.*", &[CONNECTION_DELETED], &[DELIVERY_FAILED]);
        check("pega.event.failed", &[PEGA_EVENT_FAILED], &[PEGA_EVENT_RECEIVED]);
        check("integration.conn*", &[], &[CONNECTION_DELETED]);
        for none in ["", "integration", ".*", "**", "integration.connection.create", "no.such.*"] {
            assert!(!is_pattern(none), "{none}");
        }
    }

    #[test]
    fn what_did_not_work_matters_more() {
        let status = |status| json!({ "status": status });
        for (of, data, severity) in [
            (CONNECTION_CREATED, json!({}), Severity::Info),
            (CONNECTION_STATUS_CHANGED, status("active"), Severity::Info),
            (CONNECTION_STATUS_CHANGED, status("error"), Severity::Error),
            (CONNECTION_CREATED, status("error"), Severity::Info),
            (ENDPOINT_FAILING, json!({}), Severity::Warning),
            (ENDPOINT_DISABLED, json!({}), Severity::Error),
            (TEST, json!({}), Severity::Info),
        ] {
            assert_eq!(of.severity(&data), severity, "{} {data}", of.0);
        }
        for entry in all().filter(|entry| entry.of.0.ends_with(".failed")) {
            assert_eq!(entry.severity, Severity::Error, "{}", entry.of.0);
        }
    }

    #[test]
    fn no_type_is_listed_twice() {
        let mut names: Vec<_> = all().map(|entry| entry.of.0).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), INTEGRATIONS.len() + OTHERS.len());
    }
}
