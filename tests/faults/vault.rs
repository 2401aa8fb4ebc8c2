//! The local process's vault when its files are not what was written, its keys are
//! not the ones it was sealed with, or it is killed while it changes them.

use std::fs::{Permissions, read, read_to_string, remove_file, set_permissions, write};
use std::io::Error;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, mpsc};

use anyhow::Result;
use futures_util::future::join_all;
use local::vault::{FileVault, Replace, to_disk};
use serde_json::Value;
use shared::error::Kind;
use shared::tenant::Tenant;
use shared::vault::{ExposeSecret, Keyring, SecretName, SecretString, Vault};
use tempfile::TempDir;

const CANARY: &str = "a-canary-that-nobody-may-see";

/// Records of two tenants and an operator's own, each with its own text.
fn names() -> [SecretName; 4] {
    let of = |tenant, record| {
        SecretName::of(&Tenant::parse(tenant).expect("a tenant"), record).expect("a name")
    };
    [of("acme", "a"), of("acme", "b"), of("other", "a"), SecretName::given("acme/a")]
}

fn text(name: &SecretName) -> SecretString {
    SecretString::from(format!("{CANARY} of {name}"))
}

/// A folder whose vault holds them.
async fn filled() -> Result<TempDir> {
    let folder = TempDir::new()?;
    let vault = FileVault::open(folder.path(), None)?;
    for name in names() {
        vault.write(&name, &text(&name)).await?;
    }
    Ok(folder)
}

async fn holds_all(vault: &FileVault) -> Result<()> {
    for name in names() {
        let found = vault.read(&name).await?;
        assert_eq!(
            found.as_ref().map(|secret| secret.expose_secret()),
            Some(text(&name).expose_secret()),
            "{name}"
        );
    }
    Ok(())
}

/// The vault is not opened, says this, tells no secret, and touches nothing.
fn is_refused(folder: &TempDir, given: Option<&str>, saying: &str) -> Result<()> {
    let now = || (read(folder.path().join("vault.json")), read(folder.path().join("vault.key")));
    let (json, key) = now();
    let refused = FileVault::open(folder.path(), given);
    let told = format!("{:#}", refused.err().expect("it must not open"));
    assert!(told.contains(saying), "{told}");
    assert!(!told.contains(CANARY), "{told}");
    let after = now();
    assert_eq!((after.0.ok(), after.1.ok()), (json.ok(), key.ok()), "it was touched");
    Ok(())
}

fn mode(path: &Path) -> Result<u32> {
    Ok(path.metadata()?.permissions().mode() & 0o777)
}

#[tokio::test]
async fn both_files_are_their_owner_s_alone() -> Result<()> {
    let folder = filled().await?;
    let files = ["vault.json", "vault.key"].map(|file| folder.path().join(file));
    for file in &files {
        assert_eq!(mode(file)?, 0o600, "{}", file.display());
    }
    // What a start that was killed left behind does not pass its mode on.
    for file in &files {
        let left = format!("{}.new", file.display());
        write(&left, "half")?;
        set_permissions(&left, Permissions::from_mode(0o666))?;
    }
    FileVault::open(folder.path(), None)?.rekey().await?;
    for file in &files {
        assert_eq!(mode(file)?, 0o600, "{}", file.display());
        assert!(!Path::new(&format!("{}.new", file.display())).exists());
    }
    for mode in [0o640, 0o604, 0o620, 0o602, 0o644] {
        set_permissions(&files[1], Permissions::from_mode(mode))?;
        is_refused(&folder, None, "must have 600")?;
    }
    set_permissions(&files[1], Permissions::from_mode(0o400))?;
    holds_all(&FileVault::open(folder.path(), None)?).await
}

#[tokio::test]
async fn a_vault_without_the_keys_it_was_sealed_with_is_refused() -> Result<()> {
    let folder = filled().await?;
    let file = folder.path().join("vault.key");
    let key = read_to_string(&file)?;
    remove_file(&file)?;
    is_refused(&folder, None, "vault.key is missing")?;
    is_refused(&folder, Some(""), "there is no key")?;
    let fresh = Keyring::generate()?.to_text();
    is_refused(&folder, Some(fresh.expose_secret()), "which is missing")?;
    // Other bytes under the same id.
    let (id, _) = key.split_once(' ').expect("a key");
    let (_, bytes) = fresh.expose_secret().split_once(' ').expect("a key");
    is_refused(&folder, Some(&format!("{id} {bytes}")), "does not open")?;

    for (content, saying) in
        [("", "no key"), ("garbage", "cannot be read"), (fresh.expose_secret(), "missing")]
    {
        write(&file, content)?;
        set_permissions(&file, Permissions::from_mode(0o600))?;
        is_refused(&folder, None, saying)?;
    }
    holds_all(&FileVault::open(folder.path(), Some(&key))?).await
}

/// Every byte of the file, changed; a file that is not one; records in the place of
/// another record, tenant or operator.
#[tokio::test]
async fn a_file_that_is_not_what_was_written_is_refused() -> Result<()> {
    let folder = filled().await?;
    let file = folder.path().join("vault.json");
    let original = read_to_string(&file)?;
    for content in ["", "{}", "null", "garbage", &original[..original.len() / 2]] {
        write(&file, content)?;
        is_refused(&folder, None, "is not what was written")?;
    }
    let json: Value = serde_json::from_str(&original)?;
    for name in names() {
        for field in ["v", "key_id", "nonce", "ciphertext"] {
            let mut changed = json.clone();
            let value = &mut changed["records"][name.as_str()][field];
            *value = match value.as_str() {
                Some(text) if text.starts_with('A') => format!("B{}", &text[1..]).into(),
                Some(text) => format!("A{}", &text[1..]).into(),
                None => 2.into(),
            };
            write(&file, changed.to_string())?;
            is_refused(&folder, None, name.as_str())?;
        }
        for other in names().iter().filter(|other| **other != name) {
            let mut moved = json.clone();
            moved["records"][name.as_str()] = json["records"][other.as_str()].clone();
            write(&file, moved.to_string())?;
            is_refused(&folder, None, "does not open")?;
        }
    }
    let mut renamed = json.clone();
    renamed["records"]["acme/c"] = renamed["records"]["acme/a"].take();
    renamed["records"].as_object_mut().expect("records").remove("acme/a");
    write(&file, renamed.to_string())?;
    is_refused(&folder, None, "does not open")?;
    write(&file, original)?;
    holds_all(&FileVault::open(folder.path(), None)?).await
}

/// Where a replacement of a file is cut short.
#[derive(Clone, Copy, Debug)]
enum Cut {
    Before,
    Torn,
    After,
}

/// A disk that takes every file but this one, counted from nought.
fn cut_at(at: usize, cut: Cut) -> Replace {
    let (done, replace) = (AtomicUsize::new(0), to_disk());
    Box::new(move |path, content| {
        if done.fetch_add(1, Ordering::SeqCst) != at {
            return replace(path, content);
        }
        match cut {
            Cut::Before => {}
            Cut::Torn => write(format!("{}.new", path.display()), &content[..content.len() / 2])?,
            Cut::After => replace(path, content)?,
        }
        Err(Error::other("cut short"))
    })
}

const CUTS: [Cut; 3] = [Cut::Before, Cut::Torn, Cut::After];

#[tokio::test]
async fn a_rekeying_that_is_killed_anywhere_leaves_a_vault_that_opens() -> Result<()> {
    for (at, cut) in (0..3).flat_map(|at| CUTS.map(|cut| (at, cut))) {
        let folder = filled().await?;
        let old = read_to_string(folder.path().join("vault.key"))?;
        let vault = FileVault::open_with(folder.path(), None, cut_at(at, cut))?;
        let failed = vault.rekey().await.expect_err("it was cut short");
        assert_eq!(failed.kind, Kind::Unavailable, "{at} {cut:?}");
        drop(vault);

        let vault = FileVault::open(folder.path(), None)?;
        holds_all(&vault).await?;
        assert_eq!(vault.rekey().await?, names().len(), "{at} {cut:?}");
        holds_all(&vault).await?;
        drop(vault);
        let new = read_to_string(folder.path().join("vault.key"))?;
        assert_eq!(new.lines().count(), 1, "the old keys are gone");
        assert_ne!(new, old);
        holds_all(&FileVault::open(folder.path(), None)?).await?;
        is_refused(&folder, Some(&old), "which is missing")?;
    }
    Ok(())
}

#[tokio::test]
async fn a_rekeying_that_fails_leaves_a_vault_that_works_on() -> Result<()> {
    for (at, cut) in (0..3).flat_map(|at| CUTS.map(|cut| (at, cut))) {
        let folder = filled().await?;
        let vault = FileVault::open_with(folder.path(), None, cut_at(at, cut))?;
        assert!(vault.rekey().await.is_err());
        holds_all(&vault).await?;
        let [first, second, ..] = names();
        vault.write(&first, &"new".into()).await?;
        vault.remove(&second).await?;
        let again = FileVault::open(folder.path(), None)?;
        for vault in [&vault, &again] {
            let found = vault.read(&first).await?.expect("it was written");
            assert_eq!(found.expose_secret(), "new", "{at} {cut:?}");
            assert!(vault.read(&second).await?.is_none());
        }
        assert_eq!(vault.rekey().await?, names().len() - 1);
        FileVault::open(folder.path(), None)?;
    }
    Ok(())
}

#[tokio::test]
async fn a_write_or_a_first_start_that_is_killed_leaves_the_old_or_the_new() -> Result<()> {
    for cut in CUTS {
        let folder = filled().await?;
        let vault = FileVault::open_with(folder.path(), None, cut_at(0, cut))?;
        let [first, ..] = names();
        assert!(vault.write(&first, &"new".into()).await.is_err());
        holds_all(&vault).await?;
        drop(vault);
        let vault = FileVault::open(folder.path(), None)?;
        let found = vault.read(&first).await?.expect("one of them");
        let new = if matches!(cut, Cut::After) { SecretString::from("new") } else { text(&first) };
        assert_eq!(found.expose_secret(), new.expose_secret());

        let folder = TempDir::new()?;
        assert!(FileVault::open_with(folder.path(), None, cut_at(0, cut)).is_err());
        let vault = FileVault::open(folder.path(), None)?;
        vault.write(&first, &"new".into()).await?;
    }
    Ok(())
}

/// A disk that says when it is given `vault.json`, and waits until it may take it.
fn held_up() -> (Replace, mpsc::Receiver<()>, mpsc::Sender<()>) {
    let (say, said) = mpsc::channel();
    let (let_go, go) = mpsc::channel();
    let (go, replace) = (Mutex::new(go), to_disk());
    let held: Replace = Box::new(move |path, content| {
        if path.ends_with("vault.json") {
            let _ = say.send(());
            let _ = go.lock().unwrap().recv();
        }
        replace(path, content)
    });
    (held, said, let_go)
}

#[tokio::test(flavor = "multi_thread")]
async fn reads_go_on_while_it_rekeys_and_writes_come_after() -> Result<()> {
    let folder = filled().await?;
    let (held, said, let_go) = held_up();
    let vault = FileVault::open_with(folder.path(), None, held)?;
    let rekeying = tokio::spawn({
        let vault = vault.clone();
        async move { vault.rekey().await }
    });
    let said = tokio::task::spawn_blocking(move || said.recv().map(|()| said)).await??;
    holds_all(&vault).await?;
    let [first, ..] = names();
    let writing = tokio::spawn({
        let (vault, first) = (vault.clone(), first.clone());
        async move { vault.write(&first, &"new".into()).await }
    });
    holds_all(&vault).await?;
    let_go.send(())?;
    assert_eq!(rekeying.await??, names().len());
    tokio::task::spawn_blocking(move || said.recv()).await??;
    let now = vault.read(&first).await?.expect("the old one");
    assert_eq!(now.expose_secret(), text(&first).expose_secret(), "not yet on the disk");
    let_go.send(())?;
    writing.await??;
    drop(vault);
    let vault = FileVault::open(folder.path(), None)?;
    assert_eq!(vault.read(&first).await?.expect("it").expose_secret(), "new");
    Ok(())
}

/// Even if whoever asked for it has gone away.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_begun_is_done_and_what_was_acknowledged_is_on_the_disk() -> Result<()> {
    let folder = TempDir::new()?;
    let (held, said, let_go) = held_up();
    let vault = FileVault::open_with(folder.path(), None, held)?;
    let [first, second, ..] = names();
    let asked = tokio::spawn({
        let (vault, first) = (vault.clone(), first.clone());
        async move { vault.write(&first, &"first".into()).await }
    });
    tokio::task::spawn_blocking(move || said.recv()).await??;
    asked.abort();
    drop(let_go);
    vault.write(&second, &"second".into()).await?;
    let again = FileVault::open(folder.path(), None)?;
    assert!(again.read(&first).await?.is_some() && again.read(&second).await?.is_some());

    let writers = (0..20).map(|at| {
        let vault = vault.clone();
        tokio::spawn(async move {
            let name = SecretName::given(&at.to_string());
            vault.write(&name, &"x".into()).await.expect("it is kept");
            name
        })
    });
    for written in join_all(writers).await {
        let again = FileVault::open(folder.path(), None)?;
        assert!(again.read(&written?).await?.is_some());
    }
    Ok(())
}

/// Whoever gives the keys gives a fresh one first, re-keys, and then takes the old
/// one away; no key is ever written to the folder.
#[tokio::test]
async fn keys_from_elsewhere_are_renewed_elsewhere() -> Result<()> {
    let folder = TempDir::new()?;
    let keys = [Keyring::generate()?.to_text(), Keyring::generate()?.to_text()];
    let [old, new] = keys.each_ref().map(|key| key.expose_secret().trim());
    let vault = FileVault::open(folder.path(), Some(old))?;
    for name in names() {
        vault.write(&name, &text(&name)).await?;
    }
    assert_eq!(vault.rekey().await?, 0, "there is no fresh key");
    drop(vault);
    is_refused(&folder, Some(new), "which is missing")?;
    is_refused(&folder, None, "vault.key is missing")?;
    let vault = FileVault::open(folder.path(), Some(&format!("{new},{old}")))?;
    holds_all(&vault).await?;
    assert_eq!(vault.rekey().await?, names().len());
    drop(vault);
    holds_all(&FileVault::open(folder.path(), Some(new))?).await?;
    assert!(!folder.path().join("vault.key").exists());
    Ok(())
}
