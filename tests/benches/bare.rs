//! The bare database on disk, with the same group sync as the service, from sixteen threads. No
//! HTTP, no SDK, no checks.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::Result;
use dynoxide::Database;
use local::embedded::{Disk, Embedded, to_disk};
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::runtime::{Builder, Runtime};

const THREADS: u64 = 16;
const LASTS: Duration = Duration::from_secs(5);

/// What one thread works with.
pub struct Thread {
    pub database: Database,
    pub disk: Disk,
    runtime: Runtime,
}

impl Thread {
    /// Has what was written synced, and waits for that.
    pub fn settle(&self) {
        self.disk.written();
        self.runtime.block_on(self.disk.settled());
    }
}

/// How often a second something can be done, which is told how often it was before.
pub fn a_second(folder: &Path, one: fn(&Thread, u64) -> Result<()>) -> Result<f64> {
    let file = folder.join("bare.db");
    // Makes the tables.
    drop(Embedded::open(&file, to_disk())?);
    let database = Database::new(&file.to_string_lossy())?;
    let disk = Disk::start(&file, to_disk())?;
    let (count, began) = (Arc::new(AtomicU64::new(0)), Instant::now());
    let threads: Vec<_> = (0..THREADS)
        .map(|thread| {
            let (database, disk, count) = (database.clone(), disk.clone(), count.clone());
            std::thread::spawn(move || -> Result<()> {
                let runtime = Builder::new_current_thread().build()?;
                let with = Thread { database, disk, runtime };
                for number in 0.. {
                    if began.elapsed() > LASTS {
                        break;
                    }
                    one(&with, number * THREADS + thread)?;
                    count.fetch_add(1, Ordering::Relaxed);
                }
                Ok(())
            })
        })
        .collect();
    for thread in threads {
        thread.join().map_err(|_| anyhow::anyhow!("a thread panicked"))??;
    }
    Ok(count.load(Ordering::Relaxed) as f64 / began.elapsed().as_secs_f64())
}

/// A request as the database takes it.
pub fn of<T: DeserializeOwned>(request: &Value) -> Result<T> {
    Ok(serde_json::from_value(request.clone())?)
}
