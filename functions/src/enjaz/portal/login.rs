//! Signing in: the form as the portal shows it, sent once, and what the page that comes of it
//! says.

use percent_encoding::percent_decode_str;
use shared::outbound::StatusCode;
use shared::vault::{ExposeSecret, SecretString};
use url::Url;

use super::Credentials;
use super::browser::{Browser, Sent};
use super::form::LoginForm;
use super::outcome::{Outcome, Refusal};
use super::page::Page;
use super::rules::Rules;
use super::sight::{self, Sight};

/// The cookie whose value is wanted back in a header (Laravel, Angular).
const XSRF_COOKIE: &str = "XSRF-TOKEN";

/// Signs in. The browser has the session's cookies after it.
pub(super) async fn sign_in(
    browser: &mut Browser,
    credentials: &Credentials,
) -> Result<(), Refusal> {
    let login = browser.rules.login.clone();
    let page = browser.get(&login, None).await?;
    let form = expected(&page, &sight::of(&page, &browser.rules)?)?;
    let sent = filled(browser, &form, page.url, credentials);
    let page = browser.post(&form.action, &sent).await?;
    judged(&page, &sight::of(&page, &browser.rules)?, &browser.rules)
}

/// The form of a login page that can be sent by a machine.
fn expected(page: &Page, seen: &Sight) -> Result<LoginForm, Refusal> {
    let changed = |what: &str| Err(Refusal::changed(what, &seen.fingerprint));
    if page.status == StatusCode::FORBIDDEN {
        return Err(page.forbidden());
    }
    if seen.captcha {
        return Err(Refusal::new(Outcome::CaptchaRequired, "the login form has a captcha"));
    }
    match &seen.form {
        Some(form) if form.is_sent_in_address => {
            changed("the login form would send the password as part of an address")
        }
        Some(form) if form.lacks_token => {
            changed("the login page lacks the token that the profile names")
        }
        Some(form) => Ok(form.clone()),
        None if seen.sign_on => {
            Err(Refusal::new(Outcome::SsoRequired, "the login page leads to single sign-on"))
        }
        None if seen.maintenance => Err(Refusal::unavailable("the portal is under maintenance")),
        None => changed("the login page has no login form"),
    }
}

/// The form as it is sent.
fn filled(browser: &Browser, form: &LoginForm, from: Url, credentials: &Credentials) -> Sent {
    let profile = &browser.rules.profile;
    let mut fields: Vec<(String, SecretString)> = Vec::new();
    let own = [
        (&profile.username_field, SecretString::from(credentials.username.as_str())),
        (&profile.password_field, credentials.password.clone()),
    ];
    let extra = profile.extra_fields.iter().map(|(name, value)| (name, value.as_str().into()));
    let given: Vec<_> = own.into_iter().chain(extra).collect();
    for (name, value) in &form.fields {
        let given = given.iter().find(|(of, _)| *of == name);
        let value = given.map_or_else(|| value.as_str().into(), |(_, value)| value.clone());
        fields.push((name.clone(), value));
    }
    for (name, value) in given {
        if !fields.iter().any(|(of, _)| of == name) {
            fields.push((name.clone(), value));
        }
    }
    let token = form.token.iter().map(|(name, value)| (name.clone(), value.as_str().into()));
    let cookie = browser.cookie(XSRF_COOKIE, &form.action).map(|value| {
        let value = percent_decode_str(value.expose_secret()).decode_utf8_lossy();
        ("X-XSRF-TOKEN".to_owned(), SecretString::from(&*value))
    });
    Sent { fields, headers: token.chain(cookie).collect(), from }
}

/// What the page after the form says of the login.
fn judged(page: &Page, seen: &Sight, rules: &Rules) -> Result<(), Refusal> {
    let refused = |outcome, detail: &str| Err(Refusal::new(outcome, detail));
    let is_answer = page.status.is_success() || page.status == StatusCode::UNAUTHORIZED;
    if seen.form.is_some() {
        return if seen.locked {
            refused(Outcome::Locked, "the login form says that the account is locked")
        } else if seen.captcha {
            refused(Outcome::CaptchaRequired, "the login form came back with a captcha")
        } else {
            refused(Outcome::CredentialsRejected, "the login form came back")
        };
    }
    if page.status == StatusCode::FORBIDDEN {
        return Err(page.forbidden());
    }
    if seen.signed_in && rules.signed_in.is_some() {
        return Ok(());
    }
    if seen.factor {
        return refused(Outcome::MfaRequired, "a second factor is asked for after the password");
    }
    if seen.captcha {
        return refused(Outcome::CaptchaRequired, "a captcha is asked for after the password");
    }
    if seen.signed_in {
        return Ok(());
    }
    if seen.maintenance {
        return Err(Refusal::unavailable("the portal is under maintenance"));
    }
    if seen.locked && is_answer {
        return refused(
            Outcome::Locked,
            "the page after the login says that the account is locked",
        );
    }
    if seen.failure && is_answer {
        return refused(
            Outcome::CredentialsRejected,
            "the page after the login says that it failed",
        );
    }
    Err(Refusal::changed("the page after the login is not known", &seen.fingerprint))
}

#[cfg(test)]
mod tests {
    use super::super::profile::{Profile, Success};
    use super::*;

    const FORM: &str = "<form><input name=username><input type=password name=password></form>";

    fn page(path: &str, status: u16, body: &str) -> anyhow::Result<Page> {
        let url = Url::parse(&format!("https://portal.example{path}"))?;
        let html = format!("<html><body>{body}</body></html>");
        Ok(Page { url, status: StatusCode::from_u16(status)?, html })
    }

    fn outcome_of(result: Result<(), Refusal>) -> Outcome {
        result.map_or_else(|refusal| refusal.outcome, |()| Outcome::Connected)
    }

    fn check(
        at: (&str, u16),
        body: &str,
        selector: Option<&str>,
        expected: Outcome,
    ) -> anyhow::Result<()> {
        let selector = selector.map(str::to_owned);
        let success = Success { selector, ..Success::default() };
        let profile = Profile { success, ..Profile::default_for("https://portal.example") };
        let (rules, page) = (Rules::of(&profile)?, page(at.0, at.1, body)?);
        let outcome =
            outcome_of(sight::of(&page, &rules).and_then(|seen| judged(&page, &seen, &rules)));
        assert_eq!(outcome, expected, "{at:?} {body} {:?}", profile.success.selector);
        Ok(())
    }

    #[test]
    fn the_page_after_the_login_says_what_came_of_it() -> anyhow::Result<()> {
        let (login, there, menu) = (("/login", 200), ("/dashboard", 200), Some(".menu"));
        let wrong = format!("<p class=error>Wrong.</p>{FORM}");
        let locked = format!("<p class=error>It is Locked now.</p>{FORM}");
        check(there, "", None, Outcome::Connected)?;
        check(("/home/x", 200), "", None, Outcome::Connected)?;
        check(("/elsewhere", 200), "", None, Outcome::LayoutChanged)?;
        check(("/elsewhere", 200), "<b class=menu></b>", menu, Outcome::Connected)?;
        check(there, "", menu, Outcome::LayoutChanged)?;
        check(there, FORM, None, Outcome::CredentialsRejected)?;
        check(login, &wrong, None, Outcome::CredentialsRejected)?;
        check(("/login", 403), &wrong, None, Outcome::CredentialsRejected)?;
        check(login, &locked, None, Outcome::Locked)?;
        check(login, &format!("{FORM}<i class=g-recaptcha>"), None, Outcome::CaptchaRequired)?;
        check(there, "<i class=g-recaptcha>", None, Outcome::CaptchaRequired)?;
        check(there, "<input name=otp>", None, Outcome::MfaRequired)?;
        check(there, "<input name=otp><b class=menu></b>", menu, Outcome::Connected)?;
        check(login, "<p class=error>Wrong.</p>", None, Outcome::CredentialsRejected)?;
        check(login, "<p class=error>مقفل</p>", None, Outcome::Locked)?;
        check(("/login", 400), "<p class=error>Expired.</p>", None, Outcome::LayoutChanged)?;
        check(("/login", 403), "<p class=error>Blocked.</p>", None, Outcome::PortalUnavailable)?;
        check(login, "<p class=error>Under maintenance</p>", None, Outcome::PortalUnavailable)?;
        Ok(())
    }

    fn check_form(status: u16, body: &str, expected: Option<Outcome>) -> anyhow::Result<()> {
        let rules = Rules::of(&Profile::default_for("https://portal.example"))?;
        let page = page("/login", status, body)?;
        let refused = expected_of(&page, &rules).err().map(|refusal| refusal.outcome);
        assert_eq!(refused, expected, "{body}");
        Ok(())
    }

    fn expected_of(page: &Page, rules: &Rules) -> Result<LoginForm, Refusal> {
        expected(page, &sight::of(page, rules)?)
    }

    #[test]
    fn the_login_page_says_whether_a_machine_may_sign_in() -> anyhow::Result<()> {
        check_form(200, FORM, None)?;
        check_form(403, FORM, Some(Outcome::PortalUnavailable))?;
        check_form(
            200,
            &FORM.replace("<form>", "<form method=GET>"),
            Some(Outcome::LayoutChanged),
        )?;
        check_form(200, &format!("{FORM}<i class=h-captcha>"), Some(Outcome::CaptchaRequired))?;
        check_form(
            200,
            "<a class=sso-login href=https://sso.example/>",
            Some(Outcome::SsoRequired),
        )?;
        check_form(200, "<p>صيانة</p>", Some(Outcome::PortalUnavailable))?;
        check_form(200, "<p>Welcome</p>", Some(Outcome::LayoutChanged))?;
        check_form(404, "<p>Not found</p>", Some(Outcome::LayoutChanged))?;
        Ok(())
    }
}
