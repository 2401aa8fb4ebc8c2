//! Real sockets of the local process.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use functions::messages::catalogue::CONNECTION_CREATED;
use local::App;
use local::embedded::to_disk;
use serde_json::{Value, json};
use shared::table::Query;
use shared::tenant::Tenant;
use tempfile::TempDir;
use tests::support::{
    Caller, Credential, Emitting, Hung, Installation, Process, Socket, Vars, start_app, variables,
};
use tokio_tungstenite::tungstenite::Message;

/// A socket of this caller, by a ticket.
pub(crate) async fn open(caller: &Caller) -> Socket {
    let made = caller.post("/live/tickets").await;
    assert_eq!(made.status, 201, "{}", made.text);
    let text = |name: &str| made.json[name].as_str().expect("a text");
    let url = format!("{}?ticket={}", text("url"), text("ticket"));
    Socket::open(&url, &[]).await.expect("an open socket")
}

/// How many connections the tenant `default` has.
async fn connections(app: &App) -> usize {
    let messages = app.env().table("MESSAGES_TABLE").expect("a table");
    let pk = Tenant::parse("default").expect("a name").pk("SOCKETS", "");
    messages.query_all::<Value>(Query::partition(&pk)).await.expect("rows").len()
}

async fn no_connection_is_left(installation: &Installation) {
    for _ in 0..400 {
        if connections(&installation.app).await == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("a connection that ended is not forgotten");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_reaches_who_watches_it_in_order() {
    let installation = Installation::start().await;
    let (admin, emitting) = (installation.admin(), Emitting::within(installation.app.env()));
    let (mut first, mut second) = (open(&admin).await, open(&admin).await);
    assert_eq!(first.subscribe(&["integration.*"]).await, 0);
    second.subscribe(&["pega.*"]).await;
    for n in 1..=50 {
        emitting.emit("default", CONNECTION_CREATED, &json!({ "n": n })).await;
    }
    for n in 1..=50 {
        let event = first.hear().await;
        assert_eq!((&event["type"], &event["seq"]), (&json!("event"), &json!(n)));
        assert_eq!(
            (&event["event_type"], &event["data"]["n"]),
            (&json!(CONNECTION_CREATED.0), &json!(n))
        );
        assert!(event["timestamp"].is_string() && event["id"].is_string());
    }
    assert!(second.until_pong().await.is_empty());
    assert_eq!(second.ask(&json!({"action": "ping"})).await, json!({"type": "pong", "seq": 50}));
    assert!(first.answers_pings().await);
    first.close().await;
    second.close().await;
    no_connection_is_left(&installation).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_read_holds_up_nobody_and_reads_later_what_they_missed() {
    let installation = Installation::start().await;
    let (admin, emitting) = (installation.admin(), Emitting::within(installation.app.env()));
    let (mut slow, mut quick) = (open(&admin).await, open(&admin).await);
    for socket in [&mut slow, &mut quick] {
        socket.subscribe(&["*"]).await;
    }
    let data = json!({ "text": "x".repeat(30_000) });
    let many = 600;
    for seq in 1..=many {
        emitting.emit("default", CONNECTION_CREATED, &data).await;
        assert_eq!(quick.hear().await["seq"], seq);
    }
    // Until what is emitted now comes through, there is more that was kept for them.
    let mut heard = Vec::new();
    while heard.last().is_none_or(|event: &Value| event["data"] == data) {
        emitting.emit("default", CONNECTION_CREATED, &json!({})).await;
        heard.extend(slow.until_pong().await);
    }
    heard.retain(|event| event["data"] == data);
    assert!(heard.len() < many, "everything was kept for who does not read");
    let mut last = 0;
    let mut jump = None;
    for event in &heard {
        let seq = event["seq"].as_u64().expect("a number");
        jump = jump.or((seq != last + 1).then_some(last));
        last = seq;
    }
    // What is missing at the end is told by the event that came through.
    let after = jump.unwrap_or(last);
    let read = admin.get(&format!("/live/messages?after={after}&limit=1")).await.json;
    assert_eq!(read["messages"][0]["seq"], after + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_sent_is_answered_or_ends_that_socket_alone() {
    let installation = Installation::start_with(&[("LIVE_FRAMES_PER_MINUTE", "20")]).await;
    let admin = installation.admin();
    let mut steady = open(&admin).await;
    steady.subscribe(&["*"]).await;

    let mut socket = open(&admin).await;
    for wrong in
        [Message::binary(vec![0, 159]), Message::text("{"), Message::text("x".repeat(5000))]
    {
        socket.send(wrong).await;
        assert_eq!(socket.hear().await["type"], "error");
    }
    socket.send(Message::text("x".repeat(200 * 1024))).await;
    while socket.next().await.is_ok() {}

    let mut flooding = open(&admin).await;
    for _ in 0..21 {
        flooding.say(&json!({"action": "ping"})).await;
    }
    let mut frames = Vec::new();
    let ended = loop {
        match flooding.next().await {
            Ok(frame) => frames.push(frame),
            Err(ended) => break ended,
        }
    };
    assert_eq!((frames.len(), &frames[20]["type"]), (21, &json!("error")));
    assert_eq!(ended, Hung(Some(1008)));
    Emitting::within(installation.app.env()).emit("default", CONNECTION_CREATED, &json!({})).await;
    assert_eq!(steady.hear().await["seq"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_over_which_nothing_passes_ends() {
    let installation = Installation::start_with(&[("LIVE_IDLE_SECONDS", "0.2")]).await;
    let mut socket = open(&installation.admin()).await;
    assert_eq!(socket.next().await, Err(Hung(Some(1001))));
    no_connection_is_left(&installation).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_stops_says_so_and_what_a_dead_one_left_is_cleared_away() {
    let installation = Installation::start().await;
    let key = installation.target.admin_key.clone();
    let mut socket = open(&installation.admin()).await;
    socket.subscribe(&["*"]).await;
    // What a process that was killed leaves: a connection that no socket has.
    let sockets = functions::live::Sockets::load(installation.app.env()).expect("sockets");
    let opened = axum::http::Request::builder().header("x-api-key", &key).body(()).expect("one");
    sockets.connect("dead", &opened.into_parts().0).await.expect("let in");
    let subscribe = json!({"action": "subscribe", "topics": ["*"]}).to_string();
    sockets.hear("dead", Some(&subscribe)).await;
    assert_eq!(connections(&installation.app).await, 2);
    let Installation { app, target, folder } = installation;
    let (_, ended) = tokio::join!(app.stop(), socket.next());
    assert_eq!(ended, Err(Hung(Some(1001))));

    let vars = variables(&target.pega.url());
    let app = start_app(folder.path(), vars, to_disk()).await;
    let target = tests::support::Target { url: app.url(), ..target };
    let installation = Installation { app, target, folder };
    assert_eq!(connections(&installation.app).await, 1, "the other one ended well");
    let mut socket = open(&installation.admin()).await;
    socket.subscribe(&["*"]).await;
    Emitting::within(installation.app.env()).emit("default", CONNECTION_CREATED, &json!({})).await;
    assert_eq!(socket.hear().await["type"], "event");
    socket.close().await;
    no_connection_is_left(&installation).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_ends_when_its_sockets_have_their_end() -> anyhow::Result<()> {
    let folder = TempDir::new()?;
    let binary = env!("CARGO_BIN_EXE_caseway-under-test");
    let process = Process::start(binary, folder.path(), &Vars::new()).await?;
    let key = std::fs::read_to_string(folder.path().join("admin.key"))?;
    let admin = Caller::new(&process.url, Credential::Bearer(key.trim().to_owned()));
    let mut open_ones = Vec::new();
    for _ in 0..30 {
        open_ones.push(open(&admin).await);
    }
    assert!(process.end().await?.success());
    for mut socket in open_ones {
        assert_eq!(socket.next().await, Err(Hung(Some(1001))));
    }
    let app = start_app(folder.path(), Vars::new(), to_disk()).await;
    assert_eq!(connections(&app).await, 0, "it forgot each of them first");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_leaves_when_what_it_tells_of_is_on_the_disk() {
    let pega = simulators::pega::Pega::start().await.expect("a Pega");
    let (folder, stuck) = (TempDir::new().expect("a folder"), Arc::new(AtomicBool::new(false)));
    let disk = stuck.clone();
    let sync: local::embedded::Sync = Box::new(move |file| {
        while disk.load(Ordering::SeqCst) {
            std::thread::yield_now();
        }
        file.sync_data()
    });
    let app = start_app(folder.path(), variables(&pega.url()), sync).await;
    let key = app.new_admin_key().expect("a first start").to_owned();
    let mut socket = open(&Caller::new(&app.url(), Credential::Bearer(key))).await;
    socket.subscribe(&["*"]).await;
    stuck.store(true, Ordering::SeqCst);
    Emitting::within(app.env()).emit("default", CONNECTION_CREATED, &json!({})).await;
    let early = tokio::time::timeout(Duration::from_millis(300), socket.next()).await;
    stuck.store(false, Ordering::SeqCst);
    assert!(early.is_err(), "{early:?} left before it was on the disk");
    assert_eq!(socket.hear().await["seq"], 1);
    app.stop().await;
}
