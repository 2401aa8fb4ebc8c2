//! Signing in, in every way that forms are made.

use anyhow::Result;
use axum::http::StatusCode;
use functions::enjaz::portal::{CsrfToken, Outcome};
use simulators::portal::{Action, Csrf, Language, SIGNED_IN};

use super::{USER, Visit};

#[tokio::test]
async fn a_form_is_sent_back_with_what_it_is_known_by() -> Result<()> {
    for csrf in Csrf::ALL.into_iter().chain([Csrf::Unchecked]) {
        let visit = Visit::with([]).await;
        visit.portal.habits(|habits| (habits.csrf, habits.checks_origin) = (csrf, true));
        visit.sign_in().await?;
        assert_eq!(visit.portal.logins(USER.0).succeeded, 1, "{csrf:?}");
    }
    Ok(())
}

#[tokio::test]
async fn a_form_goes_where_it_says_from_where_it_was() -> Result<()> {
    for (action, path) in [
        (Action::Own, "/login"),
        (Action::Other, "/auth/sign-in"),
        (Action::Relative, "/auth/sign-in"),
        (Action::Absolute, "/auth/sign-in"),
    ] {
        let mut visit = Visit::with([]).await;
        visit.profile.user_agent = "Mozilla/5.0 (of a test)".to_owned();
        visit.profile.extra_fields.insert("locale".to_owned(), "ar".to_owned());
        visit.portal.habits(|habits| habits.action = action);
        visit.sign_in().await?;
        let forms = visit.portal.forms();
        assert_eq!(forms.len(), 1, "{action:?}");
        let url = visit.portal.url();
        assert_eq!(forms[0].path, path);
        assert_eq!(forms[0].origin.as_deref(), Some(&*url));
        assert_eq!(forms[0].referer, Some(format!("{url}/login")));
        assert_eq!(forms[0].user_agent.as_deref(), Some("Mozilla/5.0 (of a test)"));
        let names: Vec<_> = forms[0].fields.iter().map(|(name, _)| &**name).collect();
        assert_eq!(names, ["_token", "username", "password", "locale"]);
    }
    Ok(())
}

#[tokio::test]
async fn the_profile_says_what_the_fields_are_and_what_success_is() -> Result<()> {
    let mut visit = Visit::with([]).await;
    visit.portal.habits(|habits| {
        (habits.fields, habits.language) = (("j_username", "j_password"), Language::Arabic);
        habits.landing = "/home";
    });
    assert_eq!(visit.refused().await.outcome, Outcome::LayoutChanged);
    visit.profile.username_field = "j_username".to_owned();
    visit.profile.password_field = "j_password".to_owned();
    visit.sign_in().await?;
    visit.profile.success.url_contains = vec!["dashboard".to_owned()];
    let refusal = visit.refused().await;
    assert_eq!(refusal.outcome, Outcome::LayoutChanged);
    assert_eq!(refusal.fingerprint.map(|print| print.len()), Some(16));
    visit.profile.success.selector = Some(SIGNED_IN.to_owned());
    visit.sign_in().await?;
    Ok(())
}

#[tokio::test]
async fn a_token_that_the_profile_names_goes_into_its_header() -> Result<()> {
    let mut visit = Visit::with([]).await;
    visit.portal.habits(|habits| habits.csrf = Csrf::Meta);
    visit.profile.csrf = Some(CsrfToken::default());
    visit.sign_in().await?;
    visit.portal.habits(|habits| habits.csrf = Csrf::Token);
    assert_eq!(visit.refused().await.outcome, Outcome::LayoutChanged);
    assert_eq!(visit.portal.logins(USER.0).attempted, 1);
    Ok(())
}

#[tokio::test]
async fn a_wrong_password_is_told_whatever_the_status_and_tried_once() {
    for status in [200, 401, 403, 422] {
        for language in [Language::English, Language::Arabic] {
            let visit = Visit::with([]).await;
            visit.portal.habits(|habits| {
                habits.refused = StatusCode::from_u16(status).expect("a status");
                habits.language = language;
            });
            let refusal = visit.sign_in_with("canary of another").await.expect_err("a refusal");
            assert_eq!(refusal.outcome, Outcome::CredentialsRejected, "{status} {language:?}");
            let logins = visit.portal.logins(USER.0);
            assert_eq!((logins.attempted, logins.wrong), (1, 1));
        }
    }
}
