//! Behind SQS, with partial batch failures: only the hints that could not be
//! worked on come again.

use std::time::Duration;

use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use futures_util::StreamExt;
use futures_util::stream::iter;
use lambda_runtime::{LambdaEvent, service_fn};

use super::Exit;
use crate::clock::{Clock, millis};
use crate::env::Env;
use crate::error::Result;
use crate::queue::Hint;

/// Hints of one batch that are worked on side by side.
const AT_ONCE: usize = 10;
/// A hint is not begun when less than this is left of the invocation.
const LEAST_LEFT: Duration = Duration::from_secs(10);

/// Works through hints with `deliver`, a method of what `load` makes.
pub async fn queue<S, F>(load: fn(&Env) -> Result<S>, deliver: F) -> Exit
where
    F: AsyncFn(&S, Hint) -> Result<()>,
{
    let env = super::start().await;
    let (state, clock) = (load(&env)?, env.clock());
    let (state, deliver, clock) = (&state, &deliver, &clock);
    lambda_runtime::run(service_fn(async move |event: LambdaEvent<SqsEvent>| {
        let deadline = i64::try_from(event.context.deadline).unwrap_or(i64::MAX);
        let begin_until = deadline - millis(LEAST_LEFT);
        let outcomes = iter(event.payload.records)
            .map(async |message| one(state, deliver, clock, begin_until, message).await);
        let failed = outcomes.buffer_unordered(AT_ONCE).filter_map(async |failed| failed);
        let mut answer = SqsBatchResponse::default();
        answer.batch_item_failures = failed.collect().await;
        Ok::<_, lambda_runtime::Error>(answer)
    }))
    .await
}

/// Works on one message; what it answers has to come again.
async fn one<S, F>(
    state: &S,
    deliver: &F,
    clock: &Clock,
    begin_until: i64,
    message: SqsMessage,
) -> Option<BatchItemFailure>
where
    F: AsyncFn(&S, Hint) -> Result<()>,
{
    let body = message.body.unwrap_or_default();
    let parsed = serde_json::from_str::<Hint>(&body).ok().filter(|hint| hint.v == Hint::FORM);
    let Some(hint) = parsed else {
        // It will not parse the next time either; the row it meant is still due.
        tracing::error!("a message that is no hint was dropped");
        return None;
    };
    let outcome = if clock.now_ms() < begin_until {
        deliver(state, hint).await
    } else {
        return failure(message.message_id);
    };
    match outcome {
        Ok(()) => None,
        Err(error) => {
            tracing::error!(%error, "hint not worked on; it comes again");
            failure(message.message_id)
        }
    }
}

fn failure(id: Option<String>) -> Option<BatchItemFailure> {
    let mut failure = BatchItemFailure::default();
    failure.item_identifier = id.unwrap_or_default();
    Some(failure)
}
