//! Sockets that API Gateway holds.

use std::time::Duration;

use aws_config::SdkConfig;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_sdk_apigatewaymanagement::error::SdkError;
use aws_sdk_apigatewaymanagement::operation::delete_connection::DeleteConnectionError;
use aws_sdk_apigatewaymanagement::operation::post_to_connection::PostToConnectionError;
use aws_sdk_apigatewaymanagement::primitives::Blob;
use aws_sdk_apigatewaymanagement::{Client, Config};
use bytes::Bytes;

use super::{Push, Pushed};
use crate::boxed::Boxed;
use crate::error::{Error, Result};

/// How often a frame is tried: whoever misses one sees the gap, and others wait.
const TRIES: u32 = 2;
/// How long one frame may take with all its tries.
const WITHIN: Duration = Duration::from_secs(5);

/// The sockets of one API and stage.
pub struct Gateway(Client);

impl Gateway {
    /// The sockets managed at this URL.
    pub fn new(sdk: &SdkConfig, url: &str) -> Self {
        let timeouts = TimeoutConfig::builder().operation_timeout(WITHIN).build();
        let config = Config::from(sdk).to_builder().endpoint_url(url);
        let config = config.retry_config(RetryConfig::standard().with_max_attempts(TRIES));
        Self(Client::from_conf(config.timeout_config(timeouts).build()))
    }
}

impl Push for Gateway {
    fn send<'a>(&'a self, connection: &'a str, frame: Bytes) -> Boxed<'a, Result<Pushed>> {
        Box::pin(async move {
            let call = self.0.post_to_connection().connection_id(connection);
            match call.data(Blob::new(frame)).send().await {
                Ok(_) => Ok(Pushed::Sent),
                Err(SdkError::ServiceError(refused)) => match refused.into_err() {
                    PostToConnectionError::GoneException(_) => Ok(Pushed::Gone),
                    PostToConnectionError::LimitExceededException(_) => Ok(Pushed::Slow),
                    PostToConnectionError::PayloadTooLargeException(_) => Ok(Pushed::TooLarge),
                    other => Err(Error::unavailable(other)),
                },
                Err(other) => Err(Error::unavailable(other)),
            }
        })
    }

    fn close<'a>(&'a self, connection: &'a str) -> Boxed<'a, Result<()>> {
        Box::pin(async move {
            match self.0.delete_connection().connection_id(connection).send().await {
                Ok(_) => Ok(()),
                Err(SdkError::ServiceError(refused)) => match refused.into_err() {
                    DeleteConnectionError::GoneException(_) => Ok(()),
                    other => Err(Error::unavailable(other)),
                },
                Err(other) => Err(Error::unavailable(other)),
            }
        })
    }
}
