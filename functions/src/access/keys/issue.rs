//! Use case: make a key. It is shown in the answer and never again.

use serde::Deserialize;
use serde_json::json;
use shared::error::{Error, Result};
use shared::table::{Cond, Item, Read};
use shared::tenant::Tenant;
use shared::web::{Caller, Permissions, moment};
use utoipa::ToSchema;

use super::Keys;
use super::model::{KeyRecord, admins_key};
use super::store::Change;
use crate::access::ApiKey;
use crate::access::permission::{Role, narrowed};

/// The longest name and description, in characters.
const NAME: usize = 100;
const DESCRIPTION: usize = 500;

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
    #[schema(minimum = 1)]
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
            rate_limit: new.rate_limit_per_minute.map(at_least_one).transpose()?,
            until: new.expires_at.map(|text| in_future(&text, now)).transpose()?,
            is_active: new.is_active.unwrap_or(true),
            ..KeyRecord::new(&by.tenant, number, role, now, key.id.clone())
        };
        self.store(by, &record, &key).await?;
        Ok((record, key))
    }

    /// A tenant's first key, which is an admin's and does not expire.
    pub(in crate::access) async fn issue_first(&self, by: &Caller, key: &ApiKey) -> Result<()> {
        let number = self.numbers.next(&by.tenant).await?;
        let record = KeyRecord {
            name: "Initial admin key".to_owned(),
            ..KeyRecord::new(&by.tenant, number, Role::Admin, self.clock.now_ms(), key.id.clone())
        };
        self.store(by, &record, key).await
    }

    /// Whether the tenant ever had an admin key.
    pub(in crate::access) async fn has_admin(&self, tenant: &Tenant) -> Result<bool> {
        let counted: Option<serde_json::Value> =
            self.control.get(&admins_key(tenant), Read::Consistent).await?;
        Ok(counted.is_some())
    }

    async fn store(&self, by: &Caller, record: &KeyRecord, key: &ApiKey) -> Result<()> {
        let credential = record.credential(&by.tenant, key.digest());
        let writes = vec![
            self.control.put(Item::of(record)?, Some(Cond::Absent("pk"))),
            credential.create(&self.control)?,
        ];
        let counted = record.is_lasting_admin() && record.is_active;
        let change = Change { writes, lasting_admins: counted.then_some(true) };
        let details = json!({ "name": record.name, "role": record.role, "prefix": key.prefix() });
        match self.change(by, "api-key.create", record, &details, change).await? {
            true => Ok(()),
            false => Err(Error::bug("a key's number or id was given twice")),
        }
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

fn at_least_one(limit: u32) -> Result<u32> {
    if limit == 0 {
        return Err(Error::invalid("rate_limit_per_minute", "must be at least 1"));
    }
    Ok(limit)
}

fn in_future(text: &str, now: i64) -> Result<i64> {
    let until = moment("expires_at", text)?.as_millisecond();
    if until <= now {
        return Err(Error::invalid("expires_at", "must be in the future"));
    }
    Ok(until)
}
