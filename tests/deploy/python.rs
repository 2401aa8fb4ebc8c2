//! The Python environments that these tests need: pinned packages under the
//! target folder, made at the first run.

use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use tokio::process::Command;

use super::{file, locked, output, target};

const EMULATOR: &str = include_str!("requirements.txt");
const SAM: &str = include_str!("requirements-sam.txt");

/// What must be there before anything can be installed.
const NEEDS: &str = "import sys, venv, ensurepip; assert sys.version_info >= (3, 10)";

/// The `bin` folder of the environment with the emulator and cfn-lint.
pub(super) async fn emulator() -> Result<PathBuf> {
    environment("requirements.txt", EMULATOR).await
}

/// The `bin` folder of the environment with SAM's command.
pub(super) async fn sam() -> Result<PathBuf> {
    environment("requirements-sam.txt", SAM).await
}

/// The `bin` folder of an environment, which is made if it is not there whole.
async fn environment(name: &str, requirements: &str) -> Result<PathBuf> {
    let version = version().await?;
    let digest = shared::ids::hex_digest(format!("{version}|{requirements}").as_bytes());
    let folder = target()?.join(format!("python-{}", &digest[..12]));
    let whole = folder.join("whole");
    let _lock = locked(folder.with_extension("lock")).await?;
    if !whole.exists() {
        let _ = std::fs::remove_dir_all(&folder);
        output(python3().args(["-m", "venv"]).arg(&folder)).await?;
        let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"];
        let mut pip = Command::new(folder.join("bin/python"));
        let installed = output(pip.args(install).arg(file(name))).await;
        installed.context("install what these tests need of Python; it takes a package index")?;
        std::fs::write(&whole, requirements)?;
    }
    Ok(folder.join("bin"))
}

/// Which Python this is.
async fn version() -> Result<String> {
    let missing = "the tests of the template need Python 3.10 or newer as `python3`, with its \
        modules venv and ensurepip; on Debian and Ubuntu: apt-get install python3 python3-venv";
    let asked = python3().args(["-c", NEEDS]).output().await.context(missing)?;
    ensure!(asked.status.success(), missing);
    output(python3().args(["-c", "import sys; print(sys.version, sys.base_prefix)"])).await
}

fn python3() -> Command {
    Command::new("python3")
}
