//! Which addresses users may have us call: public ones. Otherwise a webhook or a
//! connection would be a way into the operator's network, to the machine itself, or
//! to a cloud's metadata service (server-side request forgery).
//!
//! A literal address is vetted when the call is made, a name when it is resolved,
//! inside the client: the address that was vetted is the one that is connected to, so
//! a name that resolves to something else the next moment gains nothing.
//! Source of the ranges: IANA's registries of special-purpose addresses.

use std::net::{IpAddr, SocketAddr};
use std::ops::RangeInclusive;
use std::sync::{Arc, LazyLock};

use ipnet::IpNet;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

use super::names::{Names, Unknown};
use crate::error::{Error, Result};

/// The ports that users' targets may have.
const PORTS: [Ports; 4] = [80..=80, 443..=443, 8080..=8080, 8443..=8443];
/// What no configuration opens: there is a cloud's metadata service.
const NEVER: [&str; 3] = ["169.254.0.0/16", "168.63.129.16/32", "fd00:ec2::/32"];

/// Ranges that are not the public internet.
static SPECIAL: LazyLock<Vec<IpNet>> = LazyLock::new(|| {
    let ranges = [
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        // What a virtual machine of Azure asks about itself.
        "168.63.129.16/32",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
        // Everything below holds ::, ::1 and what embeds an IPv4 address.
        "::/8",
        "64:ff9b::/96",
        "64:ff9b:1::/48",
        "100::/64",
        "2001::/23",
        "2001:db8::/32",
        "2002::/16",
        "3fff::/20",
        "5f00::/16",
        "fc00::/7",
        "fe80::/10",
        "fec0::/10",
        "ff00::/8",
    ];
    ranges.iter().filter_map(|range| range.parse().ok()).collect()
});

/// The rules, and who resolves names. Cheap to clone.
#[derive(Clone)]
pub struct Targets {
    names: Arc<dyn Names>,
    private: bool,
    ports: Arc<[Ports]>,
    /// Networks that may be called though they are not public.
    networks: Arc<[IpNet]>,
}

/// The place that an address leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The host's name, in lower case, or address.
    pub host: String,
    /// Whether it is called over TLS.
    pub is_secure: bool,
}

/// Ports from one to another, both included.
type Ports = RangeInclusive<u16>;

/// An address that users may not have us call.
#[derive(Debug, thiserror::Error)]
#[error("its address is not public")]
pub(super) struct Private;

impl Targets {
    /// Public addresses, and those of `networks` (`10.2.0.0/16, …`), on the usual ports of
    /// the web and `ports` (`9000, 9100-9200`).
    ///
    /// # Errors
    /// `Internal` when either cannot be read.
    pub fn of(names: Arc<dyn Names>, networks: &str, ports: &str) -> Result<Self> {
        let networks: Option<Vec<IpNet>> = parts(networks).map(|one| one.parse().ok()).collect();
        let networks = networks.ok_or_else(|| Error::bug("TARGET_NETWORKS cannot be read"))?;
        let more: Option<Vec<Ports>> = parts(ports).map(read_ports).collect();
        let more = more.ok_or_else(|| Error::bug("TARGET_PORTS cannot be read"))?;
        let ports = PORTS.into_iter().chain(more).collect();
        Ok(Self { names, private: false, ports, networks: networks.into() })
    }

    /// Every address and port. For a process that nobody but its own machine reaches.
    pub fn anywhere(names: Arc<dyn Names>) -> Self {
        Self { names, private: true, ports: Arc::default(), networks: Arc::default() }
    }

    /// Whether some of this machine's own services may be called.
    pub fn reach_this_machine(&self) -> bool {
        let own = ["127.0.0.0/8", "0.0.0.0/8", "::1/128", "::/128"];
        let own = own.iter().filter_map(|range| range.parse::<IpNet>().ok());
        let meets = |a: &IpNet, b: &IpNet| a.contains(&b.network()) || b.contains(&a.network());
        self.private || own.into_iter().any(|own| self.networks.iter().any(|n| meets(n, &own)))
    }

    /// The place that an address leads to; none when it leads nowhere.
    pub fn place(url: &str) -> Option<Place> {
        let url = Url::parse(url).ok()?;
        let host = url.host_str()?.to_owned();
        Some(Place { host, is_secure: url.scheme() == "https" })
    }

    /// Refuses an address as it is given, and one whose name resolves to an address
    /// that may not be called now. A name that nobody knows yet is let through: what
    /// counts is checked at every call.
    ///
    /// # Errors
    /// `Invalid`, naming `field`.
    pub async fn check(&self, field: &str, url: &str) -> Result<()> {
        let url = self.vet(url).map_err(|why| Error::invalid(field, why))?;
        let Some(Host::Domain(host)) = url.host() else { return Ok(()) };
        let found = self.names.resolve(host).await.unwrap_or_default();
        if found.is_empty() || found.iter().any(|address| self.allow(*address)) {
            return Ok(());
        }
        Err(Error::invalid(field, "must not lead to an address that is not public"))
    }

    /// What can be said of an address before its name is resolved.
    pub(super) fn vet(&self, url: &str) -> Result<Url, String> {
        if url.contains(|c: char| c.is_control() || c.is_whitespace()) {
            return Err("must hold no spaces and no control characters".to_owned());
        }
        let url = Url::parse(url).map_err(|_| "must be an http or https address".to_owned())?;
        let refused = if !matches!(url.scheme(), "http" | "https") {
            Some("must be an http or https address")
        } else if !url.username().is_empty() || url.password().is_some() {
            Some("must not hold a user or password")
        } else if !self.allows_port(&url) {
            Some("must be at a port that may be called")
        } else if !self.allows_literal(&url) {
            Some("must not lead to an address that is not public")
        } else {
            None
        };
        refused.map_or(Ok(url), |why| Err(why.to_owned()))
    }

    fn allows_port(&self, url: &Url) -> bool {
        let port = url.port_or_known_default();
        let open = |port| self.ports.iter().any(|ports| ports.contains(&port));
        self.private || port.is_some_and(open)
    }

    fn allows_literal(&self, url: &Url) -> bool {
        match url.host() {
            Some(Host::Ipv4(address)) => self.allow(address.into()),
            Some(Host::Ipv6(address)) => self.allow(address.into()),
            Some(Host::Domain(_)) => true,
            None => false,
        }
    }

    /// Whether this address may be called.
    fn allow(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        let within = |ranges: &[IpNet]| ranges.iter().any(|range| range.contains(&address));
        self.private
            || !within(&SPECIAL)
            || (within(&self.networks) && !NEVER.iter().any(|range| is_within(range, address)))
    }
}

fn is_within(range: &str, address: IpAddr) -> bool {
    range.parse().is_ok_and(|range: IpNet| range.contains(&address))
}

/// The parts of a list with commas between.
fn parts(list: &str) -> impl Iterator<Item = &str> {
    list.split(',').map(str::trim).filter(|part| !part.is_empty())
}

fn read_ports(text: &str) -> Option<Ports> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    Some(first.trim().parse().ok()?..=last.trim().parse().ok()?)
}

/// How the client resolves names: to addresses that may be called and no others.
impl Resolve for Targets {
    fn resolve(&self, name: Name) -> Resolving {
        let targets = self.clone();
        Box::pin(async move {
            let found = targets.names.resolve(name.as_str()).await.map_err(Unknown)?;
            if found.is_empty() {
                return Err(Unknown(std::io::ErrorKind::NotFound.into()).into());
            }
            let allowed = found.into_iter().filter(|address| targets.allow(*address));
            let allowed: Vec<_> = allowed.map(|address| SocketAddr::new(address, 0)).collect();
            if allowed.is_empty() {
                return Err(Private.into());
            }
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::SystemNames;
    use super::*;

    fn check(url: &str, allowed: bool) {
        let targets = Targets::of(Arc::new(SystemNames), "", "9000, 9100-9200");
        assert!(targets.is_ok_and(|targets| targets.vet(url).is_ok() == allowed), "{url}");
    }

    #[test]
    fn an_operator_opens_networks_but_never_the_one_of_metadata() -> Result<()> {
        let networks = "10.2.0.0/16, 127.0.0.1/32, 169.254.0.0/16, 0.0.0.0/0";
        let open = Targets::of(Arc::new(SystemNames), &networks[..26], "")?;
        let wide = Targets::of(Arc::new(SystemNames), networks, "")?;
        for (address, of_open, of_wide) in [
            ("10.2.3.4", true, true),
            ("10.3.0.1", false, true),
            ("127.0.0.1", true, true),
            ("[::ffff:10.2.0.1]", true, true),
            ("[::1]", false, false),
            ("169.254.169.254", false, false),
        ] {
            let url = format!("http://{address}/");
            assert_eq!(open.vet(&url).is_ok(), of_open, "{address}");
            assert_eq!(wide.vet(&url).is_ok(), of_wide, "{address}");
        }
        assert!(open.reach_this_machine() && wide.reach_this_machine());
        let (names, inside) = (Arc::new(SystemNames), "10.2.0.0/16");
        assert!(!Targets::of(names.clone(), inside, "")?.reach_this_machine());
        assert!(Targets::of(names, "127.0.0.2/32", "")?.reach_this_machine());
        for (networks, ports) in [("10.2.0.0/33", ""), ("x", ""), ("", "0-x"), ("", "65536")] {
            assert!(Targets::of(Arc::new(SystemNames), networks, ports).is_err());
        }
        Ok(())
    }

    #[test]
    fn every_range_of_the_table_is_one() {
        assert_eq!(SPECIAL.len(), 29);
    }

    /// However it is written: in octal, as one number, in brackets, mapped into IPv6.
    #[test]
    fn literal_addresses_that_are_not_public_are_refused() {
        let v4 = [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.1",
            "127.1",
            "0177.0.0.1",
            "2130706433",
            "0x7f.1",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.51.100.7",
            "203.0.113.7",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
        ];
        let v6 = [
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::7f00:1",
            "fe80::1",
            "fc00::1",
            "fd12::1",
            "ff02::1",
            "2001:db8::1",
            "3fff::1",
            "100::1",
            "2002:7f00:1::",
            "64:ff9b::7f00:1",
            "64:ff9b:1::1",
            "5f00::1",
            "2001::1",
            "fec0::1",
        ];
        for address in v4 {
            check(&format!("http://{address}/"), false);
        }
        for address in v6 {
            check(&format!("http://[{address}]/"), false);
        }
    }

    #[test]
    fn public_addresses_names_and_the_usual_ports_are_let_through() {
        for url in [
            "https://hooks.example/path?q=1",
            "http://93.184.216.34/",
            "https://[2606:4700::1111]:8443/",
            "http://hooks.example:9000/",
            "http://hooks.example:9150/",
            "http://172.32.0.1/",
        ] {
            check(url, true);
        }
    }

    #[test]
    fn other_schemes_ports_and_addresses_with_credentials_are_refused() {
        for url in [
            "ftp://hooks.example/",
            "file:///etc/passwd",
            "gopher://hooks.example/",
            "hooks.example",
            "https://user:secret@hooks.example/",
            "https://user@hooks.example/",
            "https://hooks.example:22/",
            "http://hooks.example:9001/",
            "http://hooks.example:9201/",
            "http://",
            "",
            "http://[fe80::1%25eth0]/",
        ] {
            check(url, false);
        }
    }
}
