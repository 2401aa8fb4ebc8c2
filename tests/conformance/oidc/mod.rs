//! Which bearer tokens are accepted, held against an identity provider that rotates its
//! keys, goes down, and is imitated.

mod keys;
mod tokens;

use std::time::Duration;

use axum::http::StatusCode;
use serde_json::{Value, json};
use shared::clock::Clock;
use shared::error::{Kind, Result};
use shared::oidc::{Claims, Issuer};
use shared::outbound::Outbound;
use simulators::Fault;
use simulators::identity::{AUDIENCE, IdentityProvider};

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);
const MILLISECOND: Duration = Duration::from_millis(1);

/// An identity provider and what trusts it, by one clock.
struct World {
    provider: IdentityProvider,
    issuer: Issuer,
    clock: Clock,
}

impl World {
    async fn new() -> Self {
        Self::finding(|provider| Some(provider.jwks_url())).await
    }

    async fn finding(jwks_url: fn(&IdentityProvider) -> Option<String>) -> Self {
        let clock = Clock::manual("2026-01-01T00:00:00Z".parse().expect("a moment"));
        let time = clock.clone();
        let provider = IdentityProvider::start(move || time.now_ms()).await.expect("a provider");
        let url = jwks_url(&provider);
        let issuer = Issuer::new(&provider.issuer(), url.as_deref(), outbound(), clock.clone());
        Self { provider, issuer, clock }
    }

    async fn verify(&self, token: &str) -> Result<Claims> {
        self.issuer.verify(token, AUDIENCE).await
    }

    /// A token that is good now.
    fn token(&self) -> String {
        self.provider.token(claims())
    }

    /// The same without a `kid`.
    fn nameless(&self) -> String {
        self.provider.token_with(json!({"kid": null}), claims())
    }

    /// What becomes of a token with these claims too.
    async fn given(&self, claim: &str, value: Value) -> Result<Claims> {
        let mut claims = claims();
        claims[claim] = value;
        self.verify(&self.provider.token(claims)).await
    }

    /// A token whose key nobody has.
    fn stray(&self) -> String {
        self.provider.token_with(json!({"kid": "stray"}), claims())
    }

    /// Waits until the provider was asked for its keys so often.
    async fn asked_for_keys(&self, times: usize) {
        let asked = async {
            while self.provider.jwks_calls() < times {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(10), asked).await.expect("a call for keys");
    }

    fn now_seconds(&self) -> i64 {
        self.clock.now_ms() / 1000
    }

    fn fail_next_fetch(&self) {
        let down = Fault::Answer(StatusCode::BAD_GATEWAY, String::new());
        self.provider.faults.plan("GET", "/jwks", 1, down);
    }
}

fn outbound() -> Outbound {
    Outbound::new(None).expect("a client")
}

fn claims() -> Value {
    json!({"sub": "sender-1", "aud": AUDIENCE})
}

fn kind(verified: Result<Claims>) -> Option<Kind> {
    verified.err().map(|error| error.kind)
}

const UNAUTHORIZED: Option<Kind> = Some(Kind::Unauthorized);
const UNAVAILABLE: Option<Kind> = Some(Kind::Unavailable);
