//! Workforce integrations: connections to other systems, and webhooks that tell other
//! systems what happened.

pub mod connections;
pub mod webhooks;
