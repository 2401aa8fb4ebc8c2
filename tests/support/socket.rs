//! Somebody with a socket.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderName;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// The longest that a frame is waited for.
const WITHIN: Duration = Duration::from_secs(20);

/// An open socket.
pub struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

/// The end of a socket: the code of its close frame, if it had one.
#[derive(Debug, PartialEq, Eq)]
pub struct Hung(pub Option<u16>);

impl Socket {
    /// Opens one at a `ws:` address with these headers; else the status of the refusal.
    pub async fn open(url: &str, headers: &[(&str, &str)]) -> Result<Self, u16> {
        let mut request = url.into_client_request().expect("an address");
        for (name, value) in headers {
            let name: HeaderName = name.parse().expect("a header");
            request.headers_mut().insert(name, value.parse().expect("a value"));
        }
        match connect_async(request).await {
            Ok((socket, _)) => Ok(Self(socket)),
            Err(Error::Http(refused)) => Err(refused.status().as_u16()),
            Err(other) => panic!("{url}: {other}"),
        }
    }

    /// Sends a JSON object.
    pub async fn say(&mut self, frame: &Value) {
        self.send(Message::text(frame.to_string())).await;
    }

    /// Sends anything.
    pub async fn send(&mut self, message: Message) {
        self.0.send(message).await.expect("sent");
    }

    /// Sends a JSON object and answers the next frame.
    pub async fn ask(&mut self, frame: &Value) -> Value {
        self.say(frame).await;
        self.hear().await
    }

    /// Subscribes to these and answers the number that was told.
    pub async fn subscribe(&mut self, topics: &[&str]) -> i64 {
        let told = self.ask(&json!({"action": "subscribe", "topics": topics})).await;
        assert_eq!(told["type"], "subscribed", "{told}");
        told["seq"].as_i64().expect("a number")
    }

    /// The next frame.
    pub async fn hear(&mut self) -> Value {
        self.next().await.expect("an open socket")
    }

    /// The next frame, or the end.
    pub async fn next(&mut self) -> Result<Value, Hung> {
        loop {
            let heard = timeout(WITHIN, self.0.next()).await.expect("something in time");
            match heard {
                Some(Ok(Message::Text(text))) => {
                    return Ok(serde_json::from_str(&text).expect("JSON"));
                }
                Some(Ok(Message::Close(frame))) => {
                    return Err(Hung(frame.map(|frame| frame.code.into())));
                }
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Err(Hung(None)),
            }
        }
    }

    /// What comes until the answer to a ping, which is left out.
    pub async fn until_pong(&mut self) -> Vec<Value> {
        self.say(&json!({"action": "ping"})).await;
        let mut heard = Vec::new();
        loop {
            let frame = self.hear().await;
            if frame["type"] == "pong" {
                return heard;
            }
            heard.push(frame);
        }
    }

    /// Waits for a pong to a ping of the protocol below.
    pub async fn answers_pings(&mut self) -> bool {
        self.send(Message::Ping("?".into())).await;
        let heard = timeout(WITHIN, self.0.next()).await.expect("something in time");
        matches!(heard, Some(Ok(Message::Pong(said))) if said == "?")
    }

    /// Ends it.
    pub async fn close(mut self) {
        let _ = self.0.close(None).await;
        while let Some(Ok(_)) = timeout(WITHIN, self.0.next()).await.expect("an end in time") {}
    }
}
