//! What browsers are told: which other origins may call (CORS), and what they must
//! not do with an answer.

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use tower_http::cors::{AllowOrigin, CorsLayer};

use crate::env::Env;
use crate::error::{Error, Result};

/// How long a browser may keep the answer to a preflight, in seconds.
const PREFLIGHT_KEPT: u64 = 3600;
/// Two years, as the preload list wants it.
const ONLY_HTTPS: &str = "max-age=63072000; includeSubDomains";

/// Headers of every answer that does not say otherwise.
const GUARDS: [(HeaderName, &str); 5] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CACHE_CONTROL, "no-store"),
    (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
];

/// What browsers are told by this installation.
#[derive(Clone, Default)]
pub struct Browsers {
    origins: Vec<HeaderValue>,
    any_origin: bool,
    only_https: bool,
}

impl Browsers {
    /// Reads `ALLOWED_ORIGINS` and `CORS_ORIGINS`: origins as a JSON array or with commas
    /// between, or `*` for any; none when neither is set. Functions on AWS are only ever
    /// called by HTTPS.
    pub fn load(env: &Env) -> Result<Self> {
        let mut browsers = Self {
            only_https: env.optional("AWS_LAMBDA_FUNCTION_NAME").is_some(),
            ..Self::default()
        };
        for name in ["ALLOWED_ORIGINS", "CORS_ORIGINS"] {
            for origin in listed(env.optional(name).unwrap_or_default()) {
                if origin == "*" {
                    browsers.any_origin = true;
                    continue;
                }
                let wrong = || Error::bug(format!("{name} cannot hold {origin:?}"));
                if !origin.starts_with("https://") && !origin.starts_with("http://") {
                    return Err(wrong());
                }
                let origin = origin.trim_end_matches('/');
                browsers.origins.push(origin.parse().map_err(|_| wrong())?);
            }
        }
        Ok(browsers)
    }

    /// Answers preflights, and tells which origins may read an answer.
    pub(super) fn cors(&self) -> CorsLayer {
        let origins = self.origins.clone();
        let origins = if self.any_origin { AllowOrigin::any() } else { AllowOrigin::list(origins) };
        let methods = [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];
        let sent = [
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            header::IF_MATCH,
            HeaderName::from_static("idempotency-key"),
            HeaderName::from_static("last-event-id"),
            HeaderName::from_static("prefer"),
            HeaderName::from_static("x-api-key"),
            HeaderName::from_static("x-correlation-id"),
        ];
        let read = [
            header::ETAG,
            header::LINK,
            header::RETRY_AFTER,
            HeaderName::from_static("idempotent-replayed"),
            HeaderName::from_static("x-correlation-id"),
            HeaderName::from_static("x-page"),
            HeaderName::from_static("x-page-size"),
            HeaderName::from_static("x-ratelimit-limit"),
            HeaderName::from_static("x-ratelimit-policy"),
            HeaderName::from_static("x-ratelimit-remaining"),
            HeaderName::from_static("x-ratelimit-reset"),
            HeaderName::from_static("x-total-count"),
            HeaderName::from_static("x-total-count-exact"),
            HeaderName::from_static("x-total-pages"),
        ];
        let layer = CorsLayer::new().allow_origin(origins).allow_methods(methods);
        let layer = layer.allow_headers(sent).expose_headers(read);
        layer.max_age(std::time::Duration::from_secs(PREFLIGHT_KEPT))
    }

    /// Whether the page that this request comes from may open a socket, which browsers
    /// do not ask beforehand: one of the same host, or of an origin that may call. What
    /// does not come from a page names no origin.
    pub fn may_open(&self, request: &HeaderMap) -> bool {
        let Some(origin) = request.get(header::ORIGIN) else { return true };
        let host = request.get(header::HOST).and_then(|host| host.to_str().ok());
        let of_page = origin.to_str().ok().and_then(|origin| origin.split_once("://"));
        let same = of_page.is_some_and(|(_, authority)| Some(authority) == host);
        self.any_origin || same || self.origins.contains(origin)
    }

    /// Whether any other origin may call.
    pub(super) fn may_call(&self) -> bool {
        self.any_origin || !self.origins.is_empty()
    }

    /// Adds what every answer tells.
    pub(super) fn tell(&self, headers: &mut HeaderMap) {
        for (name, value) in GUARDS {
            headers.entry(name).or_insert(HeaderValue::from_static(value));
        }
        if self.only_https {
            let value = HeaderValue::from_static(ONLY_HTTPS);
            headers.insert(header::STRICT_TRANSPORT_SECURITY, value);
        }
    }
}

/// The members of a list, a JSON array or with commas between.
fn listed(text: &str) -> Vec<String> {
    serde_json::from_str(text).unwrap_or_else(|_| {
        let members = text.split(',').map(str::trim).filter(|member| !member.is_empty());
        members.map(str::to_owned).collect()
    })
}
