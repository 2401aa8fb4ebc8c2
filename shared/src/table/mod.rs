//! The table port: typed reads and conditional, transactional writes over
//! DynamoDB. There is one implementation, over the AWS SDK; the local process
//! and the tests put an embedded database under that same SDK.
//!
//! Every table has a string partition key `pk` and sort key `sk`. A condition
//! that does not hold is an answer ([`Written::Refused`]), not an error.

mod batch;
mod client;
mod expression;
mod item;
mod query;
mod write;

pub use client::{Read, Table};
pub use expression::Cond;
pub use item::{Item, Value, count};
pub use query::{Page, Query, Range};
pub use write::{Refusal, Update, Write, Written};

use serde::{Deserialize, Serialize};

/// The primary key of an item.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Key {
    /// Partition key.
    pub pk: String,
    /// Sort key; [`Key::ALONE`] for the only or first item of its partition.
    pub sk: String,
}

impl Key {
    /// The sort key of an item that stands alone or first in its partition.
    pub const ALONE: &'static str = "-";

    /// Whether an item can have it: DynamoDB's limits, 1 to 2,048 bytes of `pk` and to 1,024
    /// of `sk`.
    pub fn can_be(&self) -> bool {
        can_be_hash(&self.pk) && (1..=1024).contains(&self.sk.len())
    }

    /// The key of the item that stands alone or first in partition `pk`.
    pub fn alone(pk: String) -> Self {
        Self { pk, sk: Self::ALONE.to_owned() }
    }
}

/// Whether a partition of a table or of an index can be called so.
fn can_be_hash(text: &str) -> bool {
    text.len() <= 2048
}
