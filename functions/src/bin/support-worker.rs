//! Workflows of tickets, behind their SQS queue.

use functions::support;
use shared::jobs::Kinds;
use shared::lambda;

#[tokio::main(flavor = "current_thread")]
async fn main() -> lambda::Exit {
    lambda::queue(support::worker, Kinds::deliver).await
}
