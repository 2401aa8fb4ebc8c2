//! `GET /events`: order, filters, pages, and parameters that cannot be meant.

use serde_json::{Value, json};
use tests::support::{Caller, Target, events};

fn ids(list: &Value) -> Vec<i64> {
    let events = list.as_array().expect("a bare array").iter();
    events.map(|event| event["id"].as_i64().expect("a number")).collect()
}

/// All pages of a list, by its `Link` headers.
async fn pages(admin: &Caller, path: &str) -> Vec<i64> {
    let (mut all, mut next) = (Vec::new(), path.to_owned());
    loop {
        let page = admin.get(&next).await;
        assert_eq!(page.status, 200, "{next}");
        all.extend(ids(&page.json));
        match page.header("link").strip_prefix('<').and_then(|link| link.split_once(">; rel=")) {
            Some((query, _)) => next = format!("/events{query}"),
            None => return all,
        }
    }
}

/// Newest first; each filter alone and together; pages without gap or repetition.
pub async fn filters_and_pages(target: &Target) {
    let (admin, case) = (target.admin(), events::new_case());
    let began = jiff_now();
    let mut sent = Vec::new();
    for number in 0..7 {
        let mut body = events::role_change(&case);
        body["number"] = number.into();
        if number % 3 == 0 {
            body["event"] = "approval_request".into();
        }
        sent.push(admin.event(&body).await.event_id());
    }
    for id in &sent {
        admin.settled(*id).await;
    }
    sent.reverse();
    let of_case = format!("case_id={}", case.replace(' ', "%20"));
    assert_eq!(ids(&admin.get("/events?limit=7").await.json), sent);
    assert_eq!(pages(&admin, &format!("/events?limit=2&{of_case}")).await, sent);
    assert_eq!(pages(&admin, &format!("/events?limit=3&since={began}")).await, sent);
    let ignored = vec![sent[0], sent[3], sent[6]];
    for filter in ["event=approval_request", "status=received"] {
        let path = format!("/events?limit=2&since={began}&{filter}");
        assert_eq!(pages(&admin, &path).await, ignored, "{filter}");
        let path = format!("/events?limit=2&{of_case}&{filter}");
        assert_eq!(pages(&admin, &path).await, ignored, "{filter} of the case");
    }
    let both = format!("/events?since={began}&event=role_change&status=processed");
    assert_eq!(pages(&admin, &both).await, vec![sent[1], sent[2], sent[4], sent[5]]);
    let nothing = ["status=requires_action", "status=nonsense", "event=none", "until=2020-01-01"];
    for filter in nothing {
        let answer = admin.get(&format!("/events?{of_case}&{filter}")).await;
        assert_eq!((answer.status, answer.json), (200, json!([])), "{filter}");
    }
    let before = format!("/events?limit=100&until={began}");
    let before = pages(&admin, &before).await;
    assert!(before.iter().all(|id| !sent.contains(id)));
    // Unknown parameters are ignored, as they always were.
    assert_eq!(ids(&admin.get("/events?limit=7&offset=3").await.json), sent);
}

/// A moment to filter by, later than everything before it by the clock's own grain.
fn jiff_now() -> String {
    shared::clock::Clock::system().now().to_string()
}

/// Parameters out of bounds name themselves.
pub async fn bad_parameters(target: &Target) {
    let admin = target.admin();
    let bad = [
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=ten", "limit"),
        ("limit=", "limit"),
        ("cursor=x", "cursor"),
        ("cursor=-1", "cursor"),
        ("since=yesterday", "since"),
        ("until=2026-13-01", "until"),
    ];
    for (query, field) in bad {
        let answer = admin.get(&format!("/events?{query}")).await;
        assert_eq!(answer.status, 422, "{query}");
        assert_eq!(answer.json["errors"][0]["field"], field, "{query}: {}", answer.json);
        assert_eq!(answer.json["status_code"], 422);
        assert_eq!(answer.header("content-type"), "application/problem+json");
    }
}
