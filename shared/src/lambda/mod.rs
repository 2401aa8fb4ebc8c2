//! The ways a function starts. Each reads the environment, loads its use case,
//! and runs until Lambda stops it.

mod call;
mod http;
mod queue;
mod schedule;
mod websocket;

pub use call::call;
pub use http::{http, open, stream};
pub use queue::queue;
pub use schedule::schedule;
pub use websocket::websocket;

use crate::env::Env;
use crate::telemetry;

/// What a function's `main` returns.
pub type Exit = Result<(), lambda_runtime::Error>;

/// What every start does first.
async fn start() -> Env {
    let env = Env::of_function().await;
    telemetry::start(env.optional("LOG_LEVEL"));
    env
}
