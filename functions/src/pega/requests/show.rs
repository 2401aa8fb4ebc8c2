//! Use case: show a case, as Pega does now.

use std::time::Duration;

use shared::error::Result;
use shared::web::Caller;

use super::super::client::Taken;
use super::store::PegaRequests;

/// How long is waited for it.
const PATIENCE: Duration = Duration::from_secs(25);

impl PegaRequests {
    /// A case and its version.
    ///
    /// # Errors
    /// As [`super::super::client::Environments::choose`], and as Pega refuses.
    pub(super) async fn show(
        &self,
        by: &Caller,
        case_id: &str,
        environment: Option<&str>,
    ) -> Result<Taken> {
        let pega = self.pegas.choose(&by.tenant, environment).await?;
        Ok(pega.within(PATIENCE).show(case_id).await?)
    }
}
