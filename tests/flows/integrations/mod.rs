//! Workforce integrations: connections, and webhooks that tell other systems.

pub mod webhooks;
