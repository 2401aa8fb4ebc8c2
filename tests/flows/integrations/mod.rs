//! Workforce integrations: connections, and webhooks that tell other systems.

mod webhooks;
