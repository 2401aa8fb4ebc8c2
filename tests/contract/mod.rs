//! The API document is the contract: it is what is committed, and what it says of
//! each operation holds, whichever operations there will be.

mod changes;
mod contact_center;
mod enjaz;
mod found;
mod fuzz;
mod notifications;
mod onec;
mod personnel;
mod processes;
mod reruns;
mod samples;
mod served;
mod support;
mod walk;
mod workforce;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use functions::documentation::document;
use shared::env::Env;
use tests::support::python::environment;

use crate::deploy::target;

/// The `bin` folder of the Python environment of these tests.
async fn python() -> Result<PathBuf> {
    environment(target()?, include_str!("requirements.txt")).await
}

/// `UPDATE=1 cargo test -p tests contract` writes the file anew; the next build serves it.
#[test]
fn the_committed_document_is_what_the_handlers_say() -> Result<()> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../openapi.json");
    let now = format!("{}\n", document().to_pretty_json()?);
    if Env::process_vars().contains_key("UPDATE") {
        std::fs::write(&file, &now)?;
    }
    let committed = std::fs::read_to_string(&file).context("openapi.json")?;
    assert!(committed == now, "openapi.json is not current: UPDATE=1 cargo test -p tests contract");
    Ok(())
}
