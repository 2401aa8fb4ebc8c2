//! Use case: make a key. It is shown in the answer and never again.

use serde::Deserialize;
use serde_json::json;
use shared::error::{Error, Result};
use shared::ids;
use shared::table::{Cond, Item, Read, Write, Written};
use shared::tenant::Tenant;
use shared::web::{Caller, Permissions, moment, to_the_second};
use utoipa::ToSchema;

use super::Keys;
use super::model::{KeyRecord, admins_key};
use crate::access::ApiKey;
use crate::access::permission::{Role, narrowed};

/// The longest name and description, in characters.
const NAME: usize = 100;
const DESCRIPTION: usize = 500;
/// The greatest limit of requests a minute.
const MOST_REQUESTS: u32 = 1_000_000;

/// What an admin says of a new key.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewKey {
    /// What it is called, 1 to 100 characters.
    #[schema(min_length = 1, max_length = 100, example = "reports")]
    pub name: String,
    /// What it is for, at most 500 characters.
    #[schema(max_length = 500)]
    pub description: Option<String>,
    /// `admin` or `user`; `user` when not given.
    pub role: Option<Role>,
    /// The only permissions of the role that it has; all of them when not given.
    #[schema(min_items = 1)]
    pub permissions: Option<Vec<String>>,
    /// From when on it is not valid: RFC 3339, or a date (UTC). Never, when not given.
    #[schema(example = "2030-12-31")]
    pub expires_at: Option<String>,
    /// Whether it can be used at once; yes when not given.
    pub is_active: Option<bool>,
    /// Requests a minute; what the installation grants everybody, when not given.
    #[schema(minimum = 1, maximum = 1_000_000)]
    pub rate_limit_per_minute: Option<u32>,
}

impl Keys {
    /// Makes a key.
    ///
    /// # Errors
    /// `Invalid`, naming the member; `Forbidden` when it may do more than its maker.
    pub(super) async fn issue(&self, by: &Caller, new: NewKey) -> Result<(KeyRecord, ApiKey)> {
        let now = self.clock.now_ms();
        let (key, role) = (ApiKey::generate(), new.role.unwrap_or(Role::User));
        let whole = role.permissions(&by.tenant, &self.operator);
        let permissions = match &new.permissions {
            None => whole,
            Some(names) if names.is_empty() => {
                return Err(Error::invalid("permissions", "must name one at least"));
            }
            Some(names) => narrowed(&whole, names, "permissions")?,
        };
        by.must_hold(&permissions)?;
        let number = self.numbers.next(&by.tenant).await?;
        let record = KeyRecord {
            name: text("name", 1, NAME, new.name)?,
            description: new
                .description
                .map(|d| text("description", 0, DESCRIPTION, d))
                .transpose()?,
            permissions: new.permissions.map(|_| named(&permissions)),
            rate_limit: new.rate_limit_per_minute.map(rate_limit).transpose()?,
            until: new.expires_at.map(|text| in_future(&text, now)).transpose()?,
            is_active: new.is_active.unwrap_or(true),
            ..KeyRecord::new(&by.tenant, number, role, now, key.id.clone())
        };
        self.store(by, &record, &key).await?;
        Ok((record, key))
    }

    /// The writes of a new admin key that does not expire, as an operator makes it.
    pub(in crate::access) async fn admin_key(
        &self,
        by: &Caller,
        key: &ApiKey,
    ) -> Result<Vec<Write>> {
        let number = self.numbers.next(&by.tenant).await?;
        let record = KeyRecord {
            name: "Initial admin key".to_owned(),
            ..KeyRecord::new(&by.tenant, number, Role::Admin, self.clock.now_ms(), key.id.clone())
        };
        let mut writes = self.creation(&record, by, key)?;
        writes.push(self.created(by, &record, key)?);
        writes.push(self.count_admin(&by.tenant, true));
        Ok(writes)
    }

    /// Whether the tenant ever had an admin key.
    pub(in crate::access) async fn has_admin(&self, tenant: &Tenant) -> Result<bool> {
        let counted: Option<serde_json::Value> =
            self.control.get(&admins_key(tenant), Read::Consistent).await?;
        Ok(counted.is_some())
    }

    async fn store(&self, by: &Caller, record: &KeyRecord, key: &ApiKey) -> Result<()> {
        let counted = record.is_lasting_admin() && record.is_active;
        let mut writes = self.creation(record, by, key)?;
        writes.push(self.created(by, record, key)?);
        if counted {
            writes.push(self.count_admin(&by.tenant, true));
        }
        match self.control.transact(&ids::time_ordered(), writes).await? {
            Written::Done => Ok(()),
            Written::Refused(_) => Err(Error::bug("a key's number or id was given twice")),
        }
    }

    fn creation(&self, record: &KeyRecord, by: &Caller, key: &ApiKey) -> Result<Vec<Write>> {
        Ok(vec![
            self.control.put(Item::of(record)?, Some(Cond::Absent("pk"))),
            record.credential(&by.tenant, key.digest()).create(&self.control)?,
        ])
    }

    /// The entry that tells of it.
    fn created(&self, by: &Caller, record: &KeyRecord, key: &ApiKey) -> Result<Write> {
        let details = json!({
            "name": record.name,
            "role": record.role,
            "permissions": record.permissions,
            "expires_at": record.until.map(to_the_second),
            "rate_limit_per_minute": record.rate_limit,
            "prefix": key.prefix(),
        });
        self.trail.entry(by, "api-key.create", format!("api-key:{}", record.id), &details)
    }
}

/// A text of so many characters, without blanks around it.
fn text(field: &str, least: usize, most: usize, text: String) -> Result<String> {
    let trimmed = text.trim();
    let length = trimmed.chars().count();
    if (least..=most).contains(&length) && !trimmed.chars().any(char::is_control) {
        return Ok(trimmed.to_owned());
    }
    let message =
        format!("must have {least} to {most} characters, none of them a control character");
    Err(Error::invalid(field, message))
}

/// Each of them once, however often it was given.
fn named(permissions: &Permissions) -> Vec<String> {
    let mut named: Vec<String> = Vec::new();
    for name in permissions.names() {
        if !named.iter().any(|known| known == name) {
            named.push(name.to_owned());
        }
    }
    named
}

fn rate_limit(limit: u32) -> Result<u32> {
    if (1..=MOST_REQUESTS).contains(&limit) {
        return Ok(limit);
    }
    let message = format!("must be between 1 and {MOST_REQUESTS}");
    Err(Error::invalid("rate_limit_per_minute", message))
}

fn in_future(text: &str, now: i64) -> Result<i64> {
    let until = moment("expires_at", text)?.as_millisecond();
    if until <= now {
        return Err(Error::invalid("expires_at", "must be in the future"));
    }
    Ok(until)
}
