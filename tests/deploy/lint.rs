//! The linters have nothing to say about the template.

use anyhow::Result;
use tokio::process::Command;

use tests::support::python::output;

use super::{python, root};

#[tokio::test]
async fn cfn_lint_has_no_complaint() -> Result<()> {
    let mut linter = Command::new(python::emulator().await?.join("cfn-lint"));
    linter.arg("--template").arg(root()?.join("template.yaml"));
    assert_eq!(output(&mut linter).await?.trim(), "");
    Ok(())
}

#[tokio::test]
async fn sam_has_no_complaint() -> Result<()> {
    let mut sam = Command::new(python::sam().await?.join("sam"));
    sam.args(["validate", "--lint", "--region", "us-east-1", "--template"]);
    sam.arg(root()?.join("template.yaml")).env("SAM_CLI_TELEMETRY", "0");
    let said = output(&mut sam).await?;
    assert!(said.contains("is a valid SAM Template"), "{said}");
    Ok(())
}
