//! Which notices a message becomes, and what is written of them with it.

use std::sync::Arc;

use serde_json::Value as Json;
use shared::clock::Clock;
use shared::env::Env;
use shared::error::Result;
use shared::ids;
use shared::jobs::{Job, Policy};
use shared::queue::{Hint, Queue};
use shared::table::{Cond, Item, Read, Table, Write};
use shared::tenant::Tenant;

use super::digest::{digest_id, member};
use super::notice::{Notice, What, notice_key};
use crate::messages::catalogue::EventType;
use crate::messages::{Message, Severity, Subscriber};
use crate::notifications::client::Reached;
use crate::notifications::lane::policy;
use crate::notifications::{Rule, Target};

/// Plans notices. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Planner {
    pub(super) messages: Table,
    pub(super) queue: Arc<dyn Queue>,
    policy: Policy,
    clock: Clock,
}

/// A notice that a message becomes.
pub(crate) struct Planned {
    rule_id: String,
    target_id: String,
    event_type: String,
    severity: Severity,
    held_until: Option<i64>,
}

impl Planner {
    /// Needs the table `messages` and the queue of notices.
    pub fn load(env: &Env) -> Result<Self> {
        Ok(Self {
            messages: env.table("MESSAGES_TABLE")?,
            queue: env.queue("NOTICES_QUEUE_URL")?,
            policy: policy(env)?,
            clock: env.clock(),
        })
    }

    /// The queue that hints at notices go to.
    pub fn queue(&self) -> &Arc<dyn Queue> {
        &self.queue
    }

    /// The notices that a message becomes among those who listen: one a target, of the
    /// rule that asks for the most severe, the oldest of those. A target is not told of
    /// itself.
    pub fn plan(&self, listening: &[Subscriber], kind: EventType, data: &Json) -> Vec<Planned> {
        let mut rules: Vec<&Rule> = listening.iter().filter_map(rule).collect();
        rules.retain(|rule| rule.wants(kind, data));
        rules.sort_by_key(|rule| (std::cmp::Reverse(rule.severity), rule.created_at, &rule.id));
        let (now, severity) = (self.clock.now_ms(), kind.severity(data));
        let targets = listening.iter().filter_map(target).filter(|target| {
            let is_itself = kind.category() == "notification" && data["target_id"] == *target.id;
            target.is_active && !is_itself
        });
        let planned = targets.filter_map(|target| {
            let rule = rules.iter().find(|rule| rule.target_ids.contains(&target.id))?;
            Some(Planned {
                rule_id: rule.id.clone(),
                target_id: target.id.clone(),
                event_type: kind.0.to_owned(),
                severity,
                held_until: rule.holds(now, severity),
            })
        });
        planned.collect()
    }

    /// The writes of a message's notices, and hints at those that go out at once.
    pub async fn writes(
        &self,
        tenant: &Tenant,
        message: &Message,
        planned: Vec<Planned>,
    ) -> Result<(Vec<Write>, Vec<Hint>)> {
        let (mut writes, mut hints) = (Vec::new(), Vec::new());
        for planned in planned {
            let held = match planned.held_until {
                Some(until) => self.digest(tenant, &planned, until).await?,
                None => None,
            };
            let row = if let Some(digest) = held {
                Item::of(&member(tenant, &digest, message, planned.severity))?
            } else {
                let id = format!("{}.{}", message.id, planned.target_id);
                let what = What::Message { rule_id: planned.rule_id.clone(), seq: message.seq };
                let notice = self.notice(tenant, &id, &planned, what, message.at);
                hints.push(Hint::at(notice_key(tenant, &id)));
                Item::of(&notice)?
            };
            writes.push(self.messages.put(row, Some(Cond::Absent("pk"))));
        }
        Ok((writes, hints))
    }

    /// The digest that a notice is held back for, made if it is not there. It is written
    /// at once, so that it costs the change no write and collides with nobody's: one whose
    /// members never came about ends unseen. None when it went out already.
    async fn digest(
        &self,
        tenant: &Tenant,
        planned: &Planned,
        until: i64,
    ) -> Result<Option<String>> {
        let id = digest_id(&planned.rule_id, &planned.target_id, until);
        let key = notice_key(tenant, &id);
        let there: Option<Notice> = self.messages.get(&key, Read::Consistent).await?;
        if let Some(there) = there {
            return Ok((there.job.open() && there.job.attempt == 0).then_some(id));
        }
        let what = What::Digest { rule_id: planned.rule_id.clone(), until };
        let mut notice = self.notice(tenant, &id, planned, what, self.clock.now_ms());
        notice.job = notice.job.not_before(until);
        let put = self.messages.put(Item::of(&notice)?, Some(Cond::Absent("pk")));
        // Refused when somebody else just made it.
        self.messages.transact(&ids::time_ordered(), vec![put]).await?;
        Ok(Some(id))
    }

    fn notice(&self, tenant: &Tenant, id: &str, planned: &Planned, what: What, at: i64) -> Notice {
        let (target, of) = (&planned.target_id, &planned.event_type);
        self.fresh(tenant, id, (target, of, planned.severity), what, at)
    }

    /// A notice that was never tried.
    pub(super) fn fresh(
        &self,
        tenant: &Tenant,
        id: &str,
        (target, of, severity): (&str, &str, Severity),
        what: What,
        at: i64,
    ) -> Notice {
        let key = notice_key(tenant, id);
        Notice {
            pk: key.pk,
            sk: key.sk,
            target_id: target.to_owned(),
            event_type: of.to_owned(),
            severity,
            created_at: at,
            what,
            tries: Vec::new(),
            empty: false,
            reached: Reached::default(),
            turn: None,
            sent_at: None,
            expires_at: None,
            job: Job::fresh(self.clock.now_ms(), at, &self.policy),
        }
    }
}

fn rule(subscriber: &Subscriber) -> Option<&Rule> {
    match subscriber {
        Subscriber::Rule(rule) => Some(rule),
        _ => None,
    }
}

fn target(subscriber: &Subscriber) -> Option<&Target> {
    match subscriber {
        Subscriber::Target(target) => Some(target),
        _ => None,
    }
}
