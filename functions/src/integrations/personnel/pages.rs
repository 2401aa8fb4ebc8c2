//! Pages of people, compressed: a generation of ten thousand is forty items and not ten
//! thousand. A set of pages is written once and then read by many.

use serde::{Deserialize, Serialize};
use shared::error::{Error, Result};
use shared::table::{Item, Key, Read, Table, Write};
use shared::tenant::Tenant;

use super::model::{Change, Person};
use crate::compressed::{pack, unpack};

/// The most people on a page.
pub const PAGE: usize = 250;
/// What the partitions of pages are called.
const PAGES: &str = "PERSONNEL-PAGES";

/// People by their ids, on pages.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PageSet {
    /// Its name; no two sets of a tenant have the same one.
    pub name: String,
    /// The last id on each page.
    pub bounds: Vec<String>,
    /// How many people there are.
    pub people: usize,
}

#[derive(Serialize, Deserialize)]
struct Page {
    pk: String,
    sk: String,
    #[serde(with = "serde_bytes")]
    people: Vec<u8>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expires_at: Option<i64>,
}

impl PageSet {
    /// An empty set of this name.
    pub fn named(name: String) -> Self {
        Self { name, ..Self::default() }
    }

    /// The number of the page on which people behind this id begin; none when there are none.
    pub fn behind(&self, id: &str) -> Option<usize> {
        let page = self.bounds.partition_point(|last| last.as_str() <= id);
        (page < self.bounds.len()).then_some(page)
    }

    /// Where a page of it is.
    pub fn key(&self, tenant: &Tenant, page: usize) -> Key {
        page_key(tenant, &self.name, page)
    }

    /// Where all of its pages are.
    pub fn keys(&self, tenant: &Tenant) -> Vec<Key> {
        (0..self.bounds.len()).map(|page| self.key(tenant, page)).collect()
    }

    /// The people of a page.
    ///
    /// # Errors
    /// `Internal` when it is not there.
    pub async fn read(&self, table: &Table, tenant: &Tenant, page: usize) -> Result<Vec<Person>> {
        let found: Option<Page> = table.get(&self.key(tenant, page), Read::Consistent).await?;
        let found = found.ok_or_else(|| Error::bug("a page of people is gone"))?;
        unpack(&found.people)
    }

    /// Replaces all from this page on by people who come behind those before it, by their
    /// ids, and answers the items to write. They go by themselves at `expires_at` (seconds
    /// since 1970), if it is given.
    pub fn continued(
        &mut self,
        tenant: &Tenant,
        from: usize,
        people: &[Person],
        expires_at: Option<i64>,
    ) -> Result<Vec<Item>> {
        self.bounds.truncate(from);
        let mut items = Vec::new();
        for chunk in people.chunks(PAGE) {
            let Key { pk, sk } = page_key(tenant, &self.name, self.bounds.len());
            self.bounds.extend(chunk.last().map(|last| last.agent_id.clone()));
            items.push(Item::of(&Page { pk, sk, people: pack(chunk)?, expires_at })?);
        }
        Ok(items)
    }
}

fn page_key(tenant: &Tenant, set: &str, page: usize) -> Key {
    Key { pk: tenant.pk(PAGES, set), sk: format!("{page:06}") }
}

/// What a comparison found, by the step that found it.
#[derive(Serialize, Deserialize)]
pub struct Changes {
    pk: String,
    sk: String,
    #[serde(with = "serde_bytes")]
    changes: Vec<u8>,
    expires_at: i64,
}

impl Changes {
    /// How long they are kept, in seconds: ninety days.
    const KEPT: i64 = 90 * 24 * 3600;

    /// The write of what the step at this number found, at `now` (milliseconds since 1970).
    pub fn write(
        table: &Table,
        (tenant, sync, step): (&Tenant, &str, i64),
        changes: &[Change],
        now: i64,
    ) -> Result<Write> {
        let Key { pk, sk } = changes_key(tenant, sync, step);
        let expires_at = now / 1000 + Self::KEPT;
        let row = Self { pk, sk, changes: pack(changes)?, expires_at };
        Ok(table.put(Item::of(&row)?, None))
    }

    /// What they are.
    pub fn read(&self) -> Result<Vec<Change>> {
        unpack(&self.changes)
    }
}

/// Where the changes that a step found are.
pub fn changes_key(tenant: &Tenant, sync: &str, step: i64) -> Key {
    Key { pk: tenant.pk("PERSONNEL-CHANGES", sync), sk: format!("{step:06}") }
}
