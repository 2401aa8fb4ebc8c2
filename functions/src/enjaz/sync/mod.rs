//! Synchronisations of accounts: sign in, read page after page, compare with what is kept,
//! and replace that as a whole. One at a time of an account, in steps that are written down.

mod alarm;
mod attend;
mod finish;
mod parts;
mod read;
mod run;
mod start;
mod step;
mod worker;

pub use alarm::Alarm;
pub use attend::Attendant;
pub use run::{Goal, SYNCS, SyncRun, SyncState, Trigger};
pub use start::NewSync;
pub use worker::Syncing;

pub(super) use parts::part_keys;
pub(super) use read::session_name;
pub(super) use run::syncs_of;
