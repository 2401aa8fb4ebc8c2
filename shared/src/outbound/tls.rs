//! Whom connections trust: the certificates of the system, read once in a process. Reading
//! them takes longer than all else that a client needs.

use std::sync::{Arc, OnceLock};

use rustls::ClientConfig;
use rustls::crypto::aws_lc_rs::default_provider;
use rustls_platform_verifier::BuilderVerifierExt;

use crate::error::{Error, Result};

/// How every client secures its connections.
///
/// # Errors
/// `Internal` when the system has no certificates.
pub(super) fn config() -> Result<ClientConfig> {
    static READ: OnceLock<ClientConfig> = OnceLock::new();
    if let Some(read) = READ.get() {
        return Ok(read.clone());
    }
    let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .and_then(BuilderVerifierExt::with_platform_verifier)
        .map_err(Error::internal)?
        .with_no_client_auth();
    Ok(READ.get_or_init(|| config).clone())
}
