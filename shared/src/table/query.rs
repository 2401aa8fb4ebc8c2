//! Queries: one partition of a table or index, in order, page by page.

use super::{Item, Value};

/// A query of one partition.
#[derive(Debug)]
pub struct Query {
    pub(super) index: Option<&'static str>,
    pub(super) hash: (&'static str, Value),
    pub(super) range: Option<(&'static str, Range)>,
    pub(super) descending: bool,
    pub(super) limit: Option<i32>,
    pub(super) after: Option<Item>,
}

/// Bounds on the sort key, both included.
#[derive(Debug)]
pub enum Range {
    /// At most this.
    UpTo(Value),
    /// From the first to the second.
    Between(Value, Value),
}

/// One page of a query's answer.
#[derive(Debug)]
pub struct Page<T> {
    /// What was found, in order.
    pub items: Vec<T>,
    /// Where to go on; none on the last page.
    pub next: Option<Item>,
}

impl Query {
    /// The partition `pk` of the table itself, read consistently.
    pub fn partition(pk: &str) -> Self {
        Self {
            index: None,
            hash: ("pk", pk.into()),
            range: None,
            descending: false,
            limit: None,
            after: None,
        }
    }

    /// The partition of an index where `attribute` is `value`. Indexes lag behind
    /// the table: whatever is found there is to be checked against the table.
    pub fn index(index: &'static str, attribute: &'static str, value: &str) -> Self {
        Self { index: Some(index), hash: (attribute, value.into()), ..Self::partition("") }
    }

    /// Bounds the sort key.
    #[must_use]
    pub fn range(mut self, attribute: &'static str, range: Range) -> Self {
        self.range = Some((attribute, range));
        self
    }

    /// Largest sort key first.
    #[must_use]
    pub fn descending(mut self) -> Self {
        self.descending = true;
        self
    }

    /// At most this many items a page.
    #[must_use]
    pub fn limit(mut self, limit: i32) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Goes on where an earlier page ended.
    #[must_use]
    pub fn after(mut self, next: Option<Item>) -> Self {
        self.after = next;
        self
    }
}
