//! Use case: see synchronisations and what they changed, and who works there.

use shared::error::{Error, Result};
use shared::table::Read;
use shared::tenant::Tenant;

use super::changes::{Changes, changes_key};
use super::model::{Change, Employment, Person};
use super::roster::Roster;
use super::start::Personnel;
use super::sync::{PersonnelSync, sync_key};
use crate::bulk;

/// Pages that are looked at for one list of people.
const LOOKED_AT: usize = 20;

/// Who is looked for among the people of a connection.
#[derive(Debug, Default)]
pub(super) struct Wish {
    /// Of this department, by id or name.
    pub department: Option<String>,
    pub status: Option<Employment>,
    /// Behind this id.
    pub behind: String,
    pub limit: usize,
}

impl Personnel {
    /// One synchronisation.
    ///
    /// # Errors
    /// `NotFound`.
    pub(super) async fn find(
        &self,
        tenant: &Tenant,
        connection: &str,
        id: &str,
    ) -> Result<PersonnelSync> {
        let row = bulk::find(&self.means.table, &sync_key(tenant, connection, id)).await?;
        row.ok_or_else(|| Error::not_found("Synchronisation not found"))
    }

    /// A page of a connection's synchronisations, newest first, and the id behind which to
    /// go on.
    pub(super) async fn syncs(
        &self,
        tenant: &Tenant,
        connection: &str,
        limit: usize,
        behind: Option<&str>,
    ) -> Result<(Vec<PersonnelSync>, Option<String>)> {
        bulk::newest(&self.means.table, &sync_key(tenant, connection, "").pk, limit, behind).await
    }

    /// What a step of a synchronisation changed, and the next step, if there is one.
    pub(super) async fn changes(
        &self,
        tenant: &Tenant,
        sync: &PersonnelSync,
        step: i64,
    ) -> Result<(Vec<Change>, Option<i64>)> {
        if !(0..sync.steps).contains(&step) {
            return Ok((Vec::new(), None));
        }
        let key = changes_key(tenant, sync.id(), step);
        let found: Option<Changes> = self.means.table.get(&key, Read::Consistent).await?;
        let found = found.as_ref().map(Changes::read).transpose()?.unwrap_or_default();
        Ok((found, Some(step + 1).filter(|next| *next < sync.steps)))
    }

    /// Some of the people of a connection, by their ids; the id behind which to go on, if
    /// there may be more; and what is published.
    pub(super) async fn people(
        &self,
        tenant: &Tenant,
        connection: &str,
        wish: &Wish,
    ) -> Result<(Vec<Person>, Option<String>, Roster)> {
        let roster = Roster::find(&self.means.table, tenant, connection).await?;
        let Some(set) = &roster.published else { return Ok((Vec::new(), None, roster)) };
        let is = |named: &String, person: &Person| {
            *named == person.department_id || person.department.as_ref() == Some(named)
        };
        let wanted = |person: &Person| {
            wish.department.as_ref().is_none_or(|named| is(named, person))
                && wish.status.is_none_or(|status| status == person.status)
        };
        let (mut found, mut behind) = (Vec::new(), wish.behind.clone());
        for _ in 0..LOOKED_AT {
            let Some(page) = set.behind(&behind) else { return Ok((found, None, roster)) };
            for person in set.read::<Person>(&self.means.table, tenant, page).await? {
                if person.agent_id <= behind || !wanted(&person) {
                    continue;
                }
                if found.len() == wish.limit {
                    let last = found.last().map(|last: &Person| last.agent_id.clone());
                    return Ok((found, last, roster));
                }
                found.push(person);
            }
            behind.clone_from(&set.bounds[page]);
        }
        Ok((found, Some(behind), roster))
    }
}
