//! Where a request comes from.

use std::net::IpAddr;

use axum::http::request::Parts;

/// The other end of the connection, where the process sees it itself.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub IpAddr);

/// The caller's address. The last hop of `X-Forwarded-For` is the one that the
/// nearest proxy saw (API Gateway appends it), and the only one that a caller cannot
/// make up; a peer that is not this machine is no proxy of ours.
pub fn client_address(parts: &Parts) -> String {
    let peer = parts.extensions.get::<Peer>().map(|peer| peer.0.to_canonical());
    if let Some(peer) = peer.filter(|peer| !peer.is_loopback()) {
        return peer.to_string();
    }
    let forwarded = parts.headers.get_all("x-forwarded-for").iter().next_back();
    let last = forwarded.and_then(|value| value.to_str().ok()?.rsplit(',').next());
    let last = last.and_then(|hop| hop.trim().parse::<IpAddr>().ok());
    last.or(peer).map_or_else(|| "unknown".to_owned(), |address| address.to_canonical().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(peer: Option<&str>, forwarded: &[&str], address: &str) -> anyhow::Result<()> {
        let mut request = axum::http::Request::builder();
        for value in forwarded {
            request = request.header("x-forwarded-for", *value);
        }
        let (mut parts, ()) = request.body(())?.into_parts();
        if let Some(peer) = peer {
            parts.extensions.insert(Peer(peer.parse()?));
        }
        assert_eq!(client_address(&parts), address, "{peer:?} {forwarded:?}");
        Ok(())
    }

    #[test]
    fn what_a_caller_makes_up_does_not_count() -> anyhow::Result<()> {
        check(None, &["1.1.1.1, 2.2.2.2"], "2.2.2.2")?;
        check(None, &["1.1.1.1", "3.3.3.3,2.2.2.2"], "2.2.2.2")?;
        check(Some("127.0.0.1"), &["1.1.1.1, 2.2.2.2"], "2.2.2.2")?;
        check(Some("::ffff:9.9.9.9"), &["1.1.1.1"], "9.9.9.9")?;
        check(Some("127.0.0.1"), &[], "127.0.0.1")?;
        check(Some("127.0.0.1"), &["me"], "127.0.0.1")?;
        check(None, &[], "unknown")?;
        Ok(())
    }
}
