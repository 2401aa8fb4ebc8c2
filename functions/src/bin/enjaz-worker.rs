//! Synchronises cases of Enjaz, behind their SQS queue.

use functions::enjaz;
use shared::jobs::Kinds;
use shared::lambda;

#[tokio::main(flavor = "current_thread")]
async fn main() -> lambda::Exit {
    lambda::queue(enjaz::worker, Kinds::deliver).await
}
