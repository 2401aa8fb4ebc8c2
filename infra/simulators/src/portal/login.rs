//! `/login`: the form, and what comes of sending it.

use axum::http::StatusCode;
use axum::response::Response;

use super::accounts::Verdict;
use super::call::Call;
use super::captcha::Captcha;
use super::habits::{Action, Factor, Gate, Habits};
use super::page::{Page, escaped, redirect, with_cookie};
use super::session::{DEVICE_COOKIE, SESSION_COOKIE, Stage};
use super::sso;
use super::state::Known;

/// The login page, whatever it is.
pub(super) fn show(known: &mut Known, call: &Call, habits: &Habits) -> Response {
    let session = known.sessions.of(call).map(|(id, session)| (id, session.user().is_some()));
    if let Some((_, true)) = session {
        return redirect(habits.landing);
    }
    if let Gate::SingleSignOn(sign_on) = habits.gate {
        return sso::leave(known, sign_on, habits);
    }
    let id = session.map(|(id, _)| id).unwrap_or_else(|| known.sessions.begin(Stage::Anonymous));
    form(known, (&id, call), habits, None)
}

/// The form in a session, with what was wrong about the last one.
fn form(
    known: &mut Known,
    (id, call): (&str, &Call),
    habits: &Habits,
    wrong: Option<&str>,
) -> Response {
    let action = action(known, &call.path, habits);
    let captcha = match habits.gate {
        Gate::Captcha(captcha) => captcha.markup(),
        Gate::Form | Gate::SingleSignOn(_) => "",
    };
    let language = habits.language;
    let (title, user, password) = (
        language.pick("Sign in", "تسجيل الدخول"),
        language.pick("User name", "اسم المستخدم"),
        language.pick("Password", "كلمة المرور"),
    );
    let alert = wrong.map_or_else(String::new, |wrong| {
        format!("<div class=\"alert alert-danger\" role=\"alert\">{}</div>\n", escaped(wrong))
    });
    let (user_field, password_field) = habits.fields;
    in_session(known, id, habits, |hidden| {
        let form = format!(
            "<h1>{title}</h1>\n{alert}<form method=\"post\"{action}>\n{hidden}\
             <label>{user} <input type=\"text\" name=\"{user_field}\"></label>\
             <label>{password} <input type=\"password\" name=\"{password_field}\"></label>\
             {captcha}<button type=\"submit\">{title}</button>\n</form>"
        );
        let status = if wrong.is_some() { habits.refused } else { StatusCode::OK };
        Page::new(title, form).status(status)
    })
}

/// Where the form is sent, if it stands at this path.
fn action(known: &Known, at: &str, habits: &Habits) -> String {
    let to = match habits.action {
        Action::Own if at == "/login" => return String::new(),
        Action::Own => "/login".to_owned(),
        Action::Other => "/auth/sign-in".to_owned(),
        Action::Relative => {
            let depth = at.matches('/').count().saturating_sub(1);
            format!("{}auth/sign-in", "../".repeat(depth))
        }
        Action::Absolute => format!("{}/auth/sign-in", known.base),
    };
    format!(" action=\"{to}\"")
}

/// A page with a form, given its hidden fields, with the cookies that it needs.
pub(super) fn in_session(
    known: &mut Known,
    id: &str,
    habits: &Habits,
    page: impl FnOnce(&str) -> Page,
) -> Response {
    let Some(session) = known.sessions.get(id) else {
        return redirect("/login");
    };
    session.shown += 1;
    let hidden: String = habits.csrf.fields(session).iter().map(hidden).collect();
    let page = page(&hidden).head(habits.csrf.head(session));
    let response = with_cookie(page.respond(habits), SESSION_COOKIE, id);
    match habits.csrf.cookie(session) {
        Some((name, value)) => with_cookie(response, name, &value),
        None => response,
    }
}

fn hidden((name, value): &(&str, String)) -> String {
    format!("<input type=\"hidden\" name=\"{name}\" value=\"{}\">\n", escaped(value))
}

/// What comes of sending the login form.
pub(super) fn submit(known: &mut Known, call: &Call, habits: &Habits) -> Response {
    let id = match checked(known, call, habits) {
        Ok(id) => id,
        Err(refusal) => return refusal.respond(habits),
    };
    let user = call.field(habits.fields.0).unwrap_or_default().to_owned();
    let password = call.field(habits.fields.1).unwrap_or_default();
    if let Gate::Captcha(captcha) = habits.gate
        && !captcha.is_solved(call)
    {
        known.ledger.visit_ends(&user);
        return form(known, (&id, call), habits, Some(Captcha::unsolved(habits.language)));
    }
    let account = known.accounts.get_mut(&user);
    let verdict = account.map_or(Verdict::Wrong, |account| {
        account.try_password(password, habits.wrong_until_locked)
    });
    let wrong = match verdict {
        Verdict::Right => return second(known, &id, &user, habits),
        Verdict::Wrong => habits.language.wrong_password(),
        Verdict::Locked => habits.lock_words.text(),
    };
    known.ledger.logins(&user).wrong += 1;
    known.ledger.visit_ends(&user);
    form(known, (&id, call), habits, Some(wrong))
}

/// The session of a form that is its own, or what is said of one that is not.
pub(super) fn checked(known: &mut Known, call: &Call, habits: &Habits) -> Result<String, Page> {
    let language = habits.language;
    if call.form.is_none() {
        let says = language.pick("Unsupported media type", "نوع غير مدعوم");
        return Err(Page::error(StatusCode::UNSUPPORTED_MEDIA_TYPE, says));
    }
    let of_this = known.sessions.of(call);
    let own = of_this.filter(|(_, session)| habits.csrf.holds(session, call)).map(|(id, _)| id);
    let Some(id) = own else {
        let says = language.pick("This page has expired.", "انتهت صلاحية الصفحة.");
        return Err(Page::error(habits.csrf.refusal(), says));
    };
    if !is_from_here(known, call, habits) {
        let says = language.pick("Forbidden", "غير مسموح");
        return Err(Page::error(StatusCode::FORBIDDEN, says));
    }
    Ok(id)
}

fn is_from_here(known: &Known, call: &Call, habits: &Habits) -> bool {
    let referer = call.header("referer");
    match call.header("origin") {
        Some(origin) => origin == known.base,
        None if habits.checks_origin => {
            referer.is_some_and(|from| from.starts_with(&format!("{}/", known.base)))
        }
        None => true,
    }
}

/// After the right password.
fn second(known: &mut Known, id: &str, user: &str, habits: &Habits) -> Response {
    let next = match habits.factor {
        None => return sign_in(known, Some(id), user, habits),
        Some(Factor::Code) => "/login/verify",
        Some(Factor::Approval) => "/login/approval",
    };
    known.sessions.end(id);
    known.ledger.visit_ends(user);
    if let Some(account) = known.accounts.get_mut(user) {
        account.approved = false;
    }
    let stage = Stage::Halfway(user.to_owned());
    enter(known, stage, redirect(next))
}

/// Signs in, in a session that is new.
pub(super) fn sign_in(
    known: &mut Known,
    before: Option<&str>,
    user: &str,
    habits: &Habits,
) -> Response {
    if let Some(before) = before {
        known.sessions.end(before);
    }
    known.ledger.logins(user).succeeded += 1;
    enter(known, Stage::SignedIn(user.to_owned()), redirect(habits.landing))
}

fn enter(known: &mut Known, stage: Stage, response: Response) -> Response {
    let id = known.sessions.begin(stage);
    let device = known.sessions.get(&id).map(|session| session.device()).unwrap_or_default();
    with_cookie(with_cookie(response, SESSION_COOKIE, &id), DEVICE_COOKIE, &device)
}
