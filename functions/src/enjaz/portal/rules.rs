//! A profile made ready to be worked by: selectors and expressions are read once for all the
//! pages of a session.

use regex::Regex;
use scraper::{ElementRef, Html, Selector};
use url::Url;

use super::outcome::Refusal;
use super::profile::{NextPage, Profile};
use super::text;

/// What a profile says, ready to be used.
pub(super) struct Rules {
    pub profile: Profile,
    pub base: Url,
    pub login: Url,
    pub cases: Url,
    pub form: Selector,
    pub csrf: Option<Selector>,
    pub signed_in: Option<Selector>,
    pub failure: Any,
    pub captcha: Any,
    pub mfa: Any,
    pub sso: Any,
    pub empty: Any,
    pub table: Option<Selector>,
    pub row: Selector,
    pub next: Option<Selector>,
    pub columns: Vec<Column>,
}

/// Any of these selectors.
pub(super) struct Any(Vec<Selector>);

/// A column, ready to be read.
pub(super) struct Column {
    pub name: String,
    /// None for the row itself.
    pub selector: Option<Selector>,
    pub attr: Option<String>,
    pub regex: Option<Regex>,
}

impl Rules {
    /// Those of a profile.
    ///
    /// # Errors
    /// `portal_unavailable` for one that was not checked.
    pub fn of(profile: &Profile) -> Result<Self, Refusal> {
        let wrong =
            |what: &str| Refusal::unavailable(format!("the portal's profile is wrong: {what}"));
        profile.check().map_err(|error| wrong(&error.detail))?;
        Self::read(profile.clone()).ok_or_else(|| wrong("it cannot be read"))
    }

    fn read(profile: Profile) -> Option<Self> {
        let one = |selector: &str| Selector::parse(selector).ok();
        let any = |selectors: &[String]| -> Option<Any> {
            selectors.iter().map(|selector| one(selector)).collect::<Option<_>>().map(Any)
        };
        let maybe = |selector: Option<&str>| match selector {
            Some(selector) => one(selector).map(Some),
            None => Some(None),
        };
        let next = match &profile.next_page {
            NextPage::Selector(selector) => one(selector),
            NextPage::QueryParam(_) | NextPage::None => None,
        };
        let table = Some(profile.table_selector.as_str()).filter(|selector| !selector.is_empty());
        let columns = profile.columns.iter().map(|(name, column)| {
            let selector = Some(column.selector.as_str()).filter(|selector| !selector.is_empty());
            let regex = column.regex.as_deref();
            let (name, attr) = (name.clone(), column.attr.clone());
            let regex = if let Some(regex) = regex { Some(Regex::new(regex).ok()?) } else { None };
            Some(Column { name, selector: maybe(selector)?, attr, regex })
        });
        Some(Self {
            base: profile.address("")?,
            login: profile.address(&profile.login_path)?,
            cases: profile.address(&profile.cases_path)?,
            form: one(&profile.form_selector)?,
            csrf: maybe(profile.csrf.as_ref().map(|csrf| csrf.selector.as_str()))?,
            signed_in: maybe(profile.success.selector.as_deref())?,
            failure: any(&profile.failure_selectors)?,
            captcha: any(&profile.captcha_selectors)?,
            mfa: any(&profile.mfa_selectors)?,
            sso: any(&profile.sso_selectors)?,
            empty: any(&profile.empty_selectors)?,
            table: maybe(table)?,
            row: one(&profile.row_selector)?,
            next,
            columns: columns.collect::<Option<_>>()?,
            profile,
        })
    }

    /// Whether an address is the portal's own: at the host and port of its base address, at
    /// the usual port of TLS on the same host, or at a host that is allowed.
    pub fn is_home(&self, url: &Url) -> bool {
        let (host, port) = (url.host_str().unwrap_or_default(), url.port_or_known_default());
        let secured = self.base.port().is_none() && url.scheme() == "https" && url.port().is_none();
        let is_base = url.host_str() == self.base.host_str()
            && (port == self.base.port_or_known_default() || secured);
        is_base
            || self.profile.allowed_hosts.iter().any(|allowed| {
                let with_port = format!("{host}:{}", port.unwrap_or_default());
                let is_usual = url.port().is_none() && allowed.eq_ignore_ascii_case(host);
                is_usual || allowed.eq_ignore_ascii_case(&with_port)
            })
    }
}

impl Any {
    /// Whether one of them is on the page.
    pub fn is_on(&self, page: &Html) -> bool {
        self.0.iter().any(|selector| page.select(selector).next().is_some())
    }

    /// The elements of the page that one of them finds.
    pub fn all<'a>(&'a self, page: &'a Html) -> impl Iterator<Item = ElementRef<'a>> {
        self.0.iter().flat_map(|selector| page.select(selector))
    }
}

/// Whether a text says one of these, both of them folded.
pub(super) fn says(text: &str, phrases: &[String]) -> bool {
    let text = text::folded(text);
    phrases.iter().any(|phrase| text.contains(&text::folded(phrase)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(base: &str, allowed: &[&str], url: &str, is_home: bool) -> anyhow::Result<()> {
        let allowed_hosts = allowed.iter().map(|&host| host.to_owned()).collect();
        let rules = Rules::of(&Profile { allowed_hosts, ..Profile::default_for(base) })?;
        assert_eq!(rules.is_home(&Url::parse(url)?), is_home, "{base} {allowed:?} {url}");
        Ok(())
    }

    #[test]
    fn a_portal_is_at_home_at_its_own_host_and_those_that_are_allowed() -> anyhow::Result<()> {
        let portal = "https://portal.example";
        check(portal, &[], "https://portal.example/x", true)?;
        check(portal, &[], "https://PORTAL.example:443/", true)?;
        check(portal, &[], "https://portal.example:8443/", false)?;
        check(portal, &[], "https://portal.example.evil.example/", false)?;
        check(portal, &[], "https://www.portal.example/", false)?;
        check(portal, &["www.portal.example"], "https://www.portal.example/", true)?;
        check(portal, &["www.portal.example"], "https://www.portal.example:444/", false)?;
        check(portal, &["www.portal.example:444"], "https://www.portal.example:444/", true)?;
        check("http://portal.example", &[], "https://portal.example/", true)?;
        check("http://127.0.0.1:8000", &[], "http://127.0.0.1:8000/", true)?;
        check("http://127.0.0.1:8000", &[], "http://127.0.0.1:8001/", false)?;
        check("http://127.0.0.1:8000", &[], "http://localhost:8000/", false)?;
        Ok(())
    }
}
