//! Calls over a socket, as another system makes them.

mod history;
mod intervals;
mod manner;
mod push;

use jiff::Timestamp;
use serde_json::Value;

use super::ContactCenter;

/// The period that most requests are of.
const DAY: &str = "startDate=2020-01-01T00:00:00Z&endDate=2020-01-02T00:00:00Z";

/// A moment of 1 January 2020, or of another day of that month as `2T10:00:00`.
fn at(time: &str) -> Timestamp {
    let (day, time) = time.split_once('T').unwrap_or(("1", time));
    format!("2020-01-0{day}T{time}Z").parse().unwrap()
}

/// Status and body.
async fn get(centre: &ContactCenter, path: &str) -> (u16, String) {
    let client = crate::http::client().unwrap();
    let request = client.get(format!("{}{path}", centre.url())).build().unwrap();
    let response = client.execute(request).await.unwrap();
    (response.status().as_u16(), response.text().await.unwrap())
}

/// What a call answers that is answered.
async fn told(centre: &ContactCenter, path: &str) -> Value {
    let (status, body) = get(centre, path).await;
    assert_eq!(status, 200, "{path}: {body}");
    serde_json::from_str(&body).unwrap()
}
