//! Workforce integrations: connections to other systems, and webhooks that tell other
//! systems what happened.

mod answer;
pub mod connections;
mod secretive;
pub mod webhooks;
