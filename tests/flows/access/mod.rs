//! Who may call: keys, tokens, sources, tenants, limits, what is recorded of it, and
//! what becomes of what they prove it with.

mod audit;
mod canary;
mod keys;
mod limits;
pub mod live;
mod sources;
mod tenants;
mod tokens;
mod usage;
