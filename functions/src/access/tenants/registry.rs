//! Use cases: register a tenant with its first admin key, list tenants, suspend and
//! resume one.

use serde::Deserialize;
use serde_json::json;
use shared::audit::Trail;
use shared::clock::Clock;
use shared::env::Env;
use shared::error::{Error, Kind, Result};
use shared::ids;
use shared::table::{Cond, Item, Read, Table, Update, Value, Written};
use shared::tenant::Tenant;
use shared::web::Caller;
use utoipa::ToSchema;

use super::model::{Registration, Registrations, Status, registration_key};
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
        if !self.store(by, &registration).await? && self.keys.has_admin(&tenant).await? {
            return Err(Error::new(Kind::Conflict, "A tenant of this id exists"));
        }
        // A registration that broke off before its key was made is taken up again.
        let key = ApiKey::generate();
        self.keys.issue_first(&Caller { tenant, ..by.clone() }, &key).await?;
        Ok((registration, key))
    }

    /// Registers a tenant, if it is not registered, and makes it an admin key, as an
    /// operator of the machine or the account may.
    pub(in crate::access) async fn admit(&self, tenant: &Tenant, key: &ApiKey) -> Result<()> {
        let by = machine::caller(tenant, &self.operator);
        let name = tenant.as_str().to_owned();
        let registration = Registration::new(tenant, name, self.clock.now_ms());
        self.store(&by, &registration).await?;
        self.keys.issue_first(&by, key).await
    }

    /// Whether the tenant ever had an admin key.
    pub(in crate::access) async fn has_admin(&self, tenant: &Tenant) -> Result<bool> {
        self.keys.has_admin(tenant).await
    }

    /// False when the tenant is registered already.
    async fn store(&self, by: &Caller, registration: &Registration) -> Result<bool> {
        let subject = format!("tenant:{}", registration.tenant);
        let details = json!({ "name": registration.name });
        let writes = vec![
            self.control.put(Item::of(registration)?, Some(Cond::Absent("pk"))),
            self.trail.entry(by, "tenant.create", subject, &details)?,
        ];
        Ok(matches!(self.control.transact(&ids::time_ordered(), writes).await?, Written::Done))
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
            .when(Cond::Present("pk"));
        let action = if status == Status::Active { "tenant.resume" } else { "tenant.suspend" };
        let subject = format!("tenant:{}", found.tenant);
        let writes =
            vec![self.control.change(update), self.trail.entry(by, action, subject, &json!({}))?];
        match self.control.transact(&ids::time_ordered(), writes).await? {
            Written::Done => Ok(Registration { status, updated_at: now, ..found }),
            Written::Refused(_) => Err(Error::not_found("Tenant not found")),
        }
    }
}
