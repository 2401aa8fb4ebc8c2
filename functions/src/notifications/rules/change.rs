//! Use cases: make a rule, change it, remove it.

use serde_json::json;
use shared::error::{Error, Result};
use shared::table::{Cond, Item, Key, Query, Range, Update};
use shared::tenant::Tenant;
use shared::web::Caller;
use uuid::Uuid;

use super::rule::{Rule, SORTED, rule_key};
use super::{NewRule, RuleFields, Words, try_out};
use crate::messages::{Severity, partition};
use crate::notifications::store::{INTERFERED, Notifications};

/// Rules of one tenant at most: all of them are looked at for every message.
const MOST: i64 = 20;
/// What is said to somebody who wants more of them.
const TOO_MANY: &str = "There are 20 rules, which is as many as there may be";

impl Notifications {
    /// All rules of a tenant, the newest first.
    pub(in crate::notifications) async fn rules(&self, tenant: &Tenant) -> Result<Vec<Rule>> {
        let range = Range::Between(SORTED.into(), format!("{SORTED}~").into());
        let query = Query::partition(&partition(tenant)).range("sk", range);
        let mut found: Vec<Rule> = self.messages.query_all(query).await?;
        found.sort_by(|a, b| (b.created_at, &b.id).cmp(&(a.created_at, &a.id)));
        Ok(found)
    }

    /// One rule.
    ///
    /// # Errors
    /// `NotFound`, also for what cannot be an id.
    pub(in crate::notifications) async fn rule(&self, tenant: &Tenant, id: &str) -> Result<Rule> {
        let found = self.of_id(id, |id| rule_key(tenant, id)).await?;
        found.ok_or_else(|| Error::not_found("Notification rule not found"))
    }

    /// Makes a rule.
    ///
    /// # Errors
    /// `Invalid`, naming the member; `Conflict` when there are as many as there may be.
    pub(in crate::notifications) async fn make_rule(
        &self,
        by: &Caller,
        new: NewRule,
    ) -> Result<Rule> {
        let rule = new.fields()?.applied_to(&self.blank_rule(by))?;
        try_out(&rule, &by.tenant)?;
        self.must_have_targets(&by.tenant, &rule).await?;
        let room = Cond::Any(vec![Cond::Absent("n"), Cond::Lt("n", MOST.into())]);
        let writes = vec![
            self.messages.put(Item::of(&rule)?, Some(Cond::Absent("pk"))),
            self.messages.change(Update::of(count_key(&by.tenant)).add("n", 1).when(room)),
        ];
        let details = json!({ "name": rule.name, "event_types": rule.event_types });
        self.change(by, "rule.create", subject(&rule), &details, writes, TOO_MANY).await?;
        Ok(rule)
    }

    /// Changes a rule. What is on its way stays so.
    ///
    /// # Errors
    /// `NotFound`; `Invalid`, naming the member; `Conflict` when somebody else changed it
    /// at the same moment.
    pub(in crate::notifications) async fn update_rule(
        &self,
        by: &Caller,
        id: &str,
        wanted: RuleFields,
    ) -> Result<Rule> {
        let old = self.rule(&by.tenant, id).await?;
        let new = wanted.applied_to(&old)?;
        if wanted.template.is_some() || wanted.event_types.is_some() {
            try_out(&new, &by.tenant)?;
        }
        if wanted.target_ids.is_some() {
            self.must_have_targets(&by.tenant, &new).await?;
        }
        let new = Rule { version: old.version + 1, updated_at: self.clock.now_ms(), ..new };
        let as_read = Cond::Eq("version", old.version.into());
        let writes = vec![self.messages.put(Item::of(&new)?, Some(as_read))];
        let details = json!({ "name": new.name, "is_active": new.is_active });
        self.change(by, "rule.update", subject(&old), &details, writes, INTERFERED).await?;
        Ok(new)
    }

    /// Removes a rule. What is on its way goes out all the same, in the usual words.
    ///
    /// # Errors
    /// `NotFound`; `Conflict` when somebody else changed it at the same moment.
    pub(in crate::notifications) async fn remove_rule(&self, by: &Caller, id: &str) -> Result<()> {
        let old = self.rule(&by.tenant, id).await?;
        let as_read = Cond::Eq("version", old.version.into());
        let one_less = Update::of(count_key(&by.tenant)).add("n", -1);
        let delete = self.messages.delete(old.key(), Some(as_read));
        let writes = vec![delete, self.messages.change(one_less)];
        let details = json!({ "name": old.name });
        self.change(by, "rule.delete", subject(&old), &details, writes, INTERFERED).await
    }

    async fn must_have_targets(&self, tenant: &Tenant, rule: &Rule) -> Result<()> {
        let there = self.targets(tenant).await?;
        let is_there = |id: &String| there.iter().any(|target| target.id == *id);
        match rule.target_ids.iter().position(|id| !is_there(id)) {
            Some(at) => Err(Error::invalid(
                &format!("target_ids[{at}]"),
                "names no target of notifications",
            )),
            None => Ok(()),
        }
    }

    /// A rule as it is when nothing was said of it.
    pub(super) fn blank_rule(&self, by: &Caller) -> Rule {
        let (id, now) = (Uuid::new_v4().to_string(), self.clock.now_ms());
        let Key { pk, sk } = rule_key(&by.tenant, &id);
        Rule {
            pk,
            sk,
            id,
            name: String::new(),
            event_types: Vec::new(),
            severity: Severity::Info,
            filter: None,
            target_ids: Vec::new(),
            quiet_hours: None,
            digest: None,
            template: Words::default(),
            is_active: true,
            created_at: now,
            updated_at: now,
            version: 1,
        }
    }
}

fn subject(rule: &Rule) -> String {
    format!("rule:{}", rule.id)
}

/// Where a tenant's rules are counted.
fn count_key(tenant: &Tenant) -> Key {
    Key::alone(tenant.pk("RULES", "COUNT"))
}
