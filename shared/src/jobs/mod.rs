//! The durable engine: every piece of work that outlives its request is a
//! [`Job`], and *the row is the outbox, the queue is a hint*.
//!
//! A job is a few attributes on a row of the domain's own table, so that taking
//! on work costs no second item. Its life: a row is written with a fresh job;
//! a worker claims it (a lease with a fencing token, the attempt counted now, so
//! that a crash counts), does at most one outside effect, and commits under the
//! fence. What needs no outside effect is settled in one write, without a claim. A job
//! that is not settled stands in the sparse `due` index, which the
//! sweeper reads every minute: lost hints, dead workers and long waits are all
//! that one case. What cannot be done stands in the sparse `parked` index, from
//! which one call drives it anew.
//!
//! To add a kind of work, a domain
//! 1. flattens [`Job`] into its row and implements [`Row`];
//! 2. implements [`Work`]: may it run now, can it be settled at once, run it, what is
//!    written with a failure, whom to wake next;
//! 3. wraps each outside call in an [`Effect`] that names its [`Repeat`] policy;
//! 4. lists table and queue as a [`Lane`] of the sweeper.

mod backoff;
mod claim;
mod effect;
mod engine;
mod errand;
mod job;
mod kinds;
mod runner;
mod sweep;

pub use claim::Claim;
pub use effect::{Effect, Failure, Repeat};
pub use engine::{Done, Jobs, Record, Verdict, still_open};
pub use errand::Errand;
pub use job::{Job, LastError, Policy, Row, Standing, State, Station, parked};
pub use kinds::Kinds;
pub use runner::{Ready, Runner, Work};
pub use sweep::{Lane, Swept, open_jobs, release_abandoned, sweep};
