//! `/api/v1/audit-logs`, behind API Gateway.

use functions::{access, audit};
use shared::lambda;

#[tokio::main(flavor = "current_thread")]
async fn main() -> lambda::Exit {
    lambda::http(audit::api::routes, audit::AuditLog::load, access::gatekeeper).await
}
