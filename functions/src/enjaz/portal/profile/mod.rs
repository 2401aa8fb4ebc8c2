//! A portal's profile: where its pages are and what is recognised on them, so that another
//! portal, or another layout of the same one, is a change of settings and not of code.

mod check;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use url::Url;

/// What is known of a portal. As JSON every member may be missing, and a member that is not
/// known is refused. Selectors are those of CSS.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Profile {
    /// Where the portal is: scheme, host and, if need be, port and a path before all others.
    pub base_url: String,
    /// The page with the login form, below the base address.
    pub login_path: String,
    /// The first page of cases, below the base address.
    pub cases_path: String,
    /// Further hosts that belong to the portal (`host` or `host:port`). Any other host that
    /// it leads to is taken for single sign-on.
    pub allowed_hosts: Vec<String>,
    /// The login form, among the forms that hold both fields.
    pub form_selector: String,
    /// The name of the field for the user's name.
    pub username_field: String,
    /// The name of the field for the password.
    pub password_field: String,
    /// Fields that are sent with the form whatever it holds.
    pub extra_fields: BTreeMap<String, String>,
    /// A token that the login page has and wants back in a header. Hidden fields,
    /// `meta[name=csrf-token]` and the cookie `XSRF-TOKEN` are found without it.
    pub csrf: Option<CsrfToken>,
    /// What tells that somebody is signed in.
    pub success: Success,
    /// Where a login that failed says why.
    pub failure_selectors: Vec<String>,
    /// What tells of a captcha.
    pub captcha_selectors: Vec<String>,
    /// What a form with a captcha says.
    pub captcha_phrases: Vec<String>,
    /// What tells of a second factor.
    pub mfa_selectors: Vec<String>,
    /// What tells that one signs in elsewhere, where there is no login form.
    pub sso_selectors: Vec<String>,
    /// What a failed login says when the account is locked.
    pub locked_phrases: Vec<String>,
    /// What a page says that stands in for the portal while it is worked on.
    pub maintenance_phrases: Vec<String>,
    /// A case in a page of cases.
    pub row_selector: String,
    /// Where in a row things are: `number`, which there must be, `type`, `status`, and any
    /// others by names of one's own.
    pub columns: BTreeMap<String, Column>,
    /// Columns that may differ from one reading to the next without the case being another:
    /// the number of visits, say.
    pub volatile_columns: Vec<String>,
    /// What a page shows that has no cases.
    pub empty_selectors: Vec<String>,
    /// A table that, with a header and no cells, is a page without cases as well. Empty: none.
    pub table_selector: String,
    /// How a page leads to the next.
    pub next_page: NextPage,
    /// The most pages that are read, 1 to 1000. If there are more, a reading is partial.
    pub max_pages: u32,
    /// The least time between two pages of cases, in milliseconds: 0 to 60000. The
    /// installation's own least time counts when it is more.
    pub min_delay_ms: u64,
    /// The encoding of pages that do not say theirs. Empty: UTF-8.
    pub charset: String,
    /// What every whole page ends with, in any case of letters. Empty: nothing in particular.
    pub end_marker: String,
    /// What is sent as `User-Agent`. Empty: the product's own.
    pub user_agent: String,
}

/// A token of the login page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CsrfToken {
    /// The element.
    pub selector: String,
    /// Its attribute that holds the token.
    pub attribute: String,
    /// The header that the token is sent in.
    pub header: String,
}

/// What tells that somebody is signed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Success {
    /// One of these is in the path that a login ends at. Only asked when there is no selector.
    pub url_contains: Vec<String>,
    /// An element that only those see who are signed in.
    pub selector: Option<String>,
}

/// Where in a row something is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Column {
    /// The element: in the row, or the row itself. Empty: the row itself.
    pub selector: String,
    /// Its attribute, if it has it; otherwise its text.
    pub attr: Option<String>,
    /// What of it counts: the first group, or all that matches.
    pub regex: Option<String>,
}

/// How a page leads to the next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NextPage {
    /// By a link.
    Selector(String),
    /// By this parameter of the query, which is 2 for the second page.
    QueryParam(String),
    /// Not at all: there is one page.
    None,
}

impl Default for Profile {
    fn default() -> Self {
        Self::default_for("")
    }
}

impl Profile {
    /// Where the portal is: what tells it from another one.
    pub fn origin(&self) -> String {
        let url = Url::parse(&self.base_url);
        url.map_or_else(|_| self.base_url.clone(), |url| url.origin().ascii_serialization())
    }

    /// The selectors of the portal that the product was first made for, at this address.
    pub fn default_for(base_url: &str) -> Self {
        Self {
            base_url: base_url.to_owned(),
            login_path: "/login".to_owned(),
            cases_path: "/cases".to_owned(),
            allowed_hosts: Vec::new(),
            form_selector: "form".to_owned(),
            username_field: "username".to_owned(),
            password_field: "password".to_owned(),
            extra_fields: BTreeMap::new(),
            csrf: None,
            success: Success::default(),
            failure_selectors: list(&[".error", ".alert-danger", ".login-error"]),
            captcha_selectors: list(&CAPTCHAS),
            captcha_phrases: list(&["رمز التحقق"]),
            mfa_selectors: list(&FACTORS),
            sso_selectors: list(&SIGN_ONS),
            locked_phrases: list(&["locked", "too many", "محظور", "إيقاف", "مقفل"]),
            maintenance_phrases: list(&["maintenance", "temporarily unavailable", "صيانة"]),
            row_selector: "tr.case-row, .case-item, .case-card".to_owned(),
            columns: columns(),
            volatile_columns: Vec::new(),
            empty_selectors: list(&[".empty-state", ".no-cases", ".no-results", ".no-data"]),
            table_selector: "table.cases-table".to_owned(),
            next_page: NextPage::default(),
            max_pages: 100,
            min_delay_ms: 1000,
            charset: String::new(),
            end_marker: "</html>".to_owned(),
            user_agent: String::new(),
        }
    }
}

const CAPTCHAS: [&str; 8] = [
    "iframe[src*=recaptcha]",
    ".g-recaptcha",
    "[name=g-recaptcha-response]",
    ".h-captcha",
    ".cf-turnstile",
    "img[src*=captcha i]",
    "input[name*=captcha i]",
    "input[id*=captcha i]",
];
const FACTORS: [&str; 5] = [
    "input[autocomplete=one-time-code]",
    "input[name*=otp i]",
    "input[name=code]",
    "input[name*=verification_code i]",
    ".nafath-waiting",
];
const SIGN_ONS: [&str; 5] = [
    "a[class*=sso i]",
    "a[href*=nafath i]",
    "a[href*='/authorize' i]",
    "form[action*=saml i]",
    "input[name=SAMLRequest]",
];

fn list(of: &[&str]) -> Vec<String> {
    of.iter().map(|&one| one.to_owned()).collect()
}

fn columns() -> BTreeMap<String, Column> {
    let column = |(name, selector, attr): (&str, &str, &str)| {
        let (selector, attr) = (selector.to_owned(), Some(attr.to_owned()));
        (name.to_owned(), Column { selector, attr, regex: None })
    };
    let all = [
        ("number", ".case-number, .number, [data-case-number]", "data-case-number"),
        ("type", ".case-type, .type, [data-case-type]", "data-case-type"),
        ("status", ".case-status, .status, .state, [data-status]", "data-status"),
    ];
    all.into_iter().map(column).collect()
}

impl Default for CsrfToken {
    fn default() -> Self {
        Self {
            selector: "meta[name=csrf-token]".to_owned(),
            attribute: "content".to_owned(),
            header: "X-CSRF-TOKEN".to_owned(),
        }
    }
}

impl Default for Success {
    fn default() -> Self {
        Self { url_contains: list(&["dashboard", "home"]), selector: None }
    }
}

impl Default for NextPage {
    fn default() -> Self {
        let links = "a[rel~=next], .pagination .next:not(.disabled) a:not(.disabled)";
        Self::Selector(links.to_owned())
    }
}
