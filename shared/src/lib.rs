//! The outside world: how functions start, how they are called, where they keep
//! things, whom they call. No domain word stands in this crate.

pub mod audit;
pub mod boxed;
pub mod breaker;
pub mod bulkhead;
pub mod clock;
pub mod env;
pub mod error;
pub mod idempotency;
pub mod ids;
pub mod jobs;
pub mod lambda;
pub mod limit;
pub mod mail;
pub mod oidc;
pub mod outbound;
pub mod pace;
pub mod push;
pub mod queue;
pub mod sequence;
pub mod signature;
pub mod table;
pub mod telemetry;
pub mod tenant;
pub mod turns;
pub mod vault;
pub mod web;
