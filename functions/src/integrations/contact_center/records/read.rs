//! Reading records: one's own of a stretch of time, in order of their moments. What is read
//! grows with what lies there, never with what there is beside.

use std::collections::{HashMap, HashSet};

use shared::error::Result;
use shared::table::{Key, Query, Range, Read};

use super::keys::{Centre, first_of, moment};
use super::kinds::Kept;
use super::row::{Row, first_key};
use super::store::Records;

/// From one moment to another, both included, milliseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// The first.
    pub from: i64,
    /// The last.
    pub to: i64,
}

/// What was found.
#[derive(Debug)]
pub struct Found<T> {
    /// Rows in order, each record once.
    pub rows: Vec<Row<T>>,
    /// Whether there are more behind them.
    pub more: bool,
}

impl Records {
    /// Rows of one's in a stretch, about `most` of them. An echo stands for its record if the
    /// record itself begins before.
    pub async fn of_one<T: Kept>(
        &self,
        centre: Centre<'_>,
        who: &str,
        stretch: Stretch,
        most: usize,
    ) -> Result<Found<T>> {
        let (mut rows, mut from, mut more) = (Vec::new(), stretch.from, false);
        while from <= stretch.to {
            let pk = centre.partition(T::NAME, T::SHELF, from, who);
            let end = T::SHELF.end(from);
            let range = Range::Between(
                moment(from).into(),
                // Behind everything of its last moment.
                format!("{}#~", moment(stretch.to.min(end - 1))).into(),
            );
            let left = most.saturating_sub(rows.len()).max(1);
            let query = Query::partition(&pk).range("sk", range);
            more = self.pages(query, left, &mut rows).await?;
            if more || rows.len() >= most {
                more |= end <= stretch.to;
                break;
            }
            from = end;
        }
        self.without_old_echoes(centre, stretch.from, &mut rows).await?;
        Ok(Found { rows, more })
    }

    /// The last rows of one's before a moment, newest first, looked for in two shelves.
    pub async fn last_before<T: Kept>(
        &self,
        centre: Centre<'_>,
        who: &str,
        before: i64,
        most: usize,
    ) -> Result<Vec<Row<T>>> {
        let (mut rows, mut at) = (Vec::new(), before - 1);
        for _ in 0..2 {
            let pk = centre.partition(T::NAME, T::SHELF, at, who);
            let range = Range::UpTo(format!("{}#~", moment(at)).into());
            let limit = i32::try_from(most).unwrap_or(i32::MAX);
            let query = Query::partition(&pk).range("sk", range).descending().limit(limit);
            let page = self.table.query::<Row<T>>(query).await?;
            rows.extend(page.items.into_iter().filter(|row| self.is_kept(row)));
            let first = first_of(T::SHELF, at);
            if rows.len() >= most || first <= 0 {
                break;
            }
            at = first - 1;
        }
        rows.truncate(most);
        Ok(rows)
    }

    /// Reads about so many rows; whether there are more.
    async fn pages<T: Kept>(
        &self,
        mut query: Query,
        most: usize,
        rows: &mut Vec<Row<T>>,
    ) -> Result<bool> {
        let before = rows.len();
        loop {
            let left = most.saturating_sub(rows.len() - before).max(1);
            let limit = i32::try_from(left).unwrap_or(i32::MAX);
            let page = self.table.query::<Row<T>>(query.clone().limit(limit)).await?;
            rows.extend(page.items.into_iter().filter(|row| self.is_kept(row)));
            match page.next {
                None => return Ok(false),
                Some(_) if rows.len() - before >= most => return Ok(true),
                next => query = query.after(next),
            }
        }
    }

    fn is_kept<T>(&self, row: &Row<T>) -> bool {
        // The table deletes it some time later.
        row.expires_at > self.clock.now_ms() / 1000
    }

    /// Leaves out echoes of what begins in the stretch itself, and those whose record says
    /// something else by now.
    async fn without_old_echoes<T: Kept>(
        &self,
        centre: Centre<'_>,
        from: i64,
        rows: &mut Vec<Row<T>>,
    ) -> Result<()> {
        rows.retain(|row| row.echo_of.is_none_or(|first| first < from));
        let echoes = rows.iter().filter(|row| row.echo_of.is_some());
        let keys: HashSet<Key> = echoes.map(|row| first_key(centre, &row.record)).collect();
        if keys.is_empty() {
            return Ok(());
        }
        let keys: Vec<Key> = keys.into_iter().collect();
        let first: Vec<Row<T>> = self.table.get_many(&keys, Read::Consistent).await?;
        let ends: HashMap<Key, Option<i64>> = first
            .into_iter()
            .map(|row| (Key { pk: row.pk, sk: row.sk }, row.record.end()))
            .collect();
        let mut told = HashSet::new();
        rows.retain(|row| {
            if row.echo_of.is_none() {
                return true;
            }
            let key = first_key(centre, &row.record);
            ends.get(&key) == Some(&row.record.end()) && told.insert(key)
        });
        Ok(())
    }
}
