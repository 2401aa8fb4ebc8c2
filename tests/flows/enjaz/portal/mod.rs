//! The client of a portal, against one that behaves in every way that portals do.

mod empty;
mod faults;
mod handed_over;
mod login;
mod lost;
mod pages;
mod refused;
mod rows;
mod secrets;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_config::SdkConfig;
use functions::enjaz::portal::{
    Credentials, NextPage, Outcome, Portals, Profile, Refusal, Session, Step, Walk,
};
use shared::env::Env;
use simulators::portal::{Case, Portal};

/// Who signs in, with a password that must be nowhere afterwards.
const USER: (&str, &str) = ("fahad", "canary <of> & \"Fahad\"");

/// A portal, and what visits it without waiting.
struct Visit {
    portal: Portal,
    portals: Portals,
    profile: Profile,
    /// How long it would have waited.
    pauses: Arc<Mutex<Vec<Duration>>>,
}

impl Visit {
    /// A portal with these cases.
    async fn with(cases: impl IntoIterator<Item = Case>) -> Self {
        let portal = Portal::start().await.expect("a portal");
        portal.account(USER.0, USER.1);
        portal.cases(USER.0, cases);
        let profile = Profile::default_for(&portal.url());
        let (portals, pauses) = portals(&[]);
        Self { portal, portals, profile, pauses }
    }

    /// A portal with three pages of cases.
    async fn of_three_pages() -> Self {
        Self::with((1..=25).map(Case::english)).await
    }

    async fn sign_in(&self) -> Result<Session, Refusal> {
        self.sign_in_with(USER.1).await
    }

    async fn sign_in_with(&self, password: &str) -> Result<Session, Refusal> {
        let (username, password) = (USER.0.to_owned(), password.into());
        let credentials = Credentials { username, password };
        let signed_in = self.portals.sign_in(&self.profile, &credentials).await;
        let told = format!("{signed_in:?} {credentials:?} {:?}", signed_in.as_ref().map(drop));
        assert!(!told.contains("canary") && !told.contains("portal_session"), "{told}");
        signed_in
    }

    /// Why one cannot sign in.
    async fn refused(&self) -> Refusal {
        self.sign_in().await.expect_err("a refusal")
    }

    /// Signs in, and reads all that there is.
    async fn read(&self) -> (Walk, Step) {
        let mut session = self.sign_in().await.expect("a session");
        let mut walk = Walk::default();
        let step = session.read(&mut walk).await;
        (walk, step)
    }

    /// The same, of which the outcome is this.
    async fn comes_to(&self, outcome: Outcome) -> (Walk, Step) {
        let (walk, step) = self.read().await;
        assert_eq!(walk.outcome(&step), outcome, "{step:?}");
        (walk, step)
    }

    fn by_query(&mut self) {
        self.profile.next_page = NextPage::QueryParam("page".to_owned());
    }
}

/// Portals on this machine, and how long one would have waited between their pages.
fn portals(vars: &[(&str, &str)]) -> (Portals, Arc<Mutex<Vec<Duration>>>) {
    let vars = vars.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let env = Env::new(vars.collect::<HashMap<_, _>>(), SdkConfig::builder().build());
    let portals = Portals::load(&env.with_private_targets()).expect("portals");
    let pauses = Arc::new(Mutex::new(Vec::new()));
    let kept = pauses.clone();
    let portals = portals.within(Duration::from_secs(5)).pausing(Arc::new(move |time| {
        kept.lock().expect("the pauses").push(time);
        Box::pin(std::future::ready(()))
    }));
    (portals, pauses)
}

/// Why a walk stopped.
fn stopped(step: Step) -> Refusal {
    match step {
        Step::Stopped(refusal) => refusal,
        other => panic!("{other:?}"),
    }
}

/// The numbers of the first so many cases.
fn numbers(count: usize) -> Vec<String> {
    (1..=count).map(|n| format!("CASE-2024-{n:03}")).collect()
}

fn found(walk: &Walk) -> Vec<String> {
    walk.cases.iter().map(|case| case.number.clone()).collect()
}
