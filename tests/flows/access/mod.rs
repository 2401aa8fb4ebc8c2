//! Who may call: keys, tokens, sources, tenants, limits, and what is recorded of it.

mod audit;
mod keys;
mod limits;
pub mod live;
mod sources;
mod tenants;
mod tokens;
mod usage;
//! Who may call, and what becomes of what they prove it with.

mod canary;
