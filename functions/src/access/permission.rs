//! The permissions there are, and the roles that bundle them.

use serde::{Deserialize, Serialize};
use shared::error::{Error, Result};
use shared::tenant::Tenant;
use shared::web::{Permission, Permissions};
use utoipa::ToSchema;

/// See connections, webhooks and what was synchronised.
pub const INTEGRATIONS_READ: Permission = Permission("integrations.read");
/// Change them.
pub const INTEGRATIONS_WRITE: Permission = Permission("integrations.write");
/// Start a synchronisation.
pub const INTEGRATIONS_SYNC: Permission = Permission("integrations.sync");
/// Administer integrations.
pub const INTEGRATIONS_ADMIN: Permission = Permission("integrations.admin");
/// See processes, runs and steps.
pub const PROCESSES_READ: Permission = Permission("processes.read");
/// Change them.
pub const PROCESSES_WRITE: Permission = Permission("processes.write");
/// See events and what became of them.
pub const EVENTS_READ: Permission = Permission("events.read");
/// Send events, and have them worked through again.
pub const EVENTS_WRITE: Permission = Permission("events.write");
/// Ask for support, and see what one asked for.
pub const TICKETS_REQUEST: Permission = Permission("tickets.request");
/// See everybody's tickets.
pub const TICKETS_READ: Permission = Permission("tickets.read");
/// Answer and approve.
pub const TICKETS_APPROVE: Permission = Permission("tickets.approve");
/// Use one's own Enjaz account.
pub const ENJAZ_SELF: Permission = Permission("enjaz.self");
/// Administer a tenant: keys, sources, the audit trail.
pub const ADMIN: Permission = Permission("admin");
/// Administer the installation: its tenants. Only the operator's admins have it.
pub const INSTALLATION: Permission = Permission("installation.admin");

/// What users may do: everything but administration.
const OF_USERS: [Permission; 11] = [
    INTEGRATIONS_READ,
    INTEGRATIONS_WRITE,
    INTEGRATIONS_SYNC,
    PROCESSES_READ,
    PROCESSES_WRITE,
    EVENTS_READ,
    EVENTS_WRITE,
    TICKETS_REQUEST,
    TICKETS_READ,
    TICKETS_APPROVE,
    ENJAZ_SELF,
];
/// What admins may do beside that.
const OF_ADMINS: [Permission; 2] = [INTEGRATIONS_ADMIN, ADMIN];

/// A bundle of permissions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Everything in the tenant; in the operator's tenant the installation as well.
    Admin,
    /// Everything but administration.
    User,
}

impl Role {
    /// What the role may do in this tenant.
    pub fn permissions(self, tenant: &Tenant, operator: &Tenant) -> Permissions {
        let users = OF_USERS.into_iter();
        match self {
            Self::User => Permissions::of(users),
            Self::Admin if tenant == operator => {
                Permissions::of(users.chain(OF_ADMINS).chain([INSTALLATION]))
            }
            Self::Admin => Permissions::of(users.chain(OF_ADMINS)),
        }
    }
}

/// Those of `whole` that are named.
///
/// # Errors
/// `Invalid`, naming `field`, for a name that is not among them.
pub fn narrowed(whole: &Permissions, names: &[String], field: &str) -> Result<Permissions> {
    let permissions = names.iter().enumerate().map(|(at, name)| {
        let field = format!("{field}[{at}]");
        known(whole, name).ok_or_else(|| Error::invalid(&field, "is no permission of this role"))
    });
    Ok(Permissions::of(permissions.collect::<Result<Vec<_>>>()?))
}

/// The permission of this name, if it is among them.
pub fn known(whole: &Permissions, name: &str) -> Option<Permission> {
    whole.iter().find(|permission| permission.0 == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_operator_s_admins_administer_the_installation() -> anyhow::Result<()> {
        let (operator, other) = (Tenant::parse("default")?, Tenant::parse("other")?);
        for (role, of, admin, installation) in [
            (Role::Admin, &operator, true, true),
            (Role::Admin, &other, true, false),
            (Role::User, &operator, false, false),
        ] {
            let permissions = role.permissions(of, &operator);
            assert_eq!(permissions.allow(ADMIN), admin);
            assert_eq!(permissions.allow(INTEGRATIONS_ADMIN), admin);
            assert_eq!(permissions.allow(INSTALLATION), installation);
            assert!(permissions.allow(EVENTS_WRITE));
        }
        Ok(())
    }
}
