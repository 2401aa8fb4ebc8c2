//! Python environments: pinned packages under the target folder, made at the first
//! run, by whichever of several tests and processes comes first.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use tokio::process::Command;

/// What must be there before anything can be installed.
const NEEDS: &str = "import sys, venv, ensurepip; assert sys.version_info >= (3, 10)";

/// The `bin` folder of an environment with these requirements below the folder of
/// all builds, which is made if it is not there whole.
pub async fn environment(target: &Path, requirements: &str) -> Result<PathBuf> {
    let version = version().await?;
    let digest = shared::ids::hex_digest(format!("{version}|{requirements}").as_bytes());
    let folder = target.join(format!("python-{}", &digest[..12]));
    let whole = folder.join("whole");
    let _lock = locked(folder.with_extension("lock")).await?;
    if !whole.exists() {
        let _ = std::fs::remove_dir_all(&folder);
        output(python3().args(["-m", "venv"]).arg(&folder)).await?;
        let list = folder.join("requirements.txt");
        std::fs::write(&list, requirements)?;
        let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"];
        let mut pip = Command::new(folder.join("bin/python"));
        let installed = output(pip.args(install).arg(list)).await;
        installed.context("install what this needs of Python; it takes a package index")?;
        std::fs::write(&whole, "")?;
    }
    Ok(folder.join("bin"))
}

/// What a command writes, if it ends well; what it complained of, if not.
pub async fn output(command: &mut Command) -> Result<String> {
    let named = format!("{:?}", command.as_std().get_program());
    let done = command.kill_on_drop(true).output().await.with_context(|| format!("run {named}"))?;
    let written = String::from_utf8_lossy(&done.stdout);
    let complaints = String::from_utf8_lossy(&done.stderr);
    ensure!(done.status.success(), "{named} failed:\n{written}{complaints}");
    Ok(written.into_owned())
}

/// Waits for this file's lock, which other tests and processes take as well.
pub async fn locked(path: PathBuf) -> Result<std::fs::File> {
    tokio::task::spawn_blocking(move || {
        let file = std::fs::File::create(&path).context("make a lock")?;
        file.lock().with_context(|| format!("lock {}", path.display()))?;
        Ok(file)
    })
    .await?
}

/// Which Python this is.
async fn version() -> Result<String> {
    let missing = "this needs Python 3.10 or newer as `python3`, with its \
        modules venv and ensurepip; on Debian and Ubuntu: apt-get install python3 python3-venv";
    let asked = python3().args(["-c", NEEDS]).output().await.context(missing)?;
    ensure!(asked.status.success(), missing);
    output(python3().args(["-c", "import sys; print(sys.version, sys.base_prefix)"])).await
}

fn python3() -> Command {
    Command::new("python3")
}
