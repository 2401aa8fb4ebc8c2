//! The vault port: what every vault does with credentials and their names.

mod answers;
mod cached;

use futures_util::future::join_all;
use local::vault::FileVault;
use shared::error::Kind;
use shared::ids;
use shared::tenant::Tenant;
use shared::vault::{ExposeSecret, MAX_SECRET, SecretName, SecretString, Vault};
use tempfile::TempDir;

/// Of a tenant that no other test uses.
pub fn new_tenant() -> Tenant {
    Tenant::parse(&ids::unique()[..16]).expect("a name")
}

/// A tenant's record.
pub fn record(tenant: &Tenant, record: &str) -> SecretName {
    SecretName::of(tenant, record).expect("a name")
}

/// What is kept under this name.
pub async fn read(vault: &dyn Vault, name: &SecretName) -> Option<String> {
    let secret = vault.read(name).await.expect("an answer");
    secret.map(|secret| secret.expose_secret().to_owned())
}

/// Keeps this text.
pub async fn write(vault: &dyn Vault, name: &SecretName, text: &str) {
    vault.write(name, &SecretString::from(text)).await.expect("it is kept");
}

async fn remove(vault: &dyn Vault, name: &SecretName) {
    vault.remove(name).await.expect("it is gone");
}

/// All of it.
pub async fn all(vault: &dyn Vault) {
    write_replaces_and_remove_removes(vault).await;
    names_are_kept_apart(vault).await;
    any_text_that_fits(vault).await;
    many_at_once(vault).await;
}

/// For a tenant's record and for an operator's own.
async fn write_replaces_and_remove_removes(vault: &dyn Vault) {
    let own = SecretName::given(&format!("own-{}", ids::unique()));
    for name in [record(&new_tenant(), "sources/abc"), own] {
        assert_eq!(read(vault, &name).await, None, "nothing was written");
        remove(vault, &name).await;
        for text in ["first", "second", "second"] {
            write(vault, &name, text).await;
            assert_eq!(read(vault, &name).await.as_deref(), Some(text));
        }
        for _ in 0..2 {
            remove(vault, &name).await;
            assert_eq!(read(vault, &name).await, None);
        }
        write(vault, &name, "third").await;
        assert_eq!(
            read(vault, &name).await.as_deref(),
            Some("third"),
            "its name can be used again"
        );
        remove(vault, &name).await;
    }
}

/// Names that begin or end alike, and the same record of another tenant.
async fn names_are_kept_apart(vault: &dyn Vault) {
    let (one, other) = (new_tenant(), new_tenant());
    let names = [
        record(&one, "a"),
        record(&one, "A"),
        record(&one, "a/b"),
        record(&one, "a-AbCdEf"),
        record(&one, &"a".repeat(128)),
        record(&other, "a"),
        SecretName::given(&format!("own-{one}")),
    ];
    for (at, name) in names.iter().enumerate() {
        write(vault, name, &at.to_string()).await;
    }
    for (at, name) in names.iter().enumerate() {
        assert_eq!(read(vault, name).await, Some(at.to_string()), "{name}");
    }
    remove(vault, &names[0]).await;
    assert_eq!(read(vault, &names[0]).await, None);
    for (at, name) in names.iter().enumerate().skip(1) {
        assert_eq!(read(vault, name).await, Some(at.to_string()), "{name}");
        remove(vault, name).await;
    }
}

/// Whatever its characters, as long as it is neither empty nor too long; what is
/// refused leaves what was there.
async fn any_text_that_fits(vault: &dyn Vault) {
    let name = record(&new_tenant(), "a");
    let longest = "x".repeat(MAX_SECRET);
    for text in ["{\"a\":\"b\"}", " \"quoted\"\n\ttwo lines ", "žluťoučký 🦀", "x", &longest]
    {
        write(vault, &name, text).await;
        assert_eq!(read(vault, &name).await.as_deref(), Some(text));
    }
    let too_long = ["x".repeat(MAX_SECRET + 1), "é".repeat(MAX_SECRET / 2 + 1), String::new()];
    for text in too_long {
        let refused = vault.write(&name, &SecretString::from(text)).await.expect_err("too long");
        assert_eq!((refused.kind, refused.fields[0].field.as_str()), (Kind::Invalid, "secret"));
        assert!(!format!("{refused} {refused:?}").contains("xxxx"));
        assert_eq!(read(vault, &name).await.as_deref(), Some(&*longest));
    }
    remove(vault, &name).await;
}

/// Writers of one name, which is new, and of many.
async fn many_at_once(vault: &dyn Vault) {
    let (tenant, contested) = (new_tenant(), record(&new_tenant(), "contested"));
    let write_both = async |at: usize| {
        write(vault, &contested, &format!("writer {at}")).await;
        write(vault, &record(&tenant, &format!("own/{at}")), &format!("own {at}")).await;
    };
    join_all((0..8).map(write_both)).await;
    let last = read(vault, &contested).await.expect("somebody wrote it");
    assert!((0..8).any(|at| last == format!("writer {at}")), "{last}");
    for at in 0..8 {
        let own = record(&tenant, &format!("own/{at}"));
        assert_eq!(read(vault, &own).await, Some(format!("own {at}")));
        remove(vault, &own).await;
    }
    join_all((0..4).map(async |_| remove(vault, &contested).await)).await;
    assert_eq!(read(vault, &contested).await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_local_file_conforms() {
    let folder = TempDir::new().expect("a folder");
    let vault = FileVault::open(folder.path(), None).expect("a vault");
    all(&vault).await;
    drop(vault);
    all(&FileVault::open(folder.path(), None).expect("the same vault")).await;
}
