//! The ways in: keys, tokens and sources of every kind, given and made, renewed, and
//! wrong ones beside them, presented on every operation.

use anyhow::{Context, Result, ensure};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use functions::access::ApiKey;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use shared::clock::Clock;
use shared::signature::SigningSecret;
use simulators::identity::AUDIENCE;
use tests::support::{Credential, events, operations};

use super::{World, canary};

/// What a request presents of itself.
pub(super) struct Presented(Vec<(&'static str, String)>);

impl Presented {
    fn one(name: &'static str, value: impl Into<String>) -> Self {
        Self(vec![(name, value.into())])
    }

    fn basic(username: &str, password: &str) -> Self {
        let encoded = BASE64_STANDARD.encode(format!("{username}:{password}"));
        Self::one("authorization", format!("Basic {encoded}"))
    }

    /// Signed as Standard Webhooks has it.
    fn signed(source: &str, secret: &str, body: &Value) -> Result<Self> {
        let (id, now) = (shared::ids::unique(), Clock::system().now_ms() / 1000);
        let secret = SigningSecret::parse(secret).context("a secret")?;
        let signature = secret.sign(&id, now, body.to_string().as_bytes())?;
        Ok(Self(vec![
            ("x-caseway-source", source.to_owned()),
            ("webhook-id", id),
            ("webhook-timestamp", now.to_string()),
            ("webhook-signature", signature),
        ]))
    }

    pub(super) fn on(&self, request: RequestBuilder) -> RequestBuilder {
        self.0.iter().fold(request, |request, (name, value)| request.header(*name, value))
    }
}

impl World {
    /// Posts as the admin, who is let in.
    pub(super) async fn made(&mut self, path: &str, body: Value) -> Result<Value> {
        let call = (Method::POST, path);
        let answer = self.watch.send(&self.admin, call, |request| request.json(&body)).await;
        ensure!(matches!(answer.status, 200 | 201), "{path}: {}", answer.text);
        Ok(answer.json)
    }

    /// Keeps the secret that an answer shows, and answers it.
    pub(super) fn shown(&mut self, what: &str, shown: &Value) -> Result<String> {
        let text = shown.as_str().with_context(|| format!("{what} is not shown"))?.to_owned();
        self.watch.once(what, &text);
        Ok(text)
    }

    /// Makes credentials of every kind, and wrong ones.
    pub(super) async fn make_credentials(&mut self) -> Result<Vec<Presented>> {
        let mut all = self.keys().await?;
        all.extend(self.made_source().await?);
        all.extend(self.given_source().await?);
        all.extend(self.tokens().await?);
        all.extend(self.wrong_ones());
        Ok(all)
    }

    async fn keys(&mut self) -> Result<Vec<Presented>> {
        let mut keys = Vec::new();
        let key = self.made("/api/v1/api-keys", json!({ "name": "canary" })).await?;
        keys.push(self.shown("a key", &key["key"])?);
        for grace in [60, 0] {
            let path = format!("/api/v1/api-keys/{}/reroll", key["id"]);
            let renewed = self.made(&path, json!({ "grace_seconds": grace })).await?;
            keys.push(self.shown("a renewed key", &renewed["key"])?);
        }
        let tenant = self.made("/api/v1/tenants", json!({ "id": "canaries" })).await?;
        keys.push(self.shown("a tenant's admin key", &tenant["admin_key"])?);
        let bearer = |key: &String| Presented::one("authorization", format!("Bearer {key}"));
        let header = |key: &String| Presented::one("x-api-key", key.as_str());
        Ok(keys.iter().flat_map(|key| [bearer(key), header(key)]).collect())
    }

    /// A source whose secrets the API makes.
    async fn made_source(&mut self) -> Result<Vec<Presented>> {
        let ways = ["basic", "header", "signature"];
        let source = json!({
            "name": "made", "basic": { "username": "made" }, "header": {}, "signature": {},
        });
        let mut answers = vec![self.made("/api/v1/sources", source).await?];
        for (way, grace) in ways.into_iter().flat_map(|way| [(way, 60), (way, 0)]) {
            let rotation = json!({ "way": way, "grace_seconds": grace });
            answers.push(self.made("/api/v1/sources/made/rotate", rotation).await?);
        }
        let (body, mut all) = (events::role_change("canary"), Vec::new());
        for answer in answers {
            let shown = &answer["credentials"];
            if shown["basic"].is_object() {
                let password = self.shown("a made password", &shown["basic"]["password"])?;
                all.push(Presented::basic("made", &password));
            }
            if shown["header"].is_object() {
                let value = self.shown("a made header", &shown["header"]["value"])?;
                all.push(Presented::one("x-sender-key", value));
            }
            if let Some(source) = shown["signature"]["source_id"].as_str() {
                let secret = self.shown("a made secret", &shown["signature"]["secret"])?;
                all.push(Presented::signed(source, &secret, &body)?);
            }
        }
        ensure!(all.len() == 9, "only {} secrets were made", all.len());
        Ok(all)
    }

    /// A source whose secrets are given.
    async fn given_source(&mut self) -> Result<Vec<Presented>> {
        let (password, value) = (canary(), canary());
        let secret = || format!("whsec_{}", BASE64_STANDARD.encode(canary()));
        let signing = secret();
        let source = json!({
            "name": "given", "basic": { "username": "given", "password": password },
            "header": { "value": value }, "signature": { "secret": signing },
        });
        let registered = self.made("/api/v1/sources", source.clone()).await?;
        let again = (Method::POST, "/api/v1/sources");
        let again = self.watch.send(&self.admin, again, |request| request.json(&source)).await;
        ensure!(again.status == 409, "{}", again.text);
        let public = registered["credentials"]["signature"]["source_id"].as_str();
        let public = public.context("a source's id")?;
        let mut all = vec![("basic", password), ("header", value), ("signature", signing)];
        for (way, secret) in [("basic", canary()), ("header", canary()), ("signature", secret())] {
            let rotation = json!({ "way": way, "grace_seconds": 60, "secret": secret });
            self.made("/api/v1/sources/given/rotate", rotation).await?;
            all.push((way, secret));
        }
        let body = events::role_change("canary");
        all.iter().try_for_each(|(way, secret)| {
            self.shown(&format!("a given {way}"), &secret.as_str().into()).map(drop)
        })?;
        let presented = all.iter().map(|(way, secret)| match *way {
            "basic" => Ok(Presented::basic("given", secret)),
            "header" => Ok(Presented::one("x-sender-key", secret.as_str())),
            _ => Presented::signed(public, secret, &body),
        });
        presented.collect()
    }

    /// Tokens of a person, of a source, and of nobody.
    async fn tokens(&mut self) -> Result<Vec<Presented>> {
        let source = json!({ "name": "token", "token": {
            "issuer": self.machines.issuer(), "audience": AUDIENCE, "subject": "machine",
        }});
        self.made("/api/v1/sources", source).await?;
        let machine = json!({ "sub": "machine", "aud": AUDIENCE });
        let mut tokens = vec![self.person(), self.machines.token(machine)];
        for (header, claims) in [
            (json!({}), json!({ "sub": "anna", "aud": "another" })),
            (json!({}), json!({ "sub": "anna", "aud": AUDIENCE, "exp": 1 })),
            (json!({}), json!({ "sub": "anna", "aud": AUDIENCE, "iss": "https://else.example" })),
            (json!({ "kid": "unknown" }), json!({ "sub": "anna", "aud": AUDIENCE })),
        ] {
            tokens.push(self.provider.token_with(header, claims));
        }
        let (begin, _) = tokens[0].rsplit_once('.').context("a token's parts")?;
        let forged = format!("{begin}.{}", canary());
        tokens.extend([forged, format!("eyJhbGciOiJub25lIn0.e30.{}", canary()), canary()]);
        tokens.iter().for_each(|token| self.watch.never("a token", token));
        let bearer = |token: String| Presented::one("authorization", format!("Bearer {token}"));
        Ok(tokens.into_iter().map(bearer).collect())
    }

    /// What is nobody's.
    fn wrong_ones(&mut self) -> Vec<Presented> {
        let secret: [String; 9] = std::array::from_fn(|_| canary());
        secret.iter().for_each(|secret| self.watch.never("a wrong secret", secret));
        let [unknown, mistyped] = [ApiKey::generate(), ApiKey::generate()];
        let mistyped = format!("{}0", mistyped.reveal());
        self.watch.never("an unknown key", unknown.reveal());
        self.watch.never("a mistyped key", &mistyped);
        let authorization = |value: String| Presented::one("authorization", value);
        vec![
            authorization(format!("Bearer {}", unknown.reveal())),
            authorization(format!("Bearer {mistyped}")),
            authorization(format!("Bearer pd_{}", secret[0])),
            Presented::one("x-api-key", secret[1].as_str()),
            Presented::one("x-api-key", mistyped),
            Presented::basic("given", &secret[2]),
            Presented::basic(&secret[3], "any"),
            authorization(format!("Basic {}", secret[4])),
            authorization(format!("Basic {}", BASE64_STANDARD.encode(&secret[5]))),
            Presented::one("x-sender-key", secret[6].as_str()),
            Presented(vec![
                ("x-caseway-source", secret[7].clone()),
                ("webhook-id", "1".to_owned()),
                ("webhook-timestamp", "1".to_owned()),
                ("webhook-signature", format!("v1,{}", secret[8])),
            ]),
        ]
    }

    /// Presents each of them on every operation, of nothing that is there.
    pub(super) async fn present_on_every_operation(&mut self, all: &[Presented]) -> Result<()> {
        let (nobody, body) = (self.admin.with(Credential::None), events::role_change("canary"));
        let mut let_in = 0;
        // First where they are let in: what is signed is so for five minutes.
        let (first, others): (Vec<_>, Vec<_>) =
            operations().into_iter().partition(|operation| operation.id == "accept_event");
        for operation in first.into_iter().chain(others) {
            let path = operation.path_with("0");
            for presented in all {
                let call = (operation.method.clone(), &*path);
                let with = |request: RequestBuilder| {
                    let request = request.header("content-type", "application/json");
                    let empty = operation.has_body && operation.id != "accept_event";
                    let text = if empty { "{}".to_owned() } else { body.to_string() };
                    presented.on(request.body(text))
                };
                let answer = self.watch.send(&nobody, call, with).await;
                let_in += usize::from(operation.id == "accept_event" && answer.status == 200);
            }
        }
        ensure!(let_in == 15, "{let_in} of these are let in");
        Ok(())
    }
}
