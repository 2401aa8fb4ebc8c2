//! Secrets where none is expected: in bodies that are refused, in addresses, and in
//! headers that nobody reads.

use anyhow::{Result, ensure};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use tests::support::{Operation, operations};

use super::{World, canary};

/// Headers that are no place for a secret.
const HEADERS: [(&str, &str); 8] = [
    ("authorization", "Token "),
    ("authorization", ""),
    ("cookie", "session="),
    ("x-forwarded-for", ""),
    ("x-auth-token", ""),
    ("x-caseway-source", ""),
    ("referer", "https://caseway.example/?key="),
    ("user-agent", ""),
];

/// A kept and a renewed secret that are refused, each because of one thing.
fn wrong_bodies(secret: &str) -> Vec<(&'static str, Value)> {
    const SOURCES: &str = "/api/v1/sources";
    const ROTATE: &str = "/api/v1/sources/given/rotate";
    const KEYS: &str = "/api/v1/api-keys";
    let (blank, long) = (format!(" {secret}"), secret.repeat(9));
    vec![
        (SOURCES, json!(secret)),
        (SOURCES, json!([secret])),
        (SOURCES, json!({ "name": "x", "basic": secret })),
        (SOURCES, json!({ "name": "x", "basic": { "username": "u", "password": blank } })),
        (SOURCES, json!({ "name": "x", "basic": { "username": "u", "password": long } })),
        (SOURCES, json!({ "name": "x", "basic": { "username": "u", "password": [secret] } })),
        (SOURCES, json!({ "name": "x", "basic": { "username": "u:", "password": secret } })),
        (SOURCES, json!({ "name": "x", "header": { "value": blank } })),
        (SOURCES, json!({ "name": "x", "header": { "value": { "is": secret } } })),
        (SOURCES, json!({ "name": "x", "signature": { "secret": secret } })),
        (SOURCES, json!({ "name": "x", "signature": secret })),
        (SOURCES, json!({ "name": "x", "password": secret, "header": {} })),
        (SOURCES, json!({ "name": "X", "header": { "value": secret } })),
        (ROTATE, json!({ "way": secret })),
        (ROTATE, json!({ "way": "basic", "secret": blank })),
        (ROTATE, json!({ "way": "header", "secret": long })),
        (ROTATE, json!({ "way": "signature", "secret": secret })),
        (ROTATE, json!({ "way": "signature", "secret": format!("whsec_{secret}") })),
        (ROTATE, json!({ "way": "header", "grace_seconds": secret })),
        (ROTATE, json!({ "way": "header", "grace_seconds": -1, "secret": secret })),
        (KEYS, json!({ "name": "x", "role": secret })),
        (KEYS, json!({ "name": "x", "permissions": [secret] })),
        (KEYS, json!({ "name": "x", "expires_at": secret })),
        (KEYS, json!({ "name": "x", "rate_limit_per_minute": secret })),
        (KEYS, json!({ "name": "x", "is_active": secret })),
        ("/api/v1/tenants", json!({ "id": format!("{secret}!") })),
        ("/webhook/pega", json!({ "caseId": [secret], "event": "role_change" })),
    ]
}

impl World {
    /// A new secret that no answer shows.
    fn fresh(&mut self, what: &str) -> String {
        let secret = canary();
        self.watch.never(what, &secret);
        secret
    }

    /// Sends bodies that are refused.
    pub(super) async fn send_wrong_bodies(&mut self) -> Result<()> {
        let secret = self.fresh("a secret in a refused body");
        for (path, body) in wrong_bodies(&secret) {
            let text = body.to_string();
            for text in [&*text, &text[..text.len() - 1], &format!("{text}{secret}")] {
                let with = |request: RequestBuilder| {
                    request.header("content-type", "application/json").body(text.to_owned())
                };
                let answer = self.watch.send(&self.admin, (Method::POST, path), with).await;
                ensure!(matches!(answer.status, 400 | 422), "{path} {text}: {}", answer.text);
            }
        }
        Ok(())
    }

    /// Puts secrets into addresses and headers of every operation, as the admin, who
    /// gets past the gate.
    pub(super) async fn put_secrets_in_odd_places(&mut self) -> Result<()> {
        let (in_path, in_query) = (self.fresh("a secret in a path"), self.fresh("one in a query"));
        let (in_header, in_filter) = (self.fresh("one in a header"), canary());
        self.watch.back("one in a filter", &in_filter);
        let body = |request: RequestBuilder, operation: &Operation| {
            if operation.has_body { request.json(&json!({})) } else { request }
        };
        for operation in operations() {
            let path = operation.path_with("0");
            let mut paths = vec![format!("/{in_path}")];
            paths.push(format!("{path}?key={in_query}&api_key={in_query}&limit=1"));
            // What these name is what is asked of Pega, and kept as such.
            if !operation.path.starts_with("/pega/case") {
                paths.push(operation.path_with(&in_path));
                paths.extend(
                    operation.query.iter().map(|name| format!("{path}?{name}={in_filter}")),
                );
            }
            for path in paths {
                let call = (operation.method.clone(), &*path);
                self.watch.send(&self.admin, call, |request| body(request, &operation)).await;
            }
            for (name, prefix) in HEADERS {
                let call = (operation.method.clone(), &*path);
                let with = |request| {
                    body(request, &operation).header(name, format!("{prefix}{in_header}"))
                };
                self.watch.send(&self.admin, call, with).await;
            }
        }
        Ok(())
    }
}
