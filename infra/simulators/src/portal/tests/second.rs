//! What is asked for after the right password.

use super::{Browser, USER, action, filled, portal};
use crate::portal::{CODE, Factor, Language};

#[tokio::test]
async fn a_code_is_wanted_after_the_right_password() {
    let portal = portal(1).await;
    portal.habits(|habits| habits.factor = Some(Factor::Code));
    let mut browser = Browser::new(&portal);
    assert_eq!(browser.get("/login/verify").await.leads(), (302, "/login"));
    assert!(browser.login((USER.0, "wrong")).await.says("alert-danger"));
    assert_eq!(browser.login(USER).await.leads(), (302, "/login/verify"));
    assert_eq!(browser.get("/cases").await.leads().0, 302);
    let send = async |browser: &mut Browser, code: &str| {
        let page = browser.get("/login/verify").await.html();
        assert!(page.contains("autocomplete=\"one-time-code\""));
        let mut fields = filled(&page, ("", ""));
        fields.retain(|(name, _)| name != "otp");
        fields.push(("otp".to_owned(), code.to_owned()));
        browser.post(&action(&page), &fields, &[]).await
    };
    assert!(send(&mut browser, "000000").await.says("alert-danger"));
    let bare = [("otp".to_owned(), CODE.to_owned())];
    assert_eq!(browser.post("/login/verify", &bare, &[]).await.status, 419);
    assert_eq!(portal.logins(USER.0).succeeded, 0);
    assert_eq!(send(&mut browser, CODE).await.leads(), (302, "/dashboard"));
    assert!(browser.get("/cases").await.says("CASE-2024-001"));
    assert_eq!(portal.logins(USER.0).succeeded, 1);
    assert!(portal.forms().iter().all(|form| !format!("{form:?}").contains(CODE)));
}

#[tokio::test]
async fn a_login_waits_until_its_owner_approves_it() {
    let portal = portal(1).await;
    portal.habits(|habits| {
        (habits.factor, habits.language) = (Some(Factor::Approval), Language::Arabic);
    });
    portal.approve(USER.0);
    let mut browser = Browser::new(&portal);
    assert_eq!(browser.login(USER).await.leads(), (302, "/login/approval"));
    for _ in 0..2 {
        let page = browser.get("/login/approval").await;
        assert!(page.status == 200 && page.says("نفاذ") && page.says("nafath-waiting"));
    }
    assert_eq!(browser.get("/cases").await.leads().0, 302);
    portal.approve(USER.0);
    assert_eq!(browser.get("/login/approval").await.leads(), (302, "/dashboard"));
    assert_eq!(browser.get("/cases").await.status, 200);
}
