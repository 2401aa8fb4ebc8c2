//! Which portal there is: the installation's, a tenant's own, or none.

use serde_json::{Value, json};
use simulators::portal::{Case, Portal};

use super::{Desk, USER, cases, done, path};
use tests::support::World;

#[tokio::test]
async fn without_a_portal_accounts_cannot_be_connected_and_that_is_said() {
    let world = World::beside_its_targets(&[]).await;
    let body = json!({ "username": "u", "password": "p" });
    let answer = world.admin().send("POST", &path("/connect"), body).await;
    assert_eq!((answer.status, &answer.json["success"]), (503, &json!(false)));
    let told = answer.json["message"].as_str().expect("a message");
    assert!(told.contains("ENJAZ_BASE_URL"), "{told}");
    let session = json!({ "cookies": { "a": "b" } });
    assert_eq!(world.admin().send("POST", &path("/session"), session).await.status, 503);
    let none = world.admin().get(&path("/portal")).await;
    assert_eq!((none.status, &none.json["success"]), (200, &json!(false)));
    // There is nothing to see, and that can be seen.
    assert_eq!(done(world.admin().get(&path("/cases")).await)["total_count"], 0);
}

#[tokio::test]
async fn a_tenant_s_own_profile_takes_the_place_of_the_installation_s() {
    let desk = Desk::with_vars(cases(3), &[("ENJAZ_BASE_URL", "https://portal.invalid")]).await;
    let own = desk.get("/portal").await;
    assert_eq!(
        (&own["is_own"], &own["profile"]["base_url"]),
        (&json!(true), &json!(desk.portal.url()))
    );
    desk.connect().await;
    desk.comes_to("ok").await;
    done(desk.admin().send("DELETE", &path("/portal"), Value::Null).await);
    let usual = desk.get("/portal").await;
    assert_eq!(
        (&usual["is_own"], &usual["profile"]["base_url"]),
        (&json!(false), &json!("https://portal.invalid"))
    );
    assert_eq!(desk.admin().send("DELETE", &path("/portal"), Value::Null).await.status, 404);
    desk.comes_to("credentials_rejected").await;
    assert_eq!(desk.get("/cases").await["total_count"], 3);
}

#[tokio::test]
async fn what_somebody_signs_in_with_goes_to_no_other_portal_than_it_was_given_for() {
    let desk = Desk::connected(cases(4)).await;
    desk.comes_to("ok").await;
    let other = Portal::start().await.expect("a portal");
    other.account(USER.0, USER.1);
    other.cases(USER.0, [Case::english(900)]);
    desk.profile(json!({ "base_url": other.url() })).await;
    let refused = desk.comes_to("credentials_rejected").await;
    let detail = refused["sync"]["detail"].as_str().expect("a detail");
    assert!(detail.contains(&other.url()) && detail.contains(&desk.portal.url()), "{detail}");
    assert_eq!(desk.post("/sync-cases").await.status, 409);
    assert_eq!(desk.account().await["next_sync_at"], Value::Null);
    assert_eq!(other.logins(USER.0).attempted, 0);
    desk.connect().await;
    let data = desk.comes_to("ok").await;
    let counts = (&data["sync"]["cases_imported"], &data["sync"]["cases_absent"]);
    assert_eq!(counts, (&json!(1), &json!(4)), "they are another portal's: {data}");
}

#[tokio::test]
async fn a_profile_that_cannot_be_worked_by_is_refused_member_by_member() {
    let desk = Desk::with([]).await;
    for (profile, field) in [
        (json!({ "base_url": "nowhere" }), "body.base_url"),
        (json!({ "base_url": desk.portal.url(), "row_selector": "((" }), "body.row_selector"),
        (json!({ "base_url": desk.portal.url(), "max_pages": 0 }), "body.max_pages"),
        (
            json!({ "base_url": desk.portal.url(), "volatile_columns": ["status"] }),
            "body.volatile_columns[0]",
        ),
        (json!({ "base_url": desk.portal.url(), "colour": 1 }), "body.colour"),
    ] {
        let answer = desk.admin().send("PUT", &path("/portal"), profile.clone()).await;
        assert_eq!(answer.status, 422, "{profile} {}", answer.text);
        assert_eq!(answer.json["errors"][0]["field"], field, "{}", answer.text);
    }
    let body = json!({ "username": USER.0, "password": USER.1 });
    assert_eq!(desk.admin().send("POST", &path("/connect"), body).await.status, 200);
}
