//! Each outcome of a visit, as the account's user is told of it, and what follows from it.

use axum::http::StatusCode;
use serde_json::{Value, json};
use simulators::portal::{Captcha, Factor, Gate, Habits, Layout, Mishap, SignOn};

use super::{Desk, USER, cases, done, path};

/// The cookies of a browser in which the portal's user is signed in.
fn session(desk: &Desk) -> Value {
    desk.portal.session_of(USER.0).into_iter().map(|(name, value)| (name, json!(value))).collect()
}

/// A visit after which the portal wants something of a person.
async fn check(outcome: &str, turn: impl FnOnce(&mut Habits)) {
    let desk = Desk::connected(cases(3)).await;
    desk.comes_to("ok").await;
    desk.portal.habits(turn);
    let before = desk.logins();
    let data = desk.comes_to(outcome).await;
    assert_eq!((&data["success"], &data["cases_imported"]), (&json!(false), &json!(0)), "{data}");
    let account = desk.account().await;
    assert_eq!((&account["status"], &account["next_sync_at"]), (&json!(outcome), &Value::Null));
    assert_eq!(desk.get("/cases?presence=present").await["total_count"], 3, "{outcome}");
    // Nothing is tried by itself, for as long as it may take.
    let after = desk.logins();
    assert!(after <= before + 1, "{outcome}");
    for _ in 0..3 {
        desk.world.wait(24 * 3600);
        desk.world.enjaz().await;
    }
    assert_eq!(desk.logins(), after, "{outcome}");
}

#[tokio::test]
async fn what_only_a_person_can_do_stops_the_schedule_and_keeps_the_cases() {
    check("captcha_required", |habits| habits.gate = Gate::Captcha(Captcha::Image)).await;
    check("sso_required", |habits| habits.gate = Gate::SingleSignOn(SignOn::Redirect)).await;
    check("mfa_required", |habits| habits.factor = Some(Factor::Code)).await;
}

#[tokio::test]
async fn a_password_that_is_rejected_is_never_tried_again_until_somebody_connects_anew() {
    let desk = Desk::with(cases(3)).await;
    desk.connect_as(&desk.admin(), (USER.0, "wrong"), None).await;
    let answer = desk.post("/sync-cases").await;
    assert_eq!((answer.status, &answer.json["success"]), (200, &json!(false)));
    assert_eq!(answer.json["data"]["sync"]["outcome"], "credentials_rejected");
    let told = answer.json["errors"][0]["message"].as_str().expect("a message");
    assert!(told.contains("rejected"), "{told}");
    assert_eq!(desk.logins(), 1);
    for below in ["/sync-cases", "/accounts/1/check"] {
        let refused = desk.post(below).await;
        assert_eq!((refused.status, &refused.json["success"]), (409, &json!(false)), "{below}");
    }
    for _ in 0..3 {
        desk.world.wait(24 * 3600);
        desk.world.enjaz().await;
    }
    // Neither does pausing and resuming, or another schedule.
    done(desk.post("/accounts/1/pause").await);
    done(desk.post("/accounts/1/resume").await);
    let body = json!({ "interval_minutes": 5 });
    done(desk.admin().send("PATCH", &path("/accounts/1"), body).await);
    desk.world.wait(3600);
    desk.world.enjaz().await;
    assert_eq!(desk.logins(), 1);
    assert_eq!(desk.account().await["status"], "credentials_rejected");

    desk.connect().await;
    assert_eq!(desk.comes_to("ok").await["total_cases"], 3);
    assert_eq!(desk.logins(), 2);
}

#[tokio::test]
async fn an_account_that_is_locked_is_left_alone() {
    let desk = Desk::with(cases(3)).await;
    desk.portal.habits(|habits| habits.wrong_until_locked = 1);
    desk.connect_as(&desk.admin(), (USER.0, "wrong"), None).await;
    let outcome = desk.sync().await["sync"]["outcome"].clone();
    assert!(outcome == "locked" || outcome == "credentials_rejected", "{outcome}");
    desk.connect().await;
    desk.comes_to("locked").await;
    desk.world.wait(24 * 3600);
    desk.world.enjaz().await;
    assert_eq!(desk.logins(), 2);
}

#[tokio::test]
async fn another_layout_keeps_the_cases_and_is_told_by_its_fingerprint() {
    let desk = Desk::connected(cases(3)).await;
    desk.comes_to("ok").await;
    desk.portal.habits(|habits| habits.layout = Layout::Changed);
    let data = desk.comes_to("layout_changed").await;
    assert_eq!(data["sync"]["fingerprint"].as_str().map(str::len), Some(16), "{data}");
    assert_eq!(desk.get("/cases?presence=present").await["total_count"], 3);
    // An administrator mends the profile, and the schedule goes on by itself.
    desk.portal.habits(|habits| habits.layout = Layout::Table);
    desk.world.wait(2 * 3600);
    desk.world.enjaz().await;
    assert_eq!(desk.account().await["status"], "ok");
}

#[tokio::test]
async fn a_portal_that_keeps_failing_is_left_alone_for_longer_and_longer() {
    let desk = Desk::connected(cases(3)).await;
    desk.portal.mishap("/login", 3, Mishap::Fails(StatusCode::SERVICE_UNAVAILABLE));
    desk.comes_to("portal_unavailable").await;
    // Once is no time.
    desk.comes_to("portal_unavailable").await;
    let early = desk.post("/sync-cases").await;
    assert_eq!((early.status, early.header("retry-after")), (429, "300"), "{}", early.text);
    desk.world.wait(301);
    desk.comes_to("portal_unavailable").await;
    assert_eq!(desk.post("/sync-cases").await.header("retry-after"), "600");
    desk.world.wait(601);
    desk.comes_to("ok").await;
    assert_eq!(desk.account().await["status"], "ok");
    desk.portal.mishap("/login", 1, Mishap::TooMany(77));
    desk.comes_to("portal_unavailable").await;
    assert_eq!(desk.post("/sync-cases").await.header("retry-after"), "77");
    for asked in [10_000_000_000, u64::MAX] {
        desk.world.wait(24 * 3600);
        desk.portal.mishap("/login", 1, Mishap::TooMany(asked));
        desk.comes_to("portal_unavailable").await;
        assert_eq!(desk.post("/sync-cases").await.header("retry-after"), "21600", "{asked}");
    }
}

#[tokio::test]
async fn a_sign_in_can_be_checked_without_reading_cases() {
    let desk = Desk::connected(cases(3)).await;
    let checked = desk.post("/accounts/1/check").await;
    assert_eq!(done(checked)["sync"]["outcome"], "connected");
    assert_eq!((desk.account().await["status"].clone(), desk.logins()), (json!("connected"), 1));
    assert_eq!(desk.portal.requests("/cases"), 0);
    assert_eq!(desk.get("/cases").await["total_count"], 0);
}

#[tokio::test]
async fn a_session_that_its_user_began_is_read_where_a_password_cannot_be_used() {
    let desk = Desk::with(cases(12)).await;
    desk.portal.habits(|habits| habits.gate = Gate::SingleSignOn(SignOn::Redirect));
    let body = json!({ "cookies": session(&desk) });
    let account = done(desk.admin().send("POST", &path("/session"), body.clone()).await);
    assert_eq!(account["by_session"], true);
    assert_eq!(desk.comes_to("ok").await["total_cases"], 12);
    assert_eq!(done(desk.post("/accounts/1/check").await)["sync"]["outcome"], "connected");
    assert_eq!(desk.logins(), 0);
    desk.portal.expire_sessions();
    desk.comes_to("sso_required").await;
    assert_eq!(desk.account().await["next_sync_at"], Value::Null);
    let body = json!({ "cookies": session(&desk) });
    done(desk.admin().send("POST", &path("/session"), body).await);
    assert_eq!(desk.comes_to("ok").await["sync"]["cases_unchanged"], 12);
}
