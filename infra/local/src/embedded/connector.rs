//! The SDK's HTTP client whose other end is the embedded database.

use std::sync::Arc;

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use dynoxide::actions::transact_write_items::{
    TransactWriteItemsRequest, TransactWriteItemsResponse,
};
use dynoxide::{Database, DynoxideError};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Disk, Meter};

/// Answers the SDK's requests from a database.
#[derive(Clone)]
pub(super) struct Connector(Arc<Inner>);

struct Inner {
    database: Database,
    disk: Option<Disk>,
    meter: Arc<Meter>,
}

impl Connector {
    pub fn new(database: Database, disk: Option<Disk>) -> Self {
        Self(Arc::new(Inner { database, disk, meter: Arc::default() }))
    }

    pub fn meter(&self) -> Arc<Meter> {
        self.0.meter.clone()
    }

    pub fn sweep_expired(&self) {
        match self.0.database.sweep_ttl() {
            Ok(_) => self.written(),
            Err(error) => tracing::warn!(%error, "expired items not removed"),
        }
    }

    fn written(&self) {
        if let Some(disk) = &self.0.disk {
            disk.written();
        }
    }

    fn answer(&self, request: &HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let operation = request.headers().get("x-amz-target").and_then(|t| t.rsplit('.').next());
        let operation = operation.ok_or_else(|| ConnectorError::user("no operation".into()))?;
        let body = request.body().bytes().unwrap_or_default();
        let metered = self.0.meter.ask(body);
        let (status, answer) = self.run(operation, metered.as_deref().unwrap_or(body));
        if metered.is_some() {
            let write = !matches!(operation, "GetItem" | "BatchGetItem" | "Query");
            self.0.meter.count(write, &answer);
        }
        let status = status.try_into().map_err(|e| ConnectorError::other(Box::new(e), None))?;
        let mut response = HttpResponse::new(status, SdkBody::from(answer));
        response.headers_mut().insert("content-type", "application/x-amz-json-1.0");
        Ok(response)
    }

    fn run(&self, operation: &str, body: &[u8]) -> (u16, Vec<u8>) {
        let db = &self.0.database;
        let answer = match operation {
            "GetItem" => return call(body, |request| db.get_item(request)),
            "BatchGetItem" => return call(body, |request| db.batch_get_item(request)),
            "Query" => return call(body, |request| db.query(request)),
            "PutItem" => call(body, |request| db.put_item(request)),
            "UpdateItem" => call(body, |request| db.update_item(request)),
            "TransactWriteItems" => call(body, |request| self.transact(request)),
            other => {
                let message = format!("the embedded database is not asked for {other}");
                call::<(), ()>(b"null", |()| Err(DynoxideError::ValidationException(message)))
            }
        };
        self.written();
        answer
    }
}

impl Connector {
    /// Runs a transaction. Its token guards against replies that are lost on the way,
    /// which cannot happen to a database on disk in the same process; and remembering
    /// tokens costs the more, the more were given in the last ten minutes.
    fn transact(
        &self,
        mut request: TransactWriteItemsRequest,
    ) -> Result<TransactWriteItemsResponse, DynoxideError> {
        if self.0.disk.is_some() {
            request.client_request_token = None;
        }
        self.0.database.transact_write_items(request)
    }
}

/// Runs one operation on its JSON.
fn call<Q: DeserializeOwned, A: Serialize>(
    body: &[u8],
    run: impl FnOnce(Q) -> Result<A, DynoxideError>,
) -> (u16, Vec<u8>) {
    let answer = serde_json::from_slice(body)
        .map_err(|error| DynoxideError::ValidationException(error.to_string()))
        .and_then(run)
        .and_then(|answer| {
            serde_json::to_vec(&answer)
                .map_err(|error| DynoxideError::InternalServerError(error.to_string()))
        });
    match answer {
        Ok(answer) => (200, answer),
        Err(error) => (error.status_code(), error.to_json().into_bytes()),
    }
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        HttpConnectorFuture::ready(self.answer(&request))
    }
}

impl HttpClient for Connector {
    fn http_connector(
        &self,
        _: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl std::fmt::Debug for Connector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("embedded DynamoDB")
    }
}
