//! The audit trail, exported and verified by the command line.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;
use tests::support::CommandLine;

/// Exports the trail in both forms and verifies each; whatever is done to a line shows.
pub async fn exports(line: &CommandLine) -> Result<()> {
    let folder = TempDir::new()?;
    for (name, option, first) in [("a.ndjson", "", 2), ("a.csv", " --csv", 3)] {
        let file = folder.path().join(name);
        line.done(&format!("audit export {}{option}", file.display())).await?;
        let whole = std::fs::read_to_string(&file)?;
        ensure!(whole.lines().count() > 6, "too little to meddle with: {whole}");
        let end = end_of(&line.done(&format!("audit verify {}", file.display())).await?)?;
        let told = line.run_with("audit verify -", &whole).await?;
        assert_eq!(end_of(&told.out)?, end, "{told:?}");
        meddle(line, &whole, first).await?;
        cut_short(line, &file, &end).await?;
        let again = line.refused(&format!("audit export {}{option}", file.display())).await?;
        assert!(again.contains("make the file") && again.contains("File exists"), "{again}");
    }
    let now = line.done("audit verify").await?;
    assert!(
        now.contains("from the first there ever was to the last line, nothing changed"),
        "{now}"
    );
    let path = folder.path().join("none");
    let missing = line.refused(&format!("audit verify {}", path.display())).await?;
    assert!(missing.contains("No such file"), "{missing}");
    Ok(())
}

/// The hash that the chain ends with.
fn end_of(told: &str) -> Result<String> {
    let last = told.lines().find_map(|line| line.strip_prefix("the chain ends with "));
    Ok(last.with_context(|| told.to_owned())?.to_owned())
}

/// Changes, removes and adds a line from the one of this number on; the complaint names
/// the line where it shows.
async fn meddle(line: &CommandLine, whole: &str, first: usize) -> Result<()> {
    let lines: Vec<&str> = whole.lines().collect();
    for at in [first, lines.len() - 1] {
        let changed = lines[at - 1].replacen(":", ";", 1).replacen("T", "t", 1);
        let recorded = lines[at - 1].replacen("operator", "key:9", 1).replacen("key:1", "key:9", 1);
        assert_ne!(recorded, lines[at - 1]);
        let without = [&lines[..at - 1], &lines[at..]].concat();
        let doubled = [&lines[..at], &lines[at - 1..]].concat();
        for (meddled, shows_at) in [
            (with(&lines, at, &changed), at),
            (with(&lines, at, &recorded), at),
            (without, at),
            (doubled, at + 1),
        ] {
            let ended = line.run_with("audit verify -", &(meddled.join("\n") + "\n")).await?;
            let complaint = ended.complaint()?;
            assert!(complaint.starts_with(&format!("caseway: line {shows_at}")), "{complaint}");
        }
    }
    let junk = line.run_with("audit verify -", &format!("{whole}junk\n")).await?.complaint()?;
    assert!(junk.starts_with(&format!("caseway: line {}", lines.len() + 1)), "{junk}");
    Ok(())
}

/// The lines with this in the place of one.
fn with<'a>(lines: &[&'a str], at: usize, this: &'a str) -> Vec<&'a str> {
    [&lines[..at - 1], &[this], &lines[at..]].concat()
}

/// Lines that are missing at the end show when somebody knows how it ended.
async fn cut_short(line: &CommandLine, file: &Path, end: &str) -> Result<()> {
    let verify = format!("audit verify {} --ends-with {end}", file.display());
    line.done(&verify).await?;
    let whole = std::fs::read_to_string(file)?;
    let cut = whole.trim_end().rsplit_once('\n').context("lines")?.0.to_owned() + "\n";
    std::fs::write(file, cut)?;
    line.done(&format!("audit verify {}", file.display())).await?;
    let complaint = line.refused(&verify).await?;
    assert!(complaint.contains("does not pass through") && complaint.contains(end), "{complaint}");
    Ok(())
}
