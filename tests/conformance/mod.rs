//! One suite for each port, run on everything that claims to be behind it: for the
//! table the embedded database in memory and on disk, for the vault the local
//! process's file, and for both the emulated account in [`crate::deploy`]. What the
//! tests stand on is held to what they assume.

mod effects;
mod jobs;
mod oidc;
mod push;
mod runner;
mod table;
pub mod vault;

pub use table::Tables;

use local::embedded::{Embedded, to_disk};
use tempfile::TempDir;

/// All of the table's.
pub async fn all(tables: &Tables) {
    table::all(tables).await;
    jobs::all(tables).await;
    effects::all(tables).await;
    runner::all(tables).await;
}

#[tokio::test]
async fn the_embedded_database_in_memory_conforms() {
    let database = Embedded::in_memory().expect("a database");
    all(&Tables::of(&database.sdk(), "EventsTable", "ControlTable")).await;
}

#[tokio::test]
async fn the_embedded_database_on_disk_conforms() {
    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join("conformance.db");
    let database = Embedded::open(&file, to_disk()).expect("a database");
    all(&Tables::of(&database.sdk(), "EventsTable", "ControlTable")).await;
}
