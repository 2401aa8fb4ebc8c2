//! Captchas.

use super::{Browser, USER, action, filled, portal};
use crate::portal::{CAPTCHA_ANSWER, Captcha, Gate, Language, Mishap};

const MARKS: [&str; 6] = [
    "<iframe title=\"reCAPTCHA\" src=\"/recaptcha/",
    "class=\"g-recaptcha\"",
    "class=\"h-captcha\"",
    "class=\"cf-turnstile\"",
    "name=\"captcha\"",
    "رمز التحقق",
];

#[tokio::test]
async fn no_password_is_looked_at_before_a_captcha_is_solved() {
    let portal = portal(1).await;
    for (captcha, mark) in Captcha::ALL.into_iter().zip(MARKS) {
        portal.habits(|habits| habits.gate = Gate::Captcha(captcha));
        let mut browser = Browser::new(&portal);
        let page = browser.get("/login").await;
        assert!(page.says(mark) && page.says("type=\"password\""), "{captcha:?}");
        for _ in 0..4 {
            let reply = browser.login((USER.0, "wrong")).await;
            assert!(reply.says("alert-danger") && reply.says(mark), "{captcha:?}");
        }
        for field in ["g-recaptcha-response", "h-captcha-response", "captcha", "verify"] {
            let page = browser.get("/login").await.html();
            let mut fields = filled(&page, USER);
            fields.retain(|(name, _)| name != "captcha" && name != "verify");
            fields.push((field.to_owned(), CAPTCHA_ANSWER.to_owned()));
            let solved = matches!(
                (captcha, field),
                (Captcha::Image, "captcha") | (Captcha::ArabicLabel, "verify")
            );
            let reply = browser.post(&action(&page), &fields, &[]).await;
            assert_eq!(reply.status == 302, solved, "{captcha:?} {field}");
            browser.cookies.clear();
        }
    }
    assert_eq!((portal.is_locked(USER.0), portal.logins(USER.0).wrong), (false, 0));
}

#[tokio::test]
async fn a_captcha_comes_up_anywhere() {
    let portal = portal(1).await;
    portal.habits(|habits| habits.language = Language::Arabic);
    let mut browser = super::signed_in(&portal);
    for (captcha, mark) in Captcha::ALL.into_iter().zip(MARKS) {
        portal.mishap("/cases", 1, Mishap::Captcha(captcha));
        let page = browser.get("/cases").await;
        assert!(page.status == 200 && page.says(mark) && !page.says("CASE-"), "{captcha:?}");
    }
    assert!(browser.get("/cases").await.says("CASE-2024-001"));
}
