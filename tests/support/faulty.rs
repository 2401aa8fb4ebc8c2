//! A database whose calls are lost, answered to nobody, or throttled, by a seed.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_config::SdkConfig;
use aws_config::retry::RetryConfig;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use local::embedded::Embedded;
use tokio::sync::Notify;

/// What goes wrong, drawn from a seed. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Faults(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    random: fastrand::Rng,
    on: bool,
    /// How many of the next answers are lost for certain.
    losing: usize,
    /// After how many calls no other one arrives.
    living: Option<usize>,
    /// After how many calls one waits for the end of a pause.
    pausing: Option<(usize, Arc<Pause>)>,
    /// How often each row was settled, by its key.
    settled: HashMap<String, usize>,
    /// The tokens of transactions that were applied: a repeat changes nothing.
    applied: HashSet<String>,
}

/// A call that waits while others go on.
#[derive(Debug, Default)]
pub struct Pause {
    begun: Notify,
    over: Notify,
}

impl Pause {
    /// Waits until the call is there.
    pub async fn begun(&self) {
        self.begun.notified().await;
    }

    /// Lets the call go on.
    pub fn end(&self) {
        self.over.notify_one();
    }
}

/// What becomes of one call.
enum Fate {
    Answered,
    Paused(Arc<Pause>),
    LostBefore,
    LostAfter,
    Throttled,
}

impl Faults {
    pub fn seeded(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(State {
            random: fastrand::Rng::with_seed(seed),
            on: true,
            losing: 0,
            living: None,
            pausing: None,
            settled: HashMap::new(),
            applied: HashSet::new(),
        })))
    }

    /// From now on all goes well.
    pub fn end(&self) {
        self.0.lock().unwrap().on = false;
    }

    fn draw(&self) -> (f64, bool) {
        let mut state = self.0.lock().unwrap();
        (state.random.f64(), state.on)
    }

    /// Those of a worker that dies: so many calls go well, and no other one arrives.
    pub fn death_after(calls: usize) -> Self {
        let faults = Self::seeded(0);
        faults.0.lock().unwrap().living = Some(calls);
        faults
    }

    /// Whether a worker that was to die did: no call was left to it.
    pub fn has_died(&self) -> bool {
        self.0.lock().unwrap().living == Some(0)
    }

    /// Those of a worker one of whose calls waits, after so many others.
    pub fn pause_after(calls: usize) -> (Self, Arc<Pause>) {
        let (faults, pause) = (Self::seeded(0), Arc::new(Pause::default()));
        faults.end();
        faults.0.lock().unwrap().pausing = Some((calls, pause.clone()));
        (faults, pause)
    }

    /// The pause that begins with this call.
    fn pause(&self) -> Option<Arc<Pause>> {
        let mut state = self.0.lock().unwrap();
        let (left, pause) = state.pausing.take()?;
        if left == 0 {
            return Some(pause);
        }
        state.pausing = Some((left - 1, pause));
        None
    }

    /// Whether a dying worker lives on for another call; none when nobody dies.
    fn lives(&self) -> Option<bool> {
        let mut state = self.0.lock().unwrap();
        let left = state.living?;
        state.living = Some(left.saturating_sub(1));
        Some(left > 0)
    }

    /// Loses the next answers to calls that are done.
    pub fn lose_answers(&self, many: usize) {
        self.0.lock().unwrap().losing = many;
    }

    fn loses(&self) -> bool {
        let mut state = self.0.lock().unwrap();
        let loses = state.losing > 0;
        state.losing = state.losing.saturating_sub(1);
        loses
    }

    fn fate(&self) -> Fate {
        if let Some(lives) = self.lives() {
            return if lives { Fate::Answered } else { Fate::LostBefore };
        }
        if let Some(pause) = self.pause() {
            return Fate::Paused(pause);
        }
        if self.loses() {
            return Fate::LostAfter;
        }
        match self.draw() {
            (_, false) => Fate::Answered,
            (drawn, _) if drawn < 0.04 => Fate::LostBefore,
            (drawn, _) if drawn < 0.12 => Fate::LostAfter,
            (drawn, _) if drawn < 0.16 => Fate::Throttled,
            _ => Fate::Answered,
        }
    }

    /// How often a hint arrives.
    pub fn copies(&self) -> usize {
        match self.draw() {
            (_, false) => 1,
            (drawn, _) if drawn < 0.3 => 0,
            (drawn, _) if drawn < 0.6 => 2,
            _ => 1,
        }
    }

    /// How long a worker lives.
    pub fn life(&self) -> Duration {
        match self.draw() {
            (drawn, true) if drawn < 0.25 => Duration::from_millis((drawn * 400.0) as u64),
            _ => Duration::from_secs(600),
        }
    }

    /// How often each row was settled.
    pub fn settled(&self) -> HashMap<String, usize> {
        self.0.lock().unwrap().settled.clone()
    }

    /// Notes down an applied change that settles a job.
    fn note(&self, request: &serde_json::Value) {
        let mut state = self.0.lock().unwrap();
        let token = request["ClientRequestToken"].as_str();
        if token.is_some_and(|token| !state.applied.insert(token.to_owned())) {
            return;
        }
        let items = request["TransactItems"].as_array().into_iter().flatten();
        let updates = items.map(|item| &item["Update"]).chain([request]);
        for update in updates {
            let values = update["ExpressionAttributeValues"].as_object();
            let settles = values.is_some_and(|v| v.values().any(|value| value["S"] == "DONE"));
            if let Some(pk) = update["Key"]["pk"]["S"].as_str().filter(|_| settles) {
                *state.settled.entry(pk.to_owned()).or_default() += 1;
            }
        }
    }

    fn latency(&self) -> Duration {
        Duration::from_millis((self.draw().0 * 20.0) as u64 + 1)
    }
}

/// The SDK over this database with these faults in between, with a retry budget of
/// its own so that worlds do not disturb each other.
pub fn faulty(database: &Embedded, faults: &Faults) -> SdkConfig {
    let sdk = database.sdk();
    let inner = sdk.http_client().expect("an embedded client");
    let client = Client { inner, faults: faults.clone() };
    sdk.into_builder()
        .http_client(client)
        .retry_config(RetryConfig::standard().with_max_attempts(4))
        .build()
}

#[derive(Clone, Debug)]
struct Client {
    inner: SharedHttpClient,
    faults: Faults,
}

#[derive(Clone, Debug)]
struct Connector {
    inner: SharedHttpConnector,
    faults: Faults,
}

impl HttpClient for Client {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        let inner = self.inner.http_connector(settings, components);
        SharedHttpConnector::new(Connector { inner, faults: self.faults.clone() })
    }
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let Self { inner, faults } = self.clone();
        HttpConnectorFuture::new(async move {
            tokio::time::sleep(faults.latency()).await;
            let lost = |when: &str| Err(ConnectorError::io(format!("lost {when}").into()));
            let asked = request.body().bytes().and_then(|body| serde_json::from_slice(body).ok());
            let apply = async || {
                let answer = inner.call(request).await?;
                if answer.status().is_success() {
                    faults.note(&asked.unwrap_or_default());
                }
                Ok(answer)
            };
            match faults.fate() {
                Fate::Answered => apply().await,
                Fate::Paused(pause) => {
                    pause.begun.notify_one();
                    pause.over.notified().await;
                    apply().await
                }
                Fate::LostBefore => lost("before it was done"),
                Fate::LostAfter => {
                    apply().await?;
                    tokio::time::sleep(faults.latency()).await;
                    lost("after it was done")
                }
                Fate::Throttled => Ok(throttled()),
            }
        })
    }
}

fn throttled() -> HttpResponse {
    let body =
        r#"{"__type":"com.amazonaws.dynamodb.v20120810#ThrottlingException","message":"slow"}"#;
    let status = 400.try_into().expect("a status");
    let mut response = HttpResponse::new(status, SdkBody::from(body));
    response.headers_mut().insert("content-type", "application/x-amz-json-1.0");
    response
}
