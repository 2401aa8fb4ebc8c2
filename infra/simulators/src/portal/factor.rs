//! What is asked for after the right password: a code, or to approve in an application.

use axum::response::Response;

use super::call::Call;
use super::habits::{Factor, Habits};
use super::login::{checked, in_session, sign_in};
use super::page::{Page, redirect};
use super::session::Stage;
use super::state::Known;

/// The code that is good once the right password was given.
pub const CODE: &str = "482913";

/// `/login/verify`, to be looked at.
pub(super) fn show_code(known: &mut Known, call: &Call, habits: &Habits) -> Response {
    match halfway(known, call) {
        Some((id, _)) => code_form(known, &id, habits, false),
        None => redirect("/login"),
    }
}

/// `/login/verify`, with a code.
pub(super) fn verify(known: &mut Known, call: &Call, habits: &Habits) -> Response {
    let Some((id, user)) = halfway(known, call) else {
        return redirect("/login");
    };
    if let Err(refusal) = checked(known, call, habits) {
        return refusal.respond(habits);
    }
    if habits.factor == Some(Factor::Code) && call.field("otp") == Some(CODE) {
        return sign_in(known, Some(&id), &user, habits);
    }
    code_form(known, &id, habits, true)
}

fn code_form(known: &mut Known, id: &str, habits: &Habits, wrong: bool) -> Response {
    let language = habits.language;
    let title = language.pick("One-time code", "الرمز المؤقت");
    let send = language.pick("Verify", "تحقق");
    let alert = match wrong {
        true => language.pick("The code is wrong.", "الرمز غير صحيح."),
        false => "",
    };
    in_session(known, id, habits, |hidden| {
        let alert = match alert {
            "" => String::new(),
            text => format!("<div class=\"alert alert-danger\">{text}</div>\n"),
        };
        let form = format!(
            "<h1>{title}</h1>\n{alert}<form method=\"post\" action=\"/login/verify\">\n{hidden}\
             <input type=\"text\" name=\"otp\" inputmode=\"numeric\" autocomplete=\"one-time-code\">\
             <button type=\"submit\">{send}</button>\n</form>"
        );
        Page::new(title, form)
    })
}

/// `/login/approval`: waits for its owner, and goes on once there is an approval.
pub(super) fn approval(known: &mut Known, call: &Call, habits: &Habits) -> Response {
    let Some((id, user)) = halfway(known, call) else {
        return redirect("/login");
    };
    let approved = known.accounts.get_mut(&user).is_some_and(|account| account.approved);
    if approved && habits.factor == Some(Factor::Approval) {
        return sign_in(known, Some(&id), &user, habits);
    }
    let says = habits.language.pick(
        "Open the Nafath application and approve the request with this number.",
        "افتح تطبيق نفاذ واقبل الطلب باختيار الرقم التالي.",
    );
    let title = habits.language.pick("Waiting for Nafath", "في انتظار نفاذ");
    let body = format!("<div class=\"nafath-waiting\"><p>{says}</p><strong>42</strong></div>");
    let refresh = "<meta http-equiv=\"refresh\" content=\"5\">".to_owned();
    Page::new(title, body).head(refresh).respond(habits)
}

/// The session and the user of a login that is half done.
fn halfway(known: &mut Known, call: &Call) -> Option<(String, String)> {
    let (id, session) = known.sessions.of(call)?;
    match &session.stage {
        Stage::Halfway(user) => Some((id, user.clone())),
        Stage::Anonymous | Stage::SignedIn(_) => None,
    }
}
