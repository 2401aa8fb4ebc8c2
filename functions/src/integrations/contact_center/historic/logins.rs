//! Times of being signed in.

use shared::error::Result;

use super::super::records::{AgentLogin, Stretch};
use super::walk::{Ground, Look, Source, Walked, walk};

/// Rows of one agent that are read at most.
const MOST_READ: usize = 30_000;

/// Those that begin or end in the period, in full, in order of agents and beginnings.
pub async fn logins(on: Ground<'_>) -> Result<Walked<AgentLogin>> {
    walk(on.asked, super::agents(on).await?, &Logins(on)).await
}

struct Logins<'a>(Ground<'a>);

impl Source for Logins<'_> {
    type Item = AgentLogin;

    async fn look(&self, who: &str, _: Option<i64>, _: usize) -> Result<Look<AgentLogin>> {
        let Ground { records, centre, asked } = self.0;
        let (from, to) = (asked.from, asked.to);
        let found = records.of_one::<AgentLogin>(centre, who, Stretch { from, to }, MOST_READ);
        let found = found.await?;
        let begins = |at: i64| from <= at && at < to;
        let ends = |at: i64| from < at && at <= to;
        let logins = found.rows.into_iter().map(|row| row.record);
        let logins = logins.filter(|login| begins(login.login) || ends(login.logout));
        let mut items: Vec<(i64, AgentLogin)> = logins.map(|login| (login.login, login)).collect();
        items.sort_by_key(|(at, _)| *at);
        Ok(Look { items, more: found.more })
    }
}
