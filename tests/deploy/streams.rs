//! A gateway that passes streams on, which the emulator's does not: it has the functions
//! that stream run behind a Runtime API of its own, and leaves all else to the emulator.
//! Source: AWS Lambda's Runtime API, and how it streams an answer to API Gateway.

use std::collections::{BTreeMap, HashMap};
use std::convert::Infallible;
use std::future::pending;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Result;
use axum::body::{Body, to_bytes};
use axum::extract::{MatchedPath, Query, RawPathParams, Request, State};
use axum::http::header::{HOST, TRANSFER_ENCODING};
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::response::{AppendHeaders, IntoResponse, Response};
use axum::routing::{any, get, post};
use axum::{Json, Router};
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use futures_util::stream::{once, unfold};
use serde::Deserialize;
use serde_json::{Value, json};
use simulators::Server;
use tests::support::{Caller, Credential, Target};
use tokio::process::Command;
use tokio::sync::{Mutex, mpsc};

use super::{Deployed, bootstraps};

/// What stands between the head of an answer and its body.
const DELIMITER: [u8; 8] = [0; 8];

/// The routes that are streamed, and their functions: names in the template and binaries.
const STREAMED: [(&str, &str, &str); 2] = [
    ("/support/events/{ticket_id}", "SupportStream", "support-stream"),
    ("/integrations/cc/export-data", "ContactCenterExport", "contact-center-export"),
];

/// The same target through a gateway that passes streams on, and that gateway.
pub async fn through_a_gateway(deployed: &Deployed, target: Target) -> Result<(Server, Target)> {
    let behind = Caller::new(deployed.url(), Credential::None);
    let mut router = Router::new().fallback(passed_on).with_state(Arc::new(behind));
    for (route, name, bin) in STREAMED {
        let function = Function {
            bootstrap: bootstraps::folder().await?.join(bin).join("bootstrap"),
            environment: deployed.environment(name).await?,
        };
        router = router.route(route, any(streamed).with_state(Arc::new(function)));
    }
    let server = Server::start(router, 0).await?;
    let target = Target { url: server.url(), ..target };
    Ok((server, target))
}

/// A function that streams.
struct Function {
    bootstrap: PathBuf,
    /// The deployed function's variables, and its role's credentials.
    environment: HashMap<String, String>,
}

/// The head of an answer that is streamed.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Head {
    status_code: u16,
    headers: HashMap<String, String>,
}

/// What a Runtime API has for the one invocation of a function.
struct Invocation {
    event: Mutex<Option<Value>>,
    /// Gone with the answer, which ends with it.
    answer: Mutex<Option<mpsc::Sender<Bytes>>>,
}

/// Anything else.
async fn passed_on(State(behind): State<Arc<Caller>>, request: Request) -> Response {
    let (mut parts, body) = request.into_parts();
    parts.headers.remove(HOST);
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    let body = to_bytes(body, usize::MAX).await.expect("a body");
    let request = behind.request(parts.method, path).headers(parts.headers).body(body);
    let answer = behind.open(request).await;
    let (status, mut headers) = (answer.status(), answer.headers().clone());
    // It is sent on whole.
    headers.remove(TRANSFER_ENCODING);
    (status, headers, answer.bytes().await.expect("a body")).into_response()
}

/// Starts the function for this call alone, and sends on what it sends, as it comes.
async fn streamed(
    State(function): State<Arc<Function>>,
    route: MatchedPath,
    parameters: RawPathParams,
    request: Request,
) -> Response {
    let parameters: BTreeMap<_, _> = parameters.iter().collect();
    let event = event(route.as_str(), json!(parameters), request).await;
    let (answer, mut parts) = mpsc::channel(1);
    let invocation =
        Invocation { event: Mutex::new(Some(event)), answer: Mutex::new(Some(answer)) };
    let runtime = Server::start(runtime(invocation), 0).await.expect("a server");
    let api = runtime.url().trim_start_matches("http://").to_owned();
    let function = Command::new(&function.bootstrap)
        .env_clear()
        .envs(&function.environment)
        .env("AWS_LAMBDA_RUNTIME_API", api)
        .kill_on_drop(true)
        .spawn()
        .expect("a function");
    let mut begun = BytesMut::new();
    let end_of_head = loop {
        begun.extend_from_slice(&parts.recv().await.expect("an answer with a head"));
        if let Some(at) = begun.windows(DELIMITER.len()).position(|window| window == DELIMITER) {
            break at;
        }
    };
    let body = begun.split_off(end_of_head).split_off(DELIMITER.len()).freeze();
    let head: Head = serde_json::from_slice(&begun).expect("a head");
    let rest = unfold((parts, runtime, function), async |mut running| {
        running.0.recv().await.map(|part| (part, running))
    });
    let whole = once(async { body }).chain(rest).map(Ok::<_, Infallible>);
    let mut response = Response::new(Body::from_stream(whole));
    *response.status_mut() = StatusCode::from_u16(head.status_code).expect("a status");
    for (name, value) in head.headers {
        let name = HeaderName::try_from(name).expect("a header's name");
        response.headers_mut().insert(name, value.parse().expect("a header's value"));
    }
    response
}

/// What API Gateway hands a function for a REST API's call.
async fn event(resource: &str, parameters: Value, request: Request) -> Value {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, usize::MAX).await.expect("a body");
    let body = String::from_utf8(body.into()).expect("text");
    let headers = parts.headers.iter();
    let headers: BTreeMap<_, _> =
        headers.filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?))).collect();
    let several: BTreeMap<_, _> = headers.iter().map(|(name, value)| (name, [value])).collect();
    let Query(query) =
        Query::<BTreeMap<String, String>>::try_from_uri(&parts.uri).expect("a query");
    let queries: BTreeMap<_, _> = query.iter().map(|(name, value)| (name, [value])).collect();
    let (path, method) = (parts.uri.path(), parts.method.as_str());
    json!({
        "resource": resource,
        "path": path,
        "httpMethod": method,
        "headers": headers,
        "multiValueHeaders": several,
        "queryStringParameters": query,
        "multiValueQueryStringParameters": queries,
        "pathParameters": parameters,
        "stageVariables": null,
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "api",
            "httpMethod": method,
            "identity": { "sourceIp": "127.0.0.1" },
            "path": format!("/prod{path}"),
            "protocol": "HTTP/1.1",
            "requestId": shared::ids::unique(),
            "resourceId": "resource",
            "resourcePath": resource,
            "stage": "prod",
        },
        "body": Some(body).filter(|body| !body.is_empty()),
        "isBase64Encoded": false,
    })
}

fn runtime(invocation: Invocation) -> Router {
    Router::new()
        .route("/2018-06-01/runtime/invocation/next", get(next))
        .route("/2018-06-01/runtime/invocation/{id}/response", post(answered))
        .with_state(Arc::new(invocation))
}

/// The invocation; there is no other one.
async fn next(State(invocation): State<Arc<Invocation>>) -> Response {
    let Some(event) = invocation.event.lock().await.take() else { return pending().await };
    let deadline = shared::clock::Clock::system().now_ms() + 300_000;
    let headers = [
        ("lambda-runtime-aws-request-id", shared::ids::unique()),
        ("lambda-runtime-deadline-ms", deadline.to_string()),
        ("lambda-runtime-invoked-function-arn", "arn:aws:lambda:local:1:function:f".to_owned()),
    ];
    (AppendHeaders(headers), Json(event)).into_response()
}

/// Takes an answer in parts, and no other one.
async fn answered(
    State(invocation): State<Arc<Invocation>>,
    headers: HeaderMap,
    body: Body,
) -> StatusCode {
    let is = |name: &str, value: &str| headers.get(name).is_some_and(|it| it == value);
    if !is("lambda-runtime-function-response-mode", "streaming")
        || !is("content-type", "application/vnd.awslambda.http-integration-response")
    {
        return StatusCode::BAD_REQUEST;
    }
    let Some(answer) = invocation.answer.lock().await.take() else {
        return StatusCode::CONFLICT;
    };
    let mut parts = body.into_data_stream();
    while let Some(Ok(part)) = parts.next().await {
        if answer.send(part).await.is_err() {
            break;
        }
    }
    StatusCode::ACCEPTED
}
