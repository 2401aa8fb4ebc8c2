//! Whether a tenant's Pega is there and takes its credentials.

use std::time::Duration;

use serde::Serialize;
use shared::error::Result;
use shared::tenant::Tenant;
use utoipa::ToSchema;

use super::refusal::Meaning;
use super::{Environments, Pega};
use crate::integrations::connections::client::Request;

/// How long is waited for an answer.
const PATIENCE: Duration = Duration::from_secs(3);

/// How it stands with a tenant's Pega.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Probed {
    /// It answers, and knows the caller.
    Connected,
    /// It answers, and does not take the credentials.
    Refused,
    /// It does not answer, or not well.
    Unreachable,
    /// There is none, or none that is meant when none is named.
    NotConfigured,
}

impl Environments {
    /// Asks the tenant's usual Pega. Nothing is kept: whoever asks often keeps the answer.
    pub async fn probe(&self, tenant: &Tenant) -> Result<Probed> {
        let pega = match self.choose(tenant, None).await {
            Ok(pega) => pega,
            Err(error) if error.cause.is_none() => return Ok(Probed::NotConfigured),
            Err(error) => return Err(error),
        };
        Ok(pega.within(PATIENCE).probe().await)
    }
}

impl Pega {
    async fn probe(&self) -> Probed {
        match self.call(Request::get(&self.manner.paths.test).once()).await {
            Ok(reply) if reply.status.is_success() => Probed::Connected,
            Ok(reply) if matches!(reply.status.as_u16(), 401 | 403) => Probed::Refused,
            Ok(_) => Probed::Unreachable,
            Err(trouble) if trouble.meaning == Meaning::Unauthorized => Probed::Refused,
            Err(_) => Probed::Unreachable,
        }
    }
}
