//! Workforce integrations: connections to other systems, and webhooks that tell other
//! systems what happened.

mod answer;
pub mod connections;
pub mod onec;
mod secretive;
pub mod webhooks;
