//! What is kept in front of a vault: for how long, for whom, and when it is not.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use shared::boxed::Boxed;
use shared::clock::{Clock, timestamp};
use shared::error::{Error, Result};
use shared::vault::{Cached, ExposeSecret, SecretName, SecretString, Vault};
use tokio::sync::Notify;
use tokio::time::timeout;

/// A vault that counts reads, and is slow or broken when told to be.
#[derive(Default)]
struct Counting {
    secrets: Mutex<HashMap<SecretName, SecretString>>,
    reads: AtomicUsize,
    broken: AtomicBool,
    /// Reads of it wait until they are let go.
    slow: Mutex<Option<SecretName>>,
    waiting: Notify,
    go: Notify,
}

impl Counting {
    fn change(&self, change: impl FnOnce(&mut HashMap<SecretName, SecretString>)) -> Result<()> {
        if self.broken.load(Ordering::SeqCst) {
            return Err(Error::unavailable(anyhow::anyhow!("broken")));
        }
        change(&mut self.secrets.lock().unwrap());
        Ok(())
    }

    fn reads(&self) -> usize {
        self.reads.load(Ordering::SeqCst)
    }
}

impl Vault for Counting {
    fn read<'a>(&'a self, name: &'a SecretName) -> Boxed<'a, Result<Option<SecretString>>> {
        Box::pin(async move {
            self.reads.fetch_add(1, Ordering::SeqCst);
            let found = self.secrets.lock().unwrap().get(name).cloned();
            let slow = self.slow.lock().unwrap().as_ref() == Some(name);
            if slow {
                self.waiting.notify_one();
                self.go.notified().await;
            }
            Ok(found)
        })
    }

    fn write<'a>(
        &'a self,
        name: &'a SecretName,
        secret: &'a SecretString,
    ) -> Boxed<'a, Result<()>> {
        Box::pin(async move {
            self.change(|secrets| drop(secrets.insert(name.clone(), secret.clone())))
        })
    }

    fn remove<'a>(&'a self, name: &'a SecretName) -> Boxed<'a, Result<()>> {
        Box::pin(async move { self.change(|secrets| drop(secrets.remove(name))) })
    }
}

/// A cache, what is behind it, and its clock.
fn cached() -> (Cached, Arc<Counting>, Clock) {
    let (vault, clock) = (Arc::new(Counting::default()), Clock::manual(timestamp(0)));
    (Cached::new(vault.clone(), clock.clone()), vault, clock)
}

async fn read(cached: &Cached, name: &SecretName) -> Option<String> {
    let secret = cached.read(name).await.expect("an answer");
    secret.map(|secret| secret.expose_secret().to_owned())
}

/// Somebody else's change behind the cache's back.
fn change_behind(vault: &Counting, name: &SecretName, text: &str) {
    vault.change(|secrets| drop(secrets.insert(name.clone(), text.into()))).expect("a change");
}

#[tokio::test]
async fn an_answer_is_kept_for_five_minutes_or_until_it_is_forgotten() {
    let (cached, vault, clock) = cached();
    let name = SecretName::given("a");
    assert_eq!(read(&cached, &name).await, None);
    change_behind(&vault, &name, "first");
    clock.advance(Duration::from_secs(299));
    assert_eq!((read(&cached, &name).await, vault.reads()), (None, 1), "nothing is kept as well");
    clock.advance(Duration::from_secs(1));
    assert_eq!(read(&cached, &name).await.as_deref(), Some("first"));
    change_behind(&vault, &name, "second");
    assert_eq!(read(&cached.clone(), &name).await.as_deref(), Some("first"));
    cached.forget(&name).await;
    assert_eq!(read(&cached, &name).await.as_deref(), Some("second"));
    assert_eq!(vault.reads(), 3);
}

#[tokio::test]
async fn a_change_goes_through_and_is_seen_at_once() {
    let (cached, vault, _) = cached();
    let name = SecretName::given("a");
    assert_eq!(read(&cached, &name).await, None);
    cached.write(&name, &"first".into()).await.expect("it is kept");
    assert_eq!(vault.secrets.lock().unwrap()[&name].expose_secret(), "first");
    assert_eq!(read(&cached, &name).await.as_deref(), Some("first"));
    cached.remove(&name).await.expect("it is gone");
    assert!(vault.secrets.lock().unwrap().is_empty());
    assert_eq!((read(&cached, &name).await, vault.reads()), (None, 1));
}

#[tokio::test]
async fn a_change_that_failed_leaves_nothing_kept() {
    let (cached, vault, _) = cached();
    let name = SecretName::given("a");
    for remove in [false, true] {
        cached.write(&name, &"old".into()).await.expect("it is kept");
        vault.broken.store(true, Ordering::SeqCst);
        let failed = match remove {
            true => cached.remove(&name).await,
            false => cached.write(&name, &"new".into()).await,
        };
        assert!(failed.is_err());
        vault.broken.store(false, Ordering::SeqCst);
        // It may have been done all the same.
        change_behind(&vault, &name, "new");
        assert_eq!(read(&cached, &name).await.as_deref(), Some("new"));
    }
}

#[tokio::test]
async fn one_name_is_asked_for_once_and_holds_up_no_other() {
    let (cached, vault, _) = cached();
    let (slow, other) = (SecretName::given("slow"), SecretName::given("other"));
    change_behind(&vault, &slow, "old");
    *vault.slow.lock().unwrap() = Some(slow.clone());
    let ask = || {
        let (cached, slow) = (cached.clone(), slow.clone());
        tokio::spawn(async move { read(&cached, &slow).await })
    };
    let asking = [ask(), ask(), ask()];
    vault.waiting.notified().await;
    let others = async {
        assert_eq!(read(&cached, &other).await, None);
        cached.write(&other, &"x".into()).await.expect("it is kept");
    };
    timeout(Duration::from_secs(10), others).await.expect("nobody waits for another name");
    vault.go.notify_one();
    for asked in asking {
        assert_eq!(asked.await.expect("an answer").as_deref(), Some("old"));
    }
    assert_eq!(vault.reads(), 2);
}

/// What changes while a read of the old one is under way.
#[derive(Clone, Copy)]
enum Change {
    Written,
    Forgotten,
}

#[tokio::test]
async fn what_was_read_before_a_change_does_not_outlive_it() {
    for change in [Change::Written, Change::Forgotten] {
        let (cached, vault, _) = cached();
        let name = SecretName::given("slow");
        change_behind(&vault, &name, "old");
        *vault.slow.lock().unwrap() = Some(name.clone());
        let reader = (cached.clone(), name.clone());
        let reading = tokio::spawn(async move { read(&reader.0, &reader.1).await });
        vault.waiting.notified().await;
        if let Change::Forgotten = change {
            change_behind(&vault, &name, "new");
        }
        let changer = (cached.clone(), name.clone());
        let changing = tokio::spawn(async move {
            match change {
                Change::Forgotten => changer.0.forget(&changer.1).await,
                Change::Written => changer.0.write(&changer.1, &"new".into()).await.expect("kept"),
            }
        });
        // The only thread turns to the change, which goes as far as it can.
        tokio::task::yield_now().await;
        *vault.slow.lock().unwrap() = None;
        vault.go.notify_one();
        assert_eq!(reading.await.expect("an answer").as_deref(), Some("old"));
        changing.await.expect("it is done");
        assert_eq!(read(&cached, &name).await.as_deref(), Some("new"));
    }
}
