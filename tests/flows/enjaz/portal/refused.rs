//! Portals that do not let a machine in, and say why.

use anyhow::Result;
use functions::enjaz::portal::Outcome;
use simulators::portal::{Captcha, Factor, Gate, LockWords, Mishap, SignOn};

use super::{USER, Visit};

#[tokio::test]
async fn no_password_is_sent_to_a_form_with_a_captcha() {
    for captcha in Captcha::ALL {
        let visit = Visit::with([]).await;
        visit.portal.habits(|habits| habits.gate = Gate::Captcha(captcha));
        assert_eq!(visit.refused().await.outcome, Outcome::CaptchaRequired, "{captcha:?}");
        assert_eq!(visit.portal.logins(USER.0).attempted, 0, "{captcha:?}");
    }
}

#[tokio::test]
async fn a_captcha_may_come_after_the_password_and_before_the_cases() {
    for captcha in Captcha::ALL {
        let visit = Visit::of_three_pages().await;
        visit.portal.mishap("POST /login", 1, Mishap::Captcha(captcha));
        assert_eq!(visit.refused().await.outcome, Outcome::CaptchaRequired, "{captcha:?}");
        visit.portal.mishap("/cases", 1, Mishap::Captcha(captcha));
        visit.comes_to(Outcome::CaptchaRequired).await;
    }
}

#[tokio::test]
async fn a_second_factor_is_for_a_person() {
    for factor in [Factor::Code, Factor::Approval] {
        let visit = Visit::with([]).await;
        visit.portal.habits(|habits| habits.factor = Some(factor));
        assert_eq!(visit.refused().await.outcome, Outcome::MfaRequired, "{factor:?}");
        assert_eq!(visit.portal.sessions_alive(), 0);
    }
}

#[tokio::test]
async fn single_sign_on_is_told_and_not_followed() {
    for sign_on in [SignOn::Redirect, SignOn::Link, SignOn::Form] {
        let visit = Visit::with([]).await;
        visit.portal.habits(|habits| habits.gate = Gate::SingleSignOn(sign_on));
        assert_eq!(visit.refused().await.outcome, Outcome::SsoRequired, "{sign_on:?}");
        assert_eq!(visit.portal.provider_calls(), 0, "{sign_on:?}");
    }
}

#[tokio::test]
async fn a_host_that_is_allowed_is_followed() -> Result<()> {
    let mut visit = Visit::with([]).await;
    visit.portal.mishap("/login", 2, Mishap::Elsewhere);
    assert_eq!(visit.refused().await.outcome, Outcome::SsoRequired);
    assert_eq!(visit.portal.provider_calls(), 0);
    let provider = visit.portal.provider_url();
    let host = provider.trim_start_matches("http://").to_owned();
    visit.profile.allowed_hosts = vec![host];
    assert_eq!(visit.refused().await.outcome, Outcome::LayoutChanged);
    assert_eq!(visit.portal.provider_calls(), 1);
    Ok(())
}

#[tokio::test]
async fn a_lock_is_told_from_a_wrong_password_by_its_words() {
    for words in [
        LockWords::Locked,
        LockWords::TooMany,
        LockWords::Barred,
        LockWords::Suspended,
        LockWords::Shut,
    ] {
        let visit = Visit::with([]).await;
        visit.portal.habits(|habits| {
            (habits.lock_words, habits.wrong_until_locked) = (words, 2);
        });
        let outcome = async |password| visit.sign_in_with(password).await.map_err(|r| r.outcome);
        assert_eq!(outcome("canary 1").await.err(), Some(Outcome::CredentialsRejected));
        assert_eq!(outcome("canary 2").await.err(), Some(Outcome::Locked), "{words:?}");
        assert_eq!(outcome(USER.1).await.err(), Some(Outcome::Locked), "{words:?}");
    }
}
