//! Callers, installations, and ways to wait for what is to happen.

mod caller;
mod command;
mod connect;
mod document;
mod emitting;
pub mod events;
mod faulty;
mod installation;
mod names;
mod process;
pub mod python;
mod service;
mod socket;
mod viewer;
mod workforce;
mod world;

pub use caller::{Answer, Caller, Credential};
pub use command::{CommandLine, Ended};
pub use document::{Operation, operations};
pub use emitting::Emitting;
pub use faulty::{Faults, faulty};
pub use installation::{
    Installation, SENDER, SENDER_KEY, Target, second_tenant, start_app, variables,
};
pub use names::Changing;
pub use process::{Process, Vars};
pub use service::{Collected, Nowhere, Service, Timed};
pub use socket::{Hung, Socket};
pub use viewer::Viewer;
pub use workforce::dying_anywhere;
pub use world::{Act, World};
