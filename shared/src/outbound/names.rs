//! The port of host names: who resolves them, so that a test can have them change.

use std::io;
use std::net::IpAddr;

use crate::boxed::Boxed;

/// Resolves host names.
pub trait Names: Send + Sync {
    /// The addresses that a host has now.
    fn resolve<'a>(&'a self, host: &'a str) -> Boxed<'a, io::Result<Vec<IpAddr>>>;
}

/// The machine's own resolver.
pub struct SystemNames;

impl Names for SystemNames {
    fn resolve<'a>(&'a self, host: &'a str) -> Boxed<'a, io::Result<Vec<IpAddr>>> {
        Box::pin(async move {
            let found = tokio::net::lookup_host((host, 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }
}

/// A host that nobody knows.
#[derive(Debug, thiserror::Error)]
#[error("its name is not known: {0}")]
pub(super) struct Unknown(pub io::Error);
