//! A session of somebody who is signed in, and how it is kept.

use std::fmt;

use serde::{Deserialize, Serialize};
use shared::error::{Error, Result};
use shared::outbound::Jar;
use shared::vault::{ExposeSecret, SecretString};

use super::browser::Browser;
use super::outcome::{Outcome, Refusal};
use super::walk::Step;

/// A session. Never printed.
pub struct Session {
    pub(super) browser: Browser,
    is_handed_over: bool,
    /// Whether it was asked for a page of cases already.
    pub(super) has_asked: bool,
}

/// A session as it is kept.
#[derive(Serialize, Deserialize)]
struct Kept {
    is_handed_over: bool,
    jar: String,
}

impl Session {
    pub(super) fn new(browser: Browser, is_handed_over: bool) -> Self {
        Self { browser, is_handed_over, has_asked: false }
    }

    pub(super) fn of_kept(
        kept: &SecretString,
        browser: impl FnOnce(Jar) -> Browser,
    ) -> Result<Self> {
        let kept: Kept = serde_json::from_str(kept.expose_secret())
            .map_err(|_| Error::bug("the session that was kept cannot be read"))?;
        let jar = Jar::of_kept(&kept.jar.into())?;
        Ok(Self::new(browser(jar), kept.is_handed_over))
    }

    /// The cookies and where they came from, as text for a vault and for [`Portals::resume`].
    ///
    /// [`Portals::resume`]: super::Portals::resume
    pub fn cookies(&self) -> SecretString {
        let jar = self.browser.jar.kept().expose_secret().to_owned();
        let kept = Kept { is_handed_over: self.is_handed_over, jar };
        serde_json::to_string(&kept).unwrap_or_default().into()
    }

    /// Whether a person began it elsewhere, so that only they can begin another.
    pub fn is_handed_over(&self) -> bool {
        self.is_handed_over
    }

    /// What a step comes to that nobody will take again: a session that is lost is a reason
    /// to stop like others.
    pub fn settled(&self, step: Step) -> Step {
        match step {
            Step::SessionLost if self.is_handed_over => Step::Stopped(Refusal::new(
                Outcome::SsoRequired,
                "the session that was handed over has ended",
            )),
            Step::SessionLost => {
                Step::Stopped(Refusal::unavailable("the portal ended the session again"))
            }
            step => step,
        }
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Session(…)")
    }
}
