//! Statuses of agents: stretches made of what was said of their beginnings and ends, in
//! whatever order it came.

use std::collections::BTreeMap;

use shared::error::Result;

use super::super::records::{AgentStatus, DAY, Mark, Row, StatusMark, Stretch};
use super::walk::{Ground, Look, Source, Walked, walk};

/// Rows of one agent that are read at most.
const MOST_READ: usize = 30_000;
/// Changes before and after a period that are looked at for what goes on in it.
const AROUND: usize = 50;
/// How far behind a period its last statuses' ends are looked for.
const BEHIND: i64 = 31 * DAY;

/// Stretches that begin or end in the period, in order of agents and beginnings.
pub async fn statuses(on: Ground<'_>) -> Result<Walked<AgentStatus>> {
    walk(on.asked, super::agents(on).await?, &Statuses(on)).await
}

struct Statuses<'a>(Ground<'a>);

impl Source for Statuses<'_> {
    type Item = AgentStatus;

    async fn look(&self, who: &str, _: Option<i64>, _: usize) -> Result<Look<AgentStatus>> {
        let Ground { records, centre, asked } = self.0;
        let (from, to) = (asked.from, asked.to);
        let found = records.of_one::<StatusMark>(centre, who, Stretch { from, to }, MOST_READ);
        let found = found.await?;
        let (mut rows, more) = (found.rows, found.more);
        if !rows.is_empty() {
            // What was entered before and left, or followed by another, in the period.
            let before = records.last_before::<StatusMark>(centre, who, from, AROUND).await?;
            let before = before.into_iter().rev().filter(|row| !row.is_echo());
            rows.splice(0..0, before);
        }
        let mut stretches = fold(&rows);
        if stretches.iter().any(|one| one.end.is_none()) {
            let behind = Stretch { from: to + 1, to: to + BEHIND };
            let after = records.of_one::<StatusMark>(centre, who, behind, AROUND).await?;
            rows.extend(after.rows.into_iter().filter(|row| !row.is_echo()));
            stretches = fold(&rows);
        }
        let begins = |at: i64| from <= at && at < to;
        let ends = |at: i64| from < at && at <= to;
        let meant = |one: &AgentStatus| {
            asked.groups.is_empty() || one.group.as_ref().is_some_and(|g| asked.groups.contains(g))
        };
        stretches.retain(|one| begins(one.start) || one.end.is_some_and(ends));
        stretches.retain(meant);
        stretches.sort_by_key(|one| (one.start, one.end.unwrap_or(i64::MAX)));
        // One that began before is found by its beginning and by its end.
        stretches.dedup();
        Ok(Look { items: stretches.into_iter().map(|one| (one.start, one)).collect(), more })
    }
}

/// Stretches of one agent, from rows in order of their moments.
fn fold(rows: &[Row<StatusMark>]) -> Vec<AgentStatus> {
    // A status in one group says nothing of one in another.
    let mut scopes = BTreeMap::<(Option<&str>, Option<&str>), Vec<&StatusMark>>::new();
    let mut stretches = Vec::new();
    for row in rows {
        let status = &row.record.status;
        if row.is_echo() {
            stretches.push(status.clone());
            continue;
        }
        let scope = (status.service.as_deref(), status.group.as_deref());
        scopes.entry(scope).or_default().push(&row.record);
    }
    for marks in scopes.into_values() {
        stretches.extend(of_scope(marks));
    }
    stretches
}

fn of_scope(mut marks: Vec<&StatusMark>) -> Vec<AgentStatus> {
    let left: std::collections::HashSet<(i64, &str)> = marks
        .iter()
        .filter(|mark| mark.mark == Mark::Left)
        .map(|mark| (mark.status.start, mark.status.state_code.as_str()))
        .collect();
    // What was entered and left at one moment comes before what was entered and stayed.
    marks.sort_by_key(|mark| {
        let at = mark.status.start;
        let stays = !left.contains(&(at, mark.status.state_code.as_str()));
        (at, mark.mark == Mark::Entered, stays)
    });
    let (mut stretches, mut open) = (Vec::new(), None::<AgentStatus>);
    for mark in marks {
        let status = &mark.status;
        if let Some(before) = open.take() {
            stretches.push(AgentStatus { end: Some(status.start), ..before });
        }
        match (mark.mark, status.end) {
            (Mark::Left, _) => {}
            (Mark::Entered, Some(_)) => stretches.push(status.clone()),
            (Mark::Entered, None) => open = Some(status.clone()),
        }
    }
    stretches.extend(open);
    stretches
}
