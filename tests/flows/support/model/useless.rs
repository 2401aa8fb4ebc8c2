//! A model that is of no use: the rules and a person.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use simulators::Fault;
use simulators::chat::{KEY, Say};

use super::desk::Desk;
use super::outcome;

/// That the rules hold, somebody looks at it, and why.
fn fell_back(ticket: &Value, reason: &str) {
    let assessment = &ticket["assessment"];
    let by = (&assessment["by"], &assessment["reason"]);
    assert_eq!(by, (&json!("fallback"), &json!(reason)));
    assert_eq!(outcome(ticket), ("waiting_for_approval", "ALLOWED", true), "{reason}");
    assert_eq!(assessment["policy"], "general");
    assert_eq!(assessment["citations"][0]["source"], "general");
    assert_eq!(assessment["missing_fields"], json!([]));
    let told = "The policy \"Support in general\" allows it.";
    assert_eq!(assessment["justification_brief"], told, "nothing that it said");
}

#[tokio::test]
async fn an_answer_that_cannot_be_relied_on_leaves_the_rules_and_a_person() {
    let desk = Desk::open().await;
    for (say, reason) in [
        (Say::Malformed, "its answer cannot be read"),
        (Say::Decision(json!({ "execute": "rm" })), "its answer cannot be read"),
        (Say::Uncited, "it cited no policy"),
        (Say::Invented, "it cited what stands in no policy"),
        (Say::TooMuch, "its answer is out of bounds"),
        (Say::Cut, "its answer was cut off"),
        (Say::Refusal, "it refused to answer"),
        (Say::Busy(1), "it answered HTTP 429"),
        (Say::Broken, "it answered HTTP 500"),
    ] {
        desk.chat.says(say);
        fell_back(&desk.ask("laptop", "It is slow").await, reason);
    }
    assert_eq!(desk.chat.asked().len(), 9, "none is asked twice");
    let game = desk.ask("game", "A game, please").await;
    assert_eq!(game["assessment"]["by"], "fallback");
    assert_eq!(outcome(&game), ("denied", "DENIED", false), "what the rules deny is denied");
    desk.chat.says(Say::Decision(json!({})));
    assert_eq!(desk.ask("laptop", "It is slow").await["assessment"]["by"], "model");
}

#[tokio::test]
async fn an_answer_that_is_no_answer_leaves_the_rules_and_a_person() {
    let desk = Desk::open().await;
    let large = "x".repeat(2 * 1024 * 1024);
    for (fault, reason) in [
        (Fault::Cut, "its answer broke off"),
        (Fault::Redirect("https://login.example".to_owned()), "it answered HTTP 302"),
        (Fault::Answer(reqwest::StatusCode::OK, "<html>".to_owned()), "its answer cannot be read"),
        (Fault::Answer(reqwest::StatusCode::OK, large), "its answer is too large"),
    ] {
        desk.chat.faults.plan("POST", "/chat/completions", 1, fault);
        fell_back(&desk.ask("laptop", "It is slow").await, reason);
    }
}

/// However patient its connection is.
#[tokio::test]
async fn a_slow_model_is_waited_for_no_longer_than_it_may_think() {
    let patient = json!({ "timeout_seconds": 300, "retry_attempts": 10 });
    let desk = Desk::with(1, patient, KEY).await;
    let (is_there, release) = desk.chat.hangs();
    let began = Instant::now();
    let ticket = desk.ask("laptop", "It is slow").await;
    let took = began.elapsed();
    fell_back(&ticket, "it did not answer in time");
    assert!(is_there.await.is_ok(), "it was asked");
    // All the rest of the workflow is in it, on a machine that others use too.
    assert!((Duration::from_millis(700)..Duration::from_secs(10)).contains(&took), "{took:?}");
    drop(release);
    desk.chat.faults.plan("POST", "/chat/completions", 1, Fault::Stall);
    fell_back(&desk.ask("laptop", "It is slow").await, "it did not answer in time");
}

#[tokio::test]
async fn a_model_that_keeps_failing_is_left_alone() {
    let desk = Desk::open().await;
    desk.chat.says(Say::Broken);
    for _ in 0..10 {
        fell_back(&desk.ask("laptop", "It is slow").await, "it answered HTTP 500");
    }
    desk.chat.says(Say::Decision(json!({})));
    let reason = "it was not asked: The other side keeps failing and is left alone for a while";
    fell_back(&desk.ask("laptop", "It is slow").await, reason);
    assert_eq!(desk.chat.asked().len(), 10);
    desk.world.wait(61);
    assert_eq!(desk.ask("laptop", "It is slow").await["assessment"]["by"], "model");
}

#[tokio::test]
async fn a_connection_that_is_of_no_use_leaves_the_rules_and_a_person() {
    let desk = Desk::with(20, json!({}), "sk-another-key-than-the-model-s").await;
    fell_back(&desk.ask("laptop", "It is slow").await, "it answered HTTP 401");
    desk.change(json!({ "endpoint_url": format!("{}/elsewhere", desk.chat.url()) })).await;
    fell_back(&desk.ask("laptop", "It is slow").await, "it answered HTTP 404");
    desk.change(json!({ "endpoint_url": "http://127.0.0.1:1/v1" })).await;
    fell_back(&desk.ask("laptop", "It is slow").await, "it cannot be reached");
    let admin = desk.world.admin();
    assert_eq!(admin.send("DELETE", &desk.connection, Value::Null).await.status, 200);
    fell_back(&desk.ask("laptop", "It is slow").await, "its connection is gone");
    assert!(desk.chat.asked().is_empty());
}
