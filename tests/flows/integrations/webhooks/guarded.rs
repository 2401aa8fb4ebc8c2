//! Webhooks are no way into the operator's network: not at registration, not by a
//! redirect, not by a name that changes what it resolves to.

use std::sync::Arc;

use functions::integrations::webhooks;
use local::embedded::to_disk;
use local::{App, Options};
use serde_json::json;
use shared::env::Env;
use simulators::Fault;
use simulators::receiver::Receiver;
use tests::support::{Caller, Changing, Credential, Process, World, variables};

use super::{WEBHOOKS, deliveries, event, register, world};

/// A world in which names resolve so.
async fn world_with_names(names: Arc<Changing>) -> World {
    World::with(&[("TARGET_PORTS", "1-65535")]).await.with_names(names)
}

#[tokio::test]
async fn private_addresses_are_refused_at_registration() {
    let world = World::with(&[]).await;
    for url in [
        "http://127.0.0.1/",
        "http://localhost/",
        "http://[::1]/",
        "http://169.254.169.254/latest/meta-data",
        "http://10.0.0.1/",
        "http://192.168.1.1/",
        "http://172.16.5.4/",
        "http://2130706433/",
        "http://0177.0.0.1/",
        "http://[::ffff:127.0.0.1]/",
        "http://100.64.1.1/",
        "http://0.0.0.0/",
        "http://93.184.216.34:9001/",
        "http://93.184.216.34:22/",
    ] {
        let new = json!({"name": "n", "url": url, "event_types": ["*"]});
        let refused = world.admin().send("POST", WEBHOOKS, new).await;
        assert_eq!(refused.status, 422, "{url}: {}", refused.text);
        assert_eq!(refused.json["errors"][0]["field"], "url", "{url}");
    }
    let public = json!({"name": "n", "url": "http://93.184.216.34/", "event_types": ["*"]});
    assert_eq!(world.admin().send("POST", WEBHOOKS, public).await.status, 200);
}

/// A name is public when the webhook is saved and when it is looked at, and private when
/// it is called: nothing is connected to but what was looked at.
#[tokio::test]
async fn a_name_that_turns_private_is_not_called() {
    let receiver = Receiver::start().await.expect("a receiver");
    for private in ["127.0.0.1", "::ffff:127.0.0.1", "::1"] {
        let names = Changing::of(&[&["93.184.216.34"], &[private]]);
        let world = world_with_names(names).await;
        let url = format!("http://hooks.example:{}/hook", receiver.port());
        let webhook = register(&world, &receiver, json!({ "url": url })).await;
        event(&world, "HR-1").await;
        world.deliver().await;
        let delivery = deliveries(&world, &webhook).await.remove(0);
        assert_eq!(delivery["error_class"], "invalid_target", "{delivery}");
    }
    assert!(receiver.taken().is_empty());
}

/// Of several addresses those that may not be called are not even tried.
#[tokio::test]
async fn of_a_name_s_addresses_only_those_that_may_be_called_are() {
    let (world, receiver) = world().await;
    // Opened is 127.0.0.1 alone.
    let closed = tokio::net::TcpListener::bind(("127.0.0.2", receiver.port())).await;
    let closed = closed.expect("another address of this machine");
    let names = Changing::of(&[&["127.0.0.2", "127.0.0.1"]]);
    let world = world.with_names(names);
    let url = format!("http://hooks.example:{}/hook", receiver.port());
    register(&world, &receiver, json!({ "url": url })).await;
    event(&world, "HR-1").await;
    let (_, called) = tokio::join!(world.deliver(), async {
        tokio::time::timeout(std::time::Duration::from_millis(500), closed.accept()).await
    });
    assert!(called.is_err(), "a closed address was called");
    assert_eq!(receiver.taken().len(), 1);
}

#[tokio::test]
async fn private_targets_are_for_a_process_that_is_alone() {
    let opened = [("TARGET_NETWORKS", "10.0.0.0/8,127.0.0.2/32")];
    for (host, private_targets, vars, starts) in [
        ("127.0.0.1", true, &[][..], true),
        ("0.0.0.0", true, &[][..], false),
        ("0.0.0.0", false, &opened[..], false),
        ("127.0.0.1", false, &opened[..], true),
    ] {
        let folder = tempfile::TempDir::new().expect("a folder");
        let vars = vars.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let options = Options {
            host: host.to_owned(),
            port: 0,
            data: folder.path().to_owned(),
            vars: vars.collect(),
            sync: to_disk(),
            private_targets,
        };
        let started = App::start(options).await;
        assert_eq!(started.is_ok(), starts, "{host} {private_targets}");
        if let Ok(app) = started {
            app.stop().await;
        }
    }
}

/// Where the operator opens a network, what a name resolves to in it is called.
#[tokio::test]
async fn a_name_in_an_opened_network_is_called() {
    let receiver = Receiver::start().await.expect("a receiver");
    let names = Changing::of(&[&["127.0.0.1"]]);
    let (world, _) = world().await;
    let world = world.with_names(names);
    let url = format!("http://hooks.example:{}/hook", receiver.port());
    register(&world, &receiver, json!({ "url": url })).await;
    event(&world, "HR-1").await;
    world.deliver().await;
    assert_eq!(
        receiver.took(1).await[0].header("host"),
        format!("hooks.example:{}", receiver.port())
    );
}

/// What was allowed when the webhook was saved is asked anew when it is called.
#[tokio::test]
async fn a_network_that_is_closed_again_is_not_called() {
    let (world, receiver) = world().await;
    let webhook = register(&world, &receiver, json!({})).await;
    event(&world, "HR-1").await;
    let mut vars = world.vars();
    vars.remove("TARGET_NETWORKS");
    let closed = Env::new(vars, world.database.sdk())
        .with_clock(world.clock.clone())
        .with_other_queues(world.deliveries.clone())
        .with_vault(world.vault());
    let worker = webhooks::worker(&closed).expect("a worker");
    for hint in world.deliveries.take() {
        webhooks::deliver(&worker, hint).await.expect("worked through");
    }
    assert!(receiver.taken().is_empty());
    assert_eq!(deliveries(&world, &webhook).await[0]["error_class"], "invalid_target");
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let (world, receiver) = world().await;
    let inside = Receiver::start().await.expect("a receiver");
    let webhook = register(&world, &receiver, json!({})).await;
    receiver.faults.plan("POST", "/hook", 1, Fault::Redirect(inside.url()));
    event(&world, "HR-1").await;
    world.deliver().await;
    assert!(inside.taken().is_empty());
    assert_eq!(deliveries(&world, &webhook).await[0]["error_class"], "redirect");
}

/// A proxy would resolve names anew, where nobody vets them.
#[tokio::test(flavor = "multi_thread")]
async fn no_proxy_of_the_environment_is_asked() -> anyhow::Result<()> {
    const CASEWAY: &str = env!("CARGO_BIN_EXE_caseway-under-test");
    let (receiver, proxy) = (Receiver::start().await?, Receiver::start().await?);
    let folder = tempfile::TempDir::new()?;
    let mut vars = variables("");
    for (name, value) in [
        ("TARGET_NETWORKS", "127.0.0.1/32".to_owned()),
        ("TARGET_PORTS", "1-65535".to_owned()),
        ("HTTP_PROXY", proxy.url()),
        ("http_proxy", proxy.url()),
        ("ALL_PROXY", proxy.url()),
    ] {
        vars.insert(name.to_owned(), value);
    }
    let process = Process::start(CASEWAY, folder.path(), &vars).await?;
    let key = std::fs::read_to_string(folder.path().join("admin.key"))?.trim().to_owned();
    let admin = Caller::new(&process.url, Credential::Bearer(key));
    let new = json!({"name": "n", "url": receiver.url(), "event_types": ["*"]});
    let made = admin.post_json(WEBHOOKS, &new).await.json;
    let test = format!("{WEBHOOKS}/{}/test", made["id"].as_str().expect("an id"));
    assert_eq!(admin.post(&test).await.status, 200);
    receiver.took(1).await;
    assert!(proxy.taken().is_empty());
    process.kill().await
}
