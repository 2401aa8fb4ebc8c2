//! Durability by group commit. SQLite appends each transaction to its write-ahead
//! log without waiting for the disk; one thread here syncs the log for everybody
//! who waits, and nothing leaves the process (no answer, no outbound call) before
//! what it rests on is synced. The same thread moves the log's content into the
//! database file when the log has grown.
//!
//! Whoever waits, waits for everything that was written before, so that a read
//! that saw an unsynced write is held back as well.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::Thread;

use anyhow::{Context, Result};
use rusqlite::Connection;
use shared::boxed::Boxed;
use shared::outbound::Gate;
use tokio::sync::watch;

/// The log's size at which its content is moved into the database file.
const CHECKPOINT_BYTES: u64 = 32 * 1024 * 1024;

/// Puts everything that was written to a file so far on the disk.
pub type Sync = Box<dyn FnMut(&File) -> std::io::Result<()> + Send>;

/// The kernel's own way: data, and what is needed to find it.
pub fn to_disk() -> Sync {
    Box::new(File::sync_data)
}

/// The disk that the database's log is on. Cheap to clone.
#[derive(Clone)]
pub struct Disk(Arc<Inner>);

struct Inner {
    /// How many writes there were.
    written: AtomicU64,
    /// How many of them are on the disk.
    synced: watch::Receiver<u64>,
    syncer: Thread,
}

/// The write-ahead log and how it is synced.
struct Log {
    file: File,
    sync: Sync,
}

impl Disk {
    /// Starts the thread that syncs the log of this database, which is open.
    pub fn start(database: &Path, sync: Sync) -> Result<Self> {
        let log = PathBuf::from(format!("{}-wal", database.display()));
        let file = File::open(&log).context("open the database's log")?;
        let mut log = Log { file, sync };
        let folder = File::open(database.parent().context("a database is in a folder")?)?;
        folder.sync_all().context("sync the data folder")?;
        let checkpoints = Connection::open(database).context("open the database once more")?;
        let (publish, synced) = watch::channel(0);
        let (hand_over, handed) = std::sync::mpsc::channel::<Arc<Inner>>();
        let syncer = std::thread::Builder::new().name("disk".to_owned()).spawn(move || {
            if let Ok(inner) = handed.recv() {
                let inner = Arc::downgrade(&inner);
                run(&inner, &mut log, &checkpoints, &publish);
            }
        })?;
        let syncer = syncer.thread().clone();
        let disk = Self(Arc::new(Inner { written: AtomicU64::new(1), synced, syncer }));
        hand_over.send(disk.0.clone())?;
        Ok(disk)
    }

    /// Says that something was written.
    pub fn written(&self) {
        self.0.written.fetch_add(1, Ordering::SeqCst);
    }

    /// Returns when everything that was written so far is on the disk.
    pub async fn settled(&self) {
        let wanted = self.0.written.load(Ordering::SeqCst);
        let mut synced = self.0.synced.clone();
        if *synced.borrow() >= wanted {
            return;
        }
        self.0.syncer.unpark();
        // The sender lives as long as the thread, which ends with the last handle.
        let _ = synced.wait_for(|synced| *synced >= wanted).await;
    }
}

impl Gate for Disk {
    fn pass(&self) -> Boxed<'_, ()> {
        Box::pin(self.settled())
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.syncer.unpark();
    }
}

/// The thread's life: sync when something was written, and sleep until it is asked.
fn run(
    inner: &std::sync::Weak<Inner>,
    log: &mut Log,
    checkpoints: &Connection,
    publish: &watch::Sender<u64>,
) {
    let mut synced = 0;
    while let Some(inner) = inner.upgrade() {
        let written = inner.written.load(Ordering::SeqCst);
        drop(inner);
        if written == synced {
            std::thread::park();
            continue;
        }
        if let Err(error) = (log.sync)(&log.file) {
            // What the kernel failed to write once, it may drop and call clean:
            // only a restart, which reads the log anew, tells what is there.
            tracing::error!(%error, "the disk does not take writes; stopping");
            std::process::abort();
        }
        synced = written;
        publish.send_replace(synced);
        if log.file.metadata().is_ok_and(|log| log.len() > CHECKPOINT_BYTES) {
            checkpoint(checkpoints);
        }
    }
}

/// Moves the log into the database file: first without keeping anybody from
/// writing, then the little that came meanwhile, so that the log starts over.
fn checkpoint(connection: &Connection) {
    for mode in ["PASSIVE", "TRUNCATE"] {
        let moved = connection.query_row(&format!("PRAGMA wal_checkpoint({mode})"), [], |_| Ok(()));
        if let Err(error) = moved {
            tracing::warn!(%error, "the log was not moved; it is tried again later");
        }
    }
}
