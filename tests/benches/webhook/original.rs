//! The Python service that stands beside Caseway, run with one worker as its kind
//! is usually run.

use std::net::TcpListener;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tests::support::python::environment;
use tokio::process::{Child, Command};

use super::client::Caller;

const REQUIREMENTS: &str = "fastapi==0.165.0\nuvicorn==0.54.0\n";

/// A running service; it ends with its value.
pub struct Original {
    _child: Child,
    pub caller: Caller,
}

impl Original {
    /// Starts it with its database in this folder.
    pub async fn start(folder: &Path) -> Result<Self> {
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().context("the builds")?;
        let python = environment(target, REQUIREMENTS).await?.join("python");
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let app = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/webhook");
        let child = Command::new(python)
            .args(["-m", "uvicorn", "original:app", "--log-level", "error", "--port"])
            .arg(port.to_string())
            .arg("--app-dir")
            .arg(app)
            .env("DATABASE", folder.join("original.db"))
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdout(Stdio::null())
            .kill_on_drop(true)
            .spawn()?;
        let caller = Caller::new(&format!("http://127.0.0.1:{port}"), "none");
        for _ in 0..200 {
            if caller.connect().await.is_ok() {
                return Ok(Self { _child: child, caller });
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        bail!("the Python service did not start")
    }
}
