//! Use case: read again what was missed. Messages are read by their numbers, and the
//! answer says up to which number nothing is to come any more.

use shared::clock::Clock;
use shared::env::Env;
use shared::error::Result;
use shared::sequence::Sequence;
use shared::table::{Query, Range, Table};
use shared::tenant::Tenant;

use crate::messages::{Message, TOGETHER, message_key};

/// The most of messages' data in one answer, in bytes; a message more is let in.
const MOST_BYTES: usize = 1024 * 1024;
/// How many partitions one answer looks through.
const MOST_PARTITIONS: usize = 20;
/// Messages that are read at a time.
const PAGE: i32 = 100;
/// How long a number that was taken may still become a message, in milliseconds: longer
/// than any function runs.
const OPEN_MS: i64 = 60_000;

/// The use case. Cheap to clone.
#[derive(Clone)]
pub struct History {
    messages: Table,
    numbers: Sequence,
    clock: Clock,
}

/// Messages in order, and the number up to which these are all there will be.
pub(super) struct Stretch {
    pub messages: Vec<Message>,
    pub last: i64,
}

/// How far a reader has come.
struct Reader {
    /// The last number that was looked at.
    at: i64,
    /// The last number before the first that may still become a message.
    open: Option<i64>,
    found: Vec<Message>,
    bytes: usize,
    limit: usize,
}

impl History {
    /// Needs the tables `messages` and `control`.
    pub fn load(env: &Env) -> Result<Self> {
        Ok(Self {
            messages: env.table("MESSAGES_TABLE")?,
            numbers: Sequence::new(env.table("CONTROL_TABLE")?, "message"),
            clock: env.clock(),
        })
    }

    /// The tenant's last number; 0 before the first.
    pub(super) async fn last(&self, tenant: &Tenant) -> Result<i64> {
        self.numbers.last(tenant).await
    }

    /// The messages behind a number that `sees` is true of, at most `limit`.
    pub(super) async fn after(
        &self,
        tenant: &Tenant,
        after: i64,
        limit: usize,
        sees: impl Fn(&Message) -> bool,
    ) -> Result<Stretch> {
        let newest = self.numbers.last(tenant).await?;
        let at = after.clamp(0, newest);
        let mut reader = Reader { at, open: None, found: Vec::new(), bytes: 0, limit };
        let young = self.clock.now_ms() - OPEN_MS;
        let mut from = at + 1;
        for _ in 0..MOST_PARTITIONS {
            if from > newest {
                // What is behind the last message may still be under way.
                return Ok(reader.stretch());
            }
            let end = (from / TOGETHER * TOGETHER + TOGETHER - 1).min(newest);
            if !self.partition(tenant, (from, end), &mut reader, young, &sees).await? {
                return Ok(reader.stretch());
            }
            from = end + 1;
        }
        // So many numbers of which none is known are not all under way.
        reader.at = from - 1;
        Ok(reader.stretch())
    }

    /// Reads from one number to another of the same partition; whether there is room for
    /// more.
    async fn partition(
        &self,
        tenant: &Tenant,
        (from, end): (i64, i64),
        reader: &mut Reader,
        young: i64,
        sees: &impl Fn(&Message) -> bool,
    ) -> Result<bool> {
        let (from, to) = (message_key(tenant, from), message_key(tenant, end));
        let range = Range::Between(from.sk.into(), to.sk.into());
        let mut query = Query::partition(&to.pk).range("sk", range).limit(PAGE);
        loop {
            let page = self.messages.query::<Message>(query.clone()).await?;
            for message in page.items {
                if !reader.take(message, young, sees) {
                    return Ok(false);
                }
            }
            match page.next {
                Some(next) => query = query.after(Some(next)),
                None => return Ok(true),
            }
        }
    }
}

impl Reader {
    /// Goes on to the next message; false when there is no room for it.
    fn take(&mut self, message: Message, young: i64, sees: impl Fn(&Message) -> bool) -> bool {
        if self.found.len() == self.limit || self.bytes > MOST_BYTES {
            return false;
        }
        if message.seq > self.at + 1 && message.at > young {
            self.open.get_or_insert(self.at);
        }
        self.at = message.seq;
        if sees(&message) {
            self.bytes += message.data.len();
            self.found.push(message);
        }
        true
    }

    fn stretch(self) -> Stretch {
        Stretch { messages: self.found, last: self.open.unwrap_or(self.at) }
    }
}
