//! A worker that dies between its call and the writing down of what came of it.

use std::time::Duration;

use functions::pega;
use serde_json::{Value, json};
use shared::table::{Key, Update};
use simulators::Fault;
use tests::support::{Answer, World};

use super::{BOTH, Beside, Version, at, changes};

/// Accepts a request, and has it worked through by somebody who dies during the call that
/// saves. With `happens` Pega does it all the same.
async fn dies_during(
    beside: &Beside,
    (method, path): (&'static str, &'static str),
    happens: bool,
    asked: (&str, &str, Value),
) -> Answer {
    let fault = if happens { Fault::DoneThenCut } else { Fault::Cut };
    let (reached, go_on) = beside.pega.faults.plan_held(method, path, fault);
    let patient = beside.with_headers(&[("prefer", "respond-async")]);
    let accepted = patient.send(asked.0, asked.1, asked.2).await;
    assert_eq!(accepted.status, 202, "{}", accepted.text);
    let env = beside.world.env.clone();
    let hint = beside.world.events.take().pop().expect("a hint");
    let worker = pega::worker(&env).expect("a worker");
    let dying = tokio::spawn(async move { pega::deliver(&worker, hint).await });
    reached.await.expect("the call is there");
    if happens {
        happened(beside, asked.0, asked.1).await;
    }
    dying.abort();
    assert!(dying.await.is_err(), "it ended before it died");
    drop(go_on);
    beside.world.wait(600);
    beside.world.work().await;
    accepted
}

/// Does in Pega what the call that is held would have done.
async fn happened(beside: &Beside, _: &str, path: &str) {
    let pega = &beside.pega;
    if path.contains("/note") {
        return;
    }
    if path.contains("case_type") {
        pega.case(super::PLAIN, &json!({}));
    } else {
        pega.save("HRSR-WORK C-1", &json!({ "Color": "blue" }));
    }
}

fn save_of(version: Version) -> (&'static str, &'static str) {
    match version {
        Version::V1 => ("PUT", "C-1"),
        Version::V2 => ("PATCH", "pyUpdateCaseDetails"),
    }
}

#[tokio::test]
async fn a_case_and_an_action_are_left_to_a_person() {
    for version in BOTH {
        let beside = Beside::of(version).await;
        let create = ("POST", "/pega/case?case_type=HRSR-Work", json!({}));
        let made = dies_during(&beside, ("POST", "/cases"), true, create).await;
        let request = beside.request(&made).await;
        assert_eq!(request["status"], "failed", "{request:#}");
        assert_eq!(request["error"]["meaning"], "unknown_outcome");
        assert_eq!(beside.pega.cases().len(), 1, "{version:?}");

        let run = format!("{}/action/Escalate", at("HRSR-WORK C-1"));
        let place = match version {
            Version::V1 => ("PUT", "C-1"),
            Version::V2 => ("PATCH", "Escalate"),
        };
        let run = dies_during(&beside, place, false, ("POST", &run, json!({}))).await;
        let request = beside.request(&run).await;
        assert_eq!(request["error"]["meaning"], "unknown_outcome", "{request:#}");
        // Somebody looked, and it had not happened.
        let retry = format!("{}/retry", run.header("location"));
        let admin = beside.world.admin();
        assert_eq!(admin.send("POST", &retry, Value::Null).await.status, 202);
        beside.world.wait(600);
        beside.world.work().await;
        assert_eq!(beside.request(&run).await["status"], "done");
    }
}

#[tokio::test]
async fn a_change_is_looked_for_and_never_repeated_blindly() {
    for version in BOTH {
        let beside = Beside::of(version).await;
        let case = at(&beside.case());
        let change = ("PUT", case.as_str(), json!({ "Color": "blue" }));
        let found = dies_during(&beside, save_of(version), true, change.clone()).await;
        let request = beside.request(&found).await;
        assert_eq!((&request["status"], &request["attempts"]), (&json!("done"), &json!(2)));

        beside.pega.save("HRSR-WORK C-1", &json!({ "Color": "green" }));
        let unknown = dies_during(&beside, save_of(version), false, change).await;
        let request = beside.request(&unknown).await;
        assert_eq!(request["error"]["meaning"], "unknown_outcome", "{request:#}");
        assert_eq!(beside.pega.content("HRSR-WORK C-1")["Color"], "green");
    }
}

#[tokio::test]
async fn a_change_whose_answer_was_lost_is_repeated_over_the_same_version() {
    for version in BOTH {
        for (fault, others) in
            [(Fault::Cut, false), (Fault::DoneThenCut, false), (Fault::Cut, true)]
        {
            let beside = Beside::of(version).await;
            let case = at(&beside.case());
            let (method, path) = save_of(version);
            beside.pega.faults.plan(method, path, 1, fault);
            let patient = beside.with_headers(&[("prefer", "respond-async")]);
            let accepted = patient.send("PUT", &case, json!({ "Color": "blue" })).await;
            beside.world.work().await;
            assert_eq!(beside.request(&accepted).await["error"]["meaning"], "unknown_outcome");
            if others {
                beside.pega.save("HRSR-WORK C-1", &json!({ "Color": "green" }));
            }
            beside.world.wait(600);
            beside.world.work().await;
            let request = beside.request(&accepted).await;
            let (color, status) = if others { ("green", "failed") } else { ("blue", "done") };
            assert_eq!(request["status"], status, "{request:#}");
            assert_eq!(beside.pega.content("HRSR-WORK C-1")["Color"], color, "{version:?}");
        }
    }
}

#[tokio::test]
async fn a_note_whose_answer_was_lost_is_found() {
    for version in BOTH {
        for fault in [Fault::Cut, Fault::DoneThenCut] {
            let beside = Beside::of(version).await;
            let case = beside.case();
            beside.pega.faults.plan("POST", "/messages", 1, fault);
            let patient = beside.with_headers(&[("prefer", "respond-async")]);
            let path = format!("{}/note?note=a", at(&case));
            let accepted = patient.send("POST", &path, Value::Null).await;
            beside.world.work().await;
            beside.world.wait(600);
            beside.world.work().await;
            assert_eq!(beside.request(&accepted).await["status"], "done");
            assert_eq!(beside.pega.notes_on(&case).len(), 1, "{version:?}");
        }
    }
}

/// What a caller waited for is never done behind their back: not even a note, which could be
/// looked for.
#[tokio::test]
async fn who_waited_in_a_process_that_died_is_not_served_by_another() {
    for path in ["/pega/case?case_type=HRSR-Work", "/pega/case/HRSR-WORK%20C-1/note?note=a"] {
        let beside = Beside::of(Version::V1).await;
        let end = if path.contains("note") { "/messages" } else { "/cases" };
        let (reached, _go_on) =
            beside.pega.faults.plan_held("POST", end, Fault::Delay(Duration::ZERO));
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
        let dying = runtime.expect("a runtime");
        let (key, env) = (beside.world.admin_key.clone(), beside.world.env.clone());
        dying.spawn(async move {
            let service = World::service(&env);
            let bearer = format!("Bearer {key}");
            let headers = [("authorization", bearer.as_str())];
            service.call("POST", path, &headers, "{}".to_owned()).await
        });
        reached.await.expect("the call is there");
        dying.shutdown_background();
        beside.world.wait(600);
        beside.world.work().await;
        let request = beside.world.admin().get("/pega/requests/1").await.json;
        assert_eq!(request["status"], "failed", "{request:#}");
        assert_eq!(request["error"]["meaning"], "unknown_outcome");
        assert_eq!(changes(&beside.pega), 1, "{path}");
    }
}

#[tokio::test]
async fn who_waited_in_a_process_that_died_before_the_call_is_told_that_it_was_not_done() {
    let beside = Beside::of(Version::V1).await;
    let patient = beside.with_headers(&[("prefer", "respond-async")]);
    let path = "/pega/case?case_type=HRSR-Work";
    let accepted = patient.send("POST", path, json!({})).await;
    // As if its caller had waited, in a process that ended before it claimed the job.
    let key = Key::alone("T#default#PEGA_REQUEST#1".to_owned());
    let table = beside.world.env.table("EVENTS_TABLE").expect("a table");
    table.update(Update::of(key).set("once", true)).await.expect("written");
    beside.world.wait(600);
    beside.world.work().await;
    let request = beside.request(&accepted).await;
    assert_eq!(request["status"], "failed", "{request:#}");
    assert_eq!(request["error"]["meaning"], "not_done");
    assert!(beside.pega.calls().is_empty());
    let retry = format!("{}/retry", accepted.header("location"));
    assert_eq!(beside.world.admin().send("POST", &retry, Value::Null).await.status, 202);
    beside.world.work().await;
    assert_eq!(beside.request(&accepted).await["status"], "done");
}
