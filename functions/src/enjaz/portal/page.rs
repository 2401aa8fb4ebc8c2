//! An answer as a page: whether it is one, and its text in whatever encoding it came.

use encoding_rs::{Encoding, UTF_8};
use scraper::{Html, Selector};
use shared::outbound::{Reply, StatusCode};
use url::Url;

use super::outcome::Refusal;
use super::profile::Profile;

/// How far into a page its own word on its encoding may be, in bytes.
const PROLOGUE: usize = 1024;
const LABEL: &[char] = &['"', '\'', ';', '>', ' ', '/', '\t', '\n', '\r'];

/// A page of HTML.
pub(super) struct Page {
    /// Where it is, after all redirects.
    pub url: Url,
    /// Its status: neither a redirect, nor 429, nor a server's failure.
    pub status: StatusCode,
    /// Its markup.
    pub html: String,
}

impl Page {
    /// The page that an answer is.
    ///
    /// # Errors
    /// `portal_unavailable` when it is none, or not a whole one.
    pub fn of(url: Url, reply: &Reply, profile: &Profile) -> Result<Self, Refusal> {
        let (status, header) = (reply.status, |name| reply.headers.get(name)?.to_str().ok());
        if status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error() {
            return Err(unusable(reply, format!("the portal answered HTTP {}", status.as_u16())));
        }
        let kind = header("content-type").unwrap_or("text/html");
        let essence = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        if !matches!(essence.as_str(), "text/html" | "application/xhtml+xml") {
            return Err(unusable(reply, "the portal answered with something else than a page"));
        }
        if header("content-encoding").is_some_and(|coding| coding != "identity") {
            return Err(unusable(reply, "the portal answered in an encoding it was not asked for"));
        }
        let html = decoded(&reply.body, label(kind), &profile.charset);
        if !html.trim_start().starts_with('<') {
            return Err(unusable(reply, "the portal answered with something else than a page"));
        }
        if !ends_with(&html, &profile.end_marker) {
            return Err(unusable(reply, "the portal's page is cut off"));
        }
        Ok(Self { url, status, html })
    }

    /// That it is forbidden, whatever it says.
    pub fn forbidden(&self) -> Refusal {
        let status = self.status.as_u16();
        Refusal::unavailable(format!("the portal answered HTTP {status}"))
    }
}

/// Where a link of a page leads to: from the page's base, if it names one, or from where the
/// page is.
pub(super) fn resolved(page: &Html, at: &Url, link: &str) -> Option<Url> {
    let base = Selector::parse("base[href]").ok()?;
    let base = page.select(&base).next().and_then(|base| at.join(base.attr("href")?).ok());
    base.as_ref().unwrap_or(at).join(link).ok()
}

/// That an answer is no page that can be used, and when to ask again.
fn unusable(reply: &Reply, detail: impl Into<String>) -> Refusal {
    Refusal { retry_after: reply.retry_after(), ..Refusal::unavailable(detail) }
}

/// Whether a page holds what every whole page ends with.
fn ends_with(html: &str, marker: &str) -> bool {
    html.to_ascii_lowercase().contains(&marker.to_ascii_lowercase())
}

/// The text of a page: by its byte order mark, by `Content-Type`, by what it says itself, as
/// the profile says, or as UTF-8.
fn decoded(body: &[u8], told: Option<&str>, usual: &str) -> String {
    let prologue = String::from_utf8_lossy(body.get(..PROLOGUE).unwrap_or(body));
    let known = |label: &str| Encoding::for_label(label.as_bytes());
    let encoding = told.and_then(known).or_else(|| label(&prologue).and_then(known));
    encoding.or_else(|| known(usual)).unwrap_or(UTF_8).decode(body).0.into_owned()
}

/// The word behind `charset=`.
fn label(text: &str) -> Option<&str> {
    let at = text.to_ascii_lowercase().find("charset")?;
    let rest = text.get(at + "charset".len()..)?.trim_start().strip_prefix('=')?;
    let rest = rest.trim_start().trim_start_matches(['"', '\'']);
    rest.split(LABEL).next().filter(|label| !label.is_empty())
}

#[cfg(test)]
mod tests {
    use encoding_rs::WINDOWS_1256;
    use shared::outbound::HeaderMap;

    use super::*;

    const WORD: &str = "قضية";

    /// What is made of a page of this type, with this in its head, in windows-1256.
    fn check(kind: &str, head: &str, usual: &str, is_read: bool) -> anyhow::Result<()> {
        let html = format!("<html><head>{head}</head><body>{WORD}</body></HTML>");
        let body = WINDOWS_1256.encode(&html).0.into_owned().into();
        let mut headers = HeaderMap::new();
        headers.insert("content-type", kind.parse()?);
        let reply = Reply { status: StatusCode::OK, headers, body, truncated: false };
        let mut profile = Profile::default_for("https://portal.example");
        usual.clone_into(&mut profile.charset);
        let page = Page::of(Url::parse("https://portal.example/")?, &reply, &profile)?;
        assert_eq!(page.html.contains(WORD), is_read, "{kind} {head} {usual}");
        Ok(())
    }

    #[test]
    fn a_page_is_read_in_the_encoding_that_is_told_first() -> anyhow::Result<()> {
        check("text/html; charset=windows-1256", "", "", true)?;
        check("text/html; charset=\"windows-1256\"; x=y", "", "", true)?;
        check("text/html", "<meta charset=windows-1256>", "", true)?;
        check("text/html", "<meta content=\"text/html; charset=windows-1256\">", "", true)?;
        check("text/html", "", "windows-1256", true)?;
        check("text/html", "", "", false)?;
        check("text/html; charset=utf-8", "<meta charset=windows-1256>", "", false)?;
        check("text/html; charset=windows-1256", "<meta charset=utf-8>", "utf-8", true)?;
        check("text/html; charset=klingon", "<meta charset=windows-1256>", "", true)?;
        Ok(())
    }

    #[test]
    fn a_whole_page_has_its_end() {
        assert!(ends_with("<p></HTML>\n", "</html>") && ends_with("<p>", ""));
        assert!(!ends_with("<html><p>", "</html>"));
    }
}
