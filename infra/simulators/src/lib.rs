//! The outside systems as servers on loopback: each speaks its documented
//! protocol, refuses what the real one refuses, keeps a ledger of what really
//! happened in it, and misbehaves on demand.

mod at_once;
mod authorization;
pub mod automation;
pub mod chat;
pub mod contact_center;
mod fault;
mod http;
pub mod identity;
pub mod onec;
pub mod pega;
pub mod portal;
pub mod receiver;
pub mod rest;
mod server;
pub mod ses;
pub mod slack;
pub mod smtp;
pub mod steps;
pub mod teams;

pub use fault::{Fault, Faults};
pub use server::{Server, Stopped};
