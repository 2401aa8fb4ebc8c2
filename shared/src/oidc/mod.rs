//! Bearer tokens of OAuth2 and OpenID Connect issuers (RFC 7519, RFC 9068): a token
//! is accepted when a key that its issuer publishes has signed it for us, and now.
//! What a token says about its own verification (`jwk`, `jku`, `x5u`) is not looked at.

mod claims;
mod jwk;
mod keys;
mod source;
mod token;

use std::sync::Arc;

use crate::clock::Clock;
use crate::error::{Error, Kind, Result};
use crate::outbound::Outbound;

pub use claims::Claims;
use keys::Keys;
use source::Source;
use token::Token;

/// A configured issuer of tokens. Cheap to clone; clones share its keys, so make one
/// of each issuer a process.
#[derive(Clone)]
pub struct Issuer {
    name: Arc<str>,
    keys: Arc<Keys>,
    clock: Clock,
}

impl Issuer {
    /// The issuer whose tokens have exactly this `iss`. Its keys are at `jwks_url`, or
    /// where `{issuer}/.well-known/openid-configuration` says, which must name the
    /// same issuer.
    pub fn new(issuer: &str, jwks_url: Option<&str>, outbound: Outbound, clock: Clock) -> Self {
        let source = Source::new(issuer, jwks_url, outbound);
        Self { name: issuer.into(), keys: Arc::new(Keys::new(source, clock.clone())), clock }
    }

    /// The `iss` of its tokens.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What the token says, if this issuer signed it for this audience and it is valid now.
    ///
    /// # Errors
    /// `Unauthorized` when the token is not acceptable; `Unavailable` when the keys that
    /// would tell cannot be fetched.
    pub async fn verify(&self, token: &str, audience: &str) -> Result<Claims> {
        let token = Token::parse(token).ok_or_else(|| refused("The token cannot be read"))?;
        let signature = token.signature()?;
        let key = self.keys.find(&signature.wanted).await?;
        if !key.verifies(signature.message, signature.value) {
            return Err(refused("The token's signature is not its issuer's"));
        }
        Claims::check(token.claims()?, &self.name, audience, self.clock.now_ms())
    }
}

/// What a token says of itself, unverified: good only for finding who verifies it.
pub struct Peek {
    /// Its `iss`.
    pub issuer: String,
    /// Its `sub`.
    pub subject: String,
}

/// Looks at a token without verifying it; none if it is no JWT with issuer and subject.
pub fn peek(token: &str) -> Option<Peek> {
    let claims = Token::parse(token)?.claims().ok()?;
    let text = |name: &str| Some(claims.get(name)?.as_str()?.to_owned());
    Some(Peek { issuer: text("iss")?, subject: text("sub")? })
}

fn refused(why: &str) -> Error {
    Error::new(Kind::Unauthorized, why)
}
