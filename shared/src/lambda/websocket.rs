//! Behind an API Gateway WebSocket API: whoever opens a socket is let in or refused,
//! each frame is answered, and the end is told.

use aws_lambda_events::apigw::ApiGatewayWebsocketProxyRequest as Event;
use axum::http::Request;
use axum::http::request::Parts;
use axum::response::IntoResponse;
use lambda_runtime::{LambdaEvent, service_fn};
use serde_json::{Value, json};
use url::form_urlencoded::Serializer;

use super::Exit;
use crate::env::Env;
use crate::error::{Error, Result};
use crate::push::{Push, Pushed, Reply};

/// Serves sockets with methods of what `load` makes: `connect` is given a connection's
/// id and the request that opens it, `hear` the id and a frame's text (none for a binary
/// one), `disconnect` the id. Answers go to the sockets that are managed at `PUSH_URL`.
pub async fn websocket<S, C, H, D>(
    load: fn(&Env) -> Result<S>,
    connect: C,
    hear: H,
    disconnect: D,
) -> Exit
where
    C: AsyncFn(&S, &str, &Parts) -> Result<()>,
    H: AsyncFn(&S, &str, Option<&str>) -> Reply,
    D: AsyncFn(&S, &str) -> Result<()>,
{
    let env = super::start().await;
    let (state, push) = (load(&env)?, env.push("PUSH_URL")?);
    let (state, push) = (&state, &*push);
    let (connect, hear, disconnect) = (&connect, &hear, &disconnect);
    lambda_runtime::run(service_fn(async move |event: LambdaEvent<Event>| {
        let event = event.payload;
        let id = event.request_context.connection_id.clone();
        let id = id.ok_or_else(|| Error::bug("an event without a connection"))?;
        let done = match event.request_context.event_type.as_deref() {
            Some("CONNECT") => connect(state, &id, &request(event)?).await,
            Some("DISCONNECT") => disconnect(state, &id).await,
            _ => {
                let text = event.body.as_deref().filter(|_| !event.is_base64_encoded);
                answer(push, &id, hear(state, &id, text).await).await
            }
        };
        Ok::<Value, lambda_runtime::Error>(json!({ "statusCode": status(done) }))
    }))
    .await
}

/// The status that a refusal has; its cause is logged by the way.
fn status(done: Result<()>) -> u16 {
    done.map_or_else(|error| error.into_response().status().as_u16(), |()| 200)
}

/// The request that opens a socket.
fn request(event: Event) -> Result<Parts> {
    let mut query = Serializer::new(String::new());
    query.extend_pairs(event.query_string_parameters.iter());
    let request = Request::builder().uri(format!("/?{}", query.finish()));
    let (mut parts, ()) = request.body(()).map_err(Error::internal)?.into_parts();
    parts.headers = event.headers;
    Ok(parts)
}

async fn answer(push: &dyn Push, connection: &str, reply: Reply) -> Result<()> {
    for frame in reply.frames {
        if push.send(connection, frame.into()).await? == Pushed::Gone {
            return Ok(());
        }
    }
    if reply.close { push.close(connection).await } else { Ok(()) }
}
