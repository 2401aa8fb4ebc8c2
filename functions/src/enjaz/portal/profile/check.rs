//! Whether a profile can be worked by, said of each member that it cannot.

use encoding_rs::Encoding;
use regex::Regex;
use scraper::Selector;
use shared::error::{Error, FieldError, Kind, Result};
use shared::outbound::{HeaderName, HeaderValue};
use url::Url;

use super::{NextPage, Profile};

/// The most pages and the longest pause that a profile may want, and the longest text in it.
const MAX_PAGES: u32 = 1000;
const LONGEST_DELAY: u64 = 60_000;
const LONGEST: usize = 2000;
/// The most columns.
const MOST_COLUMNS: usize = 40;

impl Profile {
    /// Reads a profile from its JSON, and checks it.
    ///
    /// # Errors
    /// `Invalid`, with every member at fault.
    pub fn read(json: &str) -> Result<Self> {
        let read: Result<Self, _> = serde_json::from_str(json);
        let profile = read.map_err(|error| Error::invalid("profile", error.to_string()))?;
        profile.check()?;
        Ok(profile)
    }

    /// Checks everything that can be told without calling the portal.
    ///
    /// # Errors
    /// `Invalid`, with every member at fault.
    pub fn check(&self) -> Result<()> {
        let mut faults = Faults::default();
        self.check_addresses(&mut faults);
        self.check_login(&mut faults);
        self.check_cases(&mut faults);
        faults.answer()
    }

    /// An address below the portal's base address.
    pub(in super::super) fn address(&self, path: &str) -> Option<Url> {
        Url::parse(&format!("{}{path}", self.base_url.trim_end_matches('/'))).ok()
    }

    fn check_addresses(&self, faults: &mut Faults) {
        let base = Url::parse(&self.base_url).ok();
        let is_web = |url: &Url| matches!(url.scheme(), "http" | "https") && url.has_host();
        let is_bare = |url: &Url| {
            let no_user = url.username().is_empty() && url.password().is_none();
            no_user && url.query().is_none() && url.fragment().is_none()
        };
        let good = base.as_ref().is_some_and(|url| is_web(url) && is_bare(url));
        faults.unless(good, "base_url", "must be an http or https address without a query");
        for (name, path) in [("login_path", &self.login_path), ("cases_path", &self.cases_path)] {
            let good = path.starts_with('/') && !path.starts_with("//") && !path.contains('#');
            faults.unless(good, name, "must begin with a slash");
        }
        for (at, host) in self.allowed_hosts.iter().enumerate() {
            let url = Url::parse(&format!("https://{host}"));
            let good =
                url.is_ok_and(|url| url.path() == "/" && is_bare(&url) && !host.contains('/'));
            faults.unless(good, &format!("allowed_hosts[{at}]"), "must be a host");
        }
    }

    fn check_login(&self, faults: &mut Faults) {
        faults.selector("form_selector", &self.form_selector);
        faults.unless(!self.username_field.is_empty(), "username_field", "must not be empty");
        faults.unless(!self.password_field.is_empty(), "password_field", "must not be empty");
        if let Some(csrf) = &self.csrf {
            faults.selector("csrf.selector", &csrf.selector);
            faults.unless(!csrf.attribute.is_empty(), "csrf.attribute", "must not be empty");
            let header = HeaderName::from_bytes(csrf.header.as_bytes());
            faults.unless(header.is_ok(), "csrf.header", "must be the name of a header");
        }
        if let Some(selector) = &self.success.selector {
            faults.selector("success.selector", selector);
        }
        let told = self.success.selector.is_some() || !self.success.url_contains.is_empty();
        faults.unless(told, "success", "must have a selector or a part of the address");
        faults.selectors("failure_selectors", &self.failure_selectors);
        faults.selectors("captcha_selectors", &self.captcha_selectors);
        faults.selectors("mfa_selectors", &self.mfa_selectors);
        faults.selectors("sso_selectors", &self.sso_selectors);
        faults.phrases("captcha_phrases", &self.captcha_phrases);
        faults.phrases("locked_phrases", &self.locked_phrases);
        faults.phrases("maintenance_phrases", &self.maintenance_phrases);
        faults.phrases("success.url_contains", &self.success.url_contains);
        let agent = HeaderValue::from_str(&self.user_agent);
        faults.unless(agent.is_ok(), "user_agent", "must be what a header can hold");
    }

    fn check_cases(&self, faults: &mut Faults) {
        faults.selector("row_selector", &self.row_selector);
        faults.unless(self.columns.contains_key("number"), "columns", "must have a number");
        faults.unless(self.columns.len() <= MOST_COLUMNS, "columns", "must be at most 40");
        for (at, name) in self.volatile_columns.iter().enumerate() {
            let is_other = !matches!(name.as_str(), "number" | "type" | "status");
            let good = is_other && self.columns.contains_key(name);
            let field = format!("volatile_columns[{at}]");
            faults.unless(good, &field, "must be a column, and not number, type or status");
        }
        for (name, column) in &self.columns {
            if !column.selector.is_empty() {
                faults.selector(&format!("columns.{name}.selector"), &column.selector);
            }
            let regex = column.regex.as_deref();
            let good = regex.is_none_or(|text| text.len() <= LONGEST && Regex::new(text).is_ok());
            faults.unless(good, &format!("columns.{name}.regex"), "must be a regular expression");
        }
        faults.selectors("empty_selectors", &self.empty_selectors);
        if !self.table_selector.is_empty() {
            faults.selector("table_selector", &self.table_selector);
        }
        match &self.next_page {
            NextPage::Selector(selector) => faults.selector("next_page.selector", selector),
            NextPage::QueryParam(name) => {
                faults.unless(!name.is_empty(), "next_page.query_param", "must not be empty");
            }
            NextPage::None => {}
        }
        let pages = (1..=MAX_PAGES).contains(&self.max_pages);
        faults.unless(pages, "max_pages", "must be 1 to 1000");
        let delay = self.min_delay_ms <= LONGEST_DELAY;
        faults.unless(delay, "min_delay_ms", "must be at most 60000");
        let known =
            self.charset.is_empty() || Encoding::for_label(self.charset.as_bytes()).is_some();
        faults.unless(known, "charset", "must be an encoding of the web");
    }
}

/// The members at fault.
#[derive(Default)]
struct Faults(Vec<FieldError>);

impl Faults {
    fn unless(&mut self, good: bool, field: &str, message: &str) {
        if !good {
            let (field, message) = (field.to_owned(), message.to_owned());
            self.0.push(FieldError { field, message });
        }
    }

    fn selector(&mut self, field: &str, selector: &str) {
        let good = selector.len() <= LONGEST && Selector::parse(selector).is_ok();
        self.unless(good, field, "must be a selector of CSS");
    }

    fn selectors(&mut self, field: &str, selectors: &[String]) {
        for (at, selector) in selectors.iter().enumerate() {
            self.selector(&format!("{field}[{at}]"), selector);
        }
    }

    fn phrases(&mut self, field: &str, phrases: &[String]) {
        for (at, phrase) in phrases.iter().enumerate() {
            let good = !phrase.trim().is_empty();
            self.unless(good, &format!("{field}[{at}]"), "must not be empty");
        }
    }

    fn answer(self) -> Result<()> {
        let Some(first) = self.0.first() else { return Ok(()) };
        let detail = format!("{} {}", first.field, first.message);
        Err(Error { fields: self.0, ..Error::new(Kind::Invalid, detail) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The members that are at fault in a profile of this JSON.
    fn check(json: &str, fields: &[&str]) {
        let told = Profile::read(json).err();
        let told = told.map(|error| error.fields).unwrap_or_default();
        let told: Vec<_> = told.iter().map(|fault| fault.field.as_str()).collect();
        assert_eq!(told, fields, "{json}");
    }

    /// With an address.
    fn check_with(members: &str, fields: &[&str]) {
        check(&format!("{{\"base_url\":\"https://portal.example\",{members}}}"), fields);
    }

    #[test]
    fn a_profile_needs_no_more_than_an_address() {
        check(r#"{"base_url":"https://portal.example/app/"}"#, &[]);
        check("{}", &["base_url"]);
        check(r#"{"base_url":"ftp://portal.example"}"#, &["base_url"]);
        check(r#"{"base_url":"https://u:p@portal.example"}"#, &["base_url"]);
        check(r#"{"base_url":"https://portal.example?x=1"}"#, &["base_url"]);
        check_with(r#""surprise":1"#, &["profile"]);
        check_with(r#""success":{"surprise":1}"#, &["profile"]);
    }

    #[test]
    fn each_member_is_checked_by_its_name() {
        check_with(r#""login_path":"login""#, &["login_path"]);
        check_with(r#""cases_path":"//evil.example/""#, &["cases_path"]);
        check_with(r#""allowed_hosts":["a.example:8443","b/c"]"#, &["allowed_hosts[1]"]);
        check_with(r#""form_selector":"::""#, &["form_selector"]);
        check_with(
            r#""username_field":"","password_field":"""#,
            &["username_field", "password_field"],
        );
        check_with(r#""csrf":{"selector":"[","header":"a b"}"#, &["csrf.selector", "csrf.header"]);
        check_with(r#""csrf":{"attribute":""}"#, &["csrf.attribute"]);
        check_with(r#""success":{"selector":">"}"#, &["success.selector"]);
        check_with(r#""success":{"url_contains":[]}"#, &["success"]);
        check_with(r#""failure_selectors":[".a","["]"#, &["failure_selectors[1]"]);
        check_with(r#""captcha_selectors":["["]"#, &["captcha_selectors[0]"]);
        check_with(r#""mfa_selectors":["["]"#, &["mfa_selectors[0]"]);
        check_with(r#""sso_selectors":["["]"#, &["sso_selectors[0]"]);
        check_with(r#""locked_phrases":[" "]"#, &["locked_phrases[0]"]);
        check_with(r#""user_agent":"a\nb""#, &["user_agent"]);
        check_with(r#""row_selector":"""#, &["row_selector"]);
        check_with(r#""columns":{}"#, &["columns"]);
        check_with(
            r#""columns":{"number":{"selector":"[","regex":"("}}"#,
            &["columns.number.selector", "columns.number.regex"],
        );
        check_with(r#""empty_selectors":["["]"#, &["empty_selectors[0]"]);
        check_with(r#""table_selector":"[""#, &["table_selector"]);
        check_with(r#""table_selector":"""#, &[]);
        check_with(r#""next_page":{"selector":"["}"#, &["next_page.selector"]);
        check_with(r#""next_page":{"query_param":""}"#, &["next_page.query_param"]);
        check_with(r#""next_page":"none""#, &[]);
        check_with(r#""max_pages":0"#, &["max_pages"]);
        check_with(r#""min_delay_ms":60001"#, &["min_delay_ms"]);
        check_with(r#""charset":"klingon""#, &["charset"]);
        check_with(r#""charset":"windows-1256""#, &[]);
    }

    #[test]
    fn addresses_are_below_the_base_address() {
        let profile = Profile::default_for("https://portal.example/app/");
        let address = profile.address("/login").map(String::from);
        assert_eq!(address.as_deref(), Some("https://portal.example/app/login"));
    }
}
