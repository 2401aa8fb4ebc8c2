//! Synchronisations by schedule: spread over the interval, paused and resumed.

use serde_json::{Value, json};
use simulators::portal::Case;

use super::{Desk, USER, cases, done, path};

/// Lets so many minutes pass, in each of which the sweeper comes.
async fn pass(desk: &Desk, minutes: usize) {
    for _ in 0..minutes {
        desk.world.wait(60);
        desk.world.enjaz().await;
    }
}

#[tokio::test]
async fn an_account_is_synchronised_once_in_every_interval() {
    let desk = Desk::connected(cases(3)).await;
    pass(&desk, 60).await;
    assert_eq!(desk.logins(), 1);
    pass(&desk, 120).await;
    assert_eq!(desk.logins(), 3);
    let syncs = desk.get("/accounts/1/syncs").await;
    assert!(syncs.as_array().expect("syncs").iter().all(|sync| sync["trigger"] == "schedule"));
    // What somebody asks for between changes nothing of that.
    desk.comes_to("ok").await;
    pass(&desk, 60).await;
    assert_eq!(desk.logins(), 5);
}

#[tokio::test]
async fn a_schedule_can_be_paused_resumed_and_changed() {
    let desk = Desk::connected(cases(3)).await;
    let paused = done(desk.post("/accounts/1/pause").await);
    assert_eq!((&paused["paused"], &paused["next_sync_at"]), (&json!(true), &Value::Null));
    pass(&desk, 130).await;
    assert_eq!(desk.logins(), 0);
    desk.comes_to("ok").await;
    assert_eq!(desk.logins(), 1);
    let resumed = done(desk.post("/accounts/1/resume").await);
    assert_eq!(resumed["paused"], false);
    pass(&desk, 1).await;
    assert_eq!(desk.logins(), 2, "it was due meanwhile");
    let body = json!({ "interval_minutes": 10 });
    let changed = done(desk.admin().send("PATCH", &path("/accounts/1"), body).await);
    assert_eq!(changed["interval_minutes"], 10);
    pass(&desk, 10).await;
    assert_eq!(desk.logins(), 3);
    pass(&desk, 20).await;
    assert_eq!(desk.logins(), 5);
}

#[tokio::test]
async fn many_accounts_are_each_synchronised_once_in_an_interval() {
    const MANY: usize = 150;
    let desk = Desk::with([]).await;
    let password = USER.1;
    let users: Vec<String> = (0..MANY).map(|n| format!("user-{n}")).collect();
    for (n, user) in users.iter().enumerate() {
        desk.portal.account(user, password);
        desk.portal.cases(user, [Case::english(n + 1)]);
    }
    for part in users.chunks(10) {
        let key = desk.world.key(json!({ "name": part[0], "role": "user" })).await;
        let who = desk.world.bearer(key["key"].as_str().expect("a key"));
        for user in part {
            desk.connect_as(&who, (user, password), Some(user)).await;
        }
    }
    let mut most = 0;
    let mut before = 0;
    for _ in 0..60 {
        pass(&desk, 1).await;
        let now: usize = users.iter().map(|user| desk.portal.logins(user).attempted).sum();
        most = most.max(now - before);
        before = now;
    }
    for user in &users {
        assert_eq!(desk.portal.logins(user).attempted, 1, "{user}");
    }
    // Between two and three a minute, were they spread evenly.
    assert!(most < 12, "{most} in one minute");
}
