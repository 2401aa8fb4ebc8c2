//! `cargo bench -p tests --bench enjaz`: how many cases a second are read from a portal,
//! compared and stored, on this machine and disk, beside what the portal alone takes to show
//! its pages; and how long a thousand accounts take, ten at a time.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};
use simulators::portal::{Case, Portal};
use tests::support::{Caller, Credential, Installation};

/// Cases of one account, and how many are on a page.
const CASES: [usize; 2] = [1_000, 9_000];
const PAGE: usize = 100;
/// Accounts, and cases of each.
const ACCOUNTS: usize = 1_000;
const FEW: usize = 10;

#[tokio::main]
async fn main() {
    println!("{:>8} {:>20} {:>8} {:>9} {:>10}", "cases", "what", "s", "cases/s", "portal s");
    for cases in CASES {
        one(cases).await;
    }
    many().await;
}

/// An installation and a portal that shows so many cases on a page.
async fn desk(page: usize) -> (Installation, Caller, Portal) {
    let vars = [("ENJAZ_MIN_DELAY_MS", "0"), ("RATE_LIMIT_PER_MINUTE", "10000000")];
    let installation = Installation::start_with(&vars).await;
    let (admin, portal) = (installation.admin(), Portal::start().await.expect("a portal"));
    portal.habits(|habits| habits.page_size = page);
    let profile = json!({ "base_url": portal.url(), "min_delay_ms": 0 });
    let path = "/api/v1/enjaz/portal";
    let set = admin.send(admin.request(Method::PUT, path).json(&profile)).await;
    assert_eq!(set.status, 200, "{}", set.text);
    (installation, admin, portal)
}

async fn connect(admin: &Caller, user: &str, label: &str) -> i64 {
    let body = json!({ "username": user, "password": "secret", "label": label });
    let connected = admin.post_json("/api/v1/enjaz/connect", &body).await;
    connected.json["data"]["id"].as_i64().unwrap_or_else(|| panic!("{}", connected.text))
}

/// One account: all of its cases new, none changed, one in ten changed.
async fn one(cases: usize) {
    let (installation, admin, portal) = desk(PAGE).await;
    portal.account("fahad", "secret");
    portal.cases("fahad", (1..=cases).map(Case::english));
    connect(&admin, "fahad", "default").await;
    report(&admin, &portal, cases, "all new").await;
    report(&admin, &portal, cases, "none changed").await;
    let changed = |n: usize| match n % 10 {
        0 => Case { status: "Settled".to_owned(), ..Case::english(n) },
        _ => Case::english(n),
    };
    portal.cases("fahad", (1..=cases).map(changed));
    report(&admin, &portal, cases, "one in ten changed").await;
    installation.app.stop().await;
}

async fn report(admin: &Caller, portal: &Portal, cases: usize, what: &str) {
    let begun = Instant::now();
    let synced = admin.post("/api/v1/enjaz/sync-cases").await;
    let view = ended(admin, &synced.json, synced.header("location")).await;
    let took = begun.elapsed();
    assert_eq!((&view["outcome"], &view["cases_found"]), (&json!("ok"), &json!(cases)), "{view}");
    let (took, alone) = (took.as_secs_f64(), alone(portal, cases).await.as_secs_f64());
    let rate = cases as f64 / took;
    println!("{cases:>8} {what:>20} {took:>8.2} {rate:>9.0} {alone:>10.2}");
}

/// How a synchronisation ended that is answered, or can be watched here.
async fn ended(admin: &Caller, answer: &Value, place: &str) -> Value {
    if place.is_empty() {
        return answer["data"]["sync"].clone();
    }
    let is_over = |view: &Value| view["data"]["state"] == "ended";
    admin.get_when(place, is_over).await["data"].clone()
}

/// How long the portal takes to show all pages to a browser that looks at nothing.
async fn alone(portal: &Portal, cases: usize) -> Duration {
    let session = portal.session_of("fahad");
    let cookie: Vec<_> = session.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let browser = Caller::new(&portal.url(), Credential::None);
    let begun = Instant::now();
    for page in 1..=cases.div_ceil(PAGE) {
        let request = browser.request(Method::GET, &format!("/cases?page={page}"));
        let shown = browser.send(request.header("cookie", cookie.join("; "))).await;
        assert_eq!(shown.status, 200, "{}", shown.text);
    }
    begun.elapsed()
}

/// A thousand accounts of a hundred people, all due at once.
async fn many() {
    let (installation, admin, portal) = desk(FEW).await;
    let mut accounts = Vec::new();
    for person in 0..ACCOUNTS / 10 {
        let key = json!({ "name": format!("person {person}"), "role": "user" });
        let key = admin.post_json("/api/v1/api-keys", &key).await;
        let key = key.json["key"].as_str().expect("a key").to_owned();
        let who = admin.with(Credential::Bearer(key));
        for n in 0..10 {
            let user = format!("user-{person}-{n}");
            portal.account(&user, "secret");
            portal.cases(&user, (1..=FEW).map(Case::english));
            accounts.push((who.clone(), connect(&who, &user, &user).await));
        }
    }
    let begun = Instant::now();
    let mut places = Vec::new();
    for (who, account) in &accounts {
        let path = format!("/api/v1/enjaz/sync-cases?account_id={account}");
        let request = who.request(Method::POST, &path).header("prefer", "respond-async");
        let left = who.send(request).await;
        assert_eq!(left.status, 202, "{}", left.text);
        places.push((who, left.header("location").to_owned()));
    }
    for (who, place) in places {
        let view = ended(who, &Value::Null, &place).await;
        assert_eq!(view["outcome"], "ok", "{view}");
    }
    let (took, most) = (begun.elapsed().as_secs_f64(), portal.most_visits_at_once());
    let rate = ACCOUNTS as f64 / took;
    println!("{ACCOUNTS} accounts in {took:.1} s, {rate:.0} a second, {most} at a time at most");
    installation.app.stop().await;
}
