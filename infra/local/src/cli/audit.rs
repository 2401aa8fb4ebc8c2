//! Commands of the audit trail.

use std::fs::File;
use std::io::{Read, Write};
use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Subcommand;
use functions::audit::verify::{Verified, Verifier};

use super::api::Api;
use crate::say::say;

/// The whole trail, oldest first, in pages that the client reads whole.
const EXPORT: &str = "/api/v1/audit-logs/export?limit=1000";

/// What is done with the audit trail.
#[derive(Subcommand)]
pub(super) enum Audit {
    /// Writes the trail to a file, with the hashes that make it a chain.
    Export {
        /// The file.
        file: PathBuf,
        /// As comma-separated values, without seals.
        #[arg(long)]
        csv: bool,
    },
    /// Verifies an export offline; without a file, the trail as it is now.
    Verify {
        /// An export, NDJSON or CSV; `-` for the standard input.
        file: Option<PathBuf>,
        /// The hash that an earlier verification said the chain ended with, which it must
        /// still pass through.
        #[arg(long, value_name = "HASH")]
        ends_with: Option<String>,
    },
}

impl Audit {
    /// Whether it needs nothing but a file.
    pub fn is_offline(&self) -> bool {
        matches!(self, Self::Verify { file: Some(_), .. })
    }

    /// Does it; `api` is there unless it is offline.
    pub async fn run(self, api: Option<&Api>) -> Result<()> {
        match self {
            Self::Export { file, csv } => {
                let api = api.context("an API to export from")?;
                let written = File::create_new(&file)
                    .with_context(|| format!("make the file {}", file.display()))?;
                if let Err(error) = export(api, written, csv).await {
                    // Half a trail would pass for a whole one.
                    std::fs::remove_file(&file)?;
                    return Err(error);
                }
                say(&format!("the audit trail is in {}", file.display()));
                Ok(())
            }
            Self::Verify { file, ends_with } => {
                let verifier = Verifier::passing(ends_with.as_deref());
                let verified = match file {
                    Some(file) => verifier.read(&read(&file)?)?,
                    None => verify_now(api.context("an API to read from")?, verifier).await?,
                };
                tell(&verified);
                Ok(())
            }
        }
    }
}

async fn export(api: &Api, mut file: File, csv: bool) -> Result<()> {
    let format = if csv { "csv" } else { "ndjson" };
    let path = format!("{EXPORT}&format={format}");
    api.pages(&path, |page| Ok(file.write_all(page.as_bytes())?)).await?;
    Ok(file.sync_all()?)
}

async fn verify_now(api: &Api, mut verifier: Verifier) -> Result<Verified> {
    api.pages(EXPORT, |page| Ok(page.lines().try_for_each(|line| verifier.ndjson(line))?)).await?;
    Ok(verifier.done()?)
}

fn read(file: &PathBuf) -> Result<String> {
    if file.as_os_str() == "-" {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text)?;
        return Ok(text);
    }
    std::fs::read_to_string(file).with_context(|| format!("read {}", file.display()))
}

fn tell(verified: &Verified) {
    let Verified { end, entries, sealed, from_the_beginning } = verified;
    let first =
        if *from_the_beginning { "from the first there ever was" } else { "from the middle" };
    say(&format!(
        "{entries} entries, {first} to the last line, nothing changed or missing between"
    ));
    say(&format!("sealed: the first {sealed}"));
    say(&format!("the chain ends with {}", end.hash));
}
