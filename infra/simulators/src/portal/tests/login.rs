//! The login form.

use std::collections::BTreeMap;

use reqwest::StatusCode;
use reqwest::header::CONTENT_TYPE;

use super::{Browser, USER, action, between, filled, portal};
use crate::portal::{Action, Csrf, Language, LockWords, Lost, SESSION_COOKIE};

#[tokio::test]
async fn the_right_password_leads_to_the_dashboard_in_another_session() {
    let portal = portal(3).await;
    let mut browser = Browser::new(&portal);
    assert_eq!(
        browser.get("/cases?page=2").await.leads(),
        (302, "/login?next=%2Fcases%3Fpage%3D2")
    );
    browser.get("/login").await;
    let before = browser.cookies.clone();
    let reply = browser.login(USER).await;
    assert_eq!(reply.leads(), (302, "/dashboard"));
    assert_ne!(browser.cookies[SESSION_COOKIE], before[SESSION_COOKIE]);
    assert!(browser.get("/dashboard").await.says("class=\"user-menu\""));
    assert!(browser.get("/cases").await.says("CASE-2024-003"));
    assert_eq!(browser.get("/login").await.leads(), (302, "/dashboard"));

    // Neither the session before nor half of the cookies is good for anything.
    let only_id =
        BTreeMap::from([(SESSION_COOKIE.to_owned(), browser.cookies[SESSION_COOKIE].clone())]);
    for cookies in [before, only_id] {
        let mut other = Browser { cookies, ..Browser::new(&portal) };
        assert_eq!(other.get("/cases").await.leads().0, 302);
    }
    assert_eq!(browser.get("/logout").await.leads(), (302, "/login"));
    assert_eq!(browser.get("/cases").await.leads().0, 302);
    assert_eq!(portal.logins(USER.0).succeeded, 1);
}

#[tokio::test]
async fn forms_are_wanted_as_each_framework_wants_them() {
    let portal = portal(1).await;
    for csrf in Csrf::ALL {
        portal.habits(|habits| habits.csrf = csrf);
        let refusal = csrf.refusal().as_u16();
        let mut browser = Browser::new(&portal);
        let page = browser.get("/login").await.html();
        let meta = between(&page, "<meta name=\"csrf-token\" content=\"", "\"");
        let meta = meta.first().copied().unwrap_or_default().to_owned();
        let cookie = browser.cookies.get("XSRF-TOKEN").map(|token| token.replace("%3D", "="));
        let cookie = cookie.map(|token| token.replace("%2B", "+").replace("%2F", "/"));
        let cookie = cookie.unwrap_or_default();
        let headers = [("x-csrf-token", meta.as_str()), ("x-xsrf-token", cookie.as_str())];

        let bare: Vec<_> = filled(&page, USER).split_off(filled(&page, USER).len() - 2);
        assert_eq!(browser.post("/login", &bare, &[]).await.status, refusal, "{csrf:?}");
        let wrong = [("x-csrf-token", "wrong"), ("x-xsrf-token", "wrong")];
        let mut tampered = filled(&page, USER);
        tampered.iter_mut().for_each(|(_, value)| value.push('A'));
        assert_eq!(browser.post("/login", &tampered, &wrong).await.status, refusal, "{csrf:?}");
        let mut stranger = Browser::new(&portal);
        let reply = stranger.post("/login", &filled(&page, USER), &headers).await;
        assert_eq!(reply.status, refusal, "{csrf:?}");
        // A session of another, and none of the cookies that go with the form.
        stranger.get("/login").await;
        let reply = stranger.post("/login", &filled(&page, USER), &headers).await;
        assert_eq!(reply.status, refusal, "{csrf:?}");
        let reply = browser.post("/login", &filled(&page, USER), &headers).await;
        assert_eq!(reply.leads(), (302, "/dashboard"), "{csrf:?}");
    }
    assert!(!portal.is_locked(USER.0));
}

#[tokio::test]
async fn only_the_newest_execution_is_good() {
    let portal = portal(1).await;
    portal.habits(|habits| habits.csrf = Csrf::Execution);
    let mut browser = Browser::new(&portal);
    let old = filled(&browser.get("/login").await.html(), USER);
    let new = filled(&browser.get("/login").await.html(), USER);
    assert_eq!(browser.post("/login", &old, &[]).await.status, 403);
    assert_eq!(browser.post("/login", &new, &[]).await.leads().0, 302);
}

#[tokio::test]
async fn the_form_may_be_sent_elsewhere_and_only_from_here() {
    let portal = portal(1).await;
    for action in [Action::Other, Action::Relative, Action::Absolute] {
        portal.habits(|habits| habits.action = action);
        let mut browser = Browser::new(&portal);
        let page = browser.get("/login").await.html();
        assert_eq!(browser.post("/login", &filled(&page, USER), &[]).await.status, 405);
        assert_eq!(browser.login(USER).await.leads(), (302, "/dashboard"), "{action:?}");
        assert_eq!(browser.get("/auth/sign-in").await.status, 405);
    }
    let base = portal.url();
    let (own, elsewhere) = (format!("{base}/login"), "http://evil.example");
    for (strict, headers, status) in [
        (false, vec![("origin", elsewhere)], 403),
        (true, vec![], 403),
        (true, vec![("referer", "http://evil.example/login")], 403),
        (true, vec![("referer", own.as_str())], 302),
        (true, vec![("origin", base.as_str())], 302),
    ] {
        portal.habits(|habits| habits.checks_origin = strict);
        let reply = Browser::new(&portal).login_with(USER, &headers).await;
        assert_eq!(reply.status, status, "{headers:?}");
    }
    let mut browser = Browser::new(&portal);
    browser.get("/login").await;
    let request = browser.client.post(browser.url("/auth/sign-in")).body("{}");
    let request = request.header(CONTENT_TYPE, "application/json");
    assert_eq!(browser.send(request).await.unwrap().status, 415);
}

#[tokio::test]
async fn a_login_page_in_place_of_another_leads_to_the_same_login() {
    let portal = portal(1).await;
    portal.habits(|habits| habits.lost = Lost::LoginPage);
    for (kind, to) in [(Action::Own, "/login"), (Action::Relative, "../auth/sign-in")] {
        portal.habits(|habits| habits.action = kind);
        let mut browser = Browser::new(&portal);
        let page = browser.get("/cases/1").await;
        assert_eq!((page.status, action(&page.html()).as_str()), (200, to));
        let at = browser.url("/cases/1").join(to).unwrap();
        let reply = browser.post(at.as_str(), &filled(&page.html(), USER), &[]).await;
        assert_eq!(reply.leads().0, 302);
    }
}

#[tokio::test]
async fn three_wrong_passwords_lock_an_account_until_it_is_unlocked() {
    let portal = portal(1).await;
    for words in [
        LockWords::Locked,
        LockWords::TooMany,
        LockWords::Barred,
        LockWords::Suspended,
        LockWords::Shut,
    ] {
        portal.unlock(USER.0);
        portal.habits(|habits| habits.lock_words = words);
        let mut browser = Browser::new(&portal);
        for (language, status) in [(Language::English, 200), (Language::Arabic, 401)] {
            portal.habits(|habits| {
                habits.language = language;
                habits.refused = StatusCode::from_u16(status).unwrap();
            });
            let reply = browser.login((USER.0, "wrong")).await;
            let says = format!(
                "<div class=\"alert alert-danger\" role=\"alert\">{}",
                language.wrong_password()
            );
            assert!(reply.status == status && reply.says(&says) && reply.says("type=\"password\""));
        }
        for password in ["wrong", USER.1, USER.1] {
            let reply = browser.login((USER.0, password)).await;
            assert!(reply.says(words.text()) && portal.is_locked(USER.0), "{words:?}");
        }
    }
    portal.unlock(USER.0);
    assert_eq!(Browser::new(&portal).login(USER).await.leads(), (302, "/dashboard"));
    // Those whom nobody knows are told the same, as often as they like.
    for _ in 0..4 {
        let reply = Browser::new(&portal).login(("nobody", "wrong")).await;
        assert!(reply.says(Language::Arabic.wrong_password()));
    }
    let (logins, nobody) = (portal.logins(USER.0), portal.logins("nobody"));
    assert_eq!((nobody.attempted, nobody.wrong, nobody.succeeded), (4, 4, 0));
    assert_eq!((logins.attempted, logins.wrong, logins.succeeded), (26, 25, 1));
}

#[tokio::test]
async fn passwords_change_and_other_accounts_have_other_cases() {
    let portal = portal(2).await;
    portal.account("huda", "hers");
    portal.account(USER.0, "new");
    assert!(Browser::new(&portal).login(USER).await.says("alert-danger"));
    assert_eq!(Browser::new(&portal).login((USER.0, "new")).await.leads().0, 302);
    portal.habits(|habits| {
        (habits.fields, habits.landing) = (("user[login]", "user[secret]"), "/home");
    });
    let mut huda = Browser::new(&portal);
    assert_eq!(huda.login(("huda", "hers")).await.leads(), (302, "/home"));
    assert_eq!((huda.get("/home").await.status, huda.get("/dashboard").await.status), (200, 404));
    assert!(huda.get("/cases").await.says("empty-state"));
    assert_eq!(huda.get("/cases/CASE-2024-001").await.status, 404);
}
