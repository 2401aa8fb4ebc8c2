//! 1C:ZUP, the payroll system: who works there, schedules and times worked that are sent to
//! it, norms of hours and timesheets that it tells, and how plan and fact differ.

mod agents;
pub mod api;
mod calendar;
mod calendars;
pub mod client;
mod codes;
mod deviations;
mod facts;
mod moment;
mod norm;
mod norm_hours;
pub mod people;
mod read;
mod schedules;
mod settings;
mod store;
mod time_types;
mod timesheet;

pub use settings::Settings;
pub use store::OneC;
