//! What each kind of record is called.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

use super::super::records::{
    AgentCall, AgentChat, AgentLogin, AgentStatus, ChatDay, DataKind, GroupMetrics, QueueMetrics,
    Record,
};
use super::members::{Members, Wrong};

/// The interval of metrics that do not tell their end, in milliseconds: the contract's half
/// an hour.
const INTERVAL: i64 = 30 * 60_000;

/// Reads a record of this kind. `strict` says that it may have no member that is not known.
///
/// # Errors
/// All that is wrong with it, each beginning with the member's name.
pub fn read(kind: DataKind, given: &Map<String, Json>, strict: bool) -> Result<Record, Wrong> {
    let mut members = Members::of(given);
    let of = &mut members;
    let (record, names) = match kind {
        DataKind::AgentStatus => agent_status(of),
        DataKind::ServiceGroupMetrics => group_metrics(of),
        DataKind::QueueMetrics => queue_metrics(of),
        DataKind::AgentLogins => agent_login(of),
        DataKind::AgentCalls => agent_call(of),
        DataKind::AgentChats if given.contains_key("work_date") => chat_day(of),
        DataKind::AgentChats => agent_chat(of),
    };
    members.over(record, Record::check, names, strict)
}

/// Members as they are called in the record, and as they are given.
type Names = &'static [(&'static str, &'static str)];

fn agent_status(of: &mut Members<'_>) -> (Record, Names) {
    let agent = of.text(&["agent_id"]);
    let state_code = of.text(&["status", "state_code"]);
    let start = of.moment(&["start_time", "start_date", "timestamp"]);
    let name = of.maybe_text(&["state_name"]);
    let record = AgentStatus {
        agent,
        state_name: name.unwrap_or_else(|| AgentStatus::name_of(&state_code)),
        state_code,
        start,
        end: of.maybe_moment(&["end_time", "end_date"]),
        service: of.maybe_text(&["service_id"]),
        group: of.maybe_text(&["group_id", "service_group"]),
    };
    of.beside(&["queue_id", "duration_seconds", "calls_handled", "additional_data"]);
    let names: Names = &[
        ("agent", "agent_id"),
        ("state_code", "status"),
        ("start", "start_time"),
        ("end", "end_time"),
        ("service", "service_id"),
        ("group", "group_id"),
    ];
    (Record::AgentStatus(record), names)
}

fn group_metrics(of: &mut Members<'_>) -> (Record, Names) {
    let (service, group) = (of.text(&["service_id"]), of.text(&["group_id"]));
    let start = of.moment(&["interval_start"]);
    let end = of.maybe_moment(&["interval_end"]).unwrap_or(start + INTERVAL);
    of.open("metrics");
    let record = GroupMetrics {
        service,
        group,
        start,
        end,
        not_unique_received: of.number("not_unique_received"),
        not_unique_treated: of.number("not_unique_treated"),
        not_unique_missed: of.number("not_unique_missed"),
        received_calls: of.number("received_calls"),
        treated_calls: of.number("treated_calls"),
        miss_calls: of.number("miss_calls"),
        aht: of.number("aht"),
        post_processing: of.number("post_processing"),
        answered_in_time: of.maybe_number("answered_in_time"),
    };
    // They are worked out from the others.
    of.beside(&["service_level", "abandonment_rate", "occupancy_rate"]);
    let names: Names = &[
        ("service", "service_id"),
        ("group", "group_id"),
        ("start", "interval_start"),
        ("end", "interval_end"),
    ];
    (Record::GroupMetrics(record), names)
}

fn queue_metrics(of: &mut Members<'_>) -> (Record, Names) {
    let (queue, at) = (of.text(&["queue_id"]), of.moment(&["timestamp"]));
    let service_group = of.maybe_text(&["service_group"]);
    // In the order of their names, so that the same ones are the same text.
    let metrics: BTreeMap<&String, &Json> = of.open("metrics").into_iter().flatten().collect();
    let metrics = serde_json::to_string(&metrics).unwrap_or_default();
    let record = QueueMetrics { queue, service_group, at, metrics };
    (Record::QueueMetrics(record), &[("queue", "queue_id"), ("at", "timestamp")])
}

fn agent_login(of: &mut Members<'_>) -> (Record, Names) {
    let agent = of.text(&["agent_id"]);
    let login = of.moment(&["login_date"]);
    let logout = of.moment(&["logout_date"]);
    of.beside(&["duration"]);
    let names: Names = &[("agent", "agent_id"), ("login", "login_date"), ("logout", "logout_date")];
    (Record::AgentLogin(AgentLogin { agent, login, logout }), names)
}

fn agent_call(of: &mut Members<'_>) -> (Record, Names) {
    let record = AgentCall {
        agent: of.text(&["agent_id"]),
        service: of.text(&["service_id"]),
        group: of.text(&["group_id"]),
        start: of.moment(&["start_call"]),
        end: of.moment(&["end_call"]),
        call_type: of.maybe_text(&["call_type"]),
    };
    of.beside(&["duration"]);
    let names: Names = &[
        ("agent", "agent_id"),
        ("service", "service_id"),
        ("group", "group_id"),
        ("start", "start_call"),
        ("end", "end_call"),
    ];
    (Record::AgentCall(record), names)
}

fn agent_chat(of: &mut Members<'_>) -> (Record, Names) {
    let record = AgentChat {
        agent: of.text(&["agent_id"]),
        start: of.moment(&["start_time"]),
        end: of.moment(&["end_time"]),
        chat: of.maybe_text(&["chat_id"]),
    };
    let names: Names =
        &[("agent", "agent_id"), ("start", "start_time"), ("end", "end_time"), ("chat", "chat_id")];
    (Record::AgentChat(record), names)
}

fn chat_day(of: &mut Members<'_>) -> (Record, Names) {
    let (agent, day) = (of.text(&["agent_id"]), of.text(&["work_date"]));
    // As every other way of writing it.
    let day = day.parse::<jiff::civil::Date>().map_or(day, |day| day.to_string());
    let work_time = match of.maybe_number("work_time") {
        Some(time) => time,
        None => of.is_wrong("work_time", "is required"),
    };
    let record = ChatDay { agent, day, work_time, sessions: of.maybe_number("chat_sessions") };
    let names: Names =
        &[("agent", "agent_id"), ("day", "work_date"), ("sessions", "chat_sessions")];
    (Record::ChatDay(record), names)
}
