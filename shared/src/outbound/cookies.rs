//! The cookies of one visit to another system (RFC 6265): taken from its answers, sent back
//! where they belong, and kept from one process to the next as one secret. They are secrets
//! as passwords are, and none is ever printed.

use std::fmt;

use jiff::fmt::rfc2822;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use url::Url;

use super::HeaderMap;
use crate::error::{Error, Result};

/// The most cookies that are kept, and the longest name and value together, in bytes.
const MOST: usize = 100;
const LONGEST: usize = 4096;

/// Cookies. Cloned when there are to be two visits.
#[derive(Clone, Default)]
pub struct Jar(Vec<Cookie>);

#[derive(Clone)]
struct Cookie {
    name: String,
    value: SecretString,
    /// The host that it is for.
    host: String,
    /// Whether it is for the hosts below that one too.
    below: bool,
    path: String,
    is_secure: bool,
    /// Until when it is good, milliseconds since 1970.
    until: Option<i64>,
}

/// A cookie as it is kept.
#[derive(Serialize, Deserialize)]
struct Kept {
    name: String,
    value: String,
    host: String,
    below: bool,
    path: String,
    is_secure: bool,
    until: Option<i64>,
}

impl Jar {
    /// Cookies that somebody brings along for an address: names and values.
    ///
    /// # Errors
    /// `Invalid`, naming the field `cookies`, when HTTP cannot carry one of them, or when
    /// there are too many.
    pub fn brought(
        url: &Url,
        cookies: impl IntoIterator<Item = (String, SecretString)>,
    ) -> Result<Self> {
        let mut jar = Self::default();
        for (name, value) in cookies {
            if !is_token(&name) || !is_value(value.expose_secret()) {
                return Err(Error::invalid("cookies", "must have names and values of cookies"));
            }
            if jar.0.len() == MOST || name.len() + value.expose_secret().len() > LONGEST {
                return Err(Error::invalid("cookies", "must be at most 100, of 4096 bytes each"));
            }
            let is_secure = url.scheme() == "https";
            let (host, path) = (host(url), "/".to_owned());
            let (below, until) = (false, None);
            jar.put(Cookie { name, value, host, below, path, is_secure, until });
        }
        Ok(jar)
    }

    /// Those that were kept as [`Jar::kept`] says.
    ///
    /// # Errors
    /// `Internal` when they are none. The cause does not quote them.
    pub fn of_kept(kept: &SecretString) -> Result<Self> {
        let kept: Vec<Kept> = serde_json::from_str(kept.expose_secret())
            .map_err(|_| Error::bug("the cookies that were kept cannot be read"))?;
        let cookies = kept.into_iter().map(|kept| {
            let Kept { name, value, host, below, path, is_secure, until } = kept;
            Cookie { name, value: value.into(), host, below, path, is_secure, until }
        });
        Ok(Self(cookies.collect()))
    }

    /// All of them as JSON, to be kept where secrets are.
    pub fn kept(&self) -> SecretString {
        let kept = self.0.iter().map(|cookie| {
            let Cookie { name, value, host, below, path, is_secure, until } = cookie.clone();
            let value = value.expose_secret().to_owned();
            Kept { name, value, host, below, path, is_secure, until }
        });
        let kept: Vec<Kept> = kept.collect();
        serde_json::to_string(&kept).unwrap_or_default().into()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes what an answer from this address sets, at this moment (milliseconds since 1970).
    pub fn take(&mut self, url: &Url, headers: &HeaderMap, now: i64) {
        let told = headers.get_all("set-cookie").into_iter();
        for cookie in told.filter_map(|told| read(url, told.to_str().ok()?, now)) {
            let is_over = cookie.until.is_some_and(|until| until <= now);
            self.0.retain(|known| !known.is_the_same_as(&cookie));
            if !is_over {
                self.put(cookie);
            }
        }
    }

    /// What is sent to this address as `Cookie`, if anything is.
    pub fn header(&self, url: &Url, now: i64) -> Option<SecretString> {
        let mut meant: Vec<&Cookie> =
            self.0.iter().filter(|cookie| cookie.is_for(url, now)).collect();
        meant.sort_by_key(|cookie| std::cmp::Reverse(cookie.path.len()));
        let pair = |cookie: &&Cookie| format!("{}={}", cookie.name, cookie.value.expose_secret());
        let pairs: Vec<String> = meant.iter().map(pair).collect();
        (!pairs.is_empty()).then(|| pairs.join("; ").into())
    }

    /// The value of a cookie that is sent to this address.
    pub fn value(&self, name: &str, url: &Url, now: i64) -> Option<&SecretString> {
        let found = self.0.iter().find(|cookie| cookie.name == name && cookie.is_for(url, now));
        found.map(|cookie| &cookie.value)
    }

    fn put(&mut self, cookie: Cookie) {
        self.0.retain(|known| !known.is_the_same_as(&cookie));
        if self.0.len() < MOST {
            self.0.push(cookie);
        }
    }
}

impl fmt::Debug for Jar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Jar({} cookies)", self.0.len())
    }
}

impl Cookie {
    fn is_the_same_as(&self, other: &Self) -> bool {
        (&self.name, &self.host, &self.path) == (&other.name, &other.host, &other.path)
    }

    fn is_for(&self, url: &Url, now: i64) -> bool {
        let host = host(url);
        (host == self.host || (self.below && is_below(&host, &self.host)))
            && is_within(url.path(), &self.path)
            && (!self.is_secure || url.scheme() == "https")
            && self.until.is_none_or(|until| until > now)
    }
}

/// A cookie as `Set-Cookie` tells it; none when it is not for who sets it.
fn read(url: &Url, told: &str, now: i64) -> Option<Cookie> {
    let (pair, attributes) = told.split_once(';').unwrap_or((told, ""));
    let (name, value) = pair.split_once('=')?;
    let (name, value) = (name.trim(), value.trim());
    if !is_token(name) || !is_value(value) || name.len() + value.len() > LONGEST {
        return None;
    }
    let (name, value) = (name.to_owned(), SecretString::from(value));
    let (host, path) = (host(url), folder(url.path()));
    let mut cookie =
        Cookie { name, value, host, below: false, path, is_secure: false, until: None };
    let mut lasts = None;
    for attribute in attributes.split(';') {
        let (name, value) = attribute.split_once('=').unwrap_or((attribute, ""));
        let value = value.trim();
        match name.trim().to_ascii_lowercase().as_str() {
            "domain" if !value.is_empty() => {
                let domain = value.trim_start_matches('.').to_ascii_lowercase();
                if domain != cookie.host && !is_below(&cookie.host, &domain) {
                    return None;
                }
                (cookie.host, cookie.below) = (domain, url.domain().is_some());
            }
            "path" if value.starts_with('/') => value.clone_into(&mut cookie.path),
            "secure" => cookie.is_secure = true,
            "expires" => cookie.until = moment(value).or(cookie.until),
            "max-age" => lasts = value.parse::<i64>().ok().or(lasts),
            _ => {}
        }
    }
    if let Some(seconds) = lasts {
        cookie.until = Some(now.saturating_add(seconds.saturating_mul(1000)));
    }
    (!cookie.is_secure || url.scheme() == "https").then_some(cookie)
}

/// A date as servers write it, with dashes in old ones.
fn moment(text: &str) -> Option<i64> {
    let text = text.replace('-', " ");
    Some(rfc2822::parse(&text).ok()?.timestamp().as_millisecond())
}

fn host(url: &Url) -> String {
    url.host_str().unwrap_or_default().to_ascii_lowercase()
}

/// Whether a host is of this domain, which is not one that a country or so hands out.
fn is_below(host: &str, domain: &str) -> bool {
    domain.contains('.') && host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'))
}

/// Up to the last slash, as RFC 6265 (section 5.1.4) wants it.
fn folder(path: &str) -> String {
    let end = path.rfind('/').filter(|end| *end > 0);
    end.and_then(|end| path.get(..end)).unwrap_or("/").to_owned()
}

fn is_within(path: &str, folder: &str) -> bool {
    let rest = path.strip_prefix(folder);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || folder.ends_with('/'))
}

fn is_token(name: &str) -> bool {
    !name.is_empty()
        && name.bytes().all(|b| b.is_ascii_graphic() && !b"()<>@,;:\\\"/[]?={}".contains(&b))
}

/// What a `Cookie` header can carry without becoming another one.
fn is_value(value: &str) -> bool {
    value.bytes().all(|b| (b == b' ' || b.is_ascii_graphic()) && b != b';')
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_780_000_000_000;

    /// What is sent there after this was set at `https://portal.example/a/login`.
    fn check(set: &[&str], to: &str, sent: Option<&str>) -> anyhow::Result<()> {
        let mut headers = HeaderMap::new();
        for one in set {
            headers.append("set-cookie", one.parse()?);
        }
        let mut jar = Jar::default();
        jar.take(&Url::parse("https://www.portal.example/a/login")?, &headers, NOW);
        let to = Url::parse(to)?;
        let header = jar.header(&to, NOW);
        assert_eq!(header.as_ref().map(ExposeSecret::expose_secret), sent, "{set:?} {to}");
        let again = Jar::of_kept(&jar.kept())?.header(&to, NOW);
        assert_eq!(again.as_ref().map(ExposeSecret::expose_secret), sent, "{set:?} kept");
        assert!(!format!("{jar:?}").contains("=v"), "{jar:?}");
        Ok(())
    }

    #[test]
    fn a_cookie_goes_back_where_it_belongs_and_nowhere_else() -> anyhow::Result<()> {
        let (here, root) = ("https://www.portal.example/a/b", "https://www.portal.example/");
        check(&["n=v"], here, Some("n=v"))?;
        check(&["n=v"], root, None)?;
        check(&["n=v; Path=/"], root, Some("n=v"))?;
        check(&["n=v; Path=/a"], "https://www.portal.example/ab", None)?;
        check(&["n=v; Path=/a/"], here, Some("n=v"))?;
        check(&["n=v; Path=/"], "https://portal.example/", None)?;
        check(&["n=v; Path=/"], "https://evil.example/", None)?;
        check(&["n=v; Path=/; Secure"], "http://www.portal.example/", None)?;
        check(&["n=v; Path=/; HttpOnly"], "http://www.portal.example/", Some("n=v"))?;
        let of_all = "n=v; Path=/; Domain=.portal.example";
        check(&[of_all], "https://login.portal.example/", Some("n=v"))?;
        check(&[of_all], "https://otherportal.example/", None)?;
        check(&["n=v; Path=/; Domain=evil.example"], here, None)?;
        check(&["n=v; Path=/; Domain=example"], here, None)?;
        check(&["a=1; Path=/", "b=2; Path=/a"], here, Some("b=2; a=1"))?;
        check(&["n=old", "n=v"], here, Some("n=v"))?;
        check(&["n=v==; Path=/"], here, Some("n=v=="))?;
        check(&["=v", "n", "n m=v"], here, None)?;
        Ok(())
    }

    #[test]
    fn a_cookie_ends_when_it_says_so() -> anyhow::Result<()> {
        let here = "https://www.portal.example/a/b";
        check(&["n=v; Max-Age=1"], here, Some("n=v"))?;
        check(&["n=v; Max-Age=0"], here, None)?;
        check(&["n=v; Expires=Thu, 01 Jan 1970 00:00:00 GMT"], here, None)?;
        check(&["n=v; Expires=Thu, 01-Jan-2099 00:00:00 GMT"], here, Some("n=v"))?;
        check(&["n=v; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=9"], here, Some("n=v"))?;
        check(&["n=v", "n=; Max-Age=0"], here, None)?;
        Ok(())
    }

    #[test]
    fn what_is_brought_along_must_be_what_a_header_can_carry() -> anyhow::Result<()> {
        let url = Url::parse("https://portal.example/")?;
        let brought = |name: &str, value: &str| {
            Jar::brought(&url, [(name.to_owned(), SecretString::from(value))])
        };
        assert!(brought("session", "a b=c/+\"").is_ok());
        for (name, value) in [("", "v"), ("a b", "v"), ("n", "v; m=w"), ("n", "v\r\nX: y")] {
            let error = brought(name, value).err().map(|error| error.detail).unwrap_or_default();
            assert!(error.starts_with("cookies"), "{name}={value}: {error}");
        }
        let many = (0..=MOST).map(|n| (format!("n{n}"), SecretString::from("v")));
        assert!(Jar::brought(&url, many).is_err());
        Ok(())
    }
}
