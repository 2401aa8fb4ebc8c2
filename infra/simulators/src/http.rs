//! The one HTTP client that simulators have, for those that call others.

/// A client that goes straight to where it is told to.
pub(crate) fn client() -> reqwest::Result<reqwest::Client> {
    #[expect(clippy::disallowed_methods, reason = "a simulator is not the product")]
    let builder = reqwest::Client::builder();
    // Nobody here speaks TLS, so nobody's certificates are read.
    builder.no_proxy().tls_certs_only([]).build()
}
