//! Use case: notify. Other domains have a target told of something in words of their
//! own; the notice is written with whatever it tells of.

use std::sync::Arc;

use shared::env::Env;
use shared::error::{Error, Result};
use shared::ids;
use shared::queue::{Hint, Queue, Unsent};
use shared::table::{Cond, Item, Read, Write};
use shared::tenant::Tenant;

use super::notice::{Notice, What, notice_key};
use super::planner::Planner;
use crate::messages::Severity;
use crate::notifications::Target;
use crate::notifications::content::in_one_line;
use crate::notifications::targets::target_key;
use crate::notifications::template::LONGEST_TEXT;

/// The use case. Cheap to clone.
#[derive(Clone)]
pub struct Notifier(Planner);

/// Something that a target is to be told of.
#[derive(Clone, Debug)]
pub struct Note<'a> {
    /// What tells of it, for lists of notices: `pega.effect`, for example.
    pub source: &'a str,
    /// How much it matters.
    pub severity: Severity,
    /// Its subject; line ends become spaces, and what is over 200 characters is cut.
    pub subject: &'a str,
    /// Its text; what is over 20 KiB is cut.
    pub text: &'a str,
    /// Whom to tell.
    pub target_id: &'a str,
    /// What it is known by: the same is not told to the same target twice.
    pub dedup_key: &'a str,
    /// When that happened, milliseconds since 1970; for one `dedup_key` always the same.
    pub at: i64,
}

/// A notice that is to be written with what it tells of.
#[must_use]
pub struct Prepared {
    writes: Vec<Write>,
    hints: Vec<Hint>,
    queue: Arc<dyn Queue>,
}

impl Prepared {
    /// Its writes, to be made with the change; none when it was written before. One is
    /// refused only by somebody who tells of the same at the same moment.
    pub fn take_writes(&mut self) -> Vec<Write> {
        std::mem::take(&mut self.writes)
    }

    /// Its hint, for somebody else to send when its writes are made.
    pub fn unsent(self) -> Unsent {
        let mut unsent = Unsent::default();
        unsent.add(&self.queue, self.hints);
        unsent
    }

    /// Sends its hint. One that is lost is made good by the sweeper.
    pub async fn announce(self) {
        self.unsent().send().await;
    }
}

impl Notifier {
    /// Needs the table `messages` and the queue of notices.
    pub fn load(env: &Env) -> Result<Self> {
        Planner::load(env).map(Self)
    }

    /// That a target is there and active.
    ///
    /// # Errors
    /// `Invalid`, naming `target_id`, when there is no such target or it is disabled.
    pub async fn check(&self, tenant: &Tenant, target_id: &str) -> Result<()> {
        let known = match target_id.len() {
            0..=64 => {
                let key = target_key(tenant, target_id);
                self.0.messages.get::<Target>(&key, Read::Consistent).await?
            }
            _ => None,
        };
        match known {
            None => Err(Error::invalid("target_id", "names no target of notifications")),
            Some(target) if !target.is_active => {
                Err(Error::invalid("target_id", "names a target that is disabled"))
            }
            Some(_) => Ok(()),
        }
    }

    /// A notice of this to its target.
    ///
    /// # Errors
    /// As [`Notifier::check`].
    pub async fn prepare(&self, tenant: &Tenant, note: &Note<'_>) -> Result<Prepared> {
        self.check(tenant, note.target_id).await?;
        let whose = ids::derived(&format!("{}|{}", note.dedup_key, note.target_id));
        let id = format!("{}.{whose}", ids::first_of_moment(note.at));
        let there: Option<Notice> =
            self.0.messages.get(&notice_key(tenant, &id), Read::Consistent).await?;
        if there.is_some() {
            return Ok(Prepared {
                writes: Vec::new(),
                hints: Vec::new(),
                queue: self.0.queue.clone(),
            });
        }
        let text = &note.text[..note.text.floor_char_boundary(LONGEST_TEXT)];
        let what = What::Words { subject: in_one_line(note.subject), text: text.to_owned() };
        self.written(tenant, &id, (note.target_id, note.source, note.severity), what, note.at)
    }

    /// A notice that tries a target out, and its id.
    pub(in crate::notifications) fn test(
        &self,
        tenant: &Tenant,
        target: &str,
        now: i64,
    ) -> Result<(Prepared, String)> {
        let id = format!("{}.{target}", ids::time_ordered_at(now, 0));
        let of = (target, "notification.test", Severity::Info);
        Ok((self.written(tenant, &id, of, What::Test, now)?, id))
    }

    fn written(
        &self,
        tenant: &Tenant,
        id: &str,
        of: (&str, &str, Severity),
        what: What,
        at: i64,
    ) -> Result<Prepared> {
        let notice = self.0.fresh(tenant, id, of, what, at);
        let put = self.0.messages.put(Item::of(&notice)?, Some(Cond::Absent("pk")));
        let hints = vec![Hint::at(notice_key(tenant, id))];
        Ok(Prepared { writes: vec![put], hints, queue: self.0.queue.clone() })
    }
}
