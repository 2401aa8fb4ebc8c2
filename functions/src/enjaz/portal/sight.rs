//! What is on a page, all of it in one owned record: the page itself cannot be kept while
//! something else is waited for.

use scraper::{ElementRef, Html};
use url::Url;

use super::form::{self, LoginForm};
use super::outcome::Refusal;
use super::page::{Page, resolved};
use super::rows::{self, FoundCase};
use super::rules::{Rules, says};
use super::{document, fingerprint, text};

/// What is on a page.
pub(super) struct Sight {
    /// The login form.
    pub form: Option<LoginForm>,
    /// Whether it asks for proof of a person.
    pub captcha: bool,
    /// Whether it asks for a second factor.
    pub factor: bool,
    /// Whether it leads to where one signs in elsewhere.
    pub sign_on: bool,
    /// Whether it has what only those see who are signed in.
    pub signed_in: bool,
    /// Whether it says that something went wrong.
    pub failure: bool,
    /// Whether it says that the account is locked.
    pub locked: bool,
    /// Whether it says that the portal is being worked on.
    pub maintenance: bool,
    /// The cases; none for a row without a number.
    pub rows: Vec<Option<FoundCase>>,
    /// Whether it says that there are no cases.
    pub emptiness: bool,
    /// Where the next page of cases is.
    pub next: Option<Url>,
    /// What its structure is recognised by.
    pub fingerprint: String,
}

/// What is on this page.
///
/// # Errors
/// `portal_unavailable` for a page that nobody could read.
pub(super) fn of(page: &Page, rules: &Rules) -> Result<Sight, Refusal> {
    let html = document::of(&page.html)?;
    let words = words(html.root_element());
    let failure: Vec<String> = rules.failure.all(&html).map(self::words).collect();
    let failure = text::clean(&failure.join(" "));
    let about_locks = if failure.is_empty() { &words } else { &failure };
    Ok(Sight {
        form: form::of(&html, &page.url, rules),
        captcha: rules.captcha.is_on(&html) || has_form_that_asks(&html, rules),
        factor: rules.mfa.is_on(&html),
        sign_on: rules.sso.is_on(&html) || has_form_for_elsewhere(&html, page, rules),
        signed_in: is_signed_in(&html, page, rules),
        locked: says(about_locks, &rules.profile.locked_phrases),
        maintenance: says(&words, &rules.profile.maintenance_phrases),
        failure: !failure.is_empty(),
        rows: rows::of(&html, rules),
        emptiness: has_marker(&html, rules) || has_empty_table(&html, rules),
        next: next(&html, page, rules),
        fingerprint: fingerprint::of(&html),
    })
}

/// The text that people see.
fn words(of: ElementRef<'_>) -> String {
    const UNSEEN: [&str; 4] = ["script", "style", "template", "noscript"];
    let texts = of.descendants().filter_map(|node| {
        let around = node.parent().and_then(ElementRef::wrap);
        let is_seen = around.is_none_or(|around| !UNSEEN.contains(&around.value().name()));
        node.value().as_text().filter(|_| is_seen).map(|text| &**text)
    });
    texts.collect::<Vec<_>>().join(" ")
}

fn has_form_that_asks(html: &Html, rules: &Rules) -> bool {
    let phrases = &rules.profile.captcha_phrases;
    forms(html).iter().any(|form| says(&words(*form), phrases))
}

fn has_form_for_elsewhere(html: &Html, page: &Page, rules: &Rules) -> bool {
    forms(html).iter().any(|form| {
        let action = form.attr("action").and_then(|action| resolved(html, &page.url, action));
        action.is_some_and(|action| !rules.is_home(&action))
    })
}

fn forms(html: &Html) -> Vec<ElementRef<'_>> {
    let is_form = |element: &ElementRef<'_>| element.value().name() == "form";
    html.root_element().descendent_elements().filter(is_form).collect()
}

/// By the profile's selector, or else by the address.
fn is_signed_in(html: &Html, page: &Page, rules: &Rules) -> bool {
    match &rules.signed_in {
        Some(selector) => html.select(selector).next().is_some(),
        None => {
            let parts = &rules.profile.success.url_contains;
            page.status.is_success() && parts.iter().any(|part| page.url.path().contains(part))
        }
    }
}

fn has_marker(html: &Html, rules: &Rules) -> bool {
    let is_shown = |element: &ElementRef<'_>| {
        let style = element.attr("style").unwrap_or_default().replace(' ', "");
        element.attr("hidden").is_none() && !style.contains("display:none")
    };
    rules.empty.all(html).any(|element| is_shown(&element)) && !has_filled_table(html, rules)
}

/// A table with cells that say something else than that there are no cases.
fn has_filled_table(html: &Html, rules: &Rules) -> bool {
    let mut tables = rules.table.iter().flat_map(|selector| html.select(selector));
    let markers: Vec<_> = rules.empty.all(html).map(|marker| marker.id()).collect();
    let is_marker = |node: ElementRef<'_>| markers.contains(&node.id());
    tables.any(|table| {
        let mut cells = table.descendent_elements().filter(|e| e.value().name() == "td");
        cells.any(|cell| {
            let around = cell.ancestors().filter_map(ElementRef::wrap);
            !cell.descendent_elements().chain(around).any(is_marker)
        })
    })
}

/// A table with a header and without cells is empty; one whose rows are not found is not.
fn has_empty_table(html: &Html, rules: &Rules) -> bool {
    let mut tables = rules.table.iter().flat_map(|selector| html.select(selector));
    tables.any(|table| {
        let named =
            |name: &str| table.descendent_elements().filter(|e| e.value().name() == name).count();
        named("th") > 0 && named("td") == 0
    })
}

fn next(html: &Html, page: &Page, rules: &Rules) -> Option<Url> {
    let link = html.select(rules.next.as_ref()?).find_map(|link| {
        let to = link.attr("href").map(str::trim);
        to.filter(|to| !to.is_empty() && !to.starts_with('#'))
    })?;
    let mut next = resolved(html, &page.url, link)?;
    next.set_fragment(None);
    matches!(next.scheme(), "http" | "https").then_some(next)
}

#[cfg(test)]
mod tests {
    use shared::outbound::StatusCode;

    use super::super::profile::Profile;
    use super::*;

    fn look(body: &str) -> anyhow::Result<Sight> {
        let url = Url::parse("https://portal.example/cases?page=2")?;
        let page = Page { url, status: StatusCode::OK, html: format!("<html><body>{body}</html>") };
        let rules = Rules::of(&Profile::default_for("https://portal.example"))?;
        of(&page, &rules).map_err(|refusal| anyhow::anyhow!(refusal.detail))
    }

    fn check_empty(body: &str, expected: bool) -> anyhow::Result<()> {
        assert_eq!(look(body)?.emptiness, expected, "{body}");
        Ok(())
    }

    #[test]
    fn emptiness_has_to_be_said() -> anyhow::Result<()> {
        check_empty("<p class=empty-state>none</p>", true)?;
        check_empty("<p class=empty-state hidden>none</p>", false)?;
        let aside = "<p class=no-data>no messages</p>";
        let table = "<table class=cases-table><tr><th>n<tr><td>";
        check_empty(&format!("{aside}{table}1</table>"), false)?;
        check_empty(&format!("{table}<p class=no-data>none</table>"), true)?;
        check_empty(&format!("{table}<tr class=no-data><td>none</table>"), false)?;
        check_empty("<p class=no-data style='display: none'>none</p>", false)?;
        check_empty("<table class=cases-table><tr><th>n</table>", true)?;
        check_empty("<table class=cases-table></table>", false)?;
        check_empty("<table class=cases-table><tr><th>n<tr><td>1</table>", false)?;
        check_empty("<table><tr><th>n</table>", false)?;
        check_empty("<p>There are no cases.</p>", false)?;
        Ok(())
    }

    fn check_next(body: &str, to: Option<&str>) -> anyhow::Result<()> {
        let next = look(body)?.next.map(|next| next.to_string());
        assert_eq!(next.as_deref(), to, "{body}");
        Ok(())
    }

    #[test]
    fn a_link_leads_to_the_next_page_unless_it_is_none() -> anyhow::Result<()> {
        check_next("<a rel=next href='?page=3#top'>", Some("https://portal.example/cases?page=3"))?;
        check_next("<a rel='nofollow next' href=/c/3>", Some("https://portal.example/c/3"))?;
        check_next(
            "<ul class=pagination><li class=next><a href=3>",
            Some("https://portal.example/3"),
        )?;
        check_next("<ul class=pagination><li class='next disabled'><a href=3>", None)?;
        check_next("<ul class=pagination><li class=next><a class=disabled href=3>", None)?;
        check_next("<a rel=next href='#'>", None)?;
        check_next("<a rel=next href='javascript:go()'>", None)?;
        check_next("<a href='?page=3'>", None)?;
        Ok(())
    }

    #[test]
    fn what_a_page_asks_for_is_seen() -> anyhow::Result<()> {
        assert!(look("<form>رمز التحـقق</form>")?.captcha);
        assert!(!look("<p>رمز التحقق</p><form></form>")?.captcha);
        assert!(look("<form action='https://sso.example/'></form>")?.sign_on);
        assert!(!look("<form action='/search'></form>")?.sign_on);
        assert!(look("<p>Under MAINTENANCE</p>")?.maintenance);
        assert!(!look("<script>maintenance()</script>")?.maintenance);
        let help = "<p>Too many attempts lock it.</p>";
        assert!(look(help)?.locked);
        assert!(!look(&format!("{help}<p class=error>Wrong password.</p>"))?.locked);
        Ok(())
    }
}
