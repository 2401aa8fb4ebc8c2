//! The template and the real bootstraps on an emulated AWS account, and what can
//! be said of the template without one.
//!
//! What this needs of Python it installs itself, under the target folder, at the
//! first run. The account obeys the template's policies: a function that lacks a
//! permission fails here as it would on AWS.

mod bootstraps;
mod deployed;
mod lint;
mod live;
mod main_job;
mod operator;
mod python;
mod starts;
mod streams;
mod template;
mod vault;

pub use deployed::Deployed;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// The workspace's folder.
fn root() -> Result<&'static Path> {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("the workspace has a folder")
}

/// The folder that holds all that is built.
pub(crate) fn target() -> Result<&'static Path> {
    Path::new(env!("CARGO_TARGET_TMPDIR")).parent().context("the target folder")
}

/// One of this folder's files.
fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy").join(name)
}
