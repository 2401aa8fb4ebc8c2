//! Pages of things that a synchronisation found, compressed: a generation of ten thousand is
//! forty items and not ten thousand. A set of pages is written once and then read by many, or
//! its pages are replaced in place together with what names the set: then whoever reads looks
//! at that before and after.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use shared::error::{Error, Result};
use shared::table::{Item, Key, Read, Table};
use shared::tenant::Tenant;

use crate::compressed::{pack, unpack};

/// The most things on a page.
pub const PAGE: usize = 250;
/// The most that a page holds before it is compressed, in bytes: an item has 400 KB.
const LARGEST: usize = 256 * 1024;
/// What the partitions of pages are called.
const PAGES: &str = "PAGES";

/// What stands on pages: in the order of its ids.
pub trait Paged: Serialize + DeserializeOwned {
    /// Its id; no two of a set have the same one.
    fn id(&self) -> &str;
}

/// Things by their ids, on pages.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PageSet {
    /// Its name; no two sets of a tenant in a table have the same one.
    pub name: String,
    /// The last id on each page.
    pub bounds: Vec<String>,
    /// How many there are.
    pub total: usize,
}

#[derive(Serialize, Deserialize)]
struct Page {
    pk: String,
    sk: String,
    #[serde(with = "serde_bytes")]
    packed: Vec<u8>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expires_at: Option<i64>,
}

impl PageSet {
    /// An empty set of this name.
    pub fn named(name: String) -> Self {
        Self { name, ..Self::default() }
    }

    /// The number of the page on which those behind this id begin; none when there are none.
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

    /// Which of all of its things are on a page.
    pub fn on_page<'a, T: Paged>(&self, things: &'a [T], page: usize) -> &'a [T] {
        let end = |page: usize| {
            let last = self.bounds.get(page).map_or("", String::as_str);
            things.partition_point(|thing| thing.id() <= last)
        };
        let start = page.checked_sub(1).map_or(0, end);
        &things[start..end(page).max(start)]
    }

    /// What is on a page.
    ///
    /// # Errors
    /// `Internal` when it is not there.
    pub async fn read<T: Paged>(
        &self,
        table: &Table,
        tenant: &Tenant,
        page: usize,
    ) -> Result<Vec<T>> {
        let found: Option<Page> = table.get(&self.key(tenant, page), Read::Consistent).await?;
        unpack(&found.ok_or_else(gone)?.packed)
    }

    /// What is on all pages, in order.
    ///
    /// # Errors
    /// `Internal` when one of them is not there.
    pub async fn read_all<T: Paged>(&self, table: &Table, tenant: &Tenant) -> Result<Vec<T>> {
        let keys = self.keys(tenant);
        let mut pages: Vec<Page> = table.get_many(&keys, Read::Consistent).await?;
        if pages.len() != keys.len() {
            return Err(gone());
        }
        pages.sort_by(|a, b| a.sk.cmp(&b.sk));
        let mut all = Vec::with_capacity(self.total);
        for page in pages {
            all.extend(unpack::<Vec<T>>(&page.packed)?);
        }
        Ok(all)
    }

    /// Replaces all from this page on by things that come behind those before it, by their
    /// ids, and answers the items to write. They go by themselves at `expires_at` (seconds
    /// since 1970), if it is given.
    pub fn continued<T: Paged>(
        &mut self,
        tenant: &Tenant,
        from: usize,
        things: &[T],
        expires_at: Option<i64>,
    ) -> Result<Vec<Item>> {
        self.bounds.truncate(from);
        let mut items = Vec::new();
        let mut rest = things;
        while !rest.is_empty() {
            let (page, behind) = rest.split_at(fitting(rest)?);
            let Key { pk, sk } = page_key(tenant, &self.name, self.bounds.len());
            self.bounds.extend(page.last().map(|last| last.id().to_owned()));
            items.push(Item::of(&Page { pk, sk, packed: pack(page)?, expires_at })?);
            rest = behind;
        }
        Ok(items)
    }
}

/// How many of these fit on a page: one at least.
fn fitting<T: Serialize>(things: &[T]) -> Result<usize> {
    let mut size = 0;
    for (many, thing) in things.iter().take(PAGE).enumerate() {
        size += serde_json::to_vec(thing).map_err(Error::internal)?.len();
        if size > LARGEST && many > 0 {
            return Ok(many);
        }
    }
    Ok(things.len().min(PAGE))
}

fn gone() -> Error {
    Error::bug("a page is gone")
}

fn page_key(tenant: &Tenant, set: &str, page: usize) -> Key {
    Key { pk: tenant.pk(PAGES, set), sk: format!("{page:06}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Serialize, Deserialize)]
    struct Thing {
        id: String,
        text: String,
    }

    impl Paged for Thing {
        fn id(&self) -> &str {
            &self.id
        }
    }

    fn check(many: usize, text: usize, bounds: &[usize]) -> Result<()> {
        let thing = |at: usize| Thing { id: format!("{at:04}"), text: "x".repeat(text) };
        let things: Vec<_> = (0..many).map(thing).collect();
        let mut set = PageSet::named("a".to_owned());
        let items = set.continued(&Tenant::parse("acme")?, 0, &things, None)?;
        let expected: Vec<_> = bounds.iter().map(|at| format!("{at:04}")).collect();
        assert_eq!((items.len(), set.bounds), (bounds.len(), expected), "{many} of {text}");
        Ok(())
    }

    #[test]
    fn a_page_has_so_many_and_no_more_than_an_item_holds() -> Result<()> {
        check(0, 10, &[])?;
        check(250, 10, &[249])?;
        check(501, 10, &[249, 499, 500])?;
        check(5, 100_000, &[1, 3, 4])?;
        check(3, 300_000, &[0, 1, 2])
    }
}
