//! Who may call: API keys of people and programs, and the credentials of senders
//! of events. Only digests of credentials are stored.

mod gatekeeper;
mod key;
pub mod permission;
mod setup;
mod store;

pub use gatekeeper::gatekeeper;
pub use key::ApiKey;
pub use setup::{Setup, SetupAnswer, SetupCommand};
pub use store::SenderCredential;
