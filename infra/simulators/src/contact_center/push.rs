//! What it tells of itself: changes of agents' statuses, each in two messages, that of the
//! exit first. It sends and does not care what becomes of it; a test does.

use std::time::{Duration, Instant};

use futures_util::{StreamExt, stream};
use jiff::Timestamp;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde::Serialize;
use tokio::time::MissedTickBehavior;

/// A message, with the six members that it has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Message {
    /// The agent.
    pub worker_id: String,
    /// The status's name.
    pub state_name: String,
    /// The status's code.
    pub state_code: String,
    /// The centre.
    pub system_id: String,
    /// When it changed, in seconds of Unix.
    pub action_time: i64,
    /// 1 when the status is entered, 0 when it is left.
    pub action: u8,
}

/// What the centre calls itself.
pub const SYSTEM: &str = "External system";

impl Message {
    /// Of an agent who enters a status, of this code and name.
    pub fn enters(agent: &str, (code, name): (&str, &str), at: Timestamp) -> Self {
        Self {
            worker_id: agent.to_owned(),
            state_name: name.to_owned(),
            state_code: code.to_owned(),
            system_id: SYSTEM.to_owned(),
            action_time: at.as_second(),
            action: 1,
        }
    }

    /// Of one who leaves it.
    pub fn leaves(agent: &str, status: (&str, &str), at: Timestamp) -> Self {
        Self { action: 0, ..Self::enters(agent, status, at) }
    }
}

/// How fast messages are sent.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// How many may be under way. With one they arrive in order.
    pub at_once: usize,
    /// How many are begun in a second; as many as there can be without.
    pub per_second: Option<u32>,
}

/// What became of messages.
#[derive(Clone, Debug, Default)]
pub struct Pushed {
    /// How many were sent.
    pub sent: usize,
    /// How many were answered with 2xx.
    pub accepted: usize,
    /// The statuses of the others that were answered.
    pub refused: Vec<u16>,
    /// How many were never answered.
    pub unheard: usize,
    /// How long it took.
    pub took: Duration,
}

/// Where messages go.
pub struct Push {
    client: reqwest::Client,
    url: String,
    headers: HeaderMap,
}

impl Push {
    /// To this address.
    pub fn to(url: &str) -> reqwest::Result<Self> {
        let (client, url) = (crate::http::client()?, url.to_owned());
        Ok(Self { client, url, headers: HeaderMap::new() })
    }

    /// With a header, such as that of a sign-in, which the protocol itself has not.
    pub fn header(mut self, name: &'static str, value: HeaderValue) -> Self {
        self.headers.insert(HeaderName::from_static(name), value);
        self
    }

    /// Sends all of these, each once, and is back when each was answered or given up.
    pub async fn send(&self, messages: Vec<Message>, pace: Pace) -> Pushed {
        let (began, mut pushed) = (Instant::now(), Pushed::default());
        let ticks = pace.per_second.map(|many| {
            let mut ticks = tokio::time::interval(Duration::from_secs(1) / many.max(1));
            ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
            ticks
        });
        let due = stream::unfold((messages.into_iter(), ticks), async |(mut left, mut ticks)| {
            let message = left.next()?;
            if let Some(ticks) = &mut ticks {
                ticks.tick().await;
            }
            Some((message, (left, ticks)))
        });
        let mut answers =
            std::pin::pin!(due.map(|message| self.one(message)).buffer_unordered(pace.at_once));
        while let Some(answer) = answers.next().await {
            pushed.sent += 1;
            match answer {
                Ok(status) if status.is_success() => pushed.accepted += 1,
                Ok(status) => pushed.refused.push(status.as_u16()),
                Err(_) => pushed.unheard += 1,
            }
        }
        Pushed { took: began.elapsed(), ..pushed }
    }

    async fn one(&self, message: Message) -> reqwest::Result<reqwest::StatusCode> {
        let request = self.client.post(&self.url).headers(self.headers.clone()).json(&message);
        let response = self.client.execute(request.build()?).await?;
        let status = response.status();
        // Read to its end, so that the connection is used again.
        response.bytes().await?;
        Ok(status)
    }
}
