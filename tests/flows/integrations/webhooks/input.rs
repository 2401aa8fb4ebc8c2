//! What is not acceptable of a webhook is told by its field, and changes nothing; what
//! others have cannot be reached.

use futures_util::StreamExt;
use serde_json::{Value, json};

use super::{WEBHOOKS, event, now, path, register, world};

#[tokio::test]
async fn wrong_input_names_the_field() {
    let (world, receiver) = world().await;
    let long = "x".repeat(300);
    let many: Vec<_> = (0..51).map(|_| "*").collect();
    let headers: serde_json::Map<_, _> = (0..21).map(|n| (format!("X-{n}"), json!("v"))).collect();
    for (member, value, field) in [
        ("name", json!(""), "name"),
        ("name", json!(long), "name"),
        ("name", json!("a\nb"), "name"),
        ("name", json!(5), "name"),
        ("url", json!(""), "url"),
        ("url", json!("hooks.example"), "url"),
        ("url", json!("ftp://hooks.example"), "url"),
        ("url", json!("http://u:p@hooks.example/"), "url"),
        ("event_types", json!([]), "event_types"),
        ("event_types", json!(many), "event_types"),
        ("event_types", json!(["*", "no.such"]), "event_types[1]"),
        ("event_types", json!("*"), "event_types"),
        ("method", json!("GET"), "method"),
        ("headers", json!({"Authorization": "x"}), "headers.Authorization"),
        ("headers", json!({"X-Token": "x"}), "headers.X-Token"),
        ("headers", json!({"webhook-id": "x"}), "headers.webhook-id"),
        ("headers", json!({"a b": "x"}), "headers.a b"),
        ("headers", json!({"X-A": "\r\nHost: evil"}), "headers.X-A"),
        ("headers", Value::Object(headers), "headers"),
        ("filter", json!({"$nor": []}), "filter"),
        ("filter", json!([]), "filter"),
        ("secret", json!("short"), "secret"),
        ("auth_type", json!("basic"), "auth_credentials.username"),
        ("auth_type", json!("ntlm"), "auth_type"),
        ("timeout_seconds", json!(0), "timeout_seconds"),
        ("timeout_seconds", json!(301), "timeout_seconds"),
        ("retry_attempts", json!(11), "retry_attempts"),
        ("retry_attempts", json!(-1), "retry_attempts"),
        ("retry_delay_seconds", json!(0), "retry_delay_seconds"),
        ("rate_limit_per_minute", json!(-1), "rate_limit_per_minute"),
        ("is_active", json!("yes"), "is_active"),
        ("no_such_member", json!(1), "no_such_member"),
    ] {
        let mut new = json!({"name": "n", "url": receiver.url(), "event_types": ["*"]});
        new[member] = value.clone();
        let refused = world.admin().send("POST", WEBHOOKS, new).await;
        assert_eq!(refused.status, 422, "{member} {value}: {}", refused.text);
        assert_eq!(refused.json["errors"][0]["field"], field, "{}", refused.text);
    }
    assert_eq!(world.admin().get(WEBHOOKS).await.json, json!([]));
}

#[tokio::test]
async fn what_a_webhook_needs_is_asked_for_by_its_name() {
    let (world, receiver) = world().await;
    for missing in ["name", "url", "event_types"] {
        let mut new = json!({"name": "n", "url": receiver.url(), "event_types": ["*"]});
        new.as_object_mut().expect("members").remove(missing);
        let refused = world.admin().send("POST", WEBHOOKS, new).await;
        assert_eq!(refused.json["errors"][0]["field"], missing, "{}", refused.text);
    }
    assert_eq!(world.admin().get(WEBHOOKS).await.json, json!([]));
}

#[tokio::test]
async fn a_change_that_is_refused_changes_nothing() {
    let (world, receiver) = world().await;
    let webhook = register(&world, &receiver, json!({})).await;
    let before = now(&world, &webhook).await;
    let wrong = json!({"name": "other", "retry_attempts": 99});
    assert_eq!(world.admin().send("PUT", &path(&webhook), wrong).await.status, 422);
    assert_eq!(now(&world, &webhook).await, before);
    event(&world, "HR-1").await;
    world.deliver().await;
    assert_eq!(receiver.taken().len(), 1, "its secrets are whole");
}

/// Clients that read, change and send back the whole object.
#[tokio::test]
async fn an_object_is_taken_back_as_it_was_shown() {
    let (world, receiver) = world().await;
    let webhook = register(&world, &receiver, json!({"retry_attempts": 7})).await;
    let mut shown = now(&world, &webhook).await;
    shown["name"] = json!("other");
    shown["success_count"] = json!(1000);
    let changed = world.admin().send("PUT", &path(&webhook), shown).await;
    assert_eq!(changed.status, 200, "{}", changed.text);
    assert_eq!(
        (&changed.json["name"], &changed.json["success_count"]),
        (&json!("other"), &json!(0))
    );
    let connection = json!({
        "name": "c", "integration_type": "ldap", "endpoint_url": "ldap://ldap.example",
        "authentication_type": "none", "credentials": {},
    });
    let made = world.admin().send("POST", "/integrations/connections", connection).await;
    let path = format!("/integrations/connections/{}", made.json["id"].as_str().expect("an id"));
    let mut shown = world.admin().get(&path).await.json;
    shown["name"] = json!("other");
    let changed = world.admin().send("PUT", &path, shown).await;
    assert_eq!((changed.status, &changed.json["name"]), (200, &json!("other")), "{}", changed.text);
}

#[tokio::test]
async fn ids_that_are_none_find_nothing() {
    let (world, receiver) = world().await;
    let webhook = register(&world, &receiver, json!({})).await;
    let long = "a".repeat(2000);
    for id in ["x", "1", "..", "%00", "stats2", long.as_str()] {
        for method in ["GET", "DELETE"] {
            let answer = world.admin().send(method, &format!("{WEBHOOKS}/{id}"), Value::Null).await;
            assert_eq!(answer.status, 404, "{method} {id}: {}", answer.text);
        }
        let delivery = format!("{}/deliveries/{id}", path(&webhook));
        assert_eq!(world.admin().get(&delivery).await.status, 404, "{id}");
    }
}

#[tokio::test]
async fn there_are_twenty_webhooks_at_most() {
    let (world, receiver) = world().await;
    for _ in 0..20 {
        register(&world, &receiver, json!({"ordered": true})).await;
    }
    let one_more = json!({"name": "n", "url": receiver.url(), "event_types": ["*"]});
    let refused = world.admin().send("POST", WEBHOOKS, one_more).await;
    assert_eq!(refused.status, 409, "{}", refused.text);
    // And as many as there may be are told in one transaction.
    event(&world, "HR-1").await;
    world.deliver().await;
    assert_eq!(receiver.taken().len(), 20);
}

/// However many are registered at the same moment.
#[tokio::test(flavor = "multi_thread")]
async fn twenty_is_the_most_for_a_crowd_as_well() {
    let (world, receiver) = world().await;
    let new = json!({"name": "n", "url": receiver.url(), "event_types": ["*"], "ordered": true});
    let admin = world.admin();
    let made = (0..40).map(|_| admin.send("POST", WEBHOOKS, new.clone()));
    let made: Vec<_> = futures_util::stream::iter(made).buffer_unordered(40).collect().await;
    let mut statuses: Vec<_> = made.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [[200; 20], [409; 20]].concat());
    // A removed one makes room.
    let one = format!(
        "{WEBHOOKS}/{}",
        world.admin().get(WEBHOOKS).await.json[0]["id"].as_str().expect("an id")
    );
    assert_eq!(world.admin().send("DELETE", &one, Value::Null).await.status, 200);
    assert_eq!(world.admin().send("POST", WEBHOOKS, new).await.status, 200);
    // And a change that emits twice still fits into one transaction.
    let connection = json!({
        "name": "c", "integration_type": "ldap", "endpoint_url": "ldap://ldap.example",
        "authentication_type": "none", "credentials": {},
    });
    let made = world.admin().send("POST", "/integrations/connections", connection).await;
    let path = format!("/integrations/connections/{}", made.json["id"].as_str().expect("an id"));
    let change = json!({"status": "active", "name": "d"});
    let changed = world.admin().send("PUT", &path, change).await;
    assert_eq!(changed.status, 200, "{}", changed.text);
}

#[tokio::test]
async fn a_trial_of_too_much_is_refused() {
    let (world, receiver) = world().await;
    let webhook = register(&world, &receiver, json!({})).await;
    let much = json!({"text": "x".repeat(140_000)});
    let refused = world.admin().send("POST", &format!("{}/test", path(&webhook)), much).await;
    assert_eq!(refused.status, 413, "{}", refused.text);
}

#[tokio::test]
async fn of_two_changes_at_the_same_moment_one_is_refused() {
    let (world, receiver) = world().await;
    let webhook = register(&world, &receiver, json!({})).await;
    let change = async |name: &str| {
        world.admin().send("PUT", &path(&webhook), json!({"name": name})).await.status
    };
    let (first, second) = tokio::join!(change("one"), change("two"));
    let mut both = [first, second];
    both.sort_unstable();
    assert!(both == [200, 409] || both == [200, 200], "{both:?}");
    let trail = world.admin().get("/api/v1/audit-logs?action=webhook.update").await.json;
    let changes = both.iter().filter(|status| **status == 200).count();
    assert_eq!(trail.as_array().map(Vec::len), Some(changes));
}

#[tokio::test]
async fn what_is_on_its_way_to_a_removed_webhook_ends() {
    let (world, receiver) = world().await;
    let webhook = register(&world, &receiver, json!({"ordered": true})).await;
    event(&world, "HR-1").await;
    event(&world, "HR-2").await;
    world.admin().send("DELETE", &path(&webhook), Value::Null).await;
    world.deliver().await;
    assert!(receiver.taken().is_empty());
    let stats = world.admin().get(&format!("{WEBHOOKS}/stats")).await.json;
    assert_eq!(
        (&stats["deliveries"]["pending"], &stats["deliveries"]["failed"]),
        (&json!(0), &json!(2))
    );
}
