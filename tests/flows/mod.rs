//! What users of each domain do, over a real socket, against any installation:
//! each flow takes a target, and runs here on the local process and in
//! [`crate::deploy`] on the deployed template.

pub mod access;
mod browsers;
mod commands;
pub mod contact_center;
pub mod enjaz;
pub mod integrations;
pub mod live;
pub mod notifications;
pub mod pega;
pub mod personnel;
pub mod processes;
mod restart;
pub mod support;
mod vault;
