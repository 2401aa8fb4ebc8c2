//! Pages of what a list has, newest first: numbers are looked up, their rows are read, and
//! those that pass are kept. What is looked up, and what passes, is the list's.

use std::future::Future;

use serde::Deserialize;
use shared::error::Result;
use shared::table::{Query, Table};

/// Rows that are looked at together.
pub const LOOK: i32 = 100;

/// Numbers, newest first, and below which to go on; none when there is no more.
pub type Numbers = (Vec<i64>, Option<i64>);

/// What is listed.
pub trait Newest: Sync {
    /// Something in the list.
    type Row: Send;

    /// How many rows are looked at before a page is answered even if it is not full.
    const MOST_EXAMINED: usize;

    /// Numbers below that one.
    fn look(&self, below: i64) -> impl Future<Output = Result<Numbers>> + Send;

    /// The rows with these numbers.
    fn rows(&self, numbers: &[i64]) -> impl Future<Output = Result<Vec<Self::Row>>> + Send;

    /// Whether a row is meant.
    fn passes(&self, row: &Self::Row) -> bool;

    /// A row's number.
    fn number(row: &Self::Row) -> i64;

    /// One page of those below a number, if one is given, and below which to go on.
    fn page(
        &self,
        limit: usize,
        before: Option<i64>,
    ) -> impl Future<Output = Result<(Vec<Self::Row>, Option<i64>)>> + Send {
        async move {
            let (mut found, mut examined) = (Vec::new(), 0);
            let mut below = Some(before.unwrap_or(i64::MAX));
            while let Some(from) = below {
                let (numbers, next) = self.look(from).await?;
                examined += numbers.len();
                let mut rows = self.rows(&numbers).await?;
                rows.sort_unstable_by_key(|row| std::cmp::Reverse(Self::number(row)));
                for row in rows.into_iter().filter(|row| self.passes(row)) {
                    if found.len() == limit {
                        let last = found.last().map(Self::number);
                        return Ok((found, last));
                    }
                    found.push(row);
                }
                below = next;
                if examined >= Self::MOST_EXAMINED {
                    break;
                }
            }
            Ok((found, below))
        }
    }
}

/// What an index says of a row.
#[derive(Deserialize)]
struct Ranked {
    rank: i64,
}

/// The next ranks of an index, largest first, and whether there may be more.
pub async fn ranks(table: &Table, query: Query) -> Result<(Vec<i64>, bool)> {
    let page = table.query::<Ranked>(query.descending().limit(LOOK)).await?;
    let ranks = page.items.into_iter().map(|item| item.rank).collect();
    Ok((ranks, page.next.is_some()))
}
