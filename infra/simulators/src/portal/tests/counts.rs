//! What is counted, and that no password is kept.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::{Browser, USER, filled, portal, signed_in};
use crate::Fault;
use crate::portal::{Case, HIDDEN, Portal};

#[tokio::test]
async fn what_was_received_is_told_without_passwords() {
    let portal = portal(1).await;
    let mut browser = Browser::new(&portal);
    browser
        .login_with(
            USER,
            &[("referer", &format!("{}/login", portal.url())), ("user-agent", "test")],
        )
        .await;
    let form = portal.forms().remove(0);
    let named = form.fields.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    assert_eq!(named.skip(1).collect::<Vec<_>>(), [("username", USER.0), ("password", HIDDEN)]);
    assert_eq!((form.path.as_str(), form.user_agent.as_deref()), ("/login", Some("test")));
    assert_eq!(form.referer, Some(format!("{}/login", portal.url())));
    // Nor where it stands in a wrong place.
    let astray = [("user".to_owned(), format!("x{}", USER.1))];
    browser.post("/login", &astray, &[]).await;
    assert_eq!(portal.forms()[1].fields, [("user".to_owned(), HIDDEN.to_owned())]);
    browser.get("/login?username=fahad&password=wrong").await;
    assert_eq!(portal.requests("/login"), 4);
    let asked = ["GET /login", "POST /login", "POST /login", "GET /login?(hidden)"];
    assert_eq!(portal.asked(), asked);
    portal.forget_counts();
    assert!(portal.asked().is_empty() && portal.forms().is_empty());
}

#[tokio::test]
async fn logins_at_a_time_are_counted() {
    let portal = portal(1).await;
    portal.account("huda", "hers");
    let (mut first, mut second, mut third) =
        (Browser::new(&portal), Browser::new(&portal), Browser::new(&portal));
    let (is_there, go_on) = portal.faults.plan_held("POST", "/login", Fault::Delay(Duration::ZERO));
    let held = async { first.login(USER).await.status };
    let others = async {
        is_there.await.unwrap();
        let statuses =
            (second.login(USER).await.status, third.login(("huda", "hers")).await.status);
        go_on.send(()).unwrap();
        statuses
    };
    assert_eq!(tokio::join!(held, others), (302, (302, 302)));
    let (fahad, huda) = (portal.logins(USER.0), portal.logins("huda"));
    assert_eq!((fahad.attempted, fahad.succeeded, fahad.most_at_once), (2, 2, 2));
    assert_eq!((huda.attempted, huda.succeeded, huda.most_at_once), (1, 1, 1));
    assert_eq!((portal.sessions_alive(), portal.sessions_alive_of(USER.0)), (3, 2));
    assert_eq!(portal.most_accounts_at_once(), 2);
}

#[tokio::test]
async fn a_visit_lasts_from_the_login_to_the_last_page() {
    let portal = Portal::start().await.unwrap();
    let visit = async |user: &str, pages: usize| {
        let mut browser = Browser::new(&portal);
        browser.login((user, "password")).await;
        for page in 1..=pages {
            browser.get(&format!("/cases?page={page}")).await;
        }
    };
    for user in ["a", "b", "c"] {
        portal.account(user, "password");
        portal.cases(user, (0..20).map(Case::arabic));
    }
    for user in ["a", "b", "c"] {
        visit(user, 2).await;
    }
    assert_eq!((portal.most_visits_at_once(), portal.most_accounts_at_once()), (1, 1));
    // A failure and a refusal end it too.
    visit("a", 1).await;
    portal.faults.plan("GET", "/cases", 1, Fault::Busy(reqwest::StatusCode::BAD_GATEWAY, 1));
    let mut browser = Browser::with(&portal, portal.session_of("a"));
    browser.get("/cases").await;
    Browser::new(&portal).login(("b", "wrong")).await;
    assert_eq!(portal.most_visits_at_once(), 1);
    portal.forget_counts();
    visit("a", 1).await;
    visit("b", 1).await;
    visit("c", 1).await;
    assert_eq!((portal.most_visits_at_once(), portal.most_accounts_at_once()), (3, 1));
}

#[tokio::test]
async fn pauses_between_pages_are_those_of_one_session() {
    let now = Arc::new(AtomicU64::new(0));
    let clock = Arc::clone(&now);
    let clock = move || Duration::from_millis(clock.load(Ordering::Relaxed));
    let portal = Portal::start_by(clock).await.unwrap();
    portal.account(USER.0, USER.1);
    portal.cases(USER.0, (0..25).map(Case::arabic));
    assert_eq!(portal.least_pause(), None);
    let (mut one, mut other) = (signed_in(&portal), signed_in(&portal));
    for (at, in_one, path) in [
        (0, true, "/dashboard"),
        (0, true, "/cases"),
        (400, false, "/cases"),
        (1_500, true, "/cases?page=2"),
        (1_600, false, "/cases/1445%2F101"),
        (2_500, true, "/cases?page=3"),
    ] {
        now.store(at, Ordering::Relaxed);
        let browser = if in_one { &mut one } else { &mut other };
        browser.get(path).await;
    }
    assert_eq!(portal.pauses(), [1_500, 1_200, 1_000].map(Duration::from_millis));
    assert_eq!(portal.least_pause(), Some(Duration::from_millis(1_000)));
}

#[tokio::test]
async fn a_form_is_good_in_its_own_session_alone() {
    let portal = portal(1).await;
    let mut browser = Browser::new(&portal);
    let page = browser.get("/login").await.html();
    assert_eq!(browser.post("/login", &filled(&page, USER), &[]).await.status, 302);
    // The session that it was bound to has gone.
    assert_eq!(browser.post("/login", &filled(&page, USER), &[]).await.status, 419);
}
