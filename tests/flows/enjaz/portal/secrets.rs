//! A password and cookies are in nothing that is logged or told.

use std::fmt::{Debug, Write};
use std::sync::{Arc, Mutex};

use anyhow::Result;
use axum::http::StatusCode;
use functions::enjaz::portal::Walk;
use simulators::portal::{DEVICE_COOKIE, Mishap, SESSION_COOKIE};
use tracing::field::{Field, Visit as Fields};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use super::{USER, Visit};

/// Everything that is logged, at every level.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<String>>);

struct Line(String);

impl Fields for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let _ = write!(self.0, " {field}={value:?}");
    }
}

impl Log {
    fn add(&self, line: impl FnOnce(&mut Line)) {
        let mut text = Line("\n".to_owned());
        line(&mut text);
        self.0.lock().expect("the log").push_str(&text.0);
    }
}

impl Subscriber for Log {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }
    fn new_span(&self, span: &Attributes<'_>) -> Id {
        self.add(|line| span.record(line));
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, values: &Record<'_>) {
        self.add(|line| values.record(line));
    }
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, event: &Event<'_>) {
        self.add(|line| event.record(line));
    }
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

#[tokio::test]
async fn no_secret_is_logged_or_told() -> Result<()> {
    let log = Log::default();
    // With one alone, an event that another thread comes across first would count as unwanted.
    let _other = tracing::Dispatch::new(Log::default());
    let _logged = tracing::subscriber::set_default(log.clone());
    let visit = Visit::of_three_pages().await;
    let mut told = String::new();
    let mut session = visit.sign_in().await?;
    let secrets = visit.portal.session_of(USER.0).into_iter().map(|(_, value)| value);
    let mut walk = Walk::default();
    visit.portal.mishap("/cases?page=2", 1, Mishap::Fails(StatusCode::BAD_GATEWAY));
    for _ in 0..2 {
        write!(told, "{:?} {session:?}", session.read(&mut walk).await)?;
    }
    for mishap in [Mishap::RedirectLoop, Mishap::BreaksOff, Mishap::Json, Mishap::Elsewhere] {
        visit.portal.mishap("POST /login", 1, mishap);
        let refusal = visit.refused().await;
        write!(told, "{refusal} {refusal:?} {}", serde_json::to_string(&refusal)?)?;
    }
    let refusal = visit.sign_in_with("canary of another").await.expect_err("a refusal");
    write!(told, "{refusal:?}")?;
    let log = log.0.lock().expect("the log").clone();
    assert!(log.contains("a portal answered"), "{log}");
    for text in [&told, &log] {
        for secret in [USER.1, "canary", SESSION_COOKIE, DEVICE_COOKIE] {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
    }
    // The password goes nowhere but into its own field.
    assert!(visit.portal.asked().iter().all(|asked| !asked.contains("hidden")));
    assert_eq!(secrets.count(), 2);
    Ok(())
}
