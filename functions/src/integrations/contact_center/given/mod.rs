//! Records as callers give them, in bulk or to have them checked: members by name, each kind
//! with the names under which it is told, and those of the older service.

mod kinds;
mod members;

pub use kinds::read;
