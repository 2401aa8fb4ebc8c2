//! Connections by their contract: made, listed, changed, deleted, by those who may.

use reqwest::Method;
use serde_json::{Value, json};
use tests::support::{Installation, World};

use super::{CONNECTIONS, beside_a_system, but, create, to};

fn new() -> Value {
    json!({
        "name": "1C ZUP Production", "integration_type": "1c",
        "endpoint_url": "https://1c.invalid/api", "authentication_type": "basic",
        "credentials": {"username": "wfm_user", "password": "secure_password"},
    })
}

#[tokio::test]
async fn a_new_connection_is_inactive_and_shows_what_was_said_of_it() {
    let world = World::with(&[]).await;
    let made = world.admin().send("POST", CONNECTIONS, new()).await;
    assert_eq!(made.status, 200, "{}", made.text);
    let id = made.json["id"].as_str().expect("an id").to_owned();
    let shown = json!({
        "id": id, "name": "1C ZUP Production", "integration_type": "1c",
        "endpoint_url": "https://1c.invalid/api", "authentication_type": "basic",
        "config": {"sync_interval": 900, "retry_attempts": 3, "timeout_seconds": 30,
            "batch_size": 1000, "enable_webhooks": true, "log_level": "INFO"},
        "mapping_rules": null, "status": "inactive", "last_sync": null, "last_error": null,
        "organization_id": "default", "created_at": "2026-06-01T12:00:00Z",
        "updated_at": "2026-06-01T12:00:00Z",
    });
    assert_eq!(made.json, shown);
    for base in ["", "/api/v1"] {
        let found = world.admin().get(&format!("{base}{CONNECTIONS}/{id}")).await;
        assert_eq!((found.status, &found.json), (200, &shown));
        let listed = world.admin().get(&format!("{base}{CONNECTIONS}")).await;
        assert_eq!(listed.json, json!([shown]));
    }
    let upper = world.admin().get(&format!("{CONNECTIONS}/{}", id.to_uppercase())).await;
    assert_eq!(upper.json, shown);
}

/// Changes of a good connection that make it a bad one, and the field that is at fault.
fn wrong() -> Vec<(Value, &'static str)> {
    let credentials = |credentials: Value| json!({"credentials": credentials});
    let oauth = |url: &str| {
        json!({"authentication_type": "oauth", "credentials":
            {"token_url": url, "client_id": "a", "client_secret": "b"}})
    };
    vec![
        (json!({"name": null}), "name"),
        (json!({"name": " "}), "name"),
        (json!({"name": "x".repeat(256)}), "name"),
        (json!({"name": "a\u{7}b"}), "name"),
        (json!({"integration_type": "sap"}), "integration_type"),
        (json!({"endpoint_url": null}), "endpoint_url"),
        (json!({"endpoint_url": "ftp://a.example"}), "endpoint_url"),
        (json!({"endpoint_url": "https://a.example/?key=1"}), "endpoint_url"),
        (json!({"endpoint_url": "https://a:b@a.example"}), "endpoint_url"),
        (
            json!({"endpoint_url": format!("https://a.example/{}", "x".repeat(2048))}),
            "endpoint_url",
        ),
        (json!({"endpoint_url": "ldap://a.example"}), "endpoint_url"),
        (json!({"authentication_type": "kerberos"}), "authentication_type"),
        (json!({"credentials": null}), "credentials"),
        (credentials(json!({"username": "a"})), "credentials.password"),
        (credentials(json!({"password": "a"})), "credentials.username"),
        (credentials(json!({"username": "a:b", "password": "c"})), "credentials.username"),
        (credentials(json!({"username": "a", "password": "b\n"})), "credentials.password"),
        (credentials(json!({"username": "a", "password": 5})), "credentials.password"),
        (credentials(json!({"username": "a", "password": "b", "token": "c"})), "credentials.token"),
        (credentials(json!({"user": "a"})), "credentials.user"),
        (json!({"authentication_type": "api_key"}), "credentials.api_key"),
        (json!({"authentication_type": "bearer"}), "credentials.token"),
        (json!({"authentication_type": "oauth"}), "credentials.token_url"),
        (json!({"authentication_type": "none"}), "credentials.username"),
        (oauth("nowhere"), "credentials.token_url"),
        (oauth("http://169.254.169.254/token"), "credentials.token_url"),
        (json!({"config": {"timeout_seconds": 301}}), "config.timeout_seconds"),
        (json!({"config": []}), "config"),
        (json!({"mapping_rules": {"a": "x".repeat(17_000)}}), "mapping_rules"),
        (json!({"status": "active"}), "status"),
    ]
}

#[tokio::test]
async fn what_is_wrong_with_a_connection_is_named() {
    let world = World::with(&[]).await;
    for (changes, field) in wrong() {
        let body = but(new(), changes);
        let answer = world.admin().send("POST", CONNECTIONS, body.clone()).await;
        assert_eq!(answer.status, 422, "{body} {}", answer.text);
        assert_eq!(answer.json["errors"][0]["field"], field, "{body} {}", answer.text);
    }
    assert_eq!(world.admin().get(CONNECTIONS).await.json, json!([]));
}

#[tokio::test]
async fn what_is_wrong_with_a_change_or_a_list_is_named() {
    let world = World::with(&[]).await;
    let path = create(&world, new()).await;
    for (body, field) in [
        (json!({"status": "broken"}), "status"),
        (json!({"integration_type": "ldap"}), "integration_type"),
        (json!({"authentication_type": "none"}), "authentication_type"),
        (json!({"no_such_member": 1}), "no_such_member"),
        (json!({"credentials": {}}), "credentials.username"),
        (json!({"config": {"log_level": "TRACE"}}), "config.log_level"),
        (json!({"endpoint_url": "http://10.0.0.1"}), "endpoint_url"),
    ] {
        let answer = world.admin().send("PUT", &path, body.clone()).await;
        assert_eq!((answer.status, &answer.json["errors"][0]["field"]), (422, &json!(field)));
    }
    for (query, field) in [
        ("skip=-1", "skip"),
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
        ("limit=x", "limit"),
        ("status=x", "status"),
        ("integration_type=x", "integration_type"),
    ] {
        let answer = world.admin().get(&format!("{CONNECTIONS}?{query}")).await;
        assert_eq!((answer.status, &answer.json["errors"][0]["field"]), (422, &json!(field)));
    }
    assert_eq!(world.admin().get(CONNECTIONS).await.json.as_array().map(Vec::len), Some(1));
}

/// The operator's network, the machine itself and the cloud's metadata are out of reach.
#[tokio::test]
async fn no_connection_leads_to_an_address_that_is_not_public() {
    let world = World::with(&[]).await;
    for url in [
        "http://127.0.0.1:8080",
        "http://localhost:8080",
        "http://[::1]/",
        "http://169.254.169.254/latest/meta-data",
        "http://10.1.2.3/",
        "http://2130706433/",
        "https://1.1.1.1:22/",
    ] {
        let answer =
            world.admin().send("POST", CONNECTIONS, but(new(), json!({"endpoint_url": url}))).await;
        assert_eq!(answer.status, 422, "{url}");
        assert_eq!(answer.json["errors"][0]["field"], "endpoint_url", "{url}");
    }
    for url in ["ldap://10.0.0.1:389", "ldaps://127.0.0.1"] {
        let ldap = but(new(), json!({"integration_type": "ldap", "endpoint_url": url}));
        assert_eq!(world.admin().send("POST", CONNECTIONS, ldap).await.status, 422, "{url}");
    }
    let ldap = json!({"integration_type": "ldap", "endpoint_url": "ldaps://ldap.invalid:636"});
    let path = create(&world, but(new(), ldap)).await;
    let refused = world.admin().send("POST", &format!("{path}/test"), Value::Null).await;
    let told = "Testing not supported for integration type: ldap";
    assert_eq!((refused.status, &refused.json["detail"]), (400, &json!(told)));
}

#[tokio::test]
async fn a_list_is_newest_first_in_pages_and_by_type_and_status() {
    let world = World::with(&[]).await;
    for (name, of) in [("a", "1c"), ("b", "pega"), ("c", "1c"), ("d", "enjaz")] {
        create(&world, but(new(), json!({"name": name, "integration_type": of}))).await;
    }
    let names = async |query: &str| {
        let listed = world.admin().get(&format!("{CONNECTIONS}?{query}")).await.json;
        let listed = listed.as_array().expect("a list").iter();
        listed.filter_map(|one| one["name"].as_str()).collect::<String>()
    };
    assert_eq!(names("").await, "dcba");
    assert_eq!(names("skip=1&limit=2").await, "cb");
    assert_eq!(names("skip=9223372036854775807").await, "");
    assert_eq!(names("integration_type=1c").await, "ca");
    assert_eq!(names("integration_type=1c&skip=1").await, "a");
    assert_eq!(names("status=active").await, "");
    assert_eq!(names("status=inactive&limit=1").await, "d");
}

#[tokio::test]
async fn a_change_touches_what_it_names_and_nothing_else() {
    let world = World::with(&[]).await;
    let path = create(&world, but(new(), json!({"mapping_rules": {"schedule": {"a": "b"}}}))).await;
    let before = world.admin().get(&path).await.json;
    world.wait(60);
    let changes = json!({"name": " New name ", "endpoint_url": "https://other.invalid/x/",
        "config": {"sync_interval": 60, "vendor": [1.5]}, "status": "active"});
    let changed = world.admin().send("PUT", &path, changes).await;
    assert_eq!(changed.status, 200, "{}", changed.text);
    let expected = but(
        before,
        json!({"name": "New name", "endpoint_url": "https://other.invalid/x", "status": "active",
            "config": {"sync_interval": 60, "retry_attempts": 3, "timeout_seconds": 30,
                "batch_size": 1000, "enable_webhooks": true, "log_level": "INFO",
                "vendor": [1.5]},
            "updated_at": "2026-06-01T12:01:00Z"}),
    );
    assert_eq!(changed.json, expected);
    assert_eq!(world.admin().get(&path).await.json, expected);
    assert_eq!(world.admin().send("PUT", &path, json!({})).await.status, 200);
}

#[tokio::test]
async fn what_is_not_there_or_another_tenant_s_is_not_found() {
    let world = World::with(&[]).await;
    let path = create(&world, new()).await;
    let made = world.admin().send("POST", "/api/v1/tenants", json!({"id": "acme"})).await.json;
    let acme = world.bearer(made["admin_key"].as_str().expect("a key"));
    let nowhere = format!("{CONNECTIONS}/{}", "00000000-0000-7000-8000-000000000001");
    let admin = world.admin();
    for (who, path) in [(&acme, &path), (&admin, &nowhere), (&admin, &format!("{CONNECTIONS}/5"))] {
        for (method, below, body) in [
            ("GET", "", Value::Null),
            ("PUT", "", json!({"name": "a"})),
            ("DELETE", "", Value::Null),
            ("POST", "/test", Value::Null),
            ("GET", "/status", Value::Null),
            ("GET", "/sync-logs", Value::Null),
            ("GET", "/uptime", Value::Null),
            ("GET", "/mappings", Value::Null),
        ] {
            let answer = who.send(method, &format!("{path}{below}"), body).await;
            let told = (answer.status, &answer.json["detail"]);
            assert_eq!(told, (404, &json!("Integration connection not found")), "{method} {below}");
        }
    }
    assert_eq!(acme.get(CONNECTIONS).await.json, json!([]));
    assert_eq!(
        acme.get(&format!("{CONNECTIONS}/health")).await.json["performance_metrics"]["total_connections"],
        0
    );
    assert_eq!(world.admin().get(&path).await.json["name"], "1C ZUP Production");
}

/// Each change writes the whole row, so that one that overtakes another would undo it.
#[tokio::test(flavor = "multi_thread")]
async fn of_changes_in_one_moment_none_is_lost_unnoticed() {
    let installation = Installation::start().await;
    let admin = installation.admin();
    let mut refused = 0;
    for _ in 0..10 {
        let made = admin.post_json(CONNECTIONS, &new()).await.json;
        let path = format!("{CONNECTIONS}/{}", made["id"].as_str().expect("an id"));
        let changes = [
            ("name", json!("other")),
            ("endpoint_url", json!("https://other.invalid")),
            ("mapping_rules", json!({"a": "b"})),
            ("status", json!("active")),
        ];
        let change = async |(name, value): &(&str, Value)| {
            let body = json!({ *name: value });
            admin.send(admin.request(Method::PUT, &path).json(&body)).await
        };
        let all = futures_util::future::join_all(changes.iter().map(change)).await;
        let shown = admin.get(&path).await.json;
        for ((name, value), answer) in changes.iter().zip(&all) {
            assert!(matches!(answer.status, 200 | 409), "{}", answer.text);
            assert_eq!(shown[name] == *value, answer.status == 200, "{name}: {shown}");
            refused += usize::from(answer.status == 409);
        }
    }
    assert!(refused > 0, "they never met");
}

#[tokio::test]
async fn a_connection_is_deleted_once() {
    let (world, system) = beside_a_system().await;
    let path = create(&world, to(&system)).await;
    let id = path.rsplit('/').next().expect("an id");
    let gone = world.admin().send("DELETE", &path, Value::Null).await;
    assert_eq!(gone.status, 200);
    assert_eq!(gone.json["message"], "Integration connection deleted successfully");
    assert_eq!(gone.json["data"], json!({"connection_id": id, "action": "deleted"}));
    assert_eq!((&gone.json["success"], gone.json["request_id"].is_string()), (&json!(true), true));
    assert_eq!(world.admin().send("DELETE", &path, Value::Null).await.status, 404);
    assert_eq!(world.admin().get(CONNECTIONS).await.json, json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slash_at_the_end_makes_no_difference() {
    let installation = Installation::start().await;
    let admin = installation.admin();
    let made = admin.post_json(&format!("{CONNECTIONS}/"), &new()).await;
    assert_eq!(made.status, 200, "{}", made.text);
    let id = made.json["id"].as_str().expect("an id");
    for base in [CONNECTIONS, "/api/v1/integrations/connections"] {
        for path in [format!("{base}/"), format!("{base}/health/"), format!("{base}/{id}/status/")]
        {
            assert_eq!(admin.get(&path).await.status, 200, "{path}");
        }
    }
}

#[tokio::test]
async fn each_operation_asks_for_its_permission_under_both_bases() {
    let world = World::with(&[]).await;
    let path = create(&world, new()).await;
    let key = world.key(json!({"name": "reader", "permissions": ["integrations.read"]})).await;
    let reader = world.bearer(key["key"].as_str().expect("a key"));
    for base in ["", "/api/v1"] {
        for (method, below, missing) in [
            ("POST", CONNECTIONS.to_owned(), "integrations.admin"),
            ("PUT", path.clone(), "integrations.admin"),
            ("DELETE", path.clone(), "integrations.admin"),
            ("POST", format!("{path}/test"), "integrations.write"),
            ("POST", format!("{path}/mappings"), "integrations.write"),
        ] {
            let answer = reader.send(method, &format!("{base}{below}"), json!({})).await;
            let told = format!("Missing required permission: {missing}");
            assert_eq!((answer.status, &answer.json["detail"]), (403, &json!(told)));
        }
        assert_eq!(reader.get(&format!("{base}{path}/status")).await.status, 200);
        assert_eq!(world.who(&[]).get(&format!("{base}{path}")).await.status, 401);
    }
}
