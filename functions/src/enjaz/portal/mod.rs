//! The client of a portal of cases: it signs in as a person does in a browser, reads the
//! pages of cases, and says in one of ten [`Outcome`]s what came of it. What is where on the
//! pages is a [`Profile`]'s business.
//!
//! ```ignore
//! let portals = Portals::load(&env)?;
//! let profile = Profile::read(json)?;
//! let mut session = portals.sign_in(&profile, &credentials).await?;
//! let mut walk = Walk::default();
//! let mut step = session.read(&mut walk).await;
//! if let Step::SessionLost = step {
//!     session = portals.sign_in(&profile, &credentials).await?;
//!     step = session.read(&mut walk).await;
//! }
//! let outcome = walk.outcome(&session.settled(step));
//! ```
//!
//! A portal that wants a person (single sign-on, a captcha, a second factor) is read in a
//! session that this person began: [`Portals::hand_over`].

mod browser;
mod document;
mod fingerprint;
mod form;
mod login;
mod outcome;
mod page;
mod profile;
mod rows;
mod rules;
mod session;
mod sight;
mod text;
mod walk;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

pub use outcome::{Outcome, Refusal};
pub use profile::{Column, CsrfToken, NextPage, Profile, Success};
pub use rows::FoundCase;
pub use session::Session;
use shared::boxed::Boxed;
use shared::clock::Clock;
use shared::env::Env;
use shared::error::{Error, Result};
use shared::outbound::{Jar, Outbound, Targets};
use shared::vault::SecretString;
pub use text::{cut, searched};
pub use walk::{Step, Walk};

use browser::Browser;
use rules::Rules;

/// How long a connection may take, and a page with all the redirects to it.
const CONNECT: Duration = Duration::from_secs(10);
const PATIENCE: Duration = Duration::from_secs(30);
/// The least time between two pages of cases, in milliseconds, and the longest.
const LEAST_DELAY: u64 = 1000;
const LONGEST_DELAY: u64 = 60_000;

/// How one waits between two pages.
pub type Pause = Arc<dyn Fn(Duration) -> Boxed<'static, ()> + Send + Sync>;

/// The way to all portals. Cheap to clone.
#[derive(Clone)]
pub struct Portals {
    outbound: Outbound,
    targets: Targets,
    clock: Clock,
    pause: Pause,
    least_delay: Duration,
    patience: Duration,
    /// Whether portals may be called without TLS, as simulated ones are.
    without_tls: bool,
}

/// What somebody signs in with. Never printed.
#[derive(Clone)]
pub struct Credentials {
    /// The user's name.
    pub username: String,
    /// The password.
    pub password: SecretString,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials(…)")
    }
}

impl Portals {
    /// Those that may be reached from here: public addresses, and what `TARGET_NETWORKS` and
    /// `TARGET_PORTS` open. `ENJAZ_MIN_DELAY_MS` (1000, or 0 to 60000) is the least time
    /// between two pages, whatever a profile says.
    ///
    /// # Errors
    /// `Internal` when a variable cannot be read.
    pub fn load(env: &Env) -> Result<Self> {
        let least = env.within("ENJAZ_MIN_DELAY_MS", LEAST_DELAY, 0..=LONGEST_DELAY)?;
        let targets = env.targets()?;
        Ok(Self {
            outbound: env.patient_outbound(CONNECT)?,
            without_tls: targets.reach_this_machine(),
            targets,
            clock: env.clock(),
            pause: Arc::new(|time| Box::pin(tokio::time::sleep(time))),
            least_delay: Duration::from_millis(least),
            patience: PATIENCE,
        })
    }

    /// The same, waiting so between two pages.
    #[must_use]
    pub fn pausing(self, pause: Pause) -> Self {
        Self { pause, ..self }
    }

    /// The same, giving a page and all the redirects to it this time instead of 30 seconds.
    #[must_use]
    pub fn within(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// Checks a profile that somebody gives, and that its portal may be called from here.
    ///
    /// # Errors
    /// `Invalid`, with the members at fault.
    pub async fn check(&self, profile: &Profile) -> Result<()> {
        profile.check()?;
        self.targets.check("base_url", &profile.base_url).await?;
        if !self.without_tls && !profile.base_url.to_ascii_lowercase().starts_with("https:") {
            return Err(Error::invalid("base_url", "must be an https address"));
        }
        Ok(())
    }

    /// Signs in, with one attempt. A password that is refused must not be tried again: portals
    /// lock accounts.
    ///
    /// # Errors
    /// Any [`Outcome`] but `connected`, `partial` and `ok`. Neither the credentials nor a
    /// cookie are in it.
    pub async fn sign_in(
        &self,
        profile: &Profile,
        credentials: &Credentials,
    ) -> Result<Session, Refusal> {
        let rules = Arc::new(Rules::of(profile)?);
        let mut browser = Browser::new(self, rules, Jar::default());
        login::sign_in(&mut browser, credentials).await?;
        Ok(Session::new(browser, false))
    }

    /// A session that somebody began in a browser of their own, by its cookies: names and
    /// values. Whether it is alive, its first page tells.
    ///
    /// # Errors
    /// `Invalid`, naming `cookies` or the member of the profile at fault.
    pub fn hand_over(
        &self,
        profile: &Profile,
        cookies: impl IntoIterator<Item = (String, SecretString)>,
    ) -> Result<Session> {
        let rules =
            Rules::of(profile).map_err(|refusal| Error::invalid("profile", refusal.detail))?;
        let jar = Jar::brought(&rules.cases, cookies)?;
        if jar.is_empty() {
            return Err(Error::invalid("cookies", "must not be empty"));
        }
        Ok(Session::new(Browser::new(self, Arc::new(rules), jar), true))
    }

    /// A session that was kept as [`Session::cookies`] says.
    ///
    /// # Errors
    /// `Internal` when it cannot be read, `Invalid` for a profile that cannot be worked by.
    pub fn resume(&self, profile: &Profile, kept: &SecretString) -> Result<Session> {
        let rules =
            Rules::of(profile).map_err(|refusal| Error::invalid("profile", refusal.detail))?;
        Session::of_kept(kept, |jar| Browser::new(self, Arc::new(rules), jar))
    }
}
