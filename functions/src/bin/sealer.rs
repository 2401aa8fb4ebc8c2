//! Seals the audit trail, every minute, behind an EventBridge schedule.

use functions::audit::Sealer;
use shared::lambda;

#[tokio::main(flavor = "current_thread")]
async fn main() -> lambda::Exit {
    lambda::schedule(Sealer::load, Sealer::tick).await
}
