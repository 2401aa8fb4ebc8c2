//! What happens to a ticket is streamed: everything once and in order, wherever a viewer was
//! cut off, however many there are.

use serde_json::json;
use tests::support::{Installation, Target, Viewer};

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
    other.rest().await;
    // Both have left their seats.
    let one = Viewer::open(&admin, &id, None).await;
    drop(Viewer::open(&admin, &id, Some(2)).await);
    one.rest().await;
    let wrong = admin.request(reqwest::Method::GET, &format!("/support/events/{id}"));
    let wrong = admin.send(wrong.header("last-event-id", "x")).await;
    assert_eq!(wrong.status, 422, "{}", wrong.text);
    installation.app.stop().await;
}
