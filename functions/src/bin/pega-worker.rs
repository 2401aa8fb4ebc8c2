//! Works through events, behind their SQS queue.

use functions::pega;
use shared::lambda;

#[tokio::main(flavor = "current_thread")]
async fn main() -> lambda::Exit {
    lambda::queue(pega::worker, pega::deliver).await
}
