//! The outside systems as servers on loopback: each speaks its documented
//! protocol, refuses what the real one refuses, keeps a ledger of what really
//! happened in it, and misbehaves on demand.

mod authorization;
pub mod automation;
pub mod chat;
mod fault;
pub mod identity;
pub mod pega;
pub mod receiver;
pub mod rest;
mod server;
pub mod ses;
pub mod slack;
pub mod smtp;
pub mod steps;
pub mod teams;

pub use fault::{Fault, Faults};
pub use server::Server;
