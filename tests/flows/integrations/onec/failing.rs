//! A 1C that fails: no failure is ever an empty answer.

use std::time::Duration;

use reqwest::StatusCode;
use serde_json::{Value, json};
use simulators::Fault;
use simulators::onec::Mishap;
use tests::support::{Answer, World};

use super::{ONEC, beside_1c, get, post, refusal};

/// Everything that is read from 1C, and the method that it is read by.
async fn reads(world: &World) -> Vec<(&'static str, Answer)> {
    let norms = json!({"employee_id": "a-1", "start_date": "2026-06-01", "end_date": "2026-06-30",
        "norm_week": 40});
    let timesheet = json!({"employee_id": "a-1", "date": "2026-06-01"});
    let agents = format!("{ONEC}/agents/2026-06-01/2026-06-30");
    vec![
        ("agents", world.admin().get(&agents).await),
        ("getNormHours", post(world, "getNormHours", norms).await),
        ("getTimetypeInfo", post(world, "getTimetypeInfo", timesheet).await),
    ]
}

#[tokio::test]
async fn its_own_words_are_shown_and_nothing_is_an_empty_answer() {
    for (mishap, status, words, after) in [
        (Mishap::Exception("Деление на 0".to_owned()), 502, "Деление на 0", ""),
        (Mishap::HtmlPage, 502, "Ошибка при вызове метода контекста", ""),
        (Mishap::NoLicence(StatusCode::OK), 503, "Не обнаружено свободной лицензии!", "300"),
        (Mishap::NoLicence(StatusCode::INTERNAL_SERVER_ERROR), 503, "свободной лицензии", "300"),
        (Mishap::BreaksOff, 503, "The other side does not answer", ""),
    ] {
        let (world, zup) = beside_1c().await;
        for mark in [false, true] {
            zup.habits(|habits| habits.byte_order_mark = mark);
            for method in ["agents", "getNormHours", "getTimetypeInfo"] {
                zup.mishap(method, 1, &mishap);
            }
            if mark {
                continue;
            }
            for (method, answer) in reads(&world).await {
                let told = refusal(&answer).2;
                assert_eq!(answer.status, status, "{method} {mishap:?}: {told}");
                assert!(told.contains(words), "{method} {mishap:?}: {told}");
                assert!(!told.contains('<'), "{told}");
                if !after.is_empty() {
                    assert_eq!(answer.header("retry-after"), after, "{method}");
                }
            }
        }
    }
}

#[tokio::test]
async fn one_that_is_down_slow_or_wrong_is_a_failure() {
    let (world, zup) = beside_1c().await;
    let config = json!({"timeout_seconds": 1, "retry_attempts": 0});
    world.admin().send("PUT", &format!("{ONEC}/config"), config).await;
    let slow = Fault::Delay(Duration::from_millis(1500));
    for (fault, status) in [
        (slow, 503),
        (Fault::Cut, 503),
        (Fault::Answer(StatusCode::OK, String::new()), 502),
        (Fault::Answer(StatusCode::OK, "null".to_owned()), 502),
        (Fault::Answer(StatusCode::OK, "{}".to_owned()), 502),
        (Fault::Answer(StatusCode::BAD_GATEWAY, "<html>".to_owned()), 503),
        (Fault::Redirect("http://127.0.0.1:9/".to_owned()), 502),
    ] {
        zup.faults.plan("GET", "", 1, fault.clone());
        let answer = world.admin().get(&format!("{ONEC}/agents/2026-06-01/2026-06-30")).await;
        assert_eq!(answer.status, status, "{fault:?}: {}", answer.text);
    }
    let path = format!("{ONEC}/deviations?start_date=2026-05-01&end_date=2026-05-31");
    let _stopped = zup.stop().await;
    for (method, answer) in reads(&world).await {
        assert_eq!(answer.status, 503, "{method}: {}", answer.text);
    }
    assert_eq!(world.admin().get(&path).await.status, 503);
}

#[tokio::test]
async fn a_wrong_password_is_told_without_it() {
    let (world, _zup) = beside_1c().await;
    let id = world.admin().get("/integrations/connections").await.json[0]["id"].clone();
    let path = format!("/integrations/connections/{}", id.as_str().expect("an id"));
    let credentials =
        json!({"credentials": {"username": "WFMSystem", "password": "wrong-password"}});
    assert_eq!(world.admin().send("PUT", &path, credentials).await.status, 200);
    for (method, answer) in reads(&world).await {
        assert_eq!(answer.status, 502, "{method}");
        assert!(refusal(&answer).2.starts_with("1C refuses the user of the connection"));
        assert!(!answer.text.contains("wrong-password"), "{}", answer.text);
    }
}

#[tokio::test]
async fn what_only_reads_is_tried_again_and_a_licence_is_waited_for() {
    let (world, zup) = beside_1c().await;
    let config = json!({"retry_attempts": 2});
    world.admin().send("PUT", &format!("{ONEC}/config"), config).await;
    for method in ["agents", "getNormHours", "getTimetypeInfo"] {
        zup.mishap(method, 1, &Mishap::Exception("Взаимоблокировка".to_owned()));
    }
    for (method, answer) in reads(&world).await {
        assert_eq!((answer.status, zup.calls(method)), (200, 2), "{method}: {}", answer.text);
    }
    zup.mishap("agents", 1, &Mishap::NoLicence(StatusCode::INTERNAL_SERVER_ERROR));
    let answer = world.admin().get(&format!("{ONEC}/agents/2026-06-01/2026-06-30")).await;
    assert_eq!((answer.status, zup.calls("agents")), (503, 3));
}

#[tokio::test]
async fn half_of_the_people_is_told_as_it_is() {
    let (world, zup) = beside_1c().await;
    zup.mishap("agents", 1, &Mishap::HalfOfPeople);
    let list = get(&world, "agents/2026-06-01/2026-06-30").await;
    assert_eq!(list["total_count"], Value::from(1));
}
