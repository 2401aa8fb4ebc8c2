//! API keys: made, shown once, listed, switched, renewed, revoked.

use serde_json::{Value, json};
use tests::support::World;

const KEYS: &str = "/api/v1/api-keys";

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

#[tokio::test]
async fn a_key_is_shown_once_and_told_apart_by_its_prefix() {
    let world = World::with(&[]).await;
    let made = world
        .key(json!({
            "name": " Production Application Key ", "description": "for the dashboard", "role": "user",
            "expires_at": "2026-12-31T23:59:59Z",
        }))
        .await;
    let key = text(&made["key"]);
    assert!(key.starts_with(text(&made["key_prefix"])), "{made}");
    assert_eq!(made["name"], "Production Application Key");
    assert_eq!(made["expires_at"], "2026-12-31T23:59:59Z");
    assert_eq!((&made["role"], &made["usage_count"]), (&json!("user"), &json!(0)));

    let listed = world.admin().get(KEYS).await;
    assert!(!listed.text.contains(key) && listed.text.contains(text(&made["key_prefix"])));
    let numbers: Vec<_> = listed.json.as_array().expect("keys").iter().map(|k| &k["id"]).collect();
    assert_eq!(numbers, [&json!(1), &json!(2)]);

    let verified = world.bearer(key).get("/api/v1/auth/verify").await.json;
    assert_eq!(
        (&verified["status"], &verified["message"]),
        (&json!("valid"), &json!("API key is valid"))
    );
    assert_eq!(verified["key_info"]["id"], made["id"]);
    let me = world.who(&[("x-api-key", key)]).get("/api/v1/auth/me").await.json;
    assert_eq!(me["description"], "for the dashboard");
    assert_eq!(me["actor"], "key:2");
    assert_eq!(world.bearer(key).get("/events").await.status, 200);
    assert_eq!(world.bearer(key).get(KEYS).await.status, 403);
}

#[tokio::test]
async fn what_is_wrong_with_a_new_key_is_named() {
    let world = World::with(&[]).await;
    let admin = world.admin();
    for (body, field) in [
        (json!({}), "name"),
        (json!({"name": "  "}), "name"),
        (json!({"name": "x".repeat(101)}), "name"),
        (json!({"name": "a\u{7}b"}), "name"),
        (json!({"name": 5}), "name"),
        (json!({"name": "a", "description": "x".repeat(501)}), "description"),
        (json!({"name": "a", "role": "superuser"}), "role"),
        (json!({"name": "a", "expires_at": "2026-06-01T12:00:00Z"}), "expires_at"),
        (json!({"name": "a", "expires_at": "2020-01-01"}), "expires_at"),
        (json!({"name": "a", "expires_at": "soon"}), "expires_at"),
        (json!({"name": "a", "expires_at": 5}), "expires_at"),
        (json!({"name": "a", "permissions": []}), "permissions"),
        (json!({"name": "a", "permissions": ["admin"]}), "permissions[0]"),
        (json!({"name": "a", "permissions": ["events.read", "nonsense"]}), "permissions[1]"),
        (json!({"name": "a", "rate_limit_per_minute": 0}), "rate_limit_per_minute"),
        (json!({"name": "a", "rate_limit_per_minute": -1}), "rate_limit_per_minute"),
        (json!({"name": "a", "expires": "2030-01-01"}), "expires"),
    ] {
        let answer = admin.send("POST", KEYS, body.clone()).await;
        assert_eq!(answer.status, 422, "{body}");
        assert_eq!(answer.json["errors"][0]["field"], field, "{body} {}", answer.text);
    }
    assert_eq!(admin.raw("POST", KEYS, "{".to_owned()).await.status, 400);
    assert_eq!(admin.raw("POST", KEYS, String::new()).await.status, 400);
    assert_eq!(admin.get(KEYS).await.json.as_array().map(Vec::len), Some(1), "nothing was made");
    assert_eq!(admin.get("/api/v1/api-keys/99").await.status, 404);
    assert_eq!(admin.get("/api/v1/api-keys/x").await.status, 422);
}

#[tokio::test]
async fn an_expired_key_is_refused_at_that_very_moment() {
    let world = World::with(&[]).await;
    let made = world.key(json!({"name": "short", "expires_at": "2026-06-01T12:00:10Z"})).await;
    let holder = world.bearer(text(&made["key"]));
    world.wait(9);
    assert_eq!(holder.get("/events").await.status, 200);
    world.wait(1);
    let answer = holder.get("/events").await;
    assert_eq!(
        (answer.status, &answer.json["detail"]),
        (401, &json!("Invalid or expired API key"))
    );
}

#[tokio::test]
async fn revoking_and_switching_off_take_effect_within_fifteen_seconds() {
    let world = World::with(&[]).await;
    let (revoked, switched) =
        (world.key(json!({"name": "a"})).await, world.key(json!({"name": "b"})).await);
    let status = async |key: &Value| world.bearer(text(&key["key"])).get("/events").await.status;
    assert_eq!((status(&revoked).await, status(&switched).await), (200, 200));
    let gone =
        world.admin().send("DELETE", &format!("{KEYS}/{}", revoked["id"]), Value::Null).await;
    assert_eq!(gone.json, json!({"message": "API key deleted successfully"}));
    let toggle = format!("{KEYS}/{}/toggle", switched["id"]);
    assert_eq!(world.admin().send("PATCH", &toggle, Value::Null).await.json["is_active"], false);
    world.wait(16);
    assert_eq!((status(&revoked).await, status(&switched).await), (401, 401));
    assert_eq!(world.admin().send("PATCH", &toggle, Value::Null).await.json["is_active"], true);
    assert_eq!(status(&switched).await, 200);
    let again =
        world.admin().send("DELETE", &format!("{KEYS}/{}", revoked["id"]), Value::Null).await;
    assert_eq!((again.status, &again.json["detail"]), (404, &json!("API key not found")));
}

#[tokio::test]
async fn a_renewed_key_s_old_text_ends_with_its_grace_period() {
    let world = World::with(&[]).await;
    let first = world.key(json!({"name": "a"})).await;
    let reroll = format!("{KEYS}/{}/reroll", first["id"]);
    let renew = async |grace: Value| world.admin().send("POST", &reroll, grace).await;
    let status = async |key: &Value| world.bearer(text(&key["key"])).get("/events").await.status;
    for wrong in [-1, 604_801] {
        assert_eq!(renew(json!({"grace_seconds": wrong})).await.status, 422);
    }
    let second = renew(json!({"grace_seconds": 3600})).await.json;
    assert_eq!((&second["id"], &second["name"]), (&first["id"], &first["name"]));
    world.wait(16);
    assert_eq!((status(&first).await, status(&second).await), (200, 200));
    world.wait(3600);
    assert_eq!((status(&first).await, status(&second).await), (401, 200));

    let third = renew(json!({"grace_seconds": 3600})).await.json;
    let fourth = renew(json!({})).await.json;
    world.wait(16);
    let now = (status(&second).await, status(&third).await, status(&fourth).await);
    assert_eq!(now, (401, 401, 200), "at most two texts, and none of them without grace");
    // Revoking ends what is in its grace period as well.
    let fifth = renew(json!({"grace_seconds": 3600})).await.json;
    world.admin().send("DELETE", &format!("{KEYS}/{}", first["id"]), Value::Null).await;
    world.wait(16);
    assert_eq!((status(&fourth).await, status(&fifth).await), (401, 401));
}

#[tokio::test]
async fn the_last_lasting_admin_key_stays_even_when_two_go_at_once() {
    let world = World::with(&[]).await;
    let delete =
        async |id: i64| world.admin().send("DELETE", &format!("{KEYS}/{id}"), Value::Null).await;
    let alone = delete(1).await;
    assert_eq!(alone.status, 409, "{}", alone.text);
    let toggle = world.admin().send("PATCH", &format!("{KEYS}/1/toggle"), Value::Null).await;
    assert_eq!(toggle.status, 409, "switching it off would be as bad");
    world.key(json!({"name": "b", "role": "admin", "expires_at": "2027-01-01"})).await;
    world.key(json!({"name": "c", "role": "admin", "permissions": ["admin"]})).await;
    assert_eq!(delete(1).await.status, 409, "those others do not last, or may not do all");
    let second =
        world.key(json!({"name": "d", "role": "admin"})).await["id"].as_i64().expect("one");
    let both = tokio::join!(delete(1), delete(second));
    let mut statuses = [both.0.status, both.1.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
}

#[tokio::test]
async fn nobody_makes_or_changes_a_key_that_may_do_more_than_they_may() {
    let world = World::with(&[]).await;
    let narrow = json!({"name": "n", "role": "admin", "permissions": ["admin", "events.read"]});
    let narrow = world.key(narrow).await;
    let narrow = world.bearer(text(&narrow["key"]));
    for more in [json!({"name": "x"}), json!({"name": "x", "role": "admin"})] {
        assert_eq!(narrow.send("POST", KEYS, more).await.status, 403);
    }
    for (method, path) in [("DELETE", "/api/v1/api-keys/1"), ("PATCH", "/api/v1/api-keys/1/toggle")]
    {
        assert_eq!(narrow.send(method, path, Value::Null).await.status, 403, "{path}");
    }
    let reroll = narrow.send("POST", "/api/v1/api-keys/1/reroll", json!({})).await;
    assert_eq!(reroll.status, 403, "a renewed key would be shown");
    let source = json!({"name": "s", "header": {}});
    assert_eq!(narrow.send("POST", "/api/v1/sources", source).await.status, 403);
    let same = json!({"name": "x", "permissions": ["events.read"]});
    assert_eq!(narrow.send("POST", KEYS, same).await.status, 201);
}

#[tokio::test]
async fn a_list_goes_on_where_its_page_ended() {
    let world = World::with(&[]).await;
    for n in 0..4 {
        world.key(json!({"name": format!("k{n}")})).await;
    }
    let (mut numbers, mut path) = (Vec::new(), format!("{KEYS}?limit=2"));
    loop {
        let page = world.admin().get(&path).await;
        numbers.extend(page.json.as_array().expect("keys").iter().filter_map(|k| k["id"].as_i64()));
        let Some(next) = page.header("link").strip_prefix('<') else { break };
        path = format!("{KEYS}{}", next.split('>').next().expect("an address"));
    }
    assert_eq!(numbers, [1, 2, 3, 4, 5]);
    assert_eq!(world.admin().get(&format!("{KEYS}?limit=0")).await.status, 422);
}
