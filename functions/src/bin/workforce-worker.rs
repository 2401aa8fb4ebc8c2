//! Works through jobs of workforce data, behind their SQS queue.

use functions::integrations;
use shared::jobs::Kinds;
use shared::lambda;

#[tokio::main(flavor = "current_thread")]
async fn main() -> lambda::Exit {
    lambda::queue(integrations::worker, Kinds::deliver).await
}
