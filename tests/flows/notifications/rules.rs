//! Which messages are told to whom, when, and in what words.

use functions::messages::Severity;
use functions::messages::catalogue::CONNECTION_STATUS_CHANGED;
use functions::notifications::{Note, Notifier};
use serde_json::json;
use shared::ids;
use shared::table::{Key, Read, Written};
use shared::tenant::Tenant;

use super::*;

const COMPLETED: EventType = EventType("integration.sync.completed");
const EVENT_FAILED: EventType = EventType("pega.event.failed");

#[tokio::test]
async fn a_rule_names_types_severity_and_data() {
    let (world, slack) = world_and_slack().await;
    let target = channel(&world, &slack, "ops").await;
    let more = json!({ "event_types": ["integration.*"], "severity": "error",
        "filter": { "name": { "$startsWith": "1C" } } });
    let made = rule(&world, &[&target], more).await;
    let mut told = 0;
    for (of, data, is_told) in [
        (SYNC_FAILED, json!({ "name": "1C ZUP" }), true),
        (SYNC_FAILED, json!({ "name": "LDAP" }), false),
        (SYNC_FAILED, json!({}), false),
        (COMPLETED, json!({ "name": "1C ZUP" }), false),
        (EVENT_FAILED, json!({ "name": "1C" }), false),
        (CONNECTION_STATUS_CHANGED, json!({ "name": "1C", "status": "error" }), true),
        (CONNECTION_STATUS_CHANGED, json!({ "name": "1C", "status": "active" }), false),
    ] {
        told += usize::from(is_told);
        emit(&world, of, data.clone()).await;
        assert_eq!(slack.texts("ops").len(), told, "{} {data}", of.0);
        world.wait(2);
    }
    let at = format!("{RULES}/{}", id(&made));
    let off = world.admin().send("PUT", &at, json!({ "is_active": false })).await;
    assert_eq!(off.status, 200, "{}", off.text);
    emit(&world, SYNC_FAILED, json!({ "name": "1C" })).await;
    assert_eq!(slack.texts("ops").len(), told, "it is not active");
}

#[tokio::test]
async fn one_message_is_told_once_to_a_target_whatever_rules_there_are() {
    let (world, slack) = world_and_slack().await;
    let (ops, all) = (channel(&world, &slack, "ops").await, channel(&world, &slack, "all").await);
    rule(&world, &[&ops, &all], json!({})).await;
    let strict = rule(&world, &[&ops], json!({ "severity": "error" })).await;
    let emitting = Emitting::within(&world.env);
    emitting.emit("default", SYNC_FAILED, &json!({})).await;
    // Its hints come twice.
    let hints = world.notices.take();
    for hint in hints.iter().chain(&hints) {
        let queue: &dyn shared::queue::Queue = &*world.notices;
        queue.send(vec![hint.clone()], std::time::Duration::ZERO).await.expect("sent");
    }
    world.notify().await;
    assert_eq!((slack.texts("ops").len(), slack.texts("all").len()), (1, 1));
    let of_ops = notices(&world, &format!("target_id={ops}")).await;
    assert_eq!((of_ops.len(), &of_ops[0]["rule_id"]), (1, &strict["id"]), "{of_ops:?}");
}

#[tokio::test]
async fn another_tenant_s_rules_hear_nothing() {
    let (world, slack) = world_and_slack().await;
    let target = channel(&world, &slack, "ops").await;
    let made = rule(&world, &[&target], json!({})).await;
    Emitting::within(&world.env).emit("other", SYNC_FAILED, &json!({})).await;
    world.notify().await;
    assert_eq!(slack.texts("ops").len(), 0);
    assert!(notices(&world, "").await.is_empty());
    // Nor may a rule name what is not there.
    let strange = json!({ "target_ids": ["0f9d7c1e-3c55-4a0e-9a53-6a8c5f0e1b7d"] });
    let refused = world.admin().send("PUT", &format!("{RULES}/{}", id(&made)), strange).await;
    assert_eq!(refused.json["errors"][0]["field"], "target_ids[0]", "{}", refused.text);
}

#[tokio::test]
async fn nobody_s_rule_costs_no_message() {
    let (world, slack) = world_and_slack().await;
    let target = channel(&world, &slack, "ops").await;
    rule(&world, &[&target], json!({ "severity": "critical" })).await;
    let emitting = Emitting::within(&world.env);
    assert!(!emitting.emit("default", SYNC_FAILED, &json!({})).await);
    rule(&world, &[&target], json!({})).await;
    assert!(emitting.emit("default", SYNC_FAILED, &json!({})).await);
}

/// It is noon in Berlin's summer at ten o'clock of UTC.
#[tokio::test]
async fn what_comes_up_at_night_is_told_in_the_morning_as_one() {
    let (world, slack) = world_and_slack().await;
    let target = channel(&world, &slack, "ops").await;
    let night = json!({ "from": "22:00", "to": "07:00", "time_zone": "Europe/Berlin",
        "let_through": "critical" });
    rule(&world, &[&target], json!({ "quiet_hours": night })).await;
    emit(&world, SYNC_FAILED, json!({ "name": "at day" })).await;
    assert_eq!(slack.texts("ops").len(), 1);
    // 22:00 in Berlin.
    world.wait(8 * 3600);
    for hour in 0..3 {
        emit(&world, SYNC_FAILED, json!({ "name": format!("at night {hour}") })).await;
        world.wait(3 * 3600 - 1);
    }
    assert_eq!(slack.texts("ops").len(), 1, "people were woken");
    let held = notices(&world, "status=held").await;
    assert_eq!((held.len(), &held[0]["held_until"]), (1, &json!("2026-06-02T05:00:00.000Z")));
    let detail = world.admin().get(&format!("{NOTICES}/{}", id(&held[0]))).await.json;
    assert_eq!(detail["messages"], 3, "{detail}");
    let retry = format!("{NOTICES}/{}/retry", id(&held[0]));
    assert_eq!(world.admin().send("POST", &retry, json!(null)).await.status, 409);
    world.wait(4);
    world.notify().await;
    for _ in 0..3 {
        world.notify().await;
        world.wait(3600);
    }
    let texts = slack.texts("ops");
    assert_eq!(texts.len(), 2, "{texts:?}");
    assert!(
        texts[1].starts_with("*[ERROR] 3 notifications*\n2026-06-01T20:00:00Z  [ERROR]"),
        "{}",
        texts[1]
    );
    assert!(texts[1].contains("at night 0") && texts[1].contains("at night 2"), "{}", texts[1]);
    assert_eq!(notices(&world, "status=sent").await.len(), 2);
}

#[tokio::test]
async fn a_digest_goes_out_once_and_only_when_there_is_something() {
    let (world, slack) = world_and_slack().await;
    let target = channel(&world, &slack, "ops").await;
    rule(&world, &[&target], json!({ "digest": { "every_minutes": 60 } })).await;
    for n in 0..150 {
        Emitting::within(&world.env).emit("default", SYNC_FAILED, &json!({ "name": n })).await;
    }
    world.notify().await;
    assert_eq!(slack.texts("ops").len(), 0);
    world.wait(3600);
    for _ in 0..5 {
        world.notify().await;
        world.wait(3600);
    }
    let texts = slack.texts("ops");
    assert_eq!(texts.len(), 1, "{:?}", notices(&world, "").await);
    assert!(texts[0].starts_with("*[ERROR] 150 notifications*"), "{}", texts[0]);
    assert!(texts[0].ends_with("and 50 more"), "{}", texts[0]);
    // One alone is told as it is.
    emit(&world, SYNC_FAILED, json!({ "name": "alone" })).await;
    world.wait(3600);
    world.notify().await;
    assert!(slack.texts("ops")[1].starts_with("*[ERROR] A synchronisation failed: alone*"));
}

/// A change that was never made leaves a digest without members behind, which nobody sees.
#[tokio::test]
async fn a_digest_of_nothing_is_not_told() {
    let (world, slack) = world_and_slack().await;
    let target = channel(&world, &slack, "ops").await;
    rule(&world, &[&target], json!({ "digest": { "every_minutes": 5 } })).await;
    let emitter = functions::messages::Emitter::load(&world.env).expect("an emitter");
    let tenant = Tenant::parse("default").expect("a name");
    drop(emitter.prepare(&tenant, SYNC_FAILED, &json!({})).await.expect("an emission"));
    world.wait(600);
    world.notify().await;
    assert_eq!(slack.texts("ops").len(), 0);
    assert!(notices(&world, "").await.is_empty());
}

#[tokio::test]
async fn templates_say_it_in_people_s_own_words() {
    let (world, slack) = world_and_slack().await;
    let target = channel(&world, &slack, "ops").await;
    let words = json!({ "subject": "{{ severity|upper }} {{ data.sync_type }}",
        "text": "{{ event_type }} {{ tenant }} {{ data.records_processed|default(0) }}" });
    let made =
        rule(&world, &[&target], json!({ "template": words, "event_types": [SYNC_FAILED.0] }))
            .await;
    emit(&world, SYNC_FAILED, json!({ "sync_type": "personnel" })).await;
    // What is missing when it goes out is nothing.
    world.wait(2);
    emit(&world, SYNC_FAILED, json!({})).await;
    let texts = slack.texts("ops");
    assert_eq!(
        texts,
        [
            "*ERROR personnel*\nintegration.sync.failed default 0",
            "*ERROR*\nintegration.sync.failed default 0"
        ]
    );
    for (template, field, told) in [
        (json!({ "text": "one\n{{ data.gone }}" }), "template.text", "line 2"),
        (json!({ "subject": "{{ oops" }), "template.subject", "line 1"),
        (json!({ "text": "{% set x = 1 %}" }), "template.text", "not for templates"),
        (json!({ "text": "x".repeat(5000) }), "template.text", "longer"),
    ] {
        let put = json!({ "template": template });
        let refused = world.admin().send("PUT", &format!("{RULES}/{}", id(&made)), put).await;
        assert_eq!((refused.status, &refused.json["errors"][0]["field"]), (422, &json!(field)));
        assert!(refused.text.contains(told), "{}", refused.text);
    }
    let preview = json!({ "event_type": SYNC_FAILED.0, "data": { "name": "1C" },
        "rule": { "severity": "critical", "template": { "text": "hello {{ data.name }}" } } });
    let seen = world.admin().send("POST", &format!("{RULES}/preview"), preview).await;
    assert_eq!((seen.status, &seen.json["text"]), (200, &json!("hello 1C")), "{}", seen.text);
    assert_eq!(seen.json["matches"], false);
    assert_eq!(slack.texts("ops").len(), 2, "a preview was sent");
}

#[tokio::test]
async fn a_rule_or_target_that_is_removed_meanwhile_loses_nothing_unseen() {
    let (world, slack) = world_and_slack().await;
    let (ops, gone) = (channel(&world, &slack, "ops").await, channel(&world, &slack, "gone").await);
    let made = rule(&world, &[&ops, &gone], json!({})).await;
    let emitting = Emitting::within(&world.env);
    emitting.emit("default", SYNC_FAILED, &json!({})).await;
    for at in [format!("{RULES}/{}", id(&made)), format!("{TARGETS}/{gone}")] {
        let removed = world.admin().send("DELETE", &at, json!(null)).await;
        assert_eq!(removed.status, 204, "{}", removed.text);
        assert_eq!(world.admin().get(&at).await.status, 404);
    }
    world.notify().await;
    assert_eq!((slack.texts("ops").len(), slack.texts("gone").len()), (1, 0));
    let failed = notices(&world, "status=failed").await;
    assert_eq!((failed.len(), &failed[0]["error_class"]), (1, &json!("disabled")), "{failed:?}");
    let retry = format!("{NOTICES}/{}/retry", id(&failed[0]));
    assert_eq!(world.admin().send("POST", &retry, json!(null)).await.status, 409);
    let stats = world.admin().get("/api/v1/notifications/stats").await.json;
    assert_eq!(stats["notices"], json!({ "sent": 1, "failed": 1 }), "{stats}");
    assert_eq!(stats["targets"], json!({ "total": 1, "active": 1 }), "{stats}");
}

#[tokio::test]
async fn other_domains_have_a_target_told_in_their_own_words() {
    let (world, slack) = world_and_slack().await;
    let target = channel(&world, &slack, "ops").await;
    let tenant = Tenant::parse("default").expect("a name");
    let notifier = Notifier::load(&world.env).expect("a notifier");
    let messages = world.env.table("MESSAGES_TABLE").expect("a table");
    let note = Note {
        source: "pega.effect",
        severity: Severity::Warning,
        subject: "A badge\nis due",
        text: "for <Anna>",
        target_id: &target,
        dedup_key: "event 42, effect 1",
        at: world.clock.now_ms(),
    };
    for repeat in 0..3 {
        let mut prepared = notifier.prepare(&tenant, &note).await.expect("a notice");
        let writes = prepared.take_writes();
        assert_eq!(writes.is_empty(), repeat > 0);
        if repeat == 0 {
            let written = messages.transact(&ids::time_ordered(), writes).await;
            assert!(matches!(written, Ok(Written::Done)), "{written:?}");
        }
        prepared.announce().await;
        world.notify().await;
        world.wait(2);
    }
    assert_eq!(slack.texts("ops"), ["*A badge is due*\nfor &lt;Anna&gt;"]);
    let off = json!({ "is_active": false });
    world.admin().send("PUT", &format!("{TARGETS}/{target}"), off).await;
    for (target, told) in [(&*target, "disabled"), ("no such one", "no target")] {
        let note = Note { target_id: target, dedup_key: "another", ..note.clone() };
        let refused = notifier.prepare(&tenant, &note).await.err().expect("a refusal");
        assert!(
            refused.detail.starts_with("target_id") && refused.detail.contains(told),
            "{refused}"
        );
    }
}

/// Twenty at once are told one a second, and each of them asks once when it may go.
#[tokio::test]
async fn a_target_s_limits_are_obeyed() {
    let (world, slack) = world_and_slack().await;
    let target = channel(&world, &slack, "ops").await;
    rule(&world, &[&target], json!({})).await;
    for _ in 0..20 {
        Emitting::within(&world.env).emit("default", SYNC_FAILED, &json!({})).await;
    }
    for second in 1..=20 {
        world.notify().await;
        assert_eq!(slack.texts("ops").len(), second, "in second {second}");
        world.wait(1);
    }
    assert!(notices(&world, "").await.iter().all(|one| one["attempt_count"] == 1));
    let own = Tenant::parse("default").expect("a tenant").pk("TARGET", &target);
    let control = world.env.table("CONTROL_TABLE").expect("a table");
    let pace = Key::alone(format!("PACE#{own}"));
    let pace: Option<Value> = control.get(&pace, Read::Consistent).await.expect("an answer");
    assert_eq!(pace.expect("a pace")["turn"], 20);
}

/// What comes too late for its moment gets another one, and does not go out with others.
#[tokio::test]
async fn a_moment_that_passed_is_nobody_s() {
    let (world, slack) = world_and_slack().await;
    let target = channel(&world, &slack, "ops").await;
    rule(&world, &[&target], json!({})).await;
    for _ in 0..5 {
        Emitting::within(&world.env).emit("default", SYNC_FAILED, &json!({})).await;
    }
    world.notify().await;
    world.wait(3600);
    for told in 2..=5 {
        world.notify().await;
        assert_eq!(slack.texts("ops").len(), told);
        world.wait(1);
    }
}

/// Who is down for long is left alone by the breaker, and gets everything when it is back.
#[tokio::test]
async fn a_target_that_was_down_gets_what_it_missed() {
    let (world, slack) = world_and_slack().await;
    let target = channel(&world, &slack, "ops").await;
    rule(&world, &[&target], json!({})).await;
    let down = axum::http::StatusCode::SERVICE_UNAVAILABLE;
    slack.refuse("ops", Some((down, "down")));
    for _ in 0..12 {
        Emitting::within(&world.env).emit("default", SYNC_FAILED, &json!({})).await;
    }
    for _ in 0..30 {
        world.notify().await;
        world.wait(3);
    }
    assert_eq!(notices(&world, "status=pending").await.len(), 12);
    slack.refuse("ops", None);
    let later = world.clock.now().as_second() + 3 * 3600;
    while slack.texts("ops").len() < 12 && world.clock.now().as_second() < later {
        world.notify().await;
        world.wait(30);
    }
    assert_eq!(slack.texts("ops").len(), 12, "{:?}", notices(&world, "status=pending").await);
}
