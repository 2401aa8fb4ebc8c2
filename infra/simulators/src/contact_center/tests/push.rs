//! The messages that it pushes.

use std::time::Duration;

use reqwest::StatusCode;
use serde_json::json;

use super::at;
use crate::Fault;
use crate::contact_center::{ContactCenter, Message, Pace, Push};
use crate::receiver::Receiver;

const PATH: &str = "/ccwfm/api/rest/status";
const IN_ORDER: Pace = Pace { at_once: 1, per_second: None };

async fn push(receiver: &Receiver) -> Push {
    Push::to(&format!("{}{PATH}", receiver.url())).unwrap()
}

#[tokio::test]
async fn a_change_is_two_messages_of_six_members() {
    let centre = ContactCenter::start().await.unwrap();
    let receiver = Receiver::start().await.unwrap();
    let first = centre.changes("1", ("Work", "Talking"), at("10:00:00"));
    let second = centre.changes("1", ("Break", "Technical break"), at("10:15:00.900"));
    let push = push(&receiver).await.header("x-api-key", "k-1".parse().unwrap());
    let pushed = push.send([first, second].concat(), IN_ORDER).await;
    assert_eq!((pushed.sent, pushed.accepted, pushed.unheard), (3, 3, 0));
    let message = |code: &str, name: &str, time: i64, action: u8| {
        json!({"workerId": "1", "stateName": name, "stateCode": code,
            "systemId": "External system", "actionTime": time, "action": action})
    };
    let taken = receiver.taken();
    let bodies: Vec<_> = taken.iter().map(|one| one.json()).collect();
    let expected = [
        message("Work", "Talking", 1_577_872_800, 1),
        message("Work", "Talking", 1_577_873_700, 0),
        message("Break", "Technical break", 1_577_873_700, 1),
    ];
    assert_eq!(bodies, expected);
    let sent_so = |name: &str| taken[2].header(name).to_owned();
    assert_eq!(
        (sent_so("content-type"), sent_so("x-api-key")),
        ("application/json".into(), "k-1".into())
    );
    assert_eq!((taken[2].method.as_str(), taken[2].path.as_str()), ("POST", PATH));
}

#[tokio::test]
async fn it_counts_what_became_of_its_messages_and_goes_on() {
    let receiver = Receiver::start().await.unwrap();
    let busy = Fault::Answer(StatusCode::TOO_MANY_REQUESTS, String::new());
    receiver.faults.plan("POST", PATH, 2, busy);
    receiver.faults.plan("POST", PATH, 1, Fault::Cut);
    let messages: Vec<Message> = (0..500)
        .map(|one| Message::enters(&one.to_string(), ("Work", "W"), at("10:00:00")))
        .collect();
    let pace = Pace { at_once: 16, per_second: None };
    let pushed = push(&receiver).await.send(messages, pace).await;
    assert_eq!((pushed.sent, pushed.accepted, pushed.unheard), (500, 497, 1));
    assert_eq!((pushed.refused, receiver.taken().len()), (vec![429, 429], 497));
}

#[tokio::test]
async fn as_many_are_under_way_as_may_be() {
    let receiver = Receiver::start().await.unwrap();
    let (is_there, go_on) = receiver.faults.plan_held("POST", PATH, Fault::Delay(Duration::ZERO));
    let message = Message::enters("1", ("Work", "W"), at("10:00:00"));
    let push = push(&receiver).await;
    let sending = push.send(vec![message; 10], Pace { at_once: 2, per_second: None });
    let watching = async {
        is_there.await.unwrap();
        // The others come past the one that hangs.
        let others = receiver.took(9).await.len();
        go_on.send(()).unwrap();
        others
    };
    let (pushed, others) = tokio::join!(sending, watching);
    assert_eq!((pushed.accepted, others), (10, 9));
}

#[tokio::test]
async fn it_is_no_faster_than_asked() {
    let receiver = Receiver::start().await.unwrap();
    let message = Message::leaves("1", ("Work", "W"), at("10:00:00"));
    let pace = Pace { at_once: 4, per_second: Some(1_000) };
    let pushed = push(&receiver).await.send(vec![message; 101], pace).await;
    assert_eq!(pushed.accepted, 101);
    assert!(pushed.took >= Duration::from_millis(99), "{:?}", pushed.took);
}
