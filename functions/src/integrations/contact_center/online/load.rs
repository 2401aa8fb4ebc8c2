//! The load of groups, asked of the contact centre itself. A call that fails is a failure, and
//! no empty list.

use shared::error::Result;
use shared::tenant::Tenant;

use super::super::ContactCenter;
use super::super::client::ArgusGroupLoad;
use crate::integrations::connections::Connection;

impl ContactCenter {
    /// The load of these groups, or of all that are active.
    ///
    /// # Errors
    /// As the contact centre's.
    pub(super) async fn load_of(
        &self,
        tenant: &Tenant,
        of: &Connection,
        groups: Vec<String>,
    ) -> Result<Vec<ArgusGroupLoad>> {
        let client = self.client(tenant, of).await?;
        let groups = if groups.is_empty() {
            let services = client.personnel().await?.services;
            let groups = services.into_iter().flat_map(|service| service.service_groups);
            groups.filter(|group| group.status == "ACTIVE").map(|group| group.id).collect()
        } else {
            groups
        };
        if groups.is_empty() {
            return Ok(Vec::new());
        }
        client.groups_load(&groups).await
    }
}
