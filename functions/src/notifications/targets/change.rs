//! Use cases: register a target, change it or its address, enable it again, remove it.

use serde_json::json;
use shared::error::{Error, Kind as Failing, Result};
use shared::table::{Cond, Item, Key, Query, Range};
use shared::tenant::Tenant;
use shared::vault::SecretString;
use shared::web::Caller;
use uuid::Uuid;

use super::target::{SORTED, Target, target_key};
use super::{Kind, NewTarget, TargetFields};
use crate::messages::{TOO_MANY, one_less, one_more, partition};
use crate::notifications::store::{INTERFERED, Notifications, breaker_name};

impl Notifications {
    /// All targets of a tenant, the newest first.
    pub(in crate::notifications) async fn targets(&self, tenant: &Tenant) -> Result<Vec<Target>> {
        let range = Range::Between(SORTED.into(), format!("{SORTED}~").into());
        let query = Query::partition(&partition(tenant)).range("sk", range);
        let mut found: Vec<Target> = self.messages.query_all(query).await?;
        found.sort_by(|a, b| (b.created_at, &b.id).cmp(&(a.created_at, &a.id)));
        Ok(found)
    }

    /// One target.
    ///
    /// # Errors
    /// `NotFound`, also for what cannot be an id.
    pub(in crate::notifications) async fn target(
        &self,
        tenant: &Tenant,
        id: &str,
    ) -> Result<Target> {
        let found = self.of_id(id, |id| target_key(tenant, id)).await?;
        found.ok_or_else(|| Error::not_found("Notification target not found"))
    }

    /// Registers a target.
    ///
    /// # Errors
    /// `Invalid`, naming the member; `Conflict` when mail is not configured or there are as
    /// many as there may be.
    pub(in crate::notifications) async fn register(
        &self,
        by: &Caller,
        new: NewTarget,
    ) -> Result<Target> {
        let wanted = new.fields()?;
        let kind = wanted.kind.ok_or_else(|| Error::invalid("kind", "is required"))?;
        if kind == Kind::Email && !self.sends_mail {
            let told = "E-mail is not configured in this installation";
            return Err(Error::new(Failing::Conflict, told).field("kind", "cannot be used here"));
        }
        let mut target = wanted.applied_to(&self.blank(by, kind), &self.reachable).await?;
        target.secret = self.kept(by, &wanted).await?;
        let writes = vec![
            self.messages.put(Item::of(&target)?, Some(Cond::Absent("pk"))),
            one_more(&self.messages, &by.tenant),
        ];
        let details = json!({ "name": target.name, "kind": target.kind });
        let subject = subject(&target);
        let done = self.change(by, "target.create", subject, &details, writes, TOO_MANY).await;
        self.discard_if_refused(by, &done, target.secret.as_deref()).await;
        done.map(|()| target)
    }

    /// Changes a target. What failed before stays as it is.
    ///
    /// # Errors
    /// `NotFound`; `Invalid`, naming the member; `Conflict` when somebody else changed it
    /// at the same moment.
    pub(in crate::notifications) async fn update_target(
        &self,
        by: &Caller,
        id: &str,
        wanted: TargetFields,
    ) -> Result<Target> {
        let old = self.target(&by.tenant, id).await?;
        let mut new = wanted.applied_to(&old, &self.reachable).await?;
        if wanted.url.is_some() {
            new.secret = self.kept(by, &wanted).await?;
        }
        self.replace_target(by, "target.update", &old, new).await
    }

    /// Makes a target active again.
    ///
    /// # Errors
    /// As [`Notifications::update_target`].
    pub(in crate::notifications) async fn enable(&self, by: &Caller, id: &str) -> Result<Target> {
        let old = self.target(&by.tenant, id).await?;
        let new = Target { is_active: true, ..old.clone() };
        self.replace_target(by, "target.enable", &old, new).await
    }

    /// Removes a target. What is still on its way there ends as failed, and rules that name
    /// it pass over it.
    ///
    /// # Errors
    /// `NotFound`; `Conflict` when somebody else changed it at the same moment.
    pub(in crate::notifications) async fn remove_target(
        &self,
        by: &Caller,
        id: &str,
    ) -> Result<()> {
        let old = self.target(&by.tenant, id).await?;
        let as_read = Cond::Eq("version", old.version.into());
        let delete = self.messages.delete(old.key(), Some(as_read));
        let writes = vec![delete, one_less(&self.messages, &by.tenant)];
        let details = json!({ "name": old.name });
        self.change(by, "target.delete", subject(&old), &details, writes, INTERFERED).await?;
        if let Some(secret) = &old.secret {
            self.vault.discard(&by.tenant, secret).await;
        }
        Ok(())
    }

    /// Writes a changed target; of the two addresses the unused one is forgotten.
    async fn replace_target(
        &self,
        by: &Caller,
        action: &str,
        old: &Target,
        new: Target,
    ) -> Result<Target> {
        let new = Target {
            disabled: new.disabled.filter(|_| !new.is_active),
            version: old.version + 1,
            updated_at: self.clock.now_ms(),
            ..new
        };
        let as_read = Cond::Eq("version", old.version.into());
        let put = self.messages.put(Item::of(&new)?, Some(as_read));
        // What failed as it was says nothing of what it is.
        let reset = self.breakers.reset(&by.tenant, &breaker_name(&old.id));
        let details = json!({ "name": new.name, "is_active": new.is_active });
        let writes = vec![put, reset];
        let done = self.change(by, action, subject(old), &details, writes, INTERFERED).await;
        if old.secret != new.secret {
            match (&done, &old.secret) {
                (Ok(()), Some(unused)) => self.vault.discard(&by.tenant, unused).await,
                _ => self.discard_if_refused(by, &done, new.secret.as_deref()).await,
            }
        }
        done.map(|()| new)
    }

    /// Keeps an address that is given, and answers under which name.
    async fn kept(&self, by: &Caller, wanted: &TargetFields) -> Result<Option<String>> {
        let Some(url) = &wanted.url else { return Ok(None) };
        let url: &SecretString = url;
        self.vault.keep_anew(&by.tenant, "notifications", url).await.map(Some)
    }

    /// Removes the address of a target that was surely not written.
    async fn discard_if_refused(&self, by: &Caller, done: &Result<()>, secret: Option<&str>) {
        let refused = done.as_ref().is_err_and(|error| !error.leaves_it_open());
        if let Some(secret) = secret.filter(|_| refused) {
            self.vault.discard(&by.tenant, secret).await;
        }
    }

    /// A target as it is when nothing was said of it.
    fn blank(&self, by: &Caller, kind: Kind) -> Target {
        let (id, now) = (Uuid::new_v4().to_string(), self.clock.now_ms());
        let Key { pk, sk } = target_key(&by.tenant, &id);
        Target {
            pk,
            sk,
            id,
            name: String::new(),
            kind,
            shown: String::new(),
            secret: None,
            recipients: Vec::new(),
            is_active: true,
            disabled: None,
            created_at: now,
            updated_at: now,
            version: 1,
        }
    }
}

fn subject(target: &Target) -> String {
    format!("target:{}", target.id)
}
