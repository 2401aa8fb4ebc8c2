//! Amazon SES v2, of which it knows `SendEmail`: over a socket, so that the real SDK talks
//! to it. It is in the sandbox when it is told which addresses are verified.
//! Source: Amazon SES API v2 reference, `SendEmail`.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use bytes::Bytes;
use serde_json::{Value, json};

use crate::fault::misbehave;
use crate::{Faults, Server};

/// Recipients of one mail at most.
const MOST: usize = 50;

/// A running SES.
pub struct Ses {
    server: Server,
    state: Arc<Mutex<Account>>,
    /// What goes wrong next.
    pub faults: Faults,
}

#[derive(Default)]
struct Account {
    mails: Vec<Value>,
    /// Who is verified, when it is in the sandbox.
    verified: Option<Vec<String>>,
    /// The errors that it answers with next, the first one first.
    errors: VecDeque<(StatusCode, &'static str, &'static str)>,
}

impl Ses {
    /// Starts one on any free port.
    pub async fn start() -> std::io::Result<Self> {
        let (state, faults) = (Arc::<Mutex<Account>>::default(), Faults::default());
        let router = Router::new()
            .route("/v2/email/outbound-emails", post(send))
            .layer(from_fn_with_state(faults.clone(), misbehave))
            .with_state(state.clone());
        let server = Server::start(router, 0).await?;
        Ok(Self { server, state, faults })
    }

    /// Where it listens.
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// Puts it into the sandbox, where mail reaches these alone.
    pub fn sandbox(&self, verified: &[&str]) {
        let verified = verified.iter().map(|one| (*one).to_owned()).collect();
        locked(&self.state).verified = Some(verified);
    }

    /// Answers the next mail with this error.
    pub fn fail(&self, status: StatusCode, error: &'static str, message: &'static str) {
        locked(&self.state).errors.push_back((status, error, message));
    }

    /// The mails that it took, as they were asked for.
    pub fn mails(&self) -> Vec<Value> {
        locked(&self.state).mails.clone()
    }
}

fn locked(account: &Mutex<Account>) -> MutexGuard<'_, Account> {
    account.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn send(
    State(account): State<Arc<Mutex<Account>>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let mut account = locked(&account);
    let signed = headers.get("authorization").and_then(|value| value.to_str().ok());
    if !signed.is_some_and(|signed| signed.starts_with("AWS4-HMAC-SHA256 ")) {
        return error(StatusCode::FORBIDDEN, "MissingAuthenticationTokenException", "Not signed");
    }
    if let Some((status, name, message)) = account.errors.pop_front() {
        return error(status, name, message);
    }
    let Some((mail, to)) = read(&body) else {
        return error(StatusCode::BAD_REQUEST, "BadRequestException", "Bad request");
    };
    if let Some(verified) = &account.verified
        && let Some(stranger) = to.iter().find(|one| !verified.contains(one))
    {
        let told = format!(
            "Email address is not verified. The following identities failed the check in region \
             US-EAST-1: {stranger}"
        );
        return error(StatusCode::BAD_REQUEST, "MessageRejected", &told);
    }
    account.mails.push(mail);
    Json(json!({ "MessageId": format!("0100-{}", account.mails.len()) })).into_response()
}

/// The mail and whom it is to; none when it is none.
fn read(body: &[u8]) -> Option<(Value, Vec<String>)> {
    let mail: Value = serde_json::from_slice(body).ok()?;
    let text = |value: &Value| value.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    text(&mail["FromEmailAddress"])?;
    let simple = &mail["Content"]["Simple"];
    text(&simple["Subject"]["Data"]).filter(|subject| !subject.contains(['\r', '\n']))?;
    text(&simple["Body"]["Text"]["Data"])?;
    let to = mail["Destination"]["ToAddresses"].as_array()?;
    let to: Vec<String> = to.iter().map(text).collect::<Option<_>>()?;
    let fits = (1..=MOST).contains(&to.len()) && to.iter().all(|one| one.contains('@'));
    fits.then_some((mail, to))
}

fn error(status: StatusCode, name: &str, message: &str) -> Response {
    (status, [("x-amzn-errortype", name.to_owned())], Json(json!({ "message": message })))
        .into_response()
}
