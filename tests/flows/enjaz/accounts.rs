//! Accounts: the calls of the older service as its clients make them, several accounts, and
//! nobody sees what is another's.

use anyhow::Result;
use serde_json::{Value, json};
use simulators::portal::Case;

use super::{Desk, USER, cases, done, numbers, path};

#[tokio::test]
async fn who_has_no_account_is_told_so_as_the_older_service_does() {
    let desk = Desk::with(cases(15)).await;
    let admin = desk.admin();
    let none = admin.get(&path("/account-status")).await;
    assert_eq!(
        none.json,
        json!({ "success": false, "message": "No Enjaz account connected",
        "data": null, "errors": [] })
    );
    let none = desk.post("/sync-cases").await;
    assert_eq!(none.status, 400);
    let told = "No Enjaz account found. Please connect your Enjaz account first.";
    assert_eq!(
        none.json,
        json!({ "success": false, "message": told, "data": null,
        "errors": [{ "field": null, "message": told }] })
    );
    let none = admin.send("DELETE", &path("/disconnect"), Value::Null).await;
    assert_eq!(
        (none.status, &none.json["message"]),
        (200, &json!("No Enjaz account found to disconnect"))
    );
}

#[tokio::test]
async fn the_older_service_s_calls_are_answered_as_it_does() {
    let desk = Desk::with(cases(15)).await;
    let admin = desk.admin();
    let body = json!({ "username": USER.0, "password": USER.1 });
    let connected = admin.send("POST", &path("/connect"), body.clone()).await;
    assert_eq!(connected.json["message"], "Enjaz account connected successfully");
    let account = done(connected);
    assert_eq!((&account["id"], &account["username"]), (&json!(1), &json!("***masked***")));
    assert_eq!(account["created_at"], "2026-06-01T12:00:00Z");
    assert_eq!(account["updated_at"], Value::Null);
    let again = admin.send("POST", &path("/connect"), body).await;
    assert_eq!(again.json["message"], "Enjaz account updated successfully");
    assert_eq!(
        (&again.json["data"]["id"], &again.json["data"]["updated_at"]),
        (&json!(1), &json!("2026-06-01T12:00:00Z"))
    );

    let synced = desk.post("/sync-cases").await;
    assert_eq!(synced.json["message"], "Cases synced successfully");
    let data = done(synced);
    assert_eq!(data["success"], true);
    assert_eq!(data["message"], "Successfully synced 15 cases");
    assert_eq!(
        (&data["cases_imported"], &data["cases_updated"], &data["total_cases"]),
        (&json!(15), &json!(0), &json!(15))
    );
}

#[tokio::test]
async fn the_older_service_s_lists_and_its_end_are_answered_as_it_does() {
    let desk = Desk::connected(cases(15)).await;
    let admin = desk.admin();
    desk.sync().await;
    let listed = admin.get(&path("/cases?limit=10&offset=0")).await;
    assert_eq!(listed.json["message"], "Cases retrieved successfully");
    let list = done(listed);
    assert_eq!(
        (&list["success"], &list["message"], &list["total_count"]),
        (&json!(true), &json!("Retrieved 10 cases"), &json!(15))
    );
    let first = &list["data"][0];
    assert_eq!((&first["id"], &first["case_number"]), (&json!(1), &json!("CASE-2024-001")));
    assert_eq!(first["created_at"], "2026-06-01T12:00:00Z");

    let status = admin.get(&path("/account-status")).await;
    assert_eq!(status.json["message"], "Enjaz account is connected");
    assert_eq!(
        (&status.json["data"]["status"], &status.json["data"]["cases"]),
        (&json!("ok"), &json!(15))
    );
    let gone = admin.send("DELETE", &path("/disconnect"), Value::Null).await;
    assert_eq!(
        gone.json["message"],
        "Enjaz account disconnected successfully. 15 associated cases were also deleted."
    );
    assert_eq!(done(gone), json!({ "account_deleted": true, "cases_deleted": 15 }));
    assert_eq!(desk.get("/cases").await["total_count"], 0);
}

#[tokio::test]
async fn what_is_wrong_is_told_in_the_envelope_and_by_its_name() {
    let desk = Desk::connected(cases(1)).await;
    let long = "x".repeat(256);
    for (method, below, body, status, field) in [
        ("POST", "/connect", json!({ "password": "p" }), 422, "body.username"),
        ("POST", "/connect", json!({ "username": "", "password": "p" }), 422, "body.username"),
        ("POST", "/connect", json!({ "username": long, "password": "p" }), 422, "body.username"),
        ("POST", "/connect", json!({ "username": "u", "password": 7 }), 422, "body.password"),
        ("POST", "/connect", json!({ "username": "u", "password": "" }), 422, "body.password"),
        (
            "POST",
            "/connect",
            json!({ "username": "u", "password": "p", "label": " " }),
            422,
            "body.label",
        ),
        (
            "POST",
            "/connect",
            json!({ "username": "u", "password": "p", "interval_minutes": 4 }),
            422,
            "body.interval_minutes",
        ),
        ("POST", "/session", json!({ "cookies": {} }), 422, "body.cookies"),
        ("GET", "/cases?limit=0", Value::Null, 422, "query.limit"),
        ("GET", "/cases?limit=101", Value::Null, 422, "query.limit"),
        ("GET", "/cases?offset=-1", Value::Null, 422, "query.offset"),
        ("GET", "/cases?cursor=x", Value::Null, 422, "query.cursor"),
        ("GET", "/cases?sort=x", Value::Null, 422, "query.sort"),
        ("GET", "/cases?changed_since=x", Value::Null, 422, "query.changed_since"),
        (
            "PATCH",
            "/accounts/1",
            json!({ "interval_minutes": 10_081 }),
            422,
            "body.interval_minutes",
        ),
    ] {
        let answer = desk.admin().send(method, &path(below), body.clone()).await;
        assert_eq!(answer.status, status, "{below} {body} {}", answer.text);
        let told = &answer.json;
        assert_eq!((&told["success"], &told["data"]), (&json!(false), &Value::Null), "{told}");
        assert_eq!(told["message"], "Validation failed", "{below} {told}");
        assert_eq!(told["errors"][0]["field"], field, "{below} {body} {told}");
    }
}

#[tokio::test]
async fn what_is_not_there_and_who_is_not_known_is_told_in_the_envelope_too() {
    let desk = Desk::connected(cases(1)).await;
    for (below, status) in
        [("/cases/99", 404), ("/accounts/9/syncs", 404), ("/cases?account_id=9", 404)]
    {
        let answer = desk.admin().get(&path(below)).await;
        assert_eq!((answer.status, &answer.json["success"]), (status, &json!(false)), "{below}");
    }
    let stranger = desk.world.who(&[]).get(&path("/cases")).await;
    assert_eq!((stranger.status, &stranger.json["success"]), (401, &json!(false)));
}

#[tokio::test]
async fn one_may_have_several_accounts_and_says_which_is_meant() {
    let desk = Desk::with(cases(3)).await;
    desk.portal.account("office", "secret");
    desk.portal.cases("office", [Case::new("OFF-1", "Civil", "Active")]);
    let first = desk.connect().await;
    let second = desk.connect_as(&desk.admin(), ("office", "secret"), Some("office")).await;
    assert_eq!((&first["id"], &second["id"]), (&json!(1), &json!(2)));
    let unclear = desk.post("/sync-cases").await;
    assert_eq!(
        (unclear.status, &unclear.json["errors"][0]["field"]),
        (422, &json!("query.account_id"))
    );
    for (id, many) in [(1, 3), (2, 1)] {
        let synced = done(desk.post(&format!("/sync-cases?account_id={id}")).await);
        assert_eq!(synced["total_cases"], many);
    }
    assert_eq!(desk.get("/cases").await["total_count"], 4);
    assert_eq!(desk.numbers("?account_id=2").await, ["OFF-1"]);
    let labels: Vec<_> = desk
        .get("/accounts")
        .await
        .as_array()
        .expect("accounts")
        .iter()
        .map(|account| account["label"].clone())
        .collect();
    assert_eq!(labels, ["default", "office"]);
    let statistics = desk.get("/statistics").await;
    assert_eq!(statistics["by_account"], json!({ "1": 3, "2": 1 }));
    let unclear = desk.admin().send("DELETE", &path("/disconnect"), Value::Null).await;
    assert_eq!(unclear.status, 422);
    let gone = desk.admin().send("DELETE", &path("/disconnect?account_id=2"), Value::Null).await;
    assert_eq!(done(gone)["cases_deleted"], 1);
    assert_eq!(desk.numbers("").await, numbers(1..=3));
    for n in 3..=11 {
        desk.connect_as(&desk.admin(), ("a", "b"), Some(&format!("more {n}"))).await;
    }
    let body = json!({ "username": "a", "password": "b", "label": "one too many" });
    assert_eq!(desk.admin().send("POST", &path("/connect"), body).await.status, 409);
}

#[tokio::test]
async fn nobody_sees_or_touches_what_is_another_s() -> Result<()> {
    let desk = Desk::connected(cases(3)).await;
    let sync = desk.sync().await;
    let other = desk.world.key(json!({ "name": "other", "role": "user" })).await;
    let other = other["key"].as_str().expect("a key");
    let other = desk.world.bearer(other);
    assert_eq!(done(other.get(&path("/cases")).await)["total_count"], 0);
    assert_eq!(done(other.get(&path("/accounts")).await), json!([]));
    assert_eq!(done(other.get(&path("/statistics")).await)["total_cases"], 0);
    let sync_id = sync["sync"]["sync_id"].as_str().expect("an id");
    for (method, below, body) in [
        ("GET", "/cases/1".to_owned(), Value::Null),
        ("GET", "/cases/1/history".to_owned(), Value::Null),
        ("GET", "/cases?account_id=1".to_owned(), Value::Null),
        ("GET", "/statistics?account_id=1".to_owned(), Value::Null),
        ("GET", "/account-status?account_id=1".to_owned(), Value::Null),
        ("GET", "/accounts/1/syncs".to_owned(), Value::Null),
        ("GET", format!("/accounts/1/syncs/{sync_id}"), Value::Null),
        ("POST", "/sync-cases?account_id=1".to_owned(), Value::Null),
        ("POST", "/accounts/1/check".to_owned(), Value::Null),
        ("POST", "/accounts/1/pause".to_owned(), Value::Null),
        ("PATCH", "/accounts/1".to_owned(), json!({ "interval_minutes": 5 })),
        ("DELETE", "/disconnect?account_id=1".to_owned(), Value::Null),
    ] {
        let answer = other.send(method, &path(&below), body).await;
        assert_eq!(answer.status, 404, "{method} {below} {}", answer.text);
    }
    let forbidden = other.get(&path("/portal")).await;
    assert_eq!((forbidden.status, &forbidden.json["success"]), (403, &json!(false)));
    // Another user of the same portal has accounts, numbers and cases of their own.
    desk.connect_as(&other, USER, None).await;
    done(other.send("POST", &path("/sync-cases"), Value::Null).await);
    assert_eq!(done(other.get(&path("/cases")).await)["total_count"], 3);
    done(other.send("DELETE", &path("/disconnect"), Value::Null).await);
    assert_eq!(desk.numbers("").await, numbers(1..=3));
    Ok(())
}

#[tokio::test]
async fn another_interval_counts_from_the_moment_it_is_given() {
    let desk = Desk::with([]).await;
    let soon = async |account: Value| {
        let next: jiff::Timestamp =
            account["next_sync_at"].as_str().expect("a moment").parse().expect("a moment");
        next.as_millisecond() - desk.world.clock.now_ms() < 300_000
    };
    let mut body = json!({ "username": USER.0, "password": USER.1, "interval_minutes": 10_080 });
    for _ in 0..8 {
        body["interval_minutes"] = json!(10_080);
        done(desk.admin().send("POST", &path("/connect"), body.clone()).await);
        body["interval_minutes"] = json!(5);
        let again = done(desk.admin().send("POST", &path("/connect"), body.clone()).await);
        assert!(soon(again).await);
    }
}
