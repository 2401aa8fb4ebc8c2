//! Use case: give a tenant rules of its own, and see the versions there were.

use serde_json::json;
use shared::audit::Trail;
use shared::clock::Clock;
use shared::env::Env;
use shared::error::{Error, Kind, Result};
use shared::ids;
use shared::table::{Cond, Item, Query, Range, Written};
use shared::tenant::Tenant;
use shared::web::Caller;

use super::Rules;
use super::kept::{Holds, Version, versions_of};
use super::store::RuleBook;

/// How many versions are listed; older ones are found by their number.
const MOST: i32 = 50;

/// The answer to somebody who changes what another one changed meanwhile.
const INTERFERED: &str = "The rules have been changed meanwhile";

/// The use case.
#[derive(Clone)]
pub struct RuleEditor<R> {
    pub book: RuleBook<R>,
    trail: Trail,
    clock: Clock,
}

impl<R: Rules> RuleEditor<R> {
    /// Needs what a [`RuleBook`] needs, and the table `audit`.
    pub fn load(env: &Env) -> Result<Self> {
        Ok(Self { book: RuleBook::load(env)?, trail: Trail::load(env)?, clock: env.clock() })
    }

    /// The newest versions, newest first.
    pub async fn versions(&self, tenant: &Tenant) -> Result<Vec<Version>> {
        let query =
            Query::partition(&versions_of::<R>(tenant)).range("sk", Range::UpTo("W".into()));
        Ok(self.book.table.query(query.descending().limit(MOST)).await?.items)
    }

    /// Makes a version that holds from now on: these rules, or the installation's again.
    /// `seen` is the version that they are to follow, if that matters.
    ///
    /// # Errors
    /// `Conflict` when another one was made meanwhile.
    pub async fn change(&self, by: &Caller, text: Option<String>, seen: Option<i64>) -> Result<()> {
        let last = self.book.version(&by.tenant).await?;
        if seen.is_some_and(|seen| seen != last) {
            return Err(Error::new(Kind::Conflict, INTERFERED));
        }
        let (now, next) = (self.clock.now_ms(), last + 1);
        let version = Version::of::<R>(&by.tenant, next, text, now, by.actor.clone());
        let follows = match last {
            0 => Cond::Absent("pk"),
            last => Cond::Eq("version", last.into()),
        };
        let details = json!({ "version": next, "own": version.text.is_some() });
        let writes = vec![
            self.book.table.put(Item::of(&Holds::of::<R>(&by.tenant, next))?, Some(follows)),
            self.book.table.put(Item::of(&version)?, Some(Cond::Absent("pk"))),
            self.trail.entry(by, "rules.change", R::SUBJECT, &details)?,
        ];
        match self.book.table.transact(&ids::time_ordered(), writes).await? {
            Written::Done => Ok(()),
            Written::Refused(_) => Err(Error::new(Kind::Conflict, INTERFERED)),
        }
    }
}
