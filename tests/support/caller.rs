//! Somebody who calls, with a credential or without.

use std::time::Duration;

use reqwest::header::HeaderMap;
use reqwest::{Method, RequestBuilder};
use serde_json::Value;

/// How often something that is to happen is looked for, and how far apart.
const LOOKS: u32 = 600;
const BETWEEN_LOOKS: Duration = Duration::from_millis(50);

/// What a caller presents.
#[derive(Clone, Debug)]
pub enum Credential {
    /// Nothing.
    None,
    /// `Authorization: Bearer`.
    Bearer(String),
    /// HTTP Basic.
    Basic(String, String),
    /// Any header.
    Header(&'static str, String),
}

/// A caller of one installation.
#[derive(Clone)]
pub struct Caller {
    http: reqwest::Client,
    url: String,
    credential: Credential,
}

/// What was answered.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    /// The body as JSON; null when it is none.
    pub json: Value,
    /// The body as sent.
    pub text: String,
}

impl Answer {
    /// A header's value; empty when it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The event's number that a webhook answers with.
    pub fn event_id(&self) -> i64 {
        assert_eq!(self.status, 200, "{}", self.json);
        self.json["eventId"].as_i64().expect("a number")
    }
}

impl Caller {
    /// A caller with this credential.
    pub fn new(url: &str, credential: Credential) -> Self {
        #[expect(clippy::disallowed_methods, reason = "the tests' one client")]
        let http = reqwest::Client::builder().no_proxy().tls_certs_only([]);
        // Nobody here speaks TLS, so nobody's certificates are read.
        let http = http.build().expect("a client");
        Self { http, url: url.to_owned(), credential }
    }

    /// The same caller with another credential.
    pub fn with(&self, credential: Credential) -> Self {
        Self { credential, ..self.clone() }
    }

    /// A request under construction.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.url));
        match &self.credential {
            Credential::None => request,
            Credential::Bearer(token) => request.bearer_auth(token),
            Credential::Basic(user, password) => request.basic_auth(user, Some(password)),
            Credential::Header(name, value) => request.header(*name, value),
        }
    }

    /// What is answered as it comes; fails the test when there is nobody.
    pub async fn open(&self, request: RequestBuilder) -> reqwest::Response {
        #[expect(clippy::disallowed_methods, reason = "the tests' one client")]
        request.send().await.expect("an answer")
    }

    /// Sends it; an error when there is no whole answer.
    pub async fn try_send(&self, request: RequestBuilder) -> reqwest::Result<Answer> {
        #[expect(clippy::disallowed_methods, reason = "the tests' one way to send")]
        let response = request.send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let bytes = response.bytes().await?;
        let json = serde_json::from_slice(&bytes).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Ok(Answer { status, headers, json, text })
    }

    /// Sends it.
    pub async fn send(&self, request: RequestBuilder) -> Answer {
        self.try_send(request).await.expect("an answer")
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path)).await
    }

    pub async fn post(&self, path: &str) -> Answer {
        self.send(self.request(Method::POST, path)).await
    }

    pub async fn post_json(&self, path: &str, body: &Value) -> Answer {
        self.send(self.request(Method::POST, path).json(body)).await
    }

    pub async fn patch(&self, path: &str) -> Answer {
        self.send(self.request(Method::PATCH, path)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.send(self.request(Method::DELETE, path)).await
    }

    /// Sends an event.
    pub async fn event(&self, body: &Value) -> Answer {
        self.send(self.webhook(body)).await
    }

    /// Sends an event under an idempotency key.
    pub async fn event_with_key(&self, key: &str, body: &Value) -> Answer {
        self.send(self.webhook(body).header("idempotency-key", key)).await
    }

    /// A webhook call under construction.
    pub fn webhook(&self, body: &Value) -> RequestBuilder {
        self.request(Method::POST, "/webhook/pega").json(body)
    }

    /// The event, as soon as `holds` is true of it.
    pub async fn event_when(&self, id: i64, holds: impl Fn(&Value) -> bool) -> Value {
        self.get_when(&format!("/events/{id}"), holds).await
    }

    /// The first of a list, as soon as `holds` is true of it.
    pub async fn first_when(&self, path: &str, holds: impl Fn(&Value) -> bool) -> Value {
        self.get_when(path, |list| holds(&list[0])).await[0].take()
    }

    /// What is at a path, as soon as `holds` is true of it.
    pub async fn get_when(&self, path: &str, holds: impl Fn(&Value) -> bool) -> Value {
        let mut last = Value::Null;
        for _ in 0..LOOKS {
            last = self.get(path).await.json;
            if holds(&last) {
                return last;
            }
            tokio::time::sleep(BETWEEN_LOOKS).await;
        }
        panic!("{path} never came to be as expected: {last:#}")
    }

    /// The event, once it was worked through well or badly.
    pub async fn settled(&self, id: i64) -> Value {
        self.event_when(id, |event| !event["processed_at"].is_null()).await
    }
}
