//! How much one Pega is asked at a time, and how often for a token.

use std::time::Duration;

use axum::http::StatusCode;
use futures_util::future::join_all;
use serde_json::{Value, json};
use simulators::Fault;
use simulators::pega::CLIENT;

use super::{BOTH, Beside, Version, at};

#[tokio::test]
async fn one_host_gets_five_calls_at_a_time_over_all_that_lead_there() {
    let beside = Beside::of(Version::V1).await;
    let case = beside.case();
    let admin = beside.world.admin();
    // Another way to the same host.
    let new = json!({ "name": "v2", "integration_type": "pega", "endpoint_url": beside.pega.url_v2(),
        "authentication_type": "basic",
        "credentials": { "username": simulators::pega::OPERATOR.0, "password": simulators::pega::OPERATOR.1 } });
    let made = admin.send("POST", "/integrations/connections", new).await;
    let path = format!("/integrations/connections/{}", made.json["id"].as_str().expect("an id"));
    admin.send("PUT", &path, json!({ "status": "active" })).await;
    beside.pega.faults.plan("GET", "C-1", 14, Fault::Delay(Duration::from_millis(100)));
    let own = at(&case);
    let other = format!("{own}?environment=v2");
    let paths = [own.as_str(), other.as_str()].repeat(7);
    let all = join_all(paths.iter().map(|path| admin.get(path))).await;
    assert!(all.iter().all(|answer| answer.status == 200));
    assert_eq!(beside.pega.most_at_once(), 5);
}

/// A Pega that wants tokens.
async fn with_tokens(version: Version) -> Beside {
    // The place of the endpoint is not known before it is started.
    let pega = simulators::pega::Pega::start().await.expect("a Pega");
    let (url, token_url) = (version.url(&pega), pega.token_url());
    let world = tests::support::World::beside_its_targets(&[
        ("PEGA_URL", &url),
        ("PEGA_TOKEN_URL", &token_url),
        ("PEGA_CLIENT_ID", CLIENT.0),
        ("PEGA_CLIENT_SECRET", CLIENT.1),
    ])
    .await;
    Beside { world, pega }
}

#[tokio::test]
async fn a_token_is_kept_and_renewed_before_it_ends_or_when_it_is_refused() {
    for version in BOTH {
        let beside = with_tokens(version).await;
        let case = at(&beside.case());
        let works = async || {
            let shown = beside.world.admin().get(&case).await;
            assert_eq!(shown.status, 200, "{}", shown.text);
            beside.pega.token_calls()
        };
        assert_eq!((works().await, works().await), (1, 1));
        beside.world.wait(3600 * 7 / 10);
        assert_eq!(works().await, 1);
        // It would hold for six minutes still.
        beside.world.wait(3600 * 2 / 10);
        assert_eq!(works().await, 2);
        beside.pega.expire_tokens();
        assert_eq!(works().await, 3);
    }
}

#[tokio::test]
async fn a_pega_that_refuses_fresh_tokens_is_not_asked_for_ever() {
    let beside = with_tokens(Version::V1).await;
    let refusal = Fault::Answer(StatusCode::UNAUTHORIZED, String::new());
    beside.pega.faults.plan("POST", "/cases", 10, refusal);
    let path = "/pega/case?case_type=HRSR-Work";
    let refused = beside.world.admin().send("POST", path, json!({})).await;
    assert_eq!((refused.status, &refused.json["error_type"]), (502, &json!("refused_elsewhere")));
    assert_eq!((beside.pega.calls().len(), beside.pega.token_calls()), (2, 2));
}

#[tokio::test]
async fn a_slow_pega_is_given_up_within_the_caller_s_time() {
    let beside = Beside::with(Version::V1, &[("PEGA_DEADLINE_SECONDS", "2")]).await;
    let case = at(&beside.case());
    beside.pega.faults.plan("POST", "/messages", 1, Fault::Delay(Duration::from_secs(20)));
    let path = format!("{case}/note?note=a");
    let slow = beside.world.admin().send("POST", &path, Value::Null).await;
    assert_eq!((slow.status, &slow.json["error_type"]), (504, &json!("unknown_outcome")));
    assert!(slow.text.contains("see request 1"), "{}", slow.text);
}
