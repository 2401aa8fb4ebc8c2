//! Use case: read again what was missed. Messages are read by their numbers, and the
//! answer says up to which number nothing is to come any more.

use shared::clock::Clock;
use shared::env::Env;
use shared::error::Result;
use shared::tenant::Tenant;

use crate::messages::{Log, Message};

/// The most of messages' data in one answer, in bytes; a message more is let in.
const MOST_BYTES: usize = 1024 * 1024;
/// How many pages one answer looks through.
const MOST_PAGES: usize = 100;
/// Messages that are read at a time.
const PAGE: i32 = 100;
/// How long a number that was taken may still become a message, in milliseconds: longer
/// than any function runs.
const OPEN_MS: i64 = 60_000;

/// The use case. Cheap to clone.
#[derive(Clone)]
pub struct History {
    log: Log,
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
        Ok(Self { log: Log::load(env)?, clock: env.clock() })
    }

    /// The tenant's last number; 0 before the first.
    pub(super) async fn last(&self, tenant: &Tenant) -> Result<i64> {
        self.log.last_number(tenant).await
    }

    /// The messages behind a number that `sees` is true of, at most `limit`.
    pub(super) async fn after(
        &self,
        tenant: &Tenant,
        after: i64,
        limit: usize,
        sees: impl Fn(&Message) -> bool,
    ) -> Result<Stretch> {
        let newest = self.log.last_number(tenant).await?;
        let at = after.clamp(0, newest);
        let mut reader = Reader { at, open: None, found: Vec::new(), bytes: 0, limit };
        let young = self.clock.now_ms() - OPEN_MS;
        let mut from = at + 1;
        for _ in 0..MOST_PAGES {
            if from > newest {
                // What is behind the last message may still be under way.
                return Ok(reader.stretch());
            }
            let page = self.log.page(tenant, from, newest + 1, PAGE).await?;
            for message in page.messages {
                if !reader.take(message, young, &sees) {
                    return Ok(reader.stretch());
                }
            }
            from = page.next;
        }
        if from <= newest {
            // So many numbers of which none is known are not all under way.
            reader.at = from - 1;
        }
        Ok(reader.stretch())
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
