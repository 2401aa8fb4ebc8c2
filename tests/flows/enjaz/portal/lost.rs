//! Sessions that end in the middle of a walk.

use anyhow::Result;
use functions::enjaz::portal::{Outcome, Step, Walk};
use shared::vault::ExposeSecret;
use simulators::portal::{Csrf, Gate, Lost, Mishap, SignOn};

use super::{USER, Visit, found, numbers};

#[tokio::test]
async fn a_walk_goes_on_where_a_session_was_lost() -> Result<()> {
    for lost in [Lost::Redirect, Lost::LoginPage] {
        let visit = Visit::of_three_pages().await;
        visit.portal.mishap("/cases?page=2", 1, Mishap::SessionEnds(lost));
        let (mut walk, mut session) = (Walk::default(), visit.sign_in().await?);
        assert_eq!(session.read(&mut walk).await, Step::SessionLost, "{lost:?}");
        assert_eq!(
            (found(&walk), walk.outcome(&Step::SessionLost)),
            (numbers(10), Outcome::Partial)
        );
        let kept = serde_json::to_string(&walk)?;
        let mut walk: Walk = serde_json::from_str(&kept)?;
        let step = visit.sign_in().await?.read(&mut walk).await;
        assert_eq!((walk.outcome(&step), found(&walk)), (Outcome::Ok, numbers(25)));
        assert_eq!(visit.portal.requests("/cases"), 4);
        assert_eq!(visit.portal.logins(USER.0).attempted, 2);
    }
    Ok(())
}

#[tokio::test]
async fn a_session_that_is_lost_is_no_account_without_cases() -> Result<()> {
    let visit = Visit::of_three_pages().await;
    for lost in [Lost::Redirect, Lost::LoginPage] {
        visit.portal.habits(|habits| habits.lost = lost);
        let (mut walk, mut session) = (Walk::default(), visit.sign_in().await?);
        visit.portal.expire_sessions();
        let step = session.read(&mut walk).await;
        assert_eq!(step, Step::SessionLost);
        assert_eq!(walk.outcome(&session.settled(step)), Outcome::PortalUnavailable);
        visit.portal.habits(|habits| habits.gate = Gate::SingleSignOn(SignOn::Link));
        visit.portal.habits(|habits| habits.lost = Lost::Redirect);
        assert_eq!(session.read(&mut walk).await, Step::SessionLost);
        visit.portal.habits(|habits| habits.gate = Gate::Form);
    }
    Ok(())
}

#[tokio::test]
async fn a_session_is_kept_and_taken_up_again() -> Result<()> {
    let visit = Visit::of_three_pages().await;
    visit.portal.habits(|habits| habits.csrf = Csrf::RequestVerification);
    let kept = visit.sign_in().await?.cookies();
    assert!(kept.expose_secret().contains("portal_session"));
    let mut session = visit.portals.resume(&visit.profile, &kept)?;
    let mut walk = Walk::default();
    assert_eq!(session.read(&mut walk).await, Step::Complete);
    assert!(!session.is_handed_over() && walk.cases.len() == 25);
    assert_eq!(visit.portal.logins(USER.0).attempted, 1);
    assert!(!format!("{session:?} {kept:?}").contains("portal_session"));
    let error =
        visit.portals.resume(&visit.profile, &"canary".into()).err().map(|e| format!("{e:?}"));
    assert!(error.is_some_and(|error| !error.contains("canary")));
    Ok(())
}
