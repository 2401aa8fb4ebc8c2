//! Portals that fail, on the way to the form and between two pages.

use std::time::Duration;

use anyhow::Result;
use axum::http::StatusCode;
use functions::enjaz::portal::{Outcome, Portals, Profile, Step, Walk};
use shared::env::Env;
use simulators::Fault;
use simulators::portal::{Language, Mishap};

use super::{USER, Visit, found, numbers, stopped};

fn failures() -> Vec<Mishap> {
    let status = |status| Mishap::Fails(StatusCode::from_u16(status).expect("a status"));
    vec![
        status(403),
        status(500),
        status(503),
        Mishap::TooMany(7),
        Mishap::Maintenance(Language::English),
        Mishap::Maintenance(Language::Arabic),
        Mishap::Json,
        Mishap::RedirectLoop,
        Mishap::WrongType("application/pdf"),
        Mishap::BreaksOff,
        Mishap::HalfPage,
        Mishap::Huge,
        Mishap::Goes(Fault::Cut),
    ]
}

#[tokio::test]
async fn a_portal_that_fails_at_the_login_is_unavailable() {
    for at in ["GET /login", "POST /login"] {
        for mishap in failures() {
            let visit = Visit::with([]).await;
            visit.portal.mishap(at, 1, mishap.clone());
            let is_of_page = matches!(mishap, Mishap::WrongType(_) | Mishap::HalfPage);
            if at == "POST /login" && is_of_page {
                // What leads on to the dashboard needs no page.
                assert!(visit.sign_in().await.is_ok(), "{mishap:?}");
                continue;
            }
            let refusal = visit.refused().await;
            assert_eq!(refusal.outcome, Outcome::PortalUnavailable, "{at} {mishap:?}");
            let asked = matches!(mishap, Mishap::TooMany(_)).then(|| Duration::from_secs(7));
            assert_eq!(refusal.retry_after, asked, "{mishap:?}");
            assert!(visit.portal.logins(USER.0).attempted <= 1, "{at} {mishap:?}");
        }
    }
}

#[tokio::test]
async fn a_page_that_fails_after_others_leaves_what_was_read() -> Result<()> {
    for mishap in failures() {
        let visit = Visit::of_three_pages().await;
        visit.portal.mishap("/cases?page=2", 1, mishap.clone());
        let (mut walk, mut session) = (Walk::default(), visit.sign_in().await?);
        let step = session.read(&mut walk).await;
        assert_eq!(walk.outcome(&step), Outcome::Partial, "{mishap:?}");
        assert_eq!(stopped(step).outcome, Outcome::PortalUnavailable, "{mishap:?}");
        assert_eq!(found(&walk), numbers(10), "{mishap:?}");
        assert_eq!(session.read(&mut walk).await, Step::Complete, "{mishap:?}");
        assert_eq!(found(&walk), numbers(25), "{mishap:?}");
    }
    Ok(())
}

#[tokio::test]
async fn a_first_page_that_fails_is_no_part_of_anything() {
    let visit = Visit::of_three_pages().await;
    visit.portal.mishap("/cases", 1, Mishap::Fails(StatusCode::BAD_GATEWAY));
    visit.comes_to(Outcome::PortalUnavailable).await;
    visit.portal.mishap("/cases", 1, Mishap::Fails(StatusCode::NOT_FOUND));
    visit.comes_to(Outcome::LayoutChanged).await;
    visit.portal.mishap("/cases", 1, Mishap::Elsewhere);
    visit.comes_to(Outcome::SsoRequired).await;
    visit.portal.mishap("/cases?page=2", 1, Mishap::Fails(StatusCode::NOT_FOUND));
    visit.comes_to(Outcome::Partial).await;
    assert_eq!(visit.portal.provider_calls(), 0);
}

#[tokio::test]
async fn redirects_are_followed_five_times() {
    let visit = Visit::with([]).await;
    visit.portal.mishap("GET /login", 1, Mishap::RedirectLoop);
    assert_eq!(visit.refused().await.outcome, Outcome::PortalUnavailable);
    assert_eq!(visit.portal.asked().len(), 6);
}

#[tokio::test]
async fn nobody_waits_for_ever() {
    let mut visit = Visit::with([]).await;
    visit.portals = visit.portals.within(Duration::from_millis(300));
    visit.portal.mishap("/login", 1, Mishap::Goes(Fault::Stall));
    assert_eq!(visit.refused().await.outcome, Outcome::PortalUnavailable);
    visit.portal.mishap("/login", 1, Mishap::Goes(Fault::Delay(Duration::from_secs(2))));
    assert_eq!(visit.refused().await.outcome, Outcome::PortalUnavailable);
    let stopped = visit.portal.stop().await;
    let (portals, profile) = (visit.portals, visit.profile);
    let credentials = functions::enjaz::portal::Credentials {
        username: USER.0.to_owned(),
        password: USER.1.into(),
    };
    let refusal = portals.sign_in(&profile, &credentials).await.expect_err("a refusal");
    assert_eq!(refusal.outcome, Outcome::PortalUnavailable);
    drop(stopped);
}

#[tokio::test]
async fn a_portal_inside_the_network_is_not_called() -> Result<()> {
    let visit = Visit::with([]).await;
    let env = Env::new(Default::default(), aws_config::SdkConfig::builder().build());
    let public = Portals::load(&env)?;
    let check = async |url: &str, good: bool| {
        let checked = public.check(&Profile::default_for(url)).await;
        assert_eq!(checked.is_ok(), good, "{url}: {checked:?}");
    };
    check(&visit.portal.url(), false).await;
    check("http://93.184.216.34", false).await;
    check("https://93.184.216.34", true).await;
    check("https://169.254.169.254", false).await;
    assert!(visit.portals.check(&visit.profile).await.is_ok());
    let closed = Visit { portals: public, ..visit };
    assert_eq!(closed.refused().await.outcome, Outcome::PortalUnavailable);
    assert_eq!(closed.portal.requests("/login"), 0);
    Ok(())
}
