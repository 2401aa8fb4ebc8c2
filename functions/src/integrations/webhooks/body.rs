//! What a delivery's body is: the same bytes at every attempt.

use serde::Serialize;
use serde_json::value::RawValue;
use shared::error::{Error, Result};
use shared::web::to_the_millisecond;

use super::endpoint::{Endpoint, Format};
use crate::messages::Message;

#[derive(Serialize)]
struct Flat<'a> {
    event_type: &'a str,
    payload: &'a RawValue,
    event_data: &'a RawValue,
    delivery_id: &'a str,
    webhook_id: &'a str,
    timestamp: &'a str,
}

#[derive(Serialize)]
struct Standard<'a> {
    r#type: &'a str,
    timestamp: &'a str,
    data: &'a RawValue,
}

#[derive(Serialize)]
struct CloudEvent<'a> {
    specversion: &'static str,
    id: &'a str,
    source: &'static str,
    r#type: &'a str,
    time: &'a str,
    datacontenttype: &'static str,
    data: &'a RawValue,
}

/// The body of a message for a webhook, and its media type.
pub(super) fn body(endpoint: &Endpoint, message: &Message) -> Result<(Vec<u8>, &'static str)> {
    let (data, id) = (raw(&message.data)?, message.id.as_str());
    let (kind, timestamp) = (message.event_type.as_str(), to_the_millisecond(message.at));
    let timestamp = timestamp.as_str();
    let (bytes, media_type) = match endpoint.format {
        Format::Flat => {
            let body = Flat {
                event_type: kind,
                payload: data,
                event_data: data,
                delivery_id: id,
                webhook_id: &endpoint.id,
                timestamp,
            };
            (serde_json::to_vec(&body), "application/json")
        }
        Format::Standard => {
            (serde_json::to_vec(&Standard { r#type: kind, timestamp, data }), "application/json")
        }
        Format::Cloudevents => {
            let body = CloudEvent {
                specversion: "1.0",
                id,
                source: "/caseway",
                r#type: kind,
                time: timestamp,
                datacontenttype: "application/json",
                data,
            };
            (serde_json::to_vec(&body), "application/cloudevents+json")
        }
    };
    Ok((bytes.map_err(Error::internal)?, media_type))
}

fn raw(text: &str) -> Result<&RawValue> {
    serde_json::from_str(text).map_err(Error::internal)
}
