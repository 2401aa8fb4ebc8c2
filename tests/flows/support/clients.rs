//! The examples of clients, as they stand in `tests/clients`, do what they say.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use tests::support::Installation;
use tokio::process::Command;

async fn run(installation: &Installation, program: &str, file: &str) -> Result<String> {
    let target = &installation.target;
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("clients").join(file);
    let mut command = Command::new(program);
    command.arg(file).env("CASEWAY_URL", format!("{}/support", target.url));
    let output = command.env("CASEWAY_KEY", &target.admin_key).kill_on_drop(true).output().await;
    let output = output.with_context(|| format!("start {program}"))?;
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    let wrong = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{program}: {told}{wrong}");
    Ok(told)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_examples_do_what_they_say() -> Result<()> {
    let installation = Installation::start().await;
    for (program, file, expected) in [
        ("python3", "example_usage.py", "ended: resolved"),
        ("node", "example_usage.mjs", "ended: resolved"),
        ("bash", "example_usage.sh", "\"status\":\"denied\""),
    ] {
        let told = run(&installation, program, file).await?;
        ensure!(told.contains(expected), "{file}: {told}");
    }
    installation.app.stop().await;
    Ok(())
}
