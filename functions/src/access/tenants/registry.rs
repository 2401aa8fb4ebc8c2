//! Use cases: register a tenant with its first admin key, list tenants, suspend and
//! resume one.

use serde::Deserialize;
use serde_json::json;
use shared::audit::Trail;
use shared::clock::Clock;
use shared::env::Env;
use shared::error::{Error, Kind, Result};
use shared::ids;
use shared::table::{Cond, Item, Read, Table, Update, Value, Write, Written};
use shared::tenant::Tenant;
use shared::web::Caller;
use utoipa::ToSchema;

use super::model::{Registration, Registrations, Status, registration_key};
use crate::access::credential::{self, key_place};
use crate::access::keys::Keys;
use crate::access::{ApiKey, machine};

/// The longest name of a tenant, in characters.
const NAME: usize = 100;

/// The tenant whose admins administer the installation: the variable
/// `OPERATOR_TENANT`, or `default`.
pub fn operator(env: &Env) -> Result<Tenant> {
    Tenant::parse(env.optional("OPERATOR_TENANT").unwrap_or("default"))
}

/// The use cases.
#[derive(Clone)]
pub struct Tenants {
    control: Table,
    registered: Registrations,
    keys: Keys,
    trail: Trail,
    clock: Clock,
    operator: Tenant,
}

/// What the operator says of a new tenant.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTenant {
    /// Its id: 1 to 32 characters of `a-z`, `0-9` and `-`.
    #[schema(pattern = "^[a-z0-9-]{1,32}$", example = "acme")]
    pub id: String,
    /// What it is called, 1 to 100 characters; its id when not given.
    #[schema(min_length = 1, max_length = 100)]
    pub name: Option<String>,
}

impl Tenants {
    /// Needs the tables `control` and `audit`.
    pub fn load(env: &Env) -> Result<Self> {
        let control = env.table("CONTROL_TABLE")?;
        Ok(Self {
            registered: Registrations(control.clone()),
            control,
            keys: Keys::load(env)?,
            trail: Trail::load(env)?,
            clock: env.clock(),
            operator: operator(env)?,
        })
    }

    /// Registers a tenant, and makes its first admin key.
    ///
    /// # Errors
    /// `Invalid`, naming the member; `Conflict` when the id is taken.
    pub(super) async fn register(
        &self,
        by: &Caller,
        new: NewTenant,
    ) -> Result<(Registration, ApiKey)> {
        let tenant = Tenant::parse(&new.id)
            .map_err(|_| Error::invalid("id", "must be 1 to 32 characters of a-z, 0-9 and -"))?;
        let name = new.name.unwrap_or_else(|| new.id.clone()).trim().to_owned();
        if !(1..=NAME).contains(&name.chars().count()) || name.chars().any(char::is_control) {
            return Err(Error::invalid("name", "must have 1 to 100 characters"));
        }
        let registration = Registration::new(&tenant, name, self.clock.now_ms());
        let key = ApiKey::generate();
        // In its own trail the tenant is told that an operator did it; who, is told in
        // the operator's.
        let operator = Caller { corr: by.corr.clone(), ..machine::caller(&tenant, &self.operator) };
        let mut writes = self.registration(by, &registration)?;
        writes.extend(self.keys.admin_key(&operator, &key).await?);
        match self.control.transact(&ids::time_ordered(), writes).await? {
            Written::Done => Ok((registration, key)),
            Written::Refused(_) => Err(Error::new(Kind::Conflict, "A tenant of this id exists")),
        }
    }

    /// Makes a tenant an admin key, as an operator of the machine or the account may, and
    /// registers it if it is not.
    pub(in crate::access) async fn admit(&self, tenant: &Tenant, key: &ApiKey) -> Result<()> {
        let by = machine::caller(tenant, &self.operator);
        let name = tenant.as_str().to_owned();
        let registration = Registration::new(tenant, name, self.clock.now_ms());
        let mut writes = self.keys.admin_key(&by, key).await?;
        if self.registered.find(tenant, Read::Consistent).await?.is_none() {
            writes.extend(self.registration(&by, &registration)?);
        }
        match self.control.transact(&ids::time_ordered(), writes).await? {
            Written::Done => Ok(()),
            Written::Refused(_) => {
                let detail = "The key is somebody else's, or the tenant was made meanwhile";
                Err(Error::new(Kind::Conflict, detail))
            }
        }
    }

    /// Whether this key is known already, whoever's it is.
    pub(in crate::access) async fn knows(&self, key: &ApiKey) -> Result<bool> {
        Ok(credential::find(&self.control, &key_place(&key.id)).await?.is_some())
    }

    /// Whether the tenant ever had an admin key.
    pub(in crate::access) async fn has_admin(&self, tenant: &Tenant) -> Result<bool> {
        self.keys.has_admin(tenant).await
    }

    fn registration(&self, by: &Caller, registration: &Registration) -> Result<Vec<Write>> {
        let subject = format!("tenant:{}", registration.tenant);
        let details = json!({ "name": registration.name });
        Ok(vec![
            self.control.put(Item::of(registration)?, Some(Cond::Absent("pk"))),
            self.trail.entry(by, "tenant.create", subject, &details)?,
        ])
    }

    /// All tenants, by id.
    pub(super) async fn list(&self) -> Result<Vec<Registration>> {
        self.registered.all().await
    }

    /// One tenant.
    pub(super) async fn find(&self, id: &str) -> Result<Registration> {
        let found = match Tenant::parse(id) {
            Ok(tenant) => self.registered.find(&tenant, Read::Consistent).await?,
            Err(_) => None,
        };
        found.ok_or_else(|| Error::not_found("Tenant not found"))
    }

    /// Suspends or resumes a tenant; one that is so already stays so.
    ///
    /// # Errors
    /// `NotFound`; `Conflict` for the operator's own tenant.
    pub(super) async fn set_status(
        &self,
        by: &Caller,
        id: &str,
        status: Status,
    ) -> Result<Registration> {
        let found = self.find(id).await?;
        if found.tenant == self.operator && status == Status::Suspended {
            let detail = "The operator's own tenant cannot be suspended";
            return Err(Error::new(Kind::Conflict, detail));
        }
        if found.status == status {
            return Ok(found);
        }
        let now = self.clock.now_ms();
        let update = Update::of(registration_key(&found.tenant))
            .set("status", Value::of(&status)?)
            .set("updated_at", now)
            .when(Cond::Eq("status", Value::of(&found.status)?));
        let action = if status == Status::Active { "tenant.resume" } else { "tenant.suspend" };
        let subject = format!("tenant:{}", found.tenant);
        let writes =
            vec![self.control.change(update), self.trail.entry(by, action, subject, &json!({}))?];
        match self.control.transact(&ids::time_ordered(), writes).await? {
            Written::Done => Ok(Registration { status, updated_at: now, ..found }),
            // Somebody else did the same at the same moment.
            Written::Refused(_) => self.find(id).await,
        }
    }
}
