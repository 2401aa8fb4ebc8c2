//! Use case: show a case, as Pega does now.

use shared::error::Result;
use shared::web::Caller;

use super::super::client::Taken;
use super::store::PegaRequests;

impl PegaRequests {
    /// A case and its version, within the time that its caller has.
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
        Ok(pega.within(self.jobs.policy.attempt_timeout).show(case_id).await?)
    }
}
