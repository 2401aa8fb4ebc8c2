//! Reports for auditors, of an event and of a case: who sent it, what was decided on what
//! evidence, what was done, what Pega answered. As JSON, and as a page to print.

pub mod api;
mod gather;
mod page;
mod view;

pub use gather::Compliance;
