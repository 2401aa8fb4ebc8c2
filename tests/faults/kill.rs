//! `kill -9` at random moments under load.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};
use simulators::Fault;
use simulators::pega::Pega;
use simulators::receiver::Receiver;
use tempfile::TempDir;
use tests::support::{Caller, Credential, Process, events, variables};

const CASEWAY: &str = env!("CARGO_BIN_EXE_caseway-under-test");
const WEBHOOKS: &str = "/integrations/webhooks";
const KILLS: usize = 30;
const CLIENTS: usize = 8;

/// What was sent under a key, and what came of it.
#[derive(Clone)]
struct Sent {
    key: String,
    case: String,
    /// The number, when it was answered 2xx.
    acknowledged: Option<i64>,
}

/// Sends events until the connection breaks; every one is noted down before it is sent.
async fn load(caller: Caller, sent: Arc<Mutex<Vec<Sent>>>) {
    loop {
        let (key, case) = (shared::ids::unique(), events::new_case());
        let body = events::high_risk(&case);
        let at = {
            let mut sent = sent.lock().unwrap();
            sent.push(Sent { key: key.clone(), case, acknowledged: None });
            sent.len() - 1
        };
        let answer = caller.webhook(&body).header("idempotency-key", &key);
        match caller.try_send(answer).await {
            Ok(answer) => sent.lock().unwrap()[at].acknowledged = Some(answer.event_id()),
            Err(_) => return,
        }
    }
}

/// Thirty times: load, kill, restart. Then every event that was answered 2xx is
/// processed, with one note in Pega and two messages to its webhook; one whose answer was lost is there once or not
/// at all, and a repeat of it makes it exactly once.
#[tokio::test(flavor = "multi_thread")]
async fn every_acknowledged_event_survives_thirty_kills_and_is_done_once() -> anyhow::Result<()> {
    let (pega, folder) = (Pega::start().await?, TempDir::new()?);
    let receiver = Receiver::start().await?;
    let mut vars = variables(&pega.url());
    for (name, value) in [("TARGET_NETWORKS", "127.0.0.1/32"), ("TARGET_PORTS", "1-65535")] {
        vars.insert(name.to_owned(), value.to_owned());
    }
    let process = Process::start(CASEWAY, folder.path(), &vars).await?;
    let webhook = json!({"name": "n", "url": receiver.url(), "event_types": ["pega.*"]});
    let webhook = admin(&process, &folder)?.post_json(WEBHOOKS, &webhook).await;
    assert_eq!(webhook.status, 200, "{}", webhook.text);
    process.kill().await?;
    let sent = Arc::new(Mutex::new(Vec::new()));
    let mut random = fastrand::Rng::new();
    println!("random seed {}", random.get_seed());
    for _ in 0..KILLS {
        // Some calls are under way for a while, so that kills fall into them.
        pega.faults.plan("POST", "/messages", 20, Fault::Delay(Duration::from_millis(30)));
        let process = Process::start(CASEWAY, folder.path(), &vars).await?;
        let caller = admin(&process, &folder)?;
        let clients = (0..CLIENTS).map(|_| tokio::spawn(load(caller.clone(), sent.clone())));
        let clients: Vec<_> = clients.collect();
        tokio::time::sleep(Duration::from_millis(random.u64(20..400))).await;
        process.kill().await?;
        join_all(clients).await;
        pega.faults.clear();
    }
    let process = Process::start(CASEWAY, folder.path(), &vars).await?;
    let caller = admin(&process, &folder)?;
    let sent = sent.lock().unwrap().clone();
    check(&caller, &pega, &sent).await;
    check_messages(&caller, &receiver, sent.len()).await;
    process.kill().await
}

async fn check(caller: &Caller, pega: &Pega, sent: &[Sent]) {
    let acknowledged = sent.iter().filter(|sent| sent.acknowledged.is_some()).count();
    println!("{} sent, {acknowledged} acknowledged over {KILLS} kills", sent.len());
    assert!(acknowledged > KILLS, "the load was too small to mean anything");
    let mut numbers = HashMap::new();
    for Sent { key, case, acknowledged } in sent {
        let repeat = caller.event_with_key(key, &events::high_risk(case)).await.event_id();
        if let Some(id) = acknowledged {
            assert_eq!(repeat, *id, "the key {key} got another number");
        }
        assert!(numbers.insert(repeat, key).is_none(), "number {repeat} was given twice");
        let event = caller.settled(repeat).await;
        assert_eq!(event["status"], "processed", "{event:#}");
        assert_eq!(event["caseId"], case.as_str());
    }
    for Sent { case, .. } in sent {
        assert_eq!(pega.notes_on(case).len(), 1, "notes on {case}");
    }
}

/// Each event was told of twice, as received and as processed, each time under one id.
async fn check_messages(caller: &Caller, receiver: &Receiver, events: usize) {
    let delivered = |stats: &Value| stats["deliveries"]["successful"] == 2 * events;
    let stats = caller.get_when(&format!("{WEBHOOKS}/stats"), delivered).await;
    let expected = (json!(2 * events), json!(0), json!(0));
    let counts = &stats["deliveries"];
    let found = ["total", "failed", "pending"].map(|name| counts[name].clone());
    assert_eq!(found, <[Value; 3]>::from(expected));
    let told: HashSet<(String, String, String)> = receiver
        .taken()
        .iter()
        .map(|one| {
            let body = one.json();
            let event = body["payload"]["event_id"].to_string();
            (event, body["event_type"].to_string(), one.header("webhook-id").to_owned())
        })
        .collect();
    let what: HashSet<_> = told.iter().map(|(event, kind, _)| (event, kind)).collect();
    assert_eq!((what.len(), told.len()), (2 * events, 2 * events));
}

fn admin(process: &Process, folder: &TempDir) -> anyhow::Result<Caller> {
    let key = std::fs::read_to_string(folder.path().join("admin.key"))?;
    Ok(Caller::new(&process.url, Credential::Bearer(key.trim().to_owned())))
}
