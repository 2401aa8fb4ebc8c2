//! Enjaz: accounts, their cases, and what comes of portals of cases.

mod accounts;
mod cases;
mod generations;
pub mod live;
mod outcomes;
mod portal;
mod races;
mod schedule;
mod secrets;
mod set_up;
mod steps;

use serde_json::{Value, json};
use shared::tenant::Tenant;
use shared::vault::SecretName;
use simulators::portal::{Case, Portal};
use tests::support::{Act, Answer, World};

/// Where it all is.
const BASE: &str = "/api/v1/enjaz";
/// Who signs in to the portal.
const USER: (&str, &str) = ("fahad", "canary <of> & \"Fahad\"");

/// A portal, and a world whose accounts are with it.
struct Desk {
    portal: Portal,
    world: World,
}

impl Desk {
    /// With these cases.
    async fn with(cases: impl IntoIterator<Item = Case>) -> Self {
        Self::with_vars(cases, &[]).await
    }

    /// The same, with these variables.
    async fn with_vars(cases: impl IntoIterator<Item = Case>, vars: &[(&str, &str)]) -> Self {
        let portal = Portal::start().await.expect("a portal");
        portal.account(USER.0, USER.1);
        portal.cases(USER.0, cases);
        let vars: Vec<_> = vars.iter().copied().chain([("ENJAZ_MIN_DELAY_MS", "0")]).collect();
        let desk = Self { world: World::beside_its_targets(&vars).await, portal };
        desk.profile(json!({})).await;
        desk
    }

    /// With these cases, and connected.
    async fn connected(cases: impl IntoIterator<Item = Case>) -> Self {
        let desk = Self::with(cases).await;
        desk.connect().await;
        desk
    }

    /// Gives the tenant the usual profile, but for these members.
    async fn profile(&self, members: Value) {
        let mut profile = json!({ "base_url": self.portal.url(), "min_delay_ms": 0 });
        for (name, value) in members.as_object().into_iter().flatten() {
            profile[name] = value.clone();
        }
        let set = self.admin().send("PUT", &path("/portal"), profile).await;
        assert_eq!(set.status, 200, "{}", set.text);
    }

    /// Shows these cases from now on.
    fn shows(&self, cases: impl IntoIterator<Item = Case>) {
        self.portal.cases(USER.0, cases);
    }

    fn admin(&self) -> Act<'_> {
        self.world.admin()
    }

    /// Connects the account of the portal's user.
    async fn connect(&self) -> Value {
        self.connect_as(&self.admin(), USER, None).await
    }

    async fn connect_as(
        &self,
        who: &Act<'_>,
        (username, password): (&str, &str),
        label: Option<&str>,
    ) -> Value {
        let mut body = json!({ "username": username, "password": password });
        if let Some(label) = label {
            body["label"] = json!(label);
        }
        done(who.send("POST", &path("/connect"), body).await)
    }

    /// Synchronises, and answers what came of it.
    async fn sync(&self) -> Value {
        let answer = self.post("/sync-cases").await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json["data"].clone()
    }

    /// The same, of which the outcome is this.
    async fn comes_to(&self, outcome: &str) -> Value {
        let data = self.sync().await;
        assert_eq!(data["sync"]["outcome"], outcome, "{data}");
        data
    }

    async fn post(&self, below: &str) -> Answer {
        self.admin().send("POST", &path(below), Value::Null).await
    }

    async fn get(&self, below: &str) -> Value {
        done(self.admin().get(&path(below)).await)
    }

    /// The cases by their numbers, as a list of this query tells them.
    async fn numbers(&self, query: &str) -> Vec<String> {
        let list = self.get(&format!("/cases{query}")).await;
        let cases = list["data"].as_array().expect("cases").iter();
        cases.map(|case| case["case_number"].as_str().expect("a number").to_owned()).collect()
    }

    /// The account as it stands.
    async fn account(&self) -> Value {
        self.get("/account-status").await
    }

    /// Whether the vault holds the session of a synchronisation.
    async fn has_session(&self, sync_id: &str) -> bool {
        let tenant = Tenant::parse("default").expect("a name");
        let name = SecretName::of(&tenant, &format!("enjaz-sessions/{sync_id}")).expect("a name");
        self.world.vault().read(&name).await.expect("a vault").is_some()
    }

    /// How often the portal's user signed in, or tried to.
    fn logins(&self) -> usize {
        self.portal.logins(USER.0).attempted
    }
}

fn path(below: &str) -> String {
    format!("{BASE}{below}")
}

/// The data of an answer that was a success.
fn done(answer: Answer) -> Value {
    assert!(answer.status == 200 && answer.json["success"] == true, "{}", answer.text);
    assert_eq!(answer.json["errors"], json!([]), "{}", answer.text);
    answer.json["data"].clone()
}

/// The first so many cases.
fn cases(many: usize) -> impl Iterator<Item = Case> {
    (1..=many).map(Case::english)
}

/// Their numbers.
fn numbers(of: impl IntoIterator<Item = usize>) -> Vec<String> {
    of.into_iter().map(|n| format!("CASE-2024-{n:03}")).collect()
}
