//! Behind an EventBridge schedule.

use lambda_runtime::{LambdaEvent, service_fn};
use serde_json::Value;

use super::Exit;
use crate::env::Env;
use crate::error::Result;

/// Runs `tick`, a method of what `load` makes, at every call; what the call says
/// does not matter.
pub async fn schedule<S, F>(load: fn(&Env) -> Result<S>, tick: F) -> Exit
where
    F: AsyncFn(&S) -> Result<()>,
{
    let env = super::start().await;
    let state = load(&env)?;
    let (state, tick) = (&state, &tick);
    lambda_runtime::run(service_fn(async move |_: LambdaEvent<Value>| {
        tick(state).await.map_err(lambda_runtime::Error::from)
    }))
    .await
}
