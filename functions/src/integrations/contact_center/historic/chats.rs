//! How long agents had at least one chat open on each day: the union of their chats, within
//! the period, split at midnight. Where only a day's time is known, that is told.

use std::collections::{BTreeMap, HashSet};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use shared::error::Result;

use super::super::records::{AgentChat, ChatDay, DAY, Stretch};
use super::days::day_of;
use super::walk::{Ground, Look, Source, Walked, walk};

/// Rows of one agent that are read at most.
const MOST_READ: usize = 30_000;

/// An agent's day with chats.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Work {
    /// Milliseconds with at least one chat open.
    pub time: i64,
    /// How many chats there were, if that is known.
    pub sessions: Option<i64>,
}

/// Days with chats, in order of agents and days.
pub async fn chats(on: Ground<'_>) -> Result<Walked<(Date, Work)>> {
    walk(on.asked, super::agents(on).await?, &Chats(on)).await
}

struct Chats<'a>(Ground<'a>);

impl Source for Chats<'_> {
    type Item = (Date, Work);

    async fn look(&self, who: &str, _: Option<i64>, _: usize) -> Result<Look<(Date, Work)>> {
        let Ground { records, centre, asked } = self.0;
        let (from, to) = (asked.from, asked.to);
        // A chat is found at its beginning and at each midnight (UTC) that it goes on at.
        let pieces = Stretch { from: from - from.rem_euclid(DAY), to: to - 1 };
        let found = records.of_one::<AgentChat>(centre, who, pieces, MOST_READ).await?;
        let chats: Vec<AgentChat> = found.rows.into_iter().map(|row| row.record).collect();
        let mut days = by_day(&chats, (from, to), &asked.place);
        let day = |at: i64| day_of_utc(day_of(at, &asked.place).0);
        let known = Stretch { from: day(from), to: day(to - 1) };
        let known = records.of_one::<ChatDay>(centre, who, known, MOST_READ).await?;
        for row in known.rows {
            if let Ok(day) = row.record.day.parse() {
                let work = Work { time: row.record.work_time, sessions: row.record.sessions };
                days.entry(day).or_insert(work);
            }
        }
        let items = days.into_iter().map(|(day, work)| (day_of_utc(day), (day, work))).collect();
        Ok(Look { items, more: found.more })
    }
}

fn day_of_utc(day: Date) -> i64 {
    let zoned = day.to_zoned(TimeZone::UTC);
    zoned.map_or(i64::MAX, |zoned| zoned.timestamp().as_millisecond())
}

/// The days of a place on which a chat was open in a period (its end excluded).
fn by_day(chats: &[AgentChat], (from, to): (i64, i64), place: &TimeZone) -> BTreeMap<Date, Work> {
    let within = |chat: &AgentChat| (chat.start.max(from), chat.end.min(to));
    let mut times: Vec<(i64, i64)> = chats.iter().map(within).filter(|(a, b)| a < b).collect();
    times.sort_unstable();
    let mut apart = Vec::<(i64, i64)>::new();
    for (start, end) in times {
        match apart.last_mut() {
            Some(last) if start <= last.1 => last.1 = last.1.max(end),
            _ => apart.push((start, end)),
        }
    }
    let mut days = BTreeMap::<Date, Work>::new();
    for (mut start, end) in apart {
        while start < end {
            let (day, _, next) = day_of(start, place);
            let until = end.min(next);
            days.entry(day).or_default().time += until - start;
            start = until;
        }
    }
    for (day, work) in &mut days {
        let (_, first, next) = day_of(noon(*day, place), place);
        let open = |chat: &&AgentChat| chat.start.max(from).max(first) < chat.end.min(to).min(next);
        let open = chats.iter().filter(open).map(|chat| (chat.start, chat.chat.as_deref()));
        work.sessions = i64::try_from(open.collect::<HashSet<_>>().len()).ok();
    }
    days
}

fn noon(day: Date, place: &TimeZone) -> i64 {
    let noon = day.at(12, 0, 0, 0).to_zoned(place.clone());
    noon.map_or(i64::MAX, |zoned| zoned.timestamp().as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Result<i64, jiff::Error> {
        text.parse::<jiff::Timestamp>().map(jiff::Timestamp::as_millisecond)
    }

    fn chat(start: &str, end: &str) -> Result<AgentChat, jiff::Error> {
        Ok(AgentChat { agent: "1".to_owned(), start: at(start)?, end: at(end)?, chat: None })
    }

    /// Source: Argus's description of the protocol, its worked example.
    #[test]
    fn two_chats_that_overlap_count_once_and_to_midnight() -> anyhow::Result<()> {
        let chats = [
            chat("2020-01-01T22:45:00Z", "2020-01-01T23:02:00Z")?,
            chat("2020-01-01T22:58:00Z", "2020-01-02T00:12:00Z")?,
        ];
        let period = (at("2020-01-01T00:00:00Z")?, at("2020-01-02T00:00:00Z")?);
        let days = by_day(&chats, period, &TimeZone::UTC);
        let work = Work { time: 4_500_000, sessions: Some(2) };
        assert_eq!(days.into_iter().collect::<Vec<_>>(), [("2020-01-01".parse()?, work)]);
        Ok(())
    }

    #[test]
    fn a_chat_over_midnight_is_work_of_both_days_of_the_place() -> anyhow::Result<()> {
        let chats = [chat("2020-01-01T20:00:00Z", "2020-01-01T22:00:00Z")?];
        let moscow = TimeZone::fixed(jiff::tz::offset(3));
        let period = (at("2020-01-01T20:30:00Z")?, at("2020-01-09T00:00:00Z")?);
        let days = by_day(&chats, period, &moscow);
        let times: Vec<i64> = days.values().map(|work| work.time).collect();
        assert_eq!(times, [1_800_000, 3_600_000]);
        assert!(days.values().all(|work| work.sessions == Some(1)));
        assert!(by_day(&chats, (0, at("2020-01-01T20:00:00Z")?), &moscow).is_empty());
        Ok(())
    }
}
