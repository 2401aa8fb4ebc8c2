//! The login form of a page: where it is sent, and with what.

use scraper::{ElementRef, Html, Selector};
use url::Url;

use super::page::resolved;
use super::rules::Rules;

/// A form with a field for the name and one for the password.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct LoginForm {
    /// Where it is sent.
    pub action: Url,
    /// Whether it would be sent as part of an address, where no password belongs.
    pub is_sent_in_address: bool,
    /// What it holds, in its order, as a browser would send it by its first button.
    pub fields: Vec<(String, String)>,
    /// A token that stands elsewhere on the page, and the header it is wanted back in.
    pub token: Option<(String, String)>,
    /// Whether the token that the profile names is missing.
    pub lacks_token: bool,
}

/// The login form of a page that is at this address.
pub(super) fn of(page: &Html, at: &Url, rules: &Rules) -> Option<LoginForm> {
    let profile = &rules.profile;
    let wanted = [profile.username_field.as_str(), profile.password_field.as_str()];
    let (form, fields) = page.select(&rules.form).find_map(|form| {
        let fields = fields(form);
        let holds = |name: &str| fields.iter().any(|(of, _)| of == name);
        wanted.into_iter().all(holds).then_some((form, fields))
    })?;
    let action = form.attr("action").map(str::trim).filter(|action| !action.is_empty());
    let action = match action {
        Some(action) => resolved(page, at, action)?,
        None => at.clone(),
    };
    let is_sent_in_address = form.attr("method").is_some_and(|by| by.eq_ignore_ascii_case("get"));
    let token = token(page, rules);
    let lacks_token = rules.csrf.is_some() && token.is_none();
    Some(LoginForm { action, is_sent_in_address, fields, token, lacks_token })
}

/// The token that the profile names, or the one of well-known frameworks.
fn token(page: &Html, rules: &Rules) -> Option<(String, String)> {
    let (selector, attribute, header) = match (&rules.csrf, &rules.profile.csrf) {
        (Some(selector), Some(csrf)) => (selector.clone(), csrf.attribute.as_str(), &*csrf.header),
        _ => (select("meta[name=csrf-token]")?, "content", "X-CSRF-TOKEN"),
    };
    let value = page.select(&selector).find_map(|element| element.attr(attribute))?;
    Some((header.to_owned(), value.to_owned()))
}

/// What a form holds.
fn fields(form: ElementRef<'_>) -> Vec<(String, String)> {
    let Some(controls) = select("input[name], select[name], textarea[name], button[name]") else {
        return Vec::new();
    };
    let mut has_button = false;
    let mut fields = Vec::new();
    for control in form.select(&controls).filter(|control| control.attr("disabled").is_none()) {
        let kind = control.attr("type").unwrap_or_default().to_ascii_lowercase();
        let is_on = control.attr("checked").is_some();
        let value = match (control.value().name(), kind.as_str()) {
            ("input", "submit") | ("button", "submit" | "") if !has_button => {
                has_button = true;
                Some(control.attr("value").unwrap_or_default().to_owned())
            }
            ("input", "submit" | "button" | "image" | "reset" | "file") | ("button", _) => None,
            ("input", "checkbox" | "radio") => {
                is_on.then(|| control.attr("value").unwrap_or("on").to_owned())
            }
            ("input", _) => Some(control.attr("value").unwrap_or_default().to_owned()),
            ("select", _) => chosen(control),
            _ => Some(control.text().collect()),
        };
        let name = control.attr("name").filter(|name| !name.is_empty());
        fields.extend(name.zip(value).map(|(name, value)| (name.to_owned(), value)));
    }
    fields
}

/// What of a list is chosen: what is marked so, or else the first.
fn chosen(list: ElementRef<'_>) -> Option<String> {
    let options: Vec<_> = list.select(&select("option")?).collect();
    let marked = options.iter().find(|option| option.attr("selected").is_some());
    let option = marked.or(options.first())?;
    Some(option.attr("value").map_or_else(|| option.text().collect(), str::to_owned))
}

fn select(selector: &str) -> Option<Selector> {
    Selector::parse(selector).ok()
}

#[cfg(test)]
mod tests {
    use super::super::profile::{CsrfToken, Profile};
    use super::*;

    const FIELDS: &str = "<input name=username><input type=password name=password>";

    fn look(html: &str, profile: &Profile) -> anyhow::Result<Option<LoginForm>> {
        let at = Url::parse("https://portal.example/app/login?next=1")?;
        Ok(of(&Html::parse_document(html), &at, &Rules::of(profile)?))
    }

    fn portal() -> Profile {
        Profile::default_for("https://portal.example/app")
    }

    fn check_action(form: &str, action: Option<&str>) -> anyhow::Result<()> {
        let found = look(form, &portal())?.map(|form| form.action.to_string());
        assert_eq!(found.as_deref(), action, "{form}");
        Ok(())
    }

    #[test]
    fn the_form_that_holds_both_fields_is_sent_where_it_says() -> anyhow::Result<()> {
        let here = "https://portal.example/app/login?next=1";
        check_action(
            &format!("<form action=/q><input name=q></form><form>{FIELDS}</form>"),
            Some(here),
        )?;
        check_action(&format!("<form action=''>{FIELDS}</form>"), Some(here))?;
        check_action(&format!("<form action=in>{FIELDS}"), Some("https://portal.example/app/in"))?;
        check_action(&format!("<form action=/in>{FIELDS}"), Some("https://portal.example/in"))?;
        check_action(&format!("<form action=//x.example/>{FIELDS}"), Some("https://x.example/"))?;
        let based = format!("<base href=/b/><form action=in>{FIELDS}</form>");
        check_action(&based, Some("https://portal.example/b/in"))?;
        check_action("<form><input type=password name=password></form>", None)?;
        check_action(FIELDS, None)?;
        Ok(())
    }

    fn check_fields(more: &str, expected: &[(&str, &str)]) -> anyhow::Result<()> {
        let form = look(&format!("<form>{more}{FIELDS}</form>"), &portal())?;
        let fields = form.map(|form| form.fields).unwrap_or_default();
        let own = [("username", ""), ("password", "")];
        let expected = expected.iter().chain(&own).map(|(n, v)| (n.to_string(), v.to_string()));
        assert_eq!(fields, expected.collect::<Vec<_>>(), "{more}");
        Ok(())
    }

    #[test]
    fn a_form_is_sent_with_what_a_browser_would_send() -> anyhow::Result<()> {
        check_fields("<input type=hidden name=_token value='a&amp;b'>", &[("_token", "a&b")])?;
        check_fields("<input name=a disabled><input type=reset name=b>", &[])?;
        check_fields(
            "<input type=checkbox name=a checked><input type=checkbox name=b>",
            &[("a", "on")],
        )?;
        check_fields("<select name=a><option>x<option value=2 selected>y</select>", &[("a", "2")])?;
        check_fields("<select name=a><option>x<option>y</select>", &[("a", "x")])?;
        check_fields("<textarea name=a>t</textarea>", &[("a", "t")])?;
        check_fields(
            "<button name=a value=1></button><button name=b value=2></button>",
            &[("a", "1")],
        )?;
        check_fields(
            "<button type=button name=a></button><input type=submit name=b value=2>",
            &[("b", "2")],
        )?;
        Ok(())
    }

    fn check_token(
        head: &str,
        csrf: Option<CsrfToken>,
        token: Option<(&str, &str)>,
        lacks: bool,
    ) -> anyhow::Result<()> {
        let html = format!("<head>{head}</head><form>{FIELDS}</form>");
        let form = look(&html, &Profile { csrf, ..portal() })?;
        let found = form.as_ref().and_then(|form| form.token.clone());
        assert_eq!(found, token.map(|(name, value)| (name.to_owned(), value.to_owned())), "{head}");
        assert_eq!(form.map(|form| form.lacks_token), Some(lacks), "{head}");
        Ok(())
    }

    #[test]
    fn a_token_of_the_page_goes_into_its_header() -> anyhow::Result<()> {
        let own = || {
            Some(CsrfToken {
                selector: "#t".to_owned(),
                attribute: "data-t".to_owned(),
                header: "X-Own".to_owned(),
            })
        };
        check_token("<meta name=csrf-token content=a>", None, Some(("X-CSRF-TOKEN", "a")), false)?;
        check_token("", None, None, false)?;
        check_token("<meta id=t data-t=b>", own(), Some(("X-Own", "b")), false)?;
        check_token("<meta name=csrf-token content=a>", own(), None, true)?;
        Ok(())
    }
}
