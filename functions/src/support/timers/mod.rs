//! When people are reminded, and when those who are higher up are asked. Each is a row with a
//! job of its own, written with the question that it is of, so that it is found when it is
//! due, whoever was alive until then, and acts once.

mod model;
mod worker;

pub use model::{TIMER, escalated, made};
pub use worker::Timers;
