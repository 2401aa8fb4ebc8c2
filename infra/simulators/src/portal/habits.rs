//! How a portal is built: switches that a test turns.

use axum::http::StatusCode;

use super::captcha::Captcha;
use super::csrf::Csrf;
use super::layout::Layout;
use super::words::{Language, LockWords};

/// How it answers, until a test says otherwise.
#[derive(Clone, Debug)]
pub struct Habits {
    /// The language of its pages.
    pub language: Language,
    /// How its pages are encoded.
    pub charset: Charset,
    /// How it knows a form as its own.
    pub csrf: Csrf,
    /// Whether a form has to say by `Origin` or `Referer` that it is from a page of its own. A
    /// form that says it is from elsewhere is refused in any case.
    pub checks_origin: bool,
    /// Where the login form is sent.
    pub action: Action,
    /// The names of the fields for the user's name and for the password.
    pub fields: (&'static str, &'static str),
    /// What stands at `/login`.
    pub gate: Gate,
    /// What is asked for after the right password.
    pub factor: Option<Factor>,
    /// The status of the login page that tells of a wrong password.
    pub refused: StatusCode,
    /// How many wrong passwords lock an account.
    pub wrong_until_locked: usize,
    /// In what words.
    pub lock_words: LockWords,
    /// Where one is sent after signing in: `/dashboard` or `/home`.
    pub landing: &'static str,
    /// What comes of a page that is asked for without a session.
    pub lost: Lost,
    /// How many cases are on a page.
    pub page_size: usize,
    /// How a page leads to the next.
    pub paging: Paging,
    /// Where the last page leads to.
    pub after_last: AfterLast,
    /// What a page after the last one is.
    pub beyond: Beyond,
    /// What is shown where there are no cases.
    pub empty: Empty,
    /// The markup of the cases.
    pub layout: Layout,
}

impl Default for Habits {
    fn default() -> Self {
        Self {
            language: Language::English,
            charset: Charset::Utf8,
            csrf: Csrf::Token,
            checks_origin: false,
            action: Action::Own,
            fields: ("username", "password"),
            gate: Gate::Form,
            factor: None,
            refused: StatusCode::OK,
            wrong_until_locked: 3,
            lock_words: LockWords::Locked,
            landing: "/dashboard",
            lost: Lost::Redirect,
            page_size: 10,
            paging: Paging::RelNext,
            after_last: AfterLast::Nothing,
            beyond: Beyond::Empty,
            empty: Empty::Marker,
            layout: Layout::Table,
        }
    }
}

/// How pages are encoded, and where that is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Charset {
    /// UTF-8, by `Content-Type`.
    Utf8,
    /// windows-1256, by `Content-Type`. What it lacks is a numeric reference.
    Windows1256,
    /// windows-1256, by `<meta charset>` alone.
    Windows1256InMeta,
}

/// Where the login form is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// It has no `action`: to the page's own address.
    Own,
    /// `/auth/sign-in`.
    Other,
    /// The same, relative to the page.
    Relative,
    /// The same, with scheme and host.
    Absolute,
}

/// What stands at `/login`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gate {
    /// A form.
    Form,
    /// A form with a captcha, which a login needs solved.
    Captcha(Captcha),
    /// No form: one signs in elsewhere.
    SingleSignOn(SignOn),
}

/// How one gets to the identity provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignOn {
    /// The login page redirects.
    Redirect,
    /// The login page has nothing but a link.
    Link,
    /// The login page has a form without a password, as SAML does.
    Form,
}

/// What is asked for after the right password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Factor {
    /// A code, [`CODE`](super::CODE).
    Code,
    /// A number to be approved in Nafath's application, as `Portal::approve` does.
    Approval,
}

/// What comes of a page that is asked for without a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lost {
    /// 302 to `/login?next=…`.
    Redirect,
    /// 200 and the login page.
    LoginPage,
}

/// How a page leads to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paging {
    /// `a[rel=next]`, relative to the page.
    RelNext,
    /// `.pagination .next a`, from the root and with a second parameter; `.disabled` on the
    /// last page.
    Pagination,
    /// `?page=N`, with no links.
    Unlinked,
}

/// Where the last page leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AfterLast {
    /// Nowhere.
    Nothing,
    /// To the first page.
    First,
    /// To itself.
    Itself,
}

/// What a page after the last one is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beyond {
    /// Without cases, as an account without any has it.
    Empty,
    /// The last page again.
    Last,
    /// 404.
    NotFound,
}

/// What is shown where there are no cases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Empty {
    /// `.empty-state`.
    Marker,
    /// A table with a header and no rows.
    Header,
    /// Neither.
    Nothing,
}
