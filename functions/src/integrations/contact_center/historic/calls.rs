//! Contacts of agents.

use shared::error::Result;

use super::super::records::{AgentCall, Stretch};
use super::walk::{Ground, Look, Source, Walked, walk};

/// Rows of one agent that are read at most.
const MOST_READ: usize = 30_000;

/// Those that begin in the period, in order of agents and beginnings.
pub async fn calls(on: Ground<'_>) -> Result<Walked<AgentCall>> {
    walk(on.asked, super::agents(on).await?, &Calls(on)).await
}

struct Calls<'a>(Ground<'a>);

impl Source for Calls<'_> {
    type Item = AgentCall;

    async fn look(&self, who: &str, from: Option<i64>, many: usize) -> Result<Look<AgentCall>> {
        let Ground { records, centre, asked } = self.0;
        let stretch = Stretch { from: from.unwrap_or(asked.from), to: asked.to - 1 };
        // What is left out has to be read as well.
        let most = if asked.groups.is_empty() { many } else { MOST_READ };
        let found = records.of_one::<AgentCall>(centre, who, stretch, most).await?;
        let meant = |one: &AgentCall| asked.groups.is_empty() || asked.groups.contains(&one.group);
        let calls = found.rows.into_iter().map(|row| row.record).filter(meant);
        Ok(Look { items: calls.map(|call| (call.start, call)).collect(), more: found.more })
    }
}
