//! The port to open sockets over API Gateway's protocol: the real SDK, and an address
//! that answers as API Gateway does.

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_dynamodb::config::{Credentials, SharedCredentialsProvider};
use axum::Router;
use axum::extract::Path;
use axum::http::{HeaderName, StatusCode};
use axum::routing::post;
use bytes::Bytes;
use shared::push::{Gateway, Push, Pushed};
use tokio::net::TcpListener;

/// What API Gateway answers for a connection of this id.
fn answer(id: &str) -> (StatusCode, [(HeaderName, &'static str); 1], &'static str) {
    let (status, kind) = match id {
        "open=" => (StatusCode::OK, ""),
        "gone=" => (StatusCode::GONE, "GoneException"),
        "slow=" => (StatusCode::TOO_MANY_REQUESTS, "LimitExceededException"),
        "large=" => (StatusCode::PAYLOAD_TOO_LARGE, "PayloadTooLargeException"),
        "foreign=" => (StatusCode::FORBIDDEN, "ForbiddenException"),
        _ => (StatusCode::INTERNAL_SERVER_ERROR, "InternalServerError"),
    };
    (status, [(HeaderName::from_static("x-amzn-errortype"), kind)], "{}")
}

/// The sockets behind such an address.
async fn gateway() -> Gateway {
    let sent = async |Path(id): Path<String>, body: Bytes| {
        assert_eq!(&*body, br#"{"seq":1}"#);
        answer(&id)
    };
    let closed = async |Path(id): Path<String>| answer(&id);
    let router = Router::new().route("/prod/@connections/{id}", post(sent).delete(closed));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("an address");
    let url = format!("http://{}/prod", listener.local_addr().expect("an address"));
    tokio::spawn(async move { axum::serve(listener, router).await });
    let credentials = Credentials::new("id", "secret", None, None, "test");
    let sdk = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static("us-east-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials));
    Gateway::new(&sdk.build(), &url)
}

#[tokio::test]
async fn what_becomes_of_a_frame_is_told_apart() {
    let gateway = gateway().await;
    for (id, pushed) in [
        ("open=", Some(Pushed::Sent)),
        ("gone=", Some(Pushed::Gone)),
        ("slow=", Some(Pushed::Slow)),
        ("large=", Some(Pushed::TooLarge)),
        ("foreign=", None),
        ("broken=", None),
    ] {
        let answer = gateway.send(id, Bytes::from_static(br#"{"seq":1}"#)).await;
        assert_eq!(answer.ok(), pushed, "{id}");
    }
    for (id, closed) in [("open=", true), ("gone=", true), ("foreign=", false)] {
        assert_eq!(gateway.close(id).await.is_ok(), closed, "{id}");
    }
}
