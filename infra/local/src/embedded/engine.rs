//! Answers one request of DynamoDB's protocol from the embedded database.

use std::sync::Arc;

use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use dynoxide::actions::transact_write_items::{
    TransactWriteItemsRequest, TransactWriteItemsResponse,
};
use dynoxide::{Database, DynoxideError};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Disk, Meter};

/// The database and what watches it.
pub(super) struct Engine {
    pub database: Database,
    pub disk: Option<Disk>,
    pub meter: Arc<Meter>,
}

impl Engine {
    /// Removes what has outlived its `expires_at`.
    pub fn sweep_expired(&self) {
        match self.database.sweep_ttl() {
            Ok(_) => self.written(),
            Err(error) => tracing::warn!(%error, "expired items not removed"),
        }
    }

    fn written(&self) {
        if let Some(disk) = &self.disk {
            disk.written();
        }
    }

    /// Answers a request.
    pub fn answer(&self, request: &HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let operation = request.headers().get("x-amz-target").and_then(|t| t.rsplit('.').next());
        let operation = operation.ok_or_else(|| ConnectorError::user("no operation".into()))?;
        let body = request.body().bytes().unwrap_or_default();
        let metered = self.meter.ask(body);
        let (status, answer) = self.run(operation, metered.as_deref().unwrap_or(body));
        if metered.is_some() {
            let write = !matches!(operation, "GetItem" | "BatchGetItem" | "Query");
            self.meter.count(write, &answer);
        }
        let status = status.try_into().map_err(|e| ConnectorError::other(Box::new(e), None))?;
        let mut response = HttpResponse::new(status, SdkBody::from(answer));
        response.headers_mut().insert("content-type", "application/x-amz-json-1.0");
        Ok(response)
    }

    fn run(&self, operation: &str, body: &[u8]) -> (u16, Vec<u8>) {
        let db = &self.database;
        let answer = match operation {
            "GetItem" => return call(body, |request| db.get_item(request)),
            "BatchGetItem" => return call(body, |request| db.batch_get_item(request)),
            "Query" => return call(body, |request| db.query(request)),
            "PutItem" => call(body, |request| db.put_item(request)),
            "UpdateItem" => call(body, |request| db.update_item(request)),
            "BatchWriteItem" => call(body, |request| db.batch_write_item(request)),
            "TransactWriteItems" => call(body, |request| self.transact(request)),
            other => {
                let message = format!("the embedded database is not asked for {other}");
                call::<(), ()>(b"null", |()| Err(DynoxideError::ValidationException(message)))
            }
        };
        self.written();
        answer
    }

    /// Runs a transaction. Its token guards against replies that are lost on the way,
    /// which cannot happen to a database on disk in the same process; and remembering
    /// tokens costs the more, the more were given in the last ten minutes.
    fn transact(
        &self,
        mut request: TransactWriteItemsRequest,
    ) -> Result<TransactWriteItemsResponse, DynoxideError> {
        if self.disk.is_some() {
            request.client_request_token = None;
        }
        self.database.transact_write_items(request)
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
