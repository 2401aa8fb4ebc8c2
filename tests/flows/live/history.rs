//! What was missed is read again, and the answer says how far it goes.

use functions::messages::catalogue::{CONNECTION_CREATED, PEGA_EVENT_RECEIVED};
use serde_json::{Value, json};
use shared::sequence::Sequence;
use shared::tenant::Tenant;

use super::Watched;

impl Watched {
    /// The numbers that a reader is answered, and how far they go.
    async fn read(&self, query: &str) -> (Vec<i64>, i64) {
        let answer = self.world.admin().get(&format!("/live/messages?{query}")).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        let messages = answer.json["messages"].as_array().expect("messages").iter();
        let numbers = messages.filter_map(|message| message["seq"].as_i64()).collect();
        (numbers, answer.json["last"].as_i64().expect("a number"))
    }

    /// Takes numbers of which nothing becomes.
    async fn skip(&self, many: usize) {
        let numbers = Sequence::new(self.env.table("CONTROL_TABLE").expect("a table"), "message");
        for _ in 0..many {
            numbers.next(&Tenant::parse("default").expect("a name")).await.expect("a number");
        }
    }

    async fn watcher() -> Self {
        let watched = Self::start().await;
        watched.connect("a", &watched.world.admin_key).await;
        watched.subscribe("a", &["*"]).await;
        watched
    }
}

#[tokio::test]
async fn what_was_missed_is_read_in_order_and_page_by_page() {
    let watched = Watched::watcher().await;
    assert_eq!(watched.read("").await, (vec![], 0));
    for _ in 0..5 {
        watched.emit(CONNECTION_CREATED).await;
    }
    watched.emit(PEGA_EVENT_RECEIVED).await;
    assert_eq!(watched.read("after=2&limit=2").await, (vec![3, 4], 4));
    assert_eq!(watched.read("after=4&limit=2").await, (vec![5, 6], 6));
    assert_eq!(watched.read("after=6").await, (vec![], 6));
    assert_eq!(watched.read("after=99").await, (vec![], 6));
    assert_eq!(watched.read("after=-5&limit=1").await, (vec![1], 1));
    assert_eq!(watched.read("topics=pega.*").await, (vec![6], 6));
    let admin = watched.world.admin();
    for (query, field) in
        [("topics=no.such", "topics[0]"), ("limit=0", "limit"), ("limit=501", "limit")]
    {
        let refused = admin.get(&format!("/live/messages?{query}")).await;
        assert_eq!((refused.status, &refused.json["errors"][0]["field"]), (422, &json!(field)));
    }
    let (_, key) = watched.key(&["events.read"]).await;
    let seen = watched.world.bearer(&key).get("/live/messages").await.json;
    assert_eq!((&seen["messages"][0]["seq"], &seen["last"]), (&json!(6), &json!(6)));
    let refused = watched.world.bearer(&key).get("/live/messages?topics=integration.*").await;
    assert_eq!(refused.status, 403);
}

#[tokio::test]
async fn a_number_that_is_under_way_is_waited_for_and_one_that_is_old_is_not() {
    let watched = Watched::watcher().await;
    watched.emit(CONNECTION_CREATED).await;
    watched.skip(1).await;
    watched.emit(CONNECTION_CREATED).await;
    assert_eq!(watched.read("").await, (vec![1, 3], 1), "2 may still come");
    watched.world.wait(61);
    assert_eq!(watched.read("").await, (vec![1, 3], 3), "2 was never used");
    watched.skip(1).await;
    assert_eq!(watched.read("after=3").await, (vec![], 3), "4 may still come");
}

#[tokio::test]
async fn reading_goes_on_over_partitions_and_gaps_as_long_as_one_likes() {
    let watched = Watched::watcher().await;
    watched.emit(CONNECTION_CREATED).await;
    watched.skip(2500).await;
    watched.emit(CONNECTION_CREATED).await;
    watched.world.wait(61);
    assert_eq!(watched.read("").await, (vec![1, 2502], 2502));
    assert_eq!(watched.read("after=1&limit=1").await, (vec![2502], 2502));
    let (mut found, mut last) = (Vec::new(), 0);
    while last < 2502 {
        let (numbers, now) = watched.read(&format!("after={last}&limit=1")).await;
        assert!(now > last);
        (found, last) = ([found, numbers].concat(), now);
    }
    assert_eq!(found, [1, 2502]);
}

#[tokio::test]
async fn a_subscription_brings_what_was_missed() {
    let watched = Watched::watcher().await;
    for of in [CONNECTION_CREATED, PEGA_EVENT_RECEIVED, CONNECTION_CREATED] {
        watched.emit(of).await;
    }
    watched.connect("b", &watched.world.admin_key).await;
    let again = json!({"action": "subscribe", "topics": ["integration.*"], "after": 1});
    let (frames, _) = watched.say_text("b", Some(&again.to_string())).await;
    let seqs: Vec<&Value> = frames.iter().map(|frame| &frame["seq"]).collect();
    assert_eq!(seqs, [&json!(3), &json!(3)], "{frames:?}");
    assert_eq!((&frames[0]["type"], &frames[1]["type"]), (&json!("event"), &json!("subscribed")));
    assert_eq!(frames[0]["data"], json!({"of": CONNECTION_CREATED.0}));
}
