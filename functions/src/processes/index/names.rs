//! A dictionary of what runs are called, by which the names are found that contain a text:
//! a row for each name, and one for each three characters of it.

use serde::{Deserialize, Serialize};
use shared::error::Result;
use shared::table::{Item, Key, Query, Read, Update};
use shared::tenant::Tenant;

use super::RunIndex;
use super::fold::{GRAM, fold, grams};
use super::postings::{Posting, of_runs};
use super::term::{Term, digest};
use crate::processes::runs::Run;

/// The most names that a text is looked for by.
const MOST_NAMES: usize = 500;
/// The most names that are looked at for it.
const MOST_LOOKED_AT: usize = 4000;
/// The most grams of a text that are compared for the rarest.
const MOST_GRAMS: usize = 32;
/// Of so many names one is counted, as so many.
const COUNTED: u8 = 16;

/// A name's row, and its row under a gram. The name is folded.
#[derive(Serialize, Deserialize)]
struct Name {
    pk: String,
    sk: String,
    #[serde(default)]
    name: String,
    /// On the first row of a gram: about how many names have it.
    #[serde(default)]
    n: i64,
}

impl Name {
    fn at(key: Key, name: &str) -> Self {
        Self { pk: key.pk, sk: key.sk, name: name.to_owned(), n: 0 }
    }
}

impl RunIndex {
    /// Takes a folded name into the dictionary, its own row last: if that is there, all is.
    pub(super) async fn learn_name(&self, tenant: &Tenant, name: &str) -> Result<()> {
        let key = name_key(tenant, name);
        if self.table.get::<Name>(&key, Read::Consistent).await?.is_some() {
            return Ok(());
        }
        let rows = grams(name).into_iter().map(|gram| {
            Item::of(&Name::at(Key { pk: gram_rows(tenant, &gram), sk: digest(name) }, name))
        });
        self.table.put_many(rows.collect::<Result<_>>()?).await?;
        self.count_name(tenant, name, 1).await?;
        self.table.put_many(vec![Item::of(&Name::at(key, name))?]).await
    }

    /// Takes a run's name out, if no run is called so any more. Who puts one meanwhile put
    /// its posting first.
    pub(super) async fn unlearn_name(&self, tenant: &Tenant, run: &Run) -> Result<()> {
        let Some(name) = run.entity_name.as_deref().map(fold) else { return Ok(()) };
        if self.is_called(tenant, &name).await? {
            return Ok(());
        }
        let rows = grams(&name).into_iter();
        let mut keys = vec![name_key(tenant, &name)];
        keys.extend(rows.map(|gram| Key { pk: gram_rows(tenant, &gram), sk: digest(&name) }));
        self.table.delete_many(&keys).await?;
        self.count_name(tenant, &name, -1).await?;
        if self.is_called(tenant, &name).await? {
            self.learn_name(tenant, &name).await?;
        }
        Ok(())
    }

    async fn is_called(&self, tenant: &Tenant, name: &str) -> Result<bool> {
        let query = of_runs(tenant, &Term::name(name), None).limit(1);
        Ok(!self.table.query::<Posting>(query).await?.items.is_empty())
    }

    /// Counts one name in sixteen, always the same ones, so that the rarest gram can be told
    /// for little.
    async fn count_name(&self, tenant: &Tenant, name: &str, sign: i64) -> Result<()> {
        if !crc32fast::hash(name.as_bytes()).is_multiple_of(u32::from(COUNTED)) {
            return Ok(());
        }
        for gram in grams(name) {
            let first = Key::alone(gram_rows(tenant, &gram));
            self.table.update(Update::of(first).add("n", sign * i64::from(COUNTED))).await?;
        }
        Ok(())
    }

    /// The names that contain this folded text, if there are not too many to be of use.
    pub(crate) async fn names_with(
        &self,
        tenant: &Tenant,
        part: &str,
    ) -> Result<Option<Vec<String>>> {
        if part.chars().count() < GRAM {
            return Ok(None);
        }
        let Some(rarest) = self.rarest(tenant, part).await? else { return Ok(None) };
        let (mut names, mut looked_at) = (Vec::new(), 0);
        let mut query = Query::partition(&rarest);
        loop {
            let page = self.table.query::<Name>(query.clone()).await?;
            looked_at += page.items.len();
            let found = page.items.into_iter().map(|row| row.name);
            names.extend(found.filter(|name| name.contains(part)));
            match page.next {
                _ if names.len() > MOST_NAMES => return Ok(None),
                Some(_) if looked_at > MOST_LOOKED_AT => return Ok(None),
                Some(next) => query = query.after(Some(next)),
                None => return Ok(Some(names)),
            }
        }
    }

    /// The partition of that gram of a text which the fewest names have; none when all are
    /// common.
    async fn rarest(&self, tenant: &Tenant, part: &str) -> Result<Option<String>> {
        let rows: Vec<String> =
            grams(part).iter().take(MOST_GRAMS).map(|gram| gram_rows(tenant, gram)).collect();
        let keys: Vec<Key> = rows.iter().cloned().map(Key::alone).collect();
        let firsts: Vec<Name> = self.table.get_many(&keys, Read::Eventual).await?;
        let count = |row: &String| firsts.iter().find(|f| f.pk == *row).map_or(0, |f| f.n);
        let rarest = rows.iter().min_by_key(|row| count(row));
        let most = i64::try_from(MOST_LOOKED_AT).unwrap_or(i64::MAX);
        Ok(rarest.filter(|row| count(row) <= most).cloned())
    }
}

fn name_key(tenant: &Tenant, name: &str) -> Key {
    Key::alone(tenant.pk("N", digest(name)))
}

fn gram_rows(tenant: &Tenant, gram: &str) -> String {
    tenant.pk("G", digest(gram))
}
