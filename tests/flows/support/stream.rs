//! What happens to a ticket is streamed: everything once and in order, wherever a viewer was
//! cut off, however many there are.

use fastrand::Rng;
use serde_json::{Value, json};
use tests::support::{Caller, Credential, Installation, Target, Viewer};

use super::{posted, request};

/// Watched from its beginning to its end, and again from wherever it was cut.
pub async fn from_end_to_end(target: &Target) {
    let admin = target.admin();
    let asked = posted(&admin, "/support/request", &request("password_reset")).await;
    let id = asked["ticket_id"].as_str().expect("an id").to_owned();
    let (caller, watched) = (target.admin(), id.clone());
    let watching = tokio::spawn(async move {
        let mut viewer = Viewer::open(&caller, &watched, None).await;
        let (number, first) = viewer.next().await.expect("a first event");
        assert_eq!((number, &first["type"]), (None, &json!("connected")));
        assert_eq!(first["ticket_id"], json!(watched));
        viewer.rest().await
    });
    let path = format!("/support/tickets/{id}");
    admin.get_when(&path, |it| it["status"] == "waiting_for_user").await;
    let done = json!({ "answer": "Done", "approval": true, "approver_id": "EMP001" });
    posted(&admin, &format!("/support/hil/{id}"), &done).await;
    let all = watching.await.expect("a viewer");
    let numbers: Vec<i64> = all.iter().map(|(id, _)| *id).collect();
    assert_eq!(numbers, (1..=all.len() as i64).collect::<Vec<_>>());
    let last = &all.last().expect("events").1;
    assert_eq!((&last["type"], &last["status"]), (&json!("workflow_update"), &json!("resolved")));
    assert!(all.iter().any(|(_, told)| told["type"] == "hil_response"));
    for cut in 0..all.len() {
        let after = i64::try_from(cut).expect("small");
        let rest = Viewer::open(&admin, &id, Some(after)).await.rest().await;
        assert_eq!(rest, all[cut..], "behind {cut}");
    }
    let end = i64::try_from(all.len()).expect("small").to_string();
    let request = admin.request(reqwest::Method::GET, &format!("/support/events/{id}"));
    let over = admin.send(request.header("last-event-id", end)).await;
    assert_eq!(over.status, 204, "nothing is to come");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_viewer_sees_each_event_once() {
    let installation = Installation::start().await;
    let target = &installation.target;
    let admin = target.admin();
    let asked = posted(&admin, "/support/request", &request("software_access")).await;
    let id = asked["ticket_id"].as_str().expect("an id").to_owned();
    let viewers: Vec<_> = (0..5)
        .map(|_| {
            let (caller, id) = (target.admin(), id.clone());
            tokio::spawn(async move { Viewer::open(&caller, &id, None).await.rest().await })
        })
        .collect();
    let path = format!("/support/tickets/{id}");
    admin.get_when(&path, |it| it["status"] == "waiting_for_approval").await;
    let no = json!({ "answer": "No", "approval": false, "approver_id": "MANAGER001" });
    posted(&admin, &format!("/support/hil/{id}"), &no).await;
    let mut seen = Vec::new();
    for viewer in viewers {
        seen.push(viewer.await.expect("a viewer"));
    }
    assert!(seen.iter().all(|events| *events == seen[0] && events.len() == 5), "{seen:#?}");
    installation.app.stop().await;
}

/// Everything that happens to a ticket, to a viewer who is cut off again and again.
async fn cut_off(caller: Caller, id: String, mut random: Rng) -> Vec<(i64, Value)> {
    let mut seen: Vec<(i64, Value)> = Vec::new();
    while seen.last().is_none_or(|(_, told)| told["status"] != "denied") {
        let after = seen.last().map(|(number, _)| *number);
        let mut viewer = Viewer::open(&caller, &id, after).await;
        for _ in 0..random.usize(0..7) {
            let Some((number, told)) = viewer.next().await else { break };
            seen.extend(number.map(|number| (number, told)));
        }
    }
    seen
}

/// However often viewers are cut off, and wherever.
#[tokio::test(flavor = "multi_thread")]
async fn cuts_leave_no_gap_and_no_repeat() {
    let installation = Installation::start().await;
    let admin = installation.admin();
    let asked = posted(&admin, "/support/request", &request("software_access")).await;
    let id = asked["ticket_id"].as_str().expect("an id").to_owned();
    let seed = fastrand::u64(..);
    println!("random seed {seed}");
    let viewers: Vec<_> = (0..6)
        .map(|n| tokio::spawn(cut_off(admin.clone(), id.clone(), Rng::with_seed(seed ^ n))))
        .collect();
    let path = format!("/support/tickets/{id}");
    for n in 0..80 {
        let comment = json!({ "comment": format!("Comment {n}\nin two lines") });
        posted(&admin, &format!("{path}/comments"), &comment).await;
    }
    admin.get_when(&path, |it| it["status"] == "waiting_for_approval").await;
    let no = json!({ "answer": "No", "approval": false, "approver_id": "MANAGER001" });
    posted(&admin, &format!("/support/hil/{id}"), &no).await;
    let whole = Viewer::open(&admin, &id, None).await.rest().await;
    let numbers: Vec<_> = whole.iter().map(|(number, _)| *number).collect();
    assert_eq!(numbers, (1..=85).collect::<Vec<_>>());
    for viewer in viewers {
        assert_eq!(viewer.await.expect("a viewer"), whole, "seed {seed}");
    }
    installation.app.stop().await;
}

/// With the keepalive it is asked whether they would still be let in.
#[tokio::test(flavor = "multi_thread")]
async fn who_is_not_let_in_any_more_watches_no_more() {
    let installation = Installation::start().await;
    let admin = installation.admin();
    let asked = posted(&admin, "/support/request", &request("software_access")).await;
    let id = asked["ticket_id"].as_str().expect("an id").to_owned();
    let path = format!("/support/tickets/{id}");
    admin.get_when(&path, |it| it["status"] == "waiting_for_approval").await;
    let made = admin.post_json("/api/v1/api-keys", &json!({ "name": "watcher" })).await.json;
    let key = Credential::Bearer(made["key"].as_str().expect("a key").to_owned());
    let mut theirs = Viewer::open(&admin.with(key), &id, Some(4)).await;
    let mut others = Viewer::open(&admin, &id, Some(4)).await;
    for viewer in [&mut theirs, &mut others] {
        assert_eq!(viewer.next().await.expect("a first event").1["type"], "connected");
    }
    assert_eq!(admin.delete(&format!("/api/v1/api-keys/{}", made["id"])).await.status, 200);
    assert_eq!(theirs.next().await, None);
    let (number, told) = others.next().await.expect("an event");
    assert_eq!((number, &told["type"]), (None, &json!("keepalive")));
    installation.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_ends_in_time_and_too_many_are_told_to_come_back() {
    let vars = [("STREAM_SECONDS", "1"), ("STREAM_SEATS", "2")];
    let installation = Installation::start_with(&vars).await;
    let admin = installation.target.admin();
    let asked = posted(&admin, "/support/request", &request("software_access")).await;
    let id = asked["ticket_id"].as_str().expect("an id").to_owned();
    let one = Viewer::open(&admin, &id, None).await;
    let other = Viewer::open(&admin, &id, None).await;
    let third = admin.get(&format!("/support/events/{id}")).await;
    assert_eq!((third.status, third.header("retry-after")), (503, "10"), "{}", third.text);
    assert!(!one.rest().await.is_empty());
    let other = other.text().await;
    assert!(other.starts_with("retry: 1000\n"), "{other}");
    // Both have left their seats.
    let one = Viewer::open(&admin, &id, None).await;
    drop(Viewer::open(&admin, &id, Some(2)).await);
    one.rest().await;
    let wrong = admin.request(reqwest::Method::GET, &format!("/support/events/{id}"));
    let wrong = admin.send(wrong.header("last-event-id", "x")).await;
    assert_eq!(wrong.status, 422, "{}", wrong.text);
    installation.app.stop().await;
}
