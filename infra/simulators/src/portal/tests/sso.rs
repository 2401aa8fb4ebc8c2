//! Signing in elsewhere, and sessions that are handed over.

use super::{Browser, USER, between, portal};
use crate::portal::{Gate, Portal, SignOn};

#[tokio::test]
async fn there_is_no_form_where_one_signs_in_elsewhere() {
    let portal = portal(1).await;
    let there = format!("{}/authorize", portal.provider_url());
    assert_ne!(portal.provider_url(), portal.url());
    for sign_on in [SignOn::Redirect, SignOn::Link, SignOn::Form] {
        portal.habits(|habits| habits.gate = Gate::SingleSignOn(sign_on));
        let mut browser = Browser::new(&portal);
        let page = browser.get("/login").await;
        assert!(!page.says("type=\"password\""), "{sign_on:?}");
        if sign_on == SignOn::Redirect {
            assert!(page.status == 302 && page.header("location").starts_with(&there));
        } else {
            assert!(page.status == 200 && page.says(&there), "{sign_on:?}");
        }
        assert_eq!(browser.post("/login", &[], &[]).await.status, 405);
    }
    assert_eq!(portal.provider_calls(), 0);
}

#[tokio::test]
async fn somebody_gets_in_by_the_identity_provider() {
    let portal = portal(1).await;
    portal.habits(|habits| habits.gate = Gate::SingleSignOn(SignOn::Redirect));
    let mut browser = Browser::new(&portal);
    let there = browser.get("/login").await.header("location").to_owned();
    let page = browser.get(&there).await.html();
    let back = between(&page, "name=\"return\" value=\"", "\"")[0].to_owned();
    let send = async |browser: &mut Browser, back: &str, password: &str| {
        let fields = [("return", back), ("national_id", USER.0), ("secret", password)];
        let fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned()));
        browser.post(&format!("{}/authorize", portal.provider_url()), &fields, &[]).await
    };
    assert!(send(&mut browser, &back, "wrong").await.says("name=\"secret\""));
    assert_eq!(send(&mut browser, "http://evil.example/", USER.1).await.status, 400);
    let ticket = send(&mut browser, &back, USER.1).await.header("location").to_owned();
    assert!(ticket.starts_with(&format!("{}/sso/return?ticket=", portal.url())));
    assert_eq!(browser.get(&ticket).await.leads(), (302, "/dashboard"));
    assert!(browser.get("/cases").await.says("CASE-2024-001"));
    // It is good once.
    assert_eq!(Browser::new(&portal).get(&ticket).await.leads(), (302, "/login"));
    assert_eq!((portal.logins(USER.0).succeeded, portal.provider_calls()), (1, 4));
}

#[tokio::test]
async fn a_session_is_handed_over_and_ends() {
    let portal = portal(1).await;
    portal.account("huda", "hers");
    let mut browser = Browser::with(&portal, portal.session_of(USER.0));
    let mut huda = Browser::with(&portal, portal.session_of("huda"));
    assert!(browser.get("/cases").await.says("CASE-2024-001"));
    assert_eq!((portal.sessions_alive(), portal.sessions_alive_of(USER.0)), (2, 1));
    portal.expire_sessions_of(USER.0);
    assert_eq!(browser.get("/cases").await.leads().0, 302);
    assert_eq!(huda.get("/cases").await.status, 200);
    portal.expire_sessions();
    assert_eq!((huda.get("/cases").await.leads().0, portal.sessions_alive()), (302, 0));
    assert_eq!((portal.requests("/login"), portal.logins(USER.0).attempted), (0, 0));
    // Cookies of one portal are nothing to another.
    let other = Portal::start().await.unwrap();
    other.account(USER.0, USER.1);
    let mut stray = Browser::with(&other, portal.session_of(USER.0));
    other.session_of(USER.0);
    assert_eq!(stray.get("/cases").await.leads().0, 302);
}
