//! Calls over a socket, as another system makes them.

mod agents;
mod fact;
mod manner;
mod norm_hours;
mod schedule;
mod time_types;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use reqwest::header::{AUTHORIZATION, HeaderMap};
use reqwest::{Method, StatusCode};
use serde_json::Value;

use super::{USER, Zup};

/// What came back.
struct Reply {
    status: StatusCode,
    headers: HeaderMap,
    text: String,
}

impl Reply {
    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

/// Header and value of the user's sign-in.
fn sign_in() -> (&'static str, String) {
    (
        AUTHORIZATION.as_str(),
        format!("Basic {}", BASE64_STANDARD.encode(format!("{}:{}", USER.0, USER.1))),
    )
}

/// A call, with these headers alone.
async fn send(
    method: Method,
    url: &str,
    headers: &[(&str, String)],
    body: &str,
) -> reqwest::Result<Reply> {
    let client = crate::http::client()?;
    let mut request = client.request(method, url).body(body.to_owned());
    for (name, value) in headers {
        request = request.header(*name, value);
    }
    let response = client.execute(request.build()?).await?;
    let (status, headers) = (response.status(), response.headers().clone());
    // Not `text`, which would take a byte order mark away.
    let bytes = response.bytes().await?;
    Ok(Reply { status, headers, text: String::from_utf8(bytes.to_vec()).unwrap() })
}

async fn get(zup: &Zup, path: &str) -> Reply {
    send(Method::GET, &format!("{}/{path}", zup.url()), &[sign_in()], "").await.unwrap()
}

async fn post(zup: &Zup, method: &str, body: &Value) -> Reply {
    let url = format!("{}/{method}", zup.url());
    send(Method::POST, &url, &[sign_in()], &body.to_string()).await.unwrap()
}
