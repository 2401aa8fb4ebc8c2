//! What somebody sees over a socket, in a browser that keeps cookies and follows nothing by
//! itself.

mod captchas;
mod cases;
mod counts;
mod login;
mod mishaps;
mod second;
mod spelling;
mod sso;

use std::collections::BTreeMap;

use reqwest::header::{CONTENT_TYPE, COOKIE, HeaderMap, SET_COOKIE};
use reqwest::{Client, Method, RequestBuilder};
use url::Url;

use super::{Case, Portal};

const USER: (&str, &str) = ("fahad", "s3cret <of> & \"Fahad\"");

/// What came back.
struct Reply {
    status: u16,
    headers: HeaderMap,
    bytes: Vec<u8>,
}

impl Reply {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    fn html(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    fn says(&self, text: &str) -> bool {
        self.html().contains(text)
    }

    /// Status and where it leads to.
    fn leads(&self) -> (u16, &str) {
        (self.status, self.header("location"))
    }
}

/// What stands between two texts, each time that it does.
fn between<'a>(html: &'a str, before: &str, after: &str) -> Vec<&'a str> {
    html.split(before).skip(1).filter_map(|rest| rest.split(after).next()).collect()
}

struct Browser {
    client: Client,
    base: String,
    cookies: BTreeMap<String, String>,
}

impl Browser {
    fn new(portal: &Portal) -> Self {
        #[expect(clippy::disallowed_methods, reason = "a browser is not the product")]
        let builder = Client::builder();
        let never = reqwest::redirect::Policy::none();
        let client = builder.no_proxy().redirect(never).build().unwrap();
        Self { client, base: portal.url(), cookies: BTreeMap::new() }
    }

    /// One that has these cookies.
    fn with(portal: &Portal, cookies: Vec<(String, String)>) -> Self {
        Self { cookies: cookies.into_iter().collect(), ..Self::new(portal) }
    }

    fn url(&self, at: &str) -> Url {
        Url::parse(&self.base).unwrap().join(at).unwrap()
    }

    async fn send(&mut self, request: RequestBuilder) -> reqwest::Result<Reply> {
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = request.header(COOKIE, cookies.join("; ")).build()?;
        let response = self.client.execute(request).await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        for set in headers.get_all(SET_COOKIE) {
            let set = set.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = set.split_once('=').unwrap();
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        Ok(Reply { status, headers, bytes: response.bytes().await?.to_vec() })
    }

    async fn tries(&mut self, at: &str) -> reqwest::Result<Reply> {
        let request = self.client.get(self.url(at));
        self.send(request).await
    }

    async fn get(&mut self, at: &str) -> Reply {
        self.tries(at).await.unwrap()
    }

    async fn post(
        &mut self,
        at: &str,
        fields: &[(String, String)],
        more: &[(&str, &str)],
    ) -> Reply {
        let mut body = url::form_urlencoded::Serializer::new(String::new());
        let body = body.extend_pairs(fields).finish();
        let request = self.client.request(Method::POST, self.url(at)).body(body);
        let request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        let request =
            more.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        self.send(request).await.unwrap()
    }

    /// Opens the login page, fills it in and sends it, with these headers too.
    async fn login_with(&mut self, user: (&str, &str), more: &[(&str, &str)]) -> Reply {
        let page = self.get("/login").await;
        let fields = filled(&page.html(), user);
        self.post(&action(&page.html()), &fields, more).await
    }

    async fn login(&mut self, user: (&str, &str)) -> Reply {
        self.login_with(user, &[]).await
    }
}

/// Where the form with the password is sent.
fn action(html: &str) -> String {
    let form = html.split("<form method=\"post\"").nth(1).unwrap();
    let tag = form.split('>').next().unwrap();
    between(tag, "action=\"", "\"").first().map_or("/login", |action| action).to_owned()
}

/// The hidden fields of that form, with a name and a password.
fn filled(html: &str, (user, password): (&str, &str)) -> Vec<(String, String)> {
    let form = html.split("<form method=\"post\"").nth(1).unwrap();
    let mut fields: Vec<(String, String)> = between(form, "<input type=\"hidden\" name=\"", ">")
        .into_iter()
        .map(|field| field.trim_end_matches('"').split_once("\" value=\"").unwrap())
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    for (kind, value) in [("text", user), ("password", password)] {
        let names = between(form, &format!("<input type=\"{kind}\" name=\""), "\"");
        fields.extend(names.first().map(|name| ((*name).to_owned(), value.to_owned())));
    }
    fields
}

/// A portal with an account that has so many cases in English.
async fn portal(cases: usize) -> Portal {
    let portal = Portal::start().await.unwrap();
    portal.account(USER.0, USER.1);
    portal.cases(USER.0, (1..=cases).map(Case::english));
    portal
}

/// A browser in which that account is signed in.
fn signed_in(portal: &Portal) -> Browser {
    Browser::with(portal, portal.session_of(USER.0))
}
