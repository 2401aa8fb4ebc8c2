//! What asks a portal for pages as a browser does: with the cookies of one session, along
//! redirects of the portal itself, and no further.

use std::sync::Arc;
use std::time::Duration;

use shared::outbound::{Call, Jar, Method, Reply, StatusCode};
use shared::vault::{ExposeSecret, SecretString};
use tokio::time::Instant;
use url::Url;

use super::Portals;
use super::outcome::{Outcome, Refusal};
use super::page::Page;
use super::rules::Rules;

/// The most that is read of a page, in bytes.
const LARGEST: usize = 5 * 1024 * 1024;
/// The most redirects that lead to a page.
const REDIRECTS: usize = 5;

/// A form to be sent: its fields, and what else the portal wants with it.
pub(super) struct Sent {
    /// Names and values, in their order.
    pub fields: Vec<(String, SecretString)>,
    /// Headers.
    pub headers: Vec<(String, SecretString)>,
    /// The page that the form was on.
    pub from: Url,
}

/// One visit to a portal.
pub(super) struct Browser {
    portals: Portals,
    pub rules: Arc<Rules>,
    pub jar: Jar,
}

impl Browser {
    /// One with these cookies.
    pub fn new(portals: &Portals, rules: Arc<Rules>, jar: Jar) -> Self {
        Self { portals: portals.clone(), rules, jar }
    }

    /// Asks for a page.
    pub async fn get(&mut self, url: &Url, from: Option<&Url>) -> Result<Page, Refusal> {
        self.visit(Method::GET, url.clone(), None, from).await
    }

    /// Sends a form, and answers the page that comes of it.
    pub async fn post(&mut self, url: &Url, form: &Sent) -> Result<Page, Refusal> {
        self.visit(Method::POST, url.clone(), Some(form), Some(&form.from)).await
    }

    /// The value of a cookie that the portal set.
    pub fn cookie(&self, name: &str, url: &Url) -> Option<&SecretString> {
        self.jar.value(name, url, self.portals.clock.now_ms())
    }

    /// Lets the least time between two pages pass, and a little more.
    pub async fn pause(&self) {
        let least = Duration::from_millis(self.rules.profile.min_delay_ms);
        let least = least.max(self.portals.least_delay);
        (self.portals.pause)(least + shared::ids::jitter(least / 4)).await;
    }

    async fn visit(
        &mut self,
        mut method: Method,
        mut url: Url,
        mut form: Option<&Sent>,
        from: Option<&Url>,
    ) -> Result<Page, Refusal> {
        let until = Instant::now() + self.portals.patience;
        for _ in 0..=REDIRECTS {
            self.may_go_to(&url)?;
            let call = self.call(&method, &url, form, from);
            let reply = self.send(call, &url, until).await?;
            let Some(next) = redirected(&url, &reply)? else {
                return Page::of(url, &reply, &self.rules.profile);
            };
            // As browsers do: only these two repeat a form.
            let repeats = [StatusCode::TEMPORARY_REDIRECT, StatusCode::PERMANENT_REDIRECT];
            if !repeats.contains(&reply.status) {
                (method, form) = (Method::GET, None);
            }
            url = next;
        }
        Err(Refusal::unavailable(format!("the portal redirects more than {REDIRECTS} times")))
    }

    fn call(&self, method: &Method, url: &Url, form: Option<&Sent>, from: Option<&Url>) -> Call {
        let call = self.portals.outbound.call(method.clone(), url.as_str()).taking(LARGEST);
        let call = call.header("accept", "text/html,application/xhtml+xml");
        let call = call.header("accept-language", "ar,en;q=0.8");
        let agent = self.rules.profile.user_agent.as_str();
        let call = if agent.is_empty() { call } else { call.header("user-agent", agent) };
        let from = from.filter(|from| from.origin() == url.origin());
        let call = from.into_iter().fold(call, |call, from| call.header("referer", from.as_str()));
        let cookies = self.jar.header(url, self.portals.clock.now_ms());
        let call = cookies
            .into_iter()
            .fold(call, |call, cookies| call.header("cookie", cookies.expose_secret()));
        let Some(form) = form else { return call };
        let origin = form.from.origin().ascii_serialization();
        let call = form
            .headers
            .iter()
            .fold(call, |call, (name, value)| call.header(name, value.expose_secret()));
        let fields = form.fields.iter().map(|(name, value)| (name.as_str(), value.expose_secret()));
        call.header("origin", &origin).form(&fields.collect::<Vec<_>>())
    }

    async fn send(&mut self, call: Call, url: &Url, until: Instant) -> Result<Reply, Refusal> {
        let left = until.saturating_duration_since(Instant::now());
        let reply = call.within(left).send().await.map_err(|error| {
            let retry_after = error.retry_after;
            Refusal { retry_after, ..Refusal::unavailable(error.reason) }
        })?;
        tracing::debug!(
            status = reply.status.as_u16(),
            bytes = reply.body.len(),
            "a portal answered"
        );
        self.jar.take(url, &reply.headers, self.portals.clock.now_ms());
        Ok(reply)
    }

    /// Refuses addresses that are not the portal's own, before anything goes there.
    fn may_go_to(&self, url: &Url) -> Result<(), Refusal> {
        if !self.rules.is_home(url) {
            return Err(Refusal::new(Outcome::SsoRequired, "the portal leads to another host"));
        }
        if url.scheme() != "https" && !self.portals.without_tls {
            return Err(Refusal::unavailable("the portal must be called over TLS"));
        }
        Ok(())
    }
}

/// Where an answer leads to, if anywhere.
fn redirected(url: &Url, reply: &Reply) -> Result<Option<Url>, Refusal> {
    if !matches!(reply.status.as_u16(), 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let to = reply.headers.get("location").and_then(|to| to.to_str().ok());
    let next = to.and_then(|to| url.join(to).ok());
    let next = next.ok_or_else(|| Refusal::unavailable("the portal redirects to nowhere"))?;
    if url.scheme() == "https" && next.scheme() != "https" {
        return Err(Refusal::unavailable("the portal redirects to an address without TLS"));
    }
    Ok(Some(next))
}

#[cfg(test)]
mod tests {
    use shared::outbound::HeaderMap;

    use super::*;

    /// Where an answer of this status leads to from a page; an error is `!`.
    fn check(from: &str, status: u16, location: &str, to: Option<&str>) -> anyhow::Result<()> {
        let mut headers = HeaderMap::new();
        if !location.is_empty() {
            headers.insert("location", location.parse()?);
        }
        let status = StatusCode::from_u16(status)?;
        let reply = Reply { status, headers, body: Default::default(), truncated: false };
        let next = redirected(&Url::parse(from)?, &reply);
        let next = next.map_or_else(|_| Some("!".to_owned()), |next| next.map(String::from));
        assert_eq!(next.as_deref(), to, "{from} {status} {location}");
        Ok(())
    }

    #[test]
    fn a_redirect_leads_on_but_not_away_from_tls() -> anyhow::Result<()> {
        let (plain, safe) = ("http://portal.example/a/b", "https://portal.example/a/b");
        check(safe, 302, "c?d", Some("https://portal.example/a/c?d"))?;
        check(safe, 308, "//x.example/", Some("https://x.example/"))?;
        check(plain, 301, safe, Some(safe))?;
        check(plain, 303, "/c", Some("http://portal.example/c"))?;
        check(safe, 302, plain, Some("!"))?;
        check(safe, 307, "javascript:x", Some("!"))?;
        check(safe, 302, "", Some("!"))?;
        check(safe, 200, "/c", None)?;
        check(safe, 304, "/c", None)?;
        Ok(())
    }
}
