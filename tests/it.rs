//! The one test binary.

mod conformance;
mod contract;
mod deploy;
mod faults;
mod flows;
mod tidy;
