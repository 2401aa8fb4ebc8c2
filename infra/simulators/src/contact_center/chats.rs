//! `/historic/agentChatsWorkTime`: how long on each day an agent had at least one chat open,
//! within the period.

use jiff::Timestamp;
use jiff::tz::Offset;
use serde_json::{Value, json};

use super::intervals::day_of;
use super::query::{Asked, Period, Refusal};
use super::records::Stay;
use super::state::Known;

/// A row for each agent and day with a chat.
pub(super) fn agent_chats_work_time(known: &Known, asked: &Asked) -> Result<Vec<Value>, Refusal> {
    if !known.habits.chat_platform {
        return Err(Refusal::NoData);
    }
    asked.only(&["startDate", "endDate", "agentId"])?;
    let (period, place, mut told) = (asked.period()?, known.habits.place, Vec::new());
    for agent in asked.ids("agentId")? {
        let chats = known.chats.get(agent).map_or(&[][..], Vec::as_slice);
        for (midnight, time) in by_day(&union(chats, period), place) {
            let day = place.to_datetime(midnight).date();
            told.push(json!({"agentId": agent, "workDate": day, "workTime": time}));
        }
    }
    Ok(told)
}

/// Times with at least one chat in a period, in order and apart from each other.
fn union(chats: &[Stay], period: Period) -> Vec<(Timestamp, Timestamp)> {
    let within = |chat: &Stay| (chat.start.max(period.start), chat.end.min(period.end));
    let mut chats: Vec<_> = chats.iter().map(within).filter(|(start, end)| start < end).collect();
    chats.sort_unstable();
    let mut apart = Vec::<(Timestamp, Timestamp)>::new();
    for (start, end) in chats {
        match apart.last_mut() {
            Some(last) if start <= last.1 => last.1 = last.1.max(end),
            _ => apart.push((start, end)),
        }
    }
    apart
}

/// Milliseconds of each day, by its midnight.
fn by_day(times: &[(Timestamp, Timestamp)], place: Offset) -> Vec<(Timestamp, i64)> {
    let mut days = Vec::<(Timestamp, i64)>::new();
    for (mut start, end) in times.iter().copied() {
        while start < end {
            let (midnight, next) = day_of(start, place);
            let until = end.min(next);
            let time = until.as_millisecond() - start.as_millisecond();
            match days.last_mut() {
                Some(last) if last.0 == midnight => last.1 += time,
                _ => days.push((midnight, time)),
            }
            start = until;
        }
    }
    days
}
