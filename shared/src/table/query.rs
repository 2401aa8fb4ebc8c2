//! Queries: one partition of the table or of an index, in order, page by page.

use super::{Item, Value};

/// A query of one partition.
#[derive(Clone, Debug)]
pub struct Query {
    /// None for the table itself, which is read consistently.
    pub(super) index: Option<&'static str>,
    pub(super) hash: (&'static str, Value),
    pub(super) range: Option<(&'static str, Range)>,
    pub(super) descending: bool,
    pub(super) limit: Option<i32>,
    pub(super) after: Option<Item>,
}

/// Bounds on the sort key, included.
#[derive(Clone, Debug)]
pub enum Range {
    /// At most this.
    UpTo(Value),
    /// At least this.
    From(Value),
    /// At least the first and at most the second.
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
    /// The partition of an index where `attribute` is `value`. Indexes lag behind
    /// the table: whatever is found there is to be checked against the table.
    pub fn index(index: &'static str, attribute: &'static str, value: &str) -> Self {
        Self::of(Some(index), (attribute, value.into()))
    }

    /// The table's own partition `pk`, with every write that was acknowledged before.
    pub fn partition(pk: &str) -> Self {
        Self::of(None, ("pk", pk.into()))
    }

    fn of(index: Option<&'static str>, hash: (&'static str, Value)) -> Self {
        Self { index, hash, range: None, descending: false, limit: None, after: None }
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
