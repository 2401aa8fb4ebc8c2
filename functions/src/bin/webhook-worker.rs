//! Delivers messages to webhooks, behind their SQS queues.

use functions::integrations::webhooks;
use shared::lambda;

#[tokio::main(flavor = "current_thread")]
async fn main() -> lambda::Exit {
    lambda::queue(webhooks::worker, webhooks::deliver).await
}
