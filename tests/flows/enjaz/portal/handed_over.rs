//! Sessions that a person began in a browser of their own.

use anyhow::Result;
use functions::enjaz::portal::{Outcome, Step, Walk};
use shared::vault::SecretString;
use simulators::portal::{Gate, SignOn};

use super::{USER, Visit};

fn cookies(visit: &Visit) -> Vec<(String, SecretString)> {
    let cookies = visit.portal.session_of(USER.0).into_iter();
    cookies.map(|(name, value)| (name, value.into())).collect()
}

#[tokio::test]
async fn a_session_that_is_handed_over_reads_without_a_login() -> Result<()> {
    let visit = Visit::of_three_pages().await;
    visit.portal.habits(|habits| habits.gate = Gate::SingleSignOn(SignOn::Redirect));
    let mut session = visit.portals.hand_over(&visit.profile, cookies(&visit))?;
    let mut walk = Walk::default();
    assert_eq!(session.read(&mut walk).await, Step::Complete);
    assert!(walk.cases.len() == 25 && session.is_handed_over());
    assert_eq!(visit.portal.requests("/login"), 0);
    let resumed = visit.portals.resume(&visit.profile, &session.cookies())?;
    assert!(resumed.is_handed_over());
    Ok(())
}

#[tokio::test]
async fn one_that_has_ended_wants_another_sign_on() -> Result<()> {
    let visit = Visit::of_three_pages().await;
    let mut session = visit.portals.hand_over(&visit.profile, cookies(&visit))?;
    visit.portal.expire_sessions();
    let mut walk = Walk::default();
    let step = session.read(&mut walk).await;
    assert_eq!(step, Step::SessionLost);
    assert_eq!(walk.outcome(&session.settled(step)), Outcome::SsoRequired);
    let half = cookies(&visit).into_iter().take(1);
    let mut session = visit.portals.hand_over(&visit.profile, half)?;
    assert_eq!(session.read(&mut walk).await, Step::SessionLost);
    Ok(())
}

#[tokio::test]
async fn cookies_are_checked_before_they_are_sent() -> Result<()> {
    let visit = Visit::with([]).await;
    for cookies in [vec![], vec![("a".to_owned(), SecretString::from("canary\r\nx: y"))]] {
        let error = visit.portals.hand_over(&visit.profile, cookies).err();
        let error = error.map(|error| format!("{error:?}")).unwrap_or_default();
        assert!(error.contains("cookies") && !error.contains("canary"), "{error}");
    }
    Ok(())
}
