//! 1C:ZUP, the payroll system: who works there, schedules and times worked that are sent to
//! it, norms of hours and timesheets that it tells, and how plan and fact differ.

pub mod client;
mod moment;
pub mod people;
mod read;
mod settings;

pub use settings::Settings;
