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
pub enum Standing {
    /// Nothing.
    Absent,
    /// A record that says the same.
    Same,
    /// A record that says something else.
    Other,
}

/// A row's members.
type Members = BTreeMap<String, Json>;

impl Records {
    /// What there is with these records' natural keys, in their order.
    pub async fn standing(&self, centre: Centre<'_>, entries: &[Entry]) -> Result<Vec<Standing>> {
        let rows = self.first_rows(centre, entries)?;
        let mut keys: Vec<Key> = rows.iter().map(|(key, _)| key.clone()).collect();
        keys.sort_unstable_by(|a, b| (&a.pk, &a.sk).cmp(&(&b.pk, &b.sk)));
        keys.dedup();
        let found: Vec<Members> = self.table.get_many(&keys, Read::Consistent).await?;
        let found: HashMap<Key, Members> =
            found.into_iter().filter_map(|row| Some((key_of(&row)?, row))).collect();
        let now = self.clock.now_ms() / 1000;
        rows.into_iter()
            .map(|(key, item)| match found.get(&key).filter(|row| !is_over(row, now)) {
                None => Ok(Standing::Absent),
                Some(row) => compare(row.clone(), item),
            })
            .collect()
    }

    /// Keeps those of these records with whose natural keys nothing else is kept, and answers
    /// of each what there was. A record of which there was [`Standing::Other`] is not kept. Of
    /// two with the same key, both are told of as the one is of which this is called.
    ///
    /// When it fails, some may be kept; doing all of it again keeps the others.
    ///
    /// # Errors
    /// `Invalid` when a record cannot be kept: nothing is, then. `Unavailable` when the table
    /// does not answer.
    pub async fn keep_new(&self, centre: Centre<'_>, entries: &[Entry]) -> Result<Vec<Standing>> {
        entries.iter().try_for_each(|entry| entry.record.check())?;
        let rows = self.first_rows(centre, entries)?;
        let unique: HashMap<Key, Item> = rows.iter().cloned().collect();
        let together = transactions(unique.into_iter().collect());
        let calls: Vec<_> = together.into_iter().map(|rows| self.put_new(rows)).collect();
        let stood: Vec<_> = stream::iter(calls).buffer_unordered(AT_ONCE).try_collect().await?;
        let stood: HashMap<Key, Standing> = stood.into_iter().flatten().collect();
        let stood: Vec<_> = rows.iter().map(|(key, _)| stood[key]).collect();
        // What else belongs to a record; another try may have come no further than its row.
        let kept = entries.iter().zip(&stood).filter(|(_, stood)| **stood != Standing::Other);
        let mut beside = Vec::new();
        for (entry, _) in kept {
            beside.extend(self.items(centre, entry)?.into_iter().skip(1));
        }
        self.put_all(beside).await?;
        Ok(stood)
    }

    /// Puts rows where there are none, and answers what there was.
    async fn put_new(&self, mut left: Vec<(Key, Item)>) -> Result<Vec<(Key, Standing)>> {
        let now = self.clock.now_ms() / 1000;
        let free = Cond::Any(vec![Cond::Absent("pk"), Cond::Lt("expires_at", now.into())]);
        let mut stood = Vec::new();
        while !left.is_empty() {
            let puts =
                left.iter().map(|(_, item)| self.table.put(item.clone(), Some(free.clone())));
            match self.table.transact(&ids::time_ordered(), puts.collect()).await? {
                Written::Done => {
                    stood.extend(left.drain(..).map(|(key, _)| (key, Standing::Absent)));
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

    /// The first rows of records.
    fn first_rows(&self, centre: Centre<'_>, entries: &[Entry]) -> Result<Vec<(Key, Item)>> {
        let first = |entry: &Entry| {
            let first = self.items(centre, entry)?.into_iter().next();
            let first = first.ok_or_else(|| Error::bug("a record without a row"))?;
            Ok((natural_key(centre, &entry.record), first))
        };
        entries.iter().map(first).collect()
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

fn compare(found: Members, item: Item) -> Result<Standing> {
    let told = |mut row: Members| {
        row.retain(|name, _| !BESIDE.contains(&name.as_str()));
        row
    };
    let same = told(found) == told(item.parse()?);
    Ok(if same { Standing::Same } else { Standing::Other })
}

fn is_over(row: &Members, now: i64) -> bool {
    row.get("expires_at").and_then(Json::as_i64).is_none_or(|until| until <= now)
}

fn key_of(row: &Members) -> Option<Key> {
    let text = |name| row.get(name).and_then(Json::as_str).map(str::to_owned);
    Some(Key { pk: text("pk")?, sk: text("sk")? })
}
