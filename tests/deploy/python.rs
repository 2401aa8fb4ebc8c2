//! The Python environments of these tests.

use std::path::PathBuf;

use anyhow::Result;
use tests::support::python::environment;

use super::target;

/// The `bin` folder of the environment with the emulator and cfn-lint.
pub(super) async fn emulator() -> Result<PathBuf> {
    environment(target()?, include_str!("requirements.txt")).await
}

/// The `bin` folder of the environment with SAM's command.
pub(super) async fn sam() -> Result<PathBuf> {
    environment(target()?, include_str!("requirements-sam.txt")).await
}
