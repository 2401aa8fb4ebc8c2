//! Which members the metadata of a process's runs has, and up to a hundred values of each,
//! as callers are offered them to filter by.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use shared::error::Result;
use shared::table::{Item, Key, Query, Read, Update};
use shared::tenant::Tenant;
use utoipa::ToSchema;

use super::RunIndex;
use super::fold::fold;
use super::meta::{Scalar, scalars};
use super::postings::{Posting, of_runs};
use super::term::{Term, digest};
use crate::processes::runs::{Run, run_key};

/// How many values of a member are kept, and one more to know that there are more.
const MOST_VALUES: i64 = 100;
/// The longest value that is kept, in bytes.
const LONGEST: usize = 256;
/// How many other runs are looked at for whether they have a value.
const LOOKED_AT: i32 = 100;

/// Where the members of all processes stand together.
const ALL: i64 = 0;
/// The most of those that are read.
const MOST_MEMBERS: i32 = 200;

/// A member's row, and the row of one of its values.
#[derive(Debug, Serialize, Deserialize)]
struct FacetRow {
    pk: String,
    sk: String,
    #[serde(default)]
    key: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    value: Option<String>,
    #[serde(default)]
    kind: String,
    /// On a member's row: how many values there are of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    n: Option<i64>,
}

/// A member of metadata.
#[derive(Debug, Serialize, ToSchema)]
pub struct Facet {
    /// Its name, with dots for members of members.
    #[schema(example = "department")]
    pub field: String,
    /// What its values are, `string`, `number` or `boolean`, several with `|` between.
    #[serde(rename = "type")]
    #[schema(example = "string")]
    pub kind: String,
    /// Values that it has or had, in order.
    pub values: Vec<String>,
    /// Whether there are more.
    pub truncated: bool,
}

/// All members of the metadata of a process's runs.
pub type FacetValues = Vec<Facet>;

impl RunIndex {
    /// Takes in what a run of this process says.
    pub(super) async fn learn_facets(
        &self,
        tenant: &Tenant,
        process: i64,
        said: &[Scalar],
    ) -> Result<()> {
        let rows = facet_rows(tenant, process);
        let values: BTreeMap<String, &Scalar> =
            said.iter().map(|scalar| (value_place(scalar), scalar)).collect();
        let members: BTreeSet<String> = said.iter().map(|scalar| digest(&scalar.path)).collect();
        let places = members.iter().chain(values.keys());
        let keys: Vec<Key> = places.map(|sk| Key { pk: rows.clone(), sk: sk.clone() }).collect();
        let known: Vec<FacetRow> = self.table.get_many(&keys, Read::Eventual).await?;
        let mut known: BTreeMap<String, i64> =
            known.into_iter().map(|row| (row.sk, row.n.unwrap_or_default())).collect();
        let mut new = Vec::new();
        for (place, scalar) in values {
            let count = known.get(&digest(&scalar.path)).copied();
            if known.contains_key(&place) || count.is_some_and(|count| count > MOST_VALUES) {
                continue;
            }
            if count.is_none() {
                new.push(Item::of(&FacetRow::member(tenant, scalar))?);
            }
            if scalar.text.len() <= LONGEST {
                new.push(Item::of(&FacetRow::value(&rows, &place, scalar))?);
            }
            self.count_value(&rows, scalar, 1).await?;
            known.insert(digest(&scalar.path), count.unwrap_or_default() + 1);
        }
        self.table.put_many(new).await
    }

    /// Counts a value on its member's row, which this makes if need be.
    async fn count_value(&self, rows: &str, scalar: &Scalar, sign: i64) -> Result<()> {
        let key = Key { pk: rows.to_owned(), sk: digest(&scalar.path) };
        let update = Update::of(key).add("n", sign).set("key", scalar.path.clone());
        self.table.update(update.set("kind", scalar.kind)).await?;
        Ok(())
    }

    /// Takes out those of these values that no other run of the process says.
    pub(super) async fn unlearn_facets(
        &self,
        tenant: &Tenant,
        run: &Run,
        gone: &[Scalar],
    ) -> Result<()> {
        let rows = facet_rows(tenant, run.process_id);
        let mut keys = BTreeMap::new();
        for scalar in gone {
            if !self.is_said(tenant, run, scalar).await? {
                keys.insert(value_place(scalar), scalar);
            }
        }
        for scalar in keys.values() {
            self.count_value(&rows, scalar, -1).await?;
        }
        let keys: Vec<Key> = keys.into_keys().map(|sk| Key { pk: rows.clone(), sk }).collect();
        self.table.delete_many(&keys).await
    }

    /// Whether other runs of the same process say this.
    async fn is_said(&self, tenant: &Tenant, run: &Run, scalar: &Scalar) -> Result<bool> {
        let term = Term::meta(&scalar.path, &fold(&scalar.text));
        let page =
            self.table.query::<Posting>(of_runs(tenant, &term, None).limit(LOOKED_AT)).await?;
        let others = page.items.iter().map(Posting::run).filter(|other| *other != run.id());
        let keys: Vec<Key> = others.map(|other| run_key(tenant, other)).collect();
        let others: Vec<Run> = self.table.get_many(&keys, Read::Consistent).await?;
        for other in others.iter().filter(|other| other.process_id == run.process_id) {
            if scalars(&other.meta()?).contains(scalar) {
                return Ok(true);
            }
        }
        Ok(page.next.is_some())
    }

    /// What the metadata of a process's runs says, from the index.
    pub(crate) async fn facets(&self, tenant: &Tenant, process: i64) -> Result<FacetValues> {
        let query = Query::partition(&facet_rows(tenant, process));
        let rows: Vec<FacetRow> = self.table.query_all(query).await?;
        let mut facets: BTreeMap<String, (BTreeSet<String>, BTreeSet<String>, i64)> =
            BTreeMap::new();
        for row in rows {
            let (kinds, values, count) = facets.entry(row.key).or_default();
            kinds.insert(row.kind);
            values.extend(row.value);
            *count += row.n.unwrap_or_default();
        }
        let most = usize::try_from(MOST_VALUES).unwrap_or(usize::MAX);
        let facets = facets.into_iter().map(|(field, (kinds, values, count))| Facet {
            field,
            kind: kinds.into_iter().collect::<Vec<_>>().join("|"),
            truncated: count > MOST_VALUES,
            values: values.into_iter().take(most).collect(),
        });
        Ok(facets.collect())
    }

    /// The names of members that any run of the tenant has, some hundred at most.
    pub(crate) async fn members(&self, tenant: &Tenant) -> Result<Vec<String>> {
        let query = Query::partition(&facet_rows(tenant, ALL)).limit(MOST_MEMBERS);
        let page = self.table.query::<FacetRow>(query).await?;
        Ok(page.items.into_iter().map(|row| row.key).collect())
    }
}

impl FacetRow {
    /// The row of a member among those of all processes.
    fn member(tenant: &Tenant, scalar: &Scalar) -> Self {
        Self {
            pk: facet_rows(tenant, ALL),
            sk: digest(&scalar.path),
            key: scalar.path.clone(),
            value: None,
            kind: scalar.kind.to_owned(),
            n: None,
        }
    }

    fn value(rows: &str, place: &str, scalar: &Scalar) -> Self {
        Self {
            pk: rows.to_owned(),
            sk: place.to_owned(),
            key: scalar.path.clone(),
            value: Some(scalar.text.clone()),
            kind: scalar.kind.to_owned(),
            n: None,
        }
    }
}

/// The place of a value among the rows of its process.
fn value_place(scalar: &Scalar) -> String {
    format!("{}#{}", digest(&scalar.path), digest(&scalar.text))
}

fn facet_rows(tenant: &Tenant, process: i64) -> String {
    tenant.pk("F", process)
}
