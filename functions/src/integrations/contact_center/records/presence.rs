//! Keeping records where nothing else is kept yet: what there is already is compared, and
//! never replaced.

use std::collections::{BTreeMap, HashMap};

use futures_util::{StreamExt, TryStreamExt, stream};
use serde_json::Value as Json;
use shared::error::{Error, Result};
use shared::ids;
use shared::table::{Cond, Item, Key, Read, Written};

use super::keys::Centre;
use super::store::{AT_ONCE, Entry, Records, natural_key};

/// Records that are written in one transaction, and the most that they may be in bytes:
/// DynamoDB's own limits, the second of 4 MB with room for the rows' own names.
const TOGETHER: usize = 100;
const TOGETHER_BYTES: usize = 2 * 1024 * 1024;
/// What of a row says nothing of its record.
const BESIDE: [&str; 3] = ["origin", "raw", "expires_at"];

/// What there is with a record's natural key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// Nothing.
    Absent,
    /// A record that says the same.
    Same,
    /// A record that says something else.
    Other,
}

/// The rows of a record: the first one with its key, and what stands beside it.
struct Rows {
    key: Key,
    first: Item,
    beside: Vec<Item>,
}

/// A row's members.
type Members = BTreeMap<String, Json>;

impl Records {
    /// What there is with these records' natural keys, in their order.
    pub async fn presence(&self, centre: Centre<'_>, entries: &[Entry]) -> Result<Vec<Presence>> {
        let rows = self.all_rows(centre, entries)?;
        let mut keys: Vec<Key> = rows.iter().map(|rows| rows.key.clone()).collect();
        keys.sort_unstable_by(|a, b| (&a.pk, &a.sk).cmp(&(&b.pk, &b.sk)));
        keys.dedup();
        let found: Vec<Members> = self.table.get_many(&keys, Read::Consistent).await?;
        let found: HashMap<Key, Members> =
            found.into_iter().filter_map(|row| Some((key_of(&row)?, row))).collect();
        let now = self.clock.now_ms() / 1000;
        rows.into_iter()
            .map(|rows| match found.get(&rows.key).filter(|row| !is_over(row, now)) {
                None => Ok(Presence::Absent),
                Some(row) => compare(row.clone(), rows.first),
            })
            .collect()
    }

    /// Keeps those of these records with whose natural keys nothing else is kept, and answers
    /// of each what there was. A record of which there was [`Presence::Other`] is not kept. Of
    /// two with the same key, both are told of as the one is of which this is called.
    ///
    /// When it fails, some may be kept; doing all of it again keeps the others.
    ///
    /// # Errors
    /// `Invalid` when a record cannot be kept: nothing is, then. `Unavailable` when the table
    /// does not answer.
    pub async fn keep_new(&self, centre: Centre<'_>, entries: &[Entry]) -> Result<Vec<Presence>> {
        entries.iter().try_for_each(|entry| entry.record.check())?;
        let mut rows = self.all_rows(centre, entries)?;
        let unique = rows.iter().map(|rows| (rows.key.clone(), rows.first.clone()));
        let unique: HashMap<Key, Item> = unique.collect();
        let together = transactions(unique.into_iter().collect());
        let calls: Vec<_> = together.into_iter().map(|rows| self.put_new(rows)).collect();
        let stood: Vec<_> = stream::iter(calls).buffer_unordered(AT_ONCE).try_collect().await?;
        let stood: HashMap<Key, Presence> = stood.into_iter().flatten().collect();
        let told = rows.iter().map(|rows| stood[&rows.key]).collect();
        // What else belongs to a record; another try may have come no further than its row.
        rows.retain(|rows| stood[&rows.key] != Presence::Other);
        self.put_all(rows.into_iter().flat_map(|rows| rows.beside).collect()).await?;
        Ok(told)
    }

    /// Puts rows where there are none, and answers what there was.
    async fn put_new(&self, mut left: Vec<(Key, Item)>) -> Result<Vec<(Key, Presence)>> {
        let now = self.clock.now_ms() / 1000;
        let free = Cond::Any(vec![Cond::Absent("pk"), Cond::Lt("expires_at", now.into())]);
        let mut stood = Vec::new();
        while !left.is_empty() {
            let puts =
                left.iter().map(|(_, item)| self.table.put(item.clone(), Some(free.clone())));
            match self.table.transact(&ids::time_ordered(), puts.collect()).await? {
                Written::Done => {
                    stood.extend(left.drain(..).map(|(key, _)| (key, Presence::Absent)));
                }
                // Whoever stands in the way stays there; the others are tried without them.
                Written::Refused(mut refusals) => {
                    refusals.sort_by_key(|refusal| std::cmp::Reverse(refusal.at));
                    for refusal in refusals {
                        let (key, item) = left.remove(refusal.at);
                        let found = refusal.found.ok_or_else(|| Error::bug("nothing refused"))?;
                        stood.push((key, compare(found.parse()?, item)?));
                    }
                }
            }
        }
        Ok(stood)
    }

    /// The rows of each record.
    fn all_rows(&self, centre: Centre<'_>, entries: &[Entry]) -> Result<Vec<Rows>> {
        let rows = |entry: &Entry| {
            let mut items = self.items(centre, entry)?.into_iter();
            let first = items.next().ok_or_else(|| Error::bug("a record without a row"))?;
            let key = natural_key(centre, &entry.record);
            Ok(Rows { key, first, beside: items.collect() })
        };
        entries.iter().map(rows).collect()
    }
}

/// Rows by the transactions that they fit into.
fn transactions(rows: Vec<(Key, Item)>) -> Vec<Vec<(Key, Item)>> {
    let (mut all, mut size) = (Vec::<Vec<_>>::new(), 0);
    for row in rows {
        let bytes = row.1.size();
        let fits = |some: &Vec<_>| some.len() < TOGETHER && size + bytes <= TOGETHER_BYTES;
        if !all.last().is_some_and(fits) {
            all.push(Vec::new());
            size = 0;
        }
        size += bytes;
        if let Some(some) = all.last_mut() {
            some.push(row);
        }
    }
    all
}

fn compare(found: Members, item: Item) -> Result<Presence> {
    let told = |mut row: Members| {
        row.retain(|name, _| !BESIDE.contains(&name.as_str()));
        row
    };
    let same = told(found) == told(item.parse()?);
    Ok(if same { Presence::Same } else { Presence::Other })
}

fn is_over(row: &Members, now: i64) -> bool {
    row.get("expires_at").and_then(Json::as_i64).is_none_or(|until| until <= now)
}

fn key_of(row: &Members) -> Option<Key> {
    let text = |name| row.get(name).and_then(Json::as_str).map(str::to_owned);
    Some(Key { pk: text("pk")?, sk: text("sk")? })
}
