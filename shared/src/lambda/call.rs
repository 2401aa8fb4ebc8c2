//! Called by name, by an operator whom IAM allows to.

use lambda_runtime::{LambdaEvent, service_fn};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Exit;
use crate::env::Env;
use crate::error::Result;

/// Answers each call with `answer`, a method of what `load` makes.
pub async fn call<S, Q, A, F>(load: fn(&Env) -> Result<S>, answer: F) -> Exit
where
    Q: DeserializeOwned,
    A: Serialize,
    F: AsyncFn(&S, Q) -> Result<A>,
{
    let env = super::start().await;
    let state = load(&env)?;
    let (state, answer) = (&state, &answer);
    lambda_runtime::run(service_fn(async move |event: LambdaEvent<Q>| {
        // Boxed, or the layers of futures outgrow what the compiler lays out.
        Box::pin(answer(state, event.payload)).await.map_err(lambda_runtime::Error::from)
    }))
    .await
}
