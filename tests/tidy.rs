//! The rules of the house that no compiler knows.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// All files below these folders that end so.
fn files(folders: &[&str], ending: &str) -> Result<Vec<(String, String)>> {
    let mut found = Vec::new();
    let mut folders: Vec<PathBuf> = folders.iter().map(|folder| root().join(folder)).collect();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.to_string_lossy().ends_with(ending) {
                let text = std::fs::read_to_string(&path)?;
                found.push((path.display().to_string(), text));
            }
        }
    }
    Ok(found)
}

const ALL: [&str; 5] =
    ["functions/src", "shared/src", "infra/local/src", "infra/simulators/src", "tests"];

#[test]
fn every_file_is_short_and_opens_with_what_it_is_for() -> Result<()> {
    let files = files(&ALL, ".rs")?;
    assert!(files.len() > 50, "only {} files were looked at", files.len());
    for (path, text) in files {
        assert!(text.lines().count() <= 400, "{path} is longer than 400 lines");
        assert!(text.starts_with("//! "), "{path} does not say what it is for");
    }
    Ok(())
}

#[test]
fn every_function_s_main_is_a_line_and_its_trigger() -> Result<()> {
    let mains = files(&["functions/src/bin"], ".rs")?;
    assert!(mains.len() >= 6, "only {} functions", mains.len());
    for (path, text) in mains {
        assert!(text.lines().count() <= 12, "{path} holds more than its wiring");
    }
    Ok(())
}

#[test]
fn the_business_sees_neither_aws_nor_a_server() -> Result<()> {
    let manifest = std::fs::read_to_string(root().join("functions/Cargo.toml"))?;
    for stranger in ["aws-", "aws_", "lambda_", "hyper", "reqwest", "dynoxide"] {
        let named = manifest.lines().find(|line| line.starts_with(stranger));
        assert_eq!(named, None, "functions must not depend on {stranger}…");
    }
    Ok(())
}

#[test]
fn the_outside_world_knows_no_domain() -> Result<()> {
    for (path, text) in files(&["shared/src"], ".rs")? {
        let text = text.to_lowercase();
        for word in ["pega", "enjaz", "1c:zup", "ticket", "argus"] {
            assert!(!text.contains(word), "{path} speaks of {word}");
        }
    }
    Ok(())
}

#[test]
fn tenant_keys_are_built_in_one_place() -> Result<()> {
    for (path, text) in files(&["functions/src", "shared/src"], ".rs")? {
        if !path.ends_with("tenant.rs") {
            assert!(!text.contains("\"T#"), "{path} builds a tenant's key by hand");
        }
    }
    Ok(())
}

/// Every variable that functions read is one that the template sets, or one that
/// only a local process is given.
#[test]
fn the_template_sets_every_variable_that_is_required() -> Result<()> {
    let template = std::fs::read_to_string(root().join("template.yaml"))?;
    let mut seen = 0;
    for (path, text) in files(&["functions/src", "shared/src"], ".rs")? {
        for call in ["env.table(\"", "env.queue(\"", "env.required(\""] {
            for rest in text.split(call).skip(1) {
                let name = rest.split('"').next().context("a name")?;
                assert!(template.contains(&format!("{name}:")), "{path} needs {name}");
                seen += 1;
            }
        }
    }
    assert!(seen >= 4, "only {seen} variables were found");
    Ok(())
}
