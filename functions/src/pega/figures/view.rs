//! The figures as they are shown, in the shapes of the contract.

use serde::Serialize;
use shared::clock::timestamp;
use shared::web::to_the_second;
use utoipa::ToSchema;

use super::counts::ByType;
use super::probe::PegaConnection;
use super::window::Window;
use crate::pega::event::Status;

/// Events of the last seven days.
#[derive(Debug, Serialize, ToSchema)]
pub struct Metrics {
    /// From when on they are counted: the beginning of a minute, UTC.
    pub since: String,
    /// How many were received.
    pub total: i64,
    /// How many of each type, most frequent first.
    pub by_event: Vec<EventCount>,
}

/// How many events of one type.
#[derive(Debug, Serialize, ToSchema)]
pub struct EventCount {
    pub event: String,
    pub count: i64,
}

/// How many events in one state.
#[derive(Debug, Serialize, ToSchema)]
pub struct StatusCount {
    pub status: Status,
    pub count: i64,
}

/// How many events of one day.
#[derive(Debug, Serialize, ToSchema)]
pub struct DayCount {
    /// The day (UTC), for example `2026-01-31`.
    pub day: String,
    pub count: i64,
}

/// What is to be seen at a glance.
#[derive(Debug, Serialize, ToSchema)]
pub struct Dashboard {
    /// Always `last_24_hours`.
    pub period: &'static str,
    /// Events received in that time.
    pub total_events: i64,
    /// How they stand now; states that none is in are left out.
    pub status_breakdown: Vec<StatusCount>,
    /// Of which types they are, most frequent first.
    pub event_breakdown: Vec<EventCount>,
    /// Events received on each of the last seven days, latest first; days without any are
    /// left out.
    pub daily_trend: Vec<DayCount>,
    pub pega_connection: PegaConnection,
    /// From when on the last 24 hours are counted: the beginning of a minute, UTC.
    pub since: String,
    /// The same of the seven days.
    pub trend_since: String,
}

impl Metrics {
    /// Of the last seven days.
    pub(super) fn of(week: &Window) -> Self {
        let by_event = by_event(&week.by_type());
        let total = by_event.iter().map(|entry| entry.count).sum();
        Self { since: to_the_second(week.since), total, by_event }
    }
}

impl Dashboard {
    /// Of the last day and the last seven.
    pub(super) fn of(day: &Window, week: &Window, pega_connection: PegaConnection) -> Self {
        let states = day.states();
        let status = states.named().into_iter().filter(|(_, count)| *count != 0);
        let days = week.by_day().into_iter().rev();
        Self {
            period: "last_24_hours",
            total_events: states.total(),
            status_breakdown: status.map(|(status, count)| StatusCount { status, count }).collect(),
            event_breakdown: by_event(&day.by_type()),
            daily_trend: days
                .map(|(day, count)| DayCount {
                    day: timestamp(day).strftime("%Y-%m-%d").to_string(),
                    count,
                })
                .collect(),
            pega_connection,
            since: to_the_second(day.since),
            trend_since: to_the_second(week.since),
        }
    }
}

/// Most frequent first; of equally many, in the order of the alphabet.
fn by_event(by_type: &ByType) -> Vec<EventCount> {
    let counts = by_type.iter().map(|(event, states)| (event.clone(), states.total()));
    let mut counts: Vec<_> = counts.filter(|(_, count)| *count != 0).collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    counts.into_iter().map(|(event, count)| EventCount { event, count }).collect()
}
