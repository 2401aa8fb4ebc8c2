//! Tenants: registered, listed, suspended and resumed by the operator's admins.

pub mod api;
mod model;
mod registry;

pub use model::{Registration, Registrations, Status};
pub use registry::{Tenants, operator};
