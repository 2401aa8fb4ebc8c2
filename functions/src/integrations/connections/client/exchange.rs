//! One exchange with the other side: signed in, and once more with a fresh token when it
//! refuses the one that was kept.

use std::time::Duration;

use shared::outbound::{Call, CallError, Class, Reply, StatusCode};
use shared::vault::{ExposeSecret, SecretString};
use tokio::time::Instant;

use super::super::credentials::{Client, Credentials};
use super::{Connector, Request};

impl Connector {
    /// The answer and how many milliseconds it took, all of it within this time.
    pub(super) async fn exchange(
        &self,
        request: &Request,
        time: Duration,
    ) -> Result<(Reply, i64), CallError> {
        let until = Instant::now() + time;
        let left = || until.saturating_duration_since(Instant::now());
        let Some(Credentials::Oauth(client)) = self.credentials.as_deref() else {
            let (reply, ms) = timed(self.signed(self.unsigned(request, left())?)).await?;
            return Ok((reply.without(self.secret()), ms));
        };
        let token = self.token(client, left()).await?;
        let call = self.unsigned(request, left())?.bearer(token.expose_secret());
        let (reply, ms) = timed(call).await?;
        if reply.status != StatusCode::UNAUTHORIZED {
            return Ok((reply.without([token.expose_secret()]), ms));
        }
        // It says that nothing was done, so that doing it again is no repeat.
        self.connectors.tokens.forget(&self.token_key(), &token);
        let token = self.token(client, left()).await?;
        let call = self.unsigned(request, left())?.bearer(token.expose_secret());
        let (reply, ms) = timed(call).await?;
        Ok((reply.without([token.expose_secret()]), ms))
    }

    /// What a call is signed with, where that is no token.
    fn secret(&self) -> Option<&str> {
        match self.credentials.as_deref()? {
            Credentials::Basic { password, .. } => Some(password.expose_secret()),
            Credentials::ApiKey(key) | Credentials::Bearer(key) => Some(key.expose_secret()),
            Credentials::Oauth(_) => None,
        }
    }

    fn unsigned(&self, request: &Request, time: Duration) -> Result<Call, CallError> {
        if !request.path.starts_with('/') {
            return Err(CallError::refused(Class::Request, "the path must begin with a slash"));
        }
        let url = format!("{}{}", self.connection.endpoint_url, request.path);
        let call = self.outbound.call(request.method.clone(), &url);
        let call = call.header("accept", "application/json").within(time);
        let query: Vec<_> = request.query.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        let call = if query.is_empty() { call } else { call.query(&query) };
        let call = request.largest.into_iter().fold(call, Call::taking);
        let headers = request.headers.iter();
        let call = headers.fold(call, |call, (name, value)| call.header(name, value));
        Ok(match &request.body {
            Some(body) => call.json(body),
            None => call,
        })
    }

    fn signed(&self, call: Call) -> Call {
        match self.credentials.as_deref() {
            Some(Credentials::Basic { username, password }) => {
                call.basic(username, password.expose_secret())
            }
            Some(Credentials::ApiKey(key)) => call.header("x-api-key", key.expose_secret()),
            Some(Credentials::Bearer(token)) => call.bearer(token.expose_secret()),
            Some(Credentials::Oauth(_)) | None => call,
        }
    }

    async fn token(&self, client: &Client, time: Duration) -> Result<SecretString, CallError> {
        let tokens = &self.connectors.tokens;
        tokens.of(&self.outbound, &self.token_key(), client, time).await
    }

    /// The record's name changes with the credentials, and the token with it.
    fn token_key(&self) -> String {
        format!("{}/{}", self.tenant, self.connection.secrets.as_deref().unwrap_or_default())
    }
}

async fn timed(call: Call) -> Result<(Reply, i64), CallError> {
    let began = Instant::now();
    let reply = call.send().await?;
    Ok((reply, shared::clock::millis(began.elapsed())))
}
