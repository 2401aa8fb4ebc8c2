//! Use cases: have somebody answer for somebody else, take that back, see who does.

use serde::{Deserialize, Serialize};
use serde_json::json;
use shared::audit::Trail;
use shared::clock::Clock;
use shared::env::Env;
use shared::error::{Error, Kind, Result};
use shared::ids;
use shared::table::{Cond, Item, Query, Table, Written};
use shared::tenant::Tenant;
use shared::web::{Caller, moment, to_the_second};
use utoipa::ToSchema;

use super::caller::may_speak_for;
use super::delegation::{Delegation, all_delegations, delegation_key};
use crate::access::permission::ADMIN;
use crate::support::lane::tickets_table;
use crate::support::tickets::name;

/// Delegations. Cheap to clone.
#[derive(Clone)]
pub struct Delegations {
    table: Table,
    trail: Trail,
    clock: Clock,
}

/// Who answers instead, and from when to when.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewDelegation {
    /// Who answers instead.
    #[schema(min_length = 1, max_length = 100, example = "MANAGER002")]
    to: String,
    /// From when on: RFC 3339, or a date. At once when not given.
    #[schema(example = "2026-07-01")]
    starts_at: Option<String>,
    /// Until when.
    #[schema(example = "2126-07-15")]
    ends_at: String,
    #[schema(max_length = 500)]
    reason: Option<String>,
}

/// That somebody answers for somebody else.
#[derive(Debug, Serialize, ToSchema)]
pub struct DelegationView {
    approver_id: String,
    to: String,
    #[schema(format = DateTime)]
    starts_at: String,
    #[schema(format = DateTime)]
    ends_at: String,
    reason: Option<String>,
    /// Who said so.
    created_by: String,
    /// Whether it holds at this moment.
    is_active: bool,
}

impl Delegations {
    /// Needs the tables `tickets` and `audit`.
    pub fn load(env: &Env) -> Result<Self> {
        Ok(Self { table: tickets_table(env)?, trail: Trail::load(env)?, clock: env.clock() })
    }

    /// All of a tenant, by who is away.
    pub(super) async fn all(&self, tenant: &Tenant) -> Result<Vec<Delegation>> {
        self.table.query_all(Query::partition(&all_delegations(tenant))).await
    }

    /// Those for whom somebody answers at this moment.
    pub(super) async fn of(&self, tenant: &Tenant, person: &str) -> Result<Vec<String>> {
        let now = self.clock.now_ms();
        let all = self.all(tenant).await?.into_iter();
        Ok(all.filter(|it| it.lets(person, now)).map(|it| it.approver).collect())
    }

    /// Has somebody answer for an approver, instead of whoever did.
    ///
    /// # Errors
    /// `Invalid`, naming the member.
    pub(super) async fn set(
        &self,
        by: &Caller,
        approver: &str,
        new: &NewDelegation,
    ) -> Result<DelegationView> {
        may_change(by, approver)?;
        name("approver_id", approver)?;
        name("to", &new.to)?;
        if new.to == approver {
            return Err(Error::invalid("to", "must be somebody else"));
        }
        shared::web::at_most(500, "reason", new.reason.as_deref().unwrap_or_default())?;
        let now = self.clock.now_ms();
        let starts = new.starts_at.as_deref().map(|text| moment("starts_at", text)).transpose()?;
        let starts = starts.map_or(now, |moment| moment.as_millisecond());
        let ends = moment("ends_at", &new.ends_at)?.as_millisecond();
        if ends <= starts || ends <= now {
            return Err(Error::invalid("ends_at", "must be later than starts_at, and than now"));
        }
        let span = (starts, ends);
        let row =
            Delegation::new(&by.tenant, approver, &new.to, span, new.reason.clone(), &by.actor);
        let details = json!({ "to": new.to, "ends_at": to_the_second(ends) });
        let writes = vec![
            self.table.put(Item::of(&row)?, None),
            self.trail.entry(by, "delegation.set", subject(approver), &details)?,
        ];
        self.table.transact(&ids::time_ordered(), writes).await?;
        Ok(DelegationView::of(&row, now))
    }

    /// Takes it back.
    ///
    /// # Errors
    /// `NotFound` when nobody answers for this approver.
    pub(super) async fn remove(&self, by: &Caller, approver: &str) -> Result<()> {
        may_change(by, approver)?;
        name("approver_id", approver)?;
        let key = delegation_key(&by.tenant, approver);
        let writes = vec![
            self.table.delete(key, Some(Cond::Present("pk"))),
            self.trail.entry(by, "delegation.remove", subject(approver), &json!({}))?,
        ];
        match self.table.transact(&ids::time_ordered(), writes).await? {
            Written::Done => Ok(()),
            Written::Refused(_) => Err(Error::not_found("Nobody answers for this approver")),
        }
    }

    /// All of a tenant, as callers see them.
    pub(super) async fn shown(&self, tenant: &Tenant) -> Result<Vec<DelegationView>> {
        let now = self.clock.now_ms();
        Ok(self.all(tenant).await?.iter().map(|row| DelegationView::of(row, now)).collect())
    }
}

/// Everybody says who answers for themselves; admins say it for anybody.
fn may_change(by: &Caller, approver: &str) -> Result<()> {
    if by.permissions.allow(ADMIN) {
        return Ok(());
    }
    may_speak_for(by, "approver_id", approver)
        .map_err(|error| Error { kind: Kind::Forbidden, ..error })
}

fn subject(approver: &str) -> String {
    format!("approver:{approver}")
}

impl DelegationView {
    fn of(row: &Delegation, now: i64) -> Self {
        Self {
            approver_id: row.approver.clone(),
            to: row.to.clone(),
            starts_at: to_the_second(row.starts_at),
            ends_at: to_the_second(row.ends_at),
            reason: row.reason.clone(),
            created_by: row.by.clone(),
            is_active: row.lets(&row.to, now),
        }
    }
}
