//! How plan and fact differ: the plan is what was sent as schedules, the fact what was sent
//! as worked or stands in 1C's timesheet.

pub mod api;
mod list;
mod rule;
