//! A tenant's messages by their numbers, which go up with time. Some numbers were never
//! used, and messages expire.

use shared::env::Env;
use shared::error::Result;
use shared::sequence::Sequence;
use shared::table::{Query, Range, Read, Table};
use shared::tenant::Tenant;

use super::message::{Message, end_of_partition, message_key};

/// How far apart the clocks of processes may be, in milliseconds.
const SKEW: i64 = 5_000;

/// The messages of all tenants. Cheap to clone.
#[derive(Clone)]
pub struct Log {
    pub(super) table: Table,
    numbers: Sequence,
}

/// Messages that lie together, in order.
pub struct Page {
    /// The messages.
    pub messages: Vec<Message>,
    /// The number to go on from.
    pub next: i64,
}

impl Log {
    /// Needs the tables `messages` and `control`.
    pub fn load(env: &Env) -> Result<Self> {
        let numbers = Sequence::new(env.table("CONTROL_TABLE")?, "message");
        Ok(Self { table: env.table("MESSAGES_TABLE")?, numbers })
    }

    /// A number for a new message.
    pub(super) async fn next_number(&self, tenant: &Tenant) -> Result<i64> {
        self.numbers.next(tenant).await
    }

    /// The number of the tenant's last message; 0 before the first.
    pub async fn last_number(&self, tenant: &Tenant) -> Result<i64> {
        self.numbers.last(tenant).await
    }

    /// One message; none when it has expired or was never emitted.
    pub async fn find(&self, tenant: &Tenant, seq: i64) -> Result<Option<Message>> {
        self.table.get(&message_key(tenant, seq), Read::Consistent).await
    }

    /// The messages of these numbers that there are, in no order.
    pub async fn find_many(
        &self,
        tenant: &Tenant,
        numbers: impl Iterator<Item = i64>,
    ) -> Result<Vec<Message>> {
        let keys: Vec<_> = numbers.map(|seq| message_key(tenant, seq)).collect();
        self.table.get_many(&keys, Read::Consistent).await
    }

    /// Some messages from one number on, below another; maybe none, with more behind them.
    pub async fn page(&self, tenant: &Tenant, from: i64, below: i64, limit: i32) -> Result<Page> {
        let end = end_of_partition(from).min(below);
        let (first, last) = (message_key(tenant, from), message_key(tenant, end - 1));
        let range = Range::Between(first.sk.into(), last.sk.into());
        let query = Query::partition(&first.pk).range("sk", range).limit(limit);
        let page = self.table.query::<Message>(query).await?;
        let last = page.items.last().filter(|_| page.next.is_some());
        let next = last.map_or(end, |last| last.seq + 1);
        Ok(Page { messages: page.items, next })
    }

    /// The messages from one number on, below another; as many as are asked for, or all
    /// there are.
    pub async fn from(
        &self,
        tenant: &Tenant,
        from: i64,
        below: i64,
        limit: usize,
    ) -> Result<Vec<Message>> {
        let (mut found, mut from) = (Vec::new(), from.max(1));
        while from < below && found.len() < limit {
            let left = i32::try_from(limit - found.len()).unwrap_or(i32::MAX);
            let page = self.page(tenant, from, below, left).await?;
            found.extend(page.messages);
            from = page.next;
        }
        Ok(found)
    }

    /// The number from which on messages were emitted at this moment or later
    /// (milliseconds since 1970), found by halving.
    pub async fn first_since(&self, tenant: &Tenant, at: i64) -> Result<i64> {
        let (mut low, mut high) = (1, self.last_number(tenant).await? + 1);
        while low < high {
            let middle = low + (high - low) / 2;
            let page = self.page(tenant, middle, high, 1).await?;
            match page.messages.first() {
                // Where a whole partition holds nothing, everything has expired.
                None => low = page.next,
                Some(message) if message.at < at - SKEW => low = message.seq + 1,
                Some(_) => high = middle,
            }
        }
        Ok(high)
    }
}
