//! `caseway demo`: the bundle beside a simulated Pega and a receiver of webhooks. Sends the
//! sample events, tells what was received, decided, done, noted and told, and goes on
//! serving.

use std::collections::HashMap;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use shared::outbound::{Method, Outbound};
use simulators::pega::{OPERATOR, Pega};
use simulators::receiver::Receiver;

use crate::App;
use crate::cli::{Serve, wait_for_the_end};
use crate::say::say;

/// Real events, as the tests use them.
const EVENTS: [&str; 6] = [
    include_str!("../../../tests/events/department_change_high_risk.json"),
    include_str!("../../../tests/events/department_change.json"),
    include_str!("../../../tests/events/employee_onboarding.json"),
    include_str!("../../../tests/events/employee_offboarding.json"),
    include_str!("../../../tests/events/role_change.json"),
    include_str!("../../../tests/events/approval_request.json"),
];
/// How often an event is looked at until it was worked through, and how far apart.
const LOOKS: u32 = 100;
const BETWEEN_LOOKS: Duration = Duration::from_millis(50);

/// Runs the demo until it is stopped.
pub(crate) async fn run(serve: Serve, mut vars: HashMap<String, String>) -> Result<()> {
    let pega = Pega::start().await?;
    say(&format!("a simulated Pega listens on {}", pega.url()));
    vars.retain(|name, _| !name.starts_with("PEGA_"));
    vars.insert("PEGA_URL".to_owned(), pega.url());
    vars.insert("PEGA_USERNAME".to_owned(), OPERATOR.0.to_owned());
    vars.insert("PEGA_PASSWORD".to_owned(), OPERATOR.1.to_owned());
    let mut options = serve.with(vars);
    // The receiver is on this machine, which only a process that is alone on it may call.
    options.private_targets = options.is_alone();
    let receiver = if options.private_targets { Some(Receiver::start().await?) } else { None };
    let app = App::start(options).await?;
    let kept = app.data().admin_key()?;
    let key = kept.context("admin.key is gone from the data folder; the demo needs it")?;
    say(&format!("caseway listening on {}", app.url()));

    let caller = Caller { http: Outbound::new(None)?, url: app.url(), key };
    if let Some(receiver) = &receiver {
        caller.tell(receiver).await?;
    }
    for event in EVENTS {
        caller.show(event, &pega, receiver.as_ref()).await?;
    }
    say("");
    say("Look around; stop with Ctrl-C:");
    say(&format!("  export KEY=$(cat {})", app.data().admin_key_file().display()));
    say(&format!("  curl -s -H \"X-API-Key: $KEY\" {}/events", app.url()));
    wait_for_the_end().await?;
    app.stop().await;
    Ok(())
}

/// Somebody with a key.
struct Caller {
    http: Outbound,
    url: String,
    key: String,
}

impl Caller {
    /// Registers a webhook that leads to this receiver.
    async fn tell(&self, receiver: &Receiver) -> Result<()> {
        let webhook = json!({
            "name": "demo", "url": receiver.url(), "event_types": ["pega.event.processed"],
        });
        let webhook = self.call(Method::POST, "/integrations/webhooks", Some(&webhook)).await?;
        receiver.check(&[webhook["secret"].as_str().unwrap_or_default()]);
        say(&format!(
            "a receiver of webhooks, which checks signatures, listens on {}",
            receiver.url()
        ));
        Ok(())
    }

    /// Sends one event and tells what comes of it.
    async fn show(&self, body: &str, pega: &Pega, receiver: Option<&Receiver>) -> Result<()> {
        let sent: Value = serde_json::from_str(body)?;
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let case = text(&sent["caseId"]);
        say("");
        let (what, whose) = (text(&sent["event"]), text(&sent["employeeId"]));
        say(&format!("Pega sends {what} of {whose} for case {case}"));
        let received = self.call(Method::POST, "/webhook/pega", Some(&sent)).await?;
        say(&format!("  received   {}", received["message"].as_str().unwrap_or_default()));
        let event = self.worked_through(&received["eventId"]).await?;
        let result = &event["processing_result"];
        for action in result["actions_taken"].as_array().into_iter().flatten() {
            say(&format!("  done       {}", text(action)));
        }
        if let Some(message) = result["message"].as_str() {
            say(&format!("  {:<10} {message}", text(&result["status"])));
        }
        for note in pega.notes_on(&case) {
            say(&format!("  in Pega    note on {case}: {note}"));
        }
        if let Some(receiver) = receiver {
            let message = told_of(receiver, &received["eventId"]).await?;
            let (kind, id) = (text(&message["event_type"]), text(&message["delivery_id"]));
            say(&format!("  told       {kind}, as message {id}"));
        }
        Ok(())
    }

    /// The event, once it was worked through.
    async fn worked_through(&self, id: &Value) -> Result<Value> {
        for _ in 0..LOOKS {
            let event = self.call(Method::GET, &format!("/events/{id}"), None).await?;
            if !event["processed_at"].is_null() {
                return Ok(event);
            }
            tokio::time::sleep(BETWEEN_LOOKS).await;
        }
        bail!("event {id} was not worked through in time")
    }

    async fn call(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Value> {
        let call = self.http.call(method, &format!("{}{path}", self.url)).bearer(&self.key);
        let call = body.into_iter().fold(call, |call, body| call.json(body));
        let reply = call.send().await?;
        if !reply.status.is_success() {
            bail!("{path} answered {}: {}", reply.status, String::from_utf8_lossy(&reply.body));
        }
        Ok(serde_json::from_slice(&reply.body)?)
    }
}

/// What the receiver was told of an event.
async fn told_of(receiver: &Receiver, id: &Value) -> Result<Value> {
    for _ in 0..LOOKS {
        let mut taken = receiver.taken().into_iter().map(|taken| taken.json());
        if let Some(told) = taken.find(|told| told["payload"]["event_id"] == *id) {
            return Ok(told);
        }
        tokio::time::sleep(BETWEEN_LOOKS).await;
    }
    bail!("event {id} was not told of in time")
}
