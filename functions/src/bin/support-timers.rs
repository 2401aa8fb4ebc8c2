//! When people are reminded of tickets, and when those who are higher up are asked, behind
//! their SQS queue.

use functions::support;
use shared::jobs::Kinds;
use shared::lambda;

#[tokio::main(flavor = "current_thread")]
async fn main() -> lambda::Exit {
    lambda::queue(support::timers_worker, Kinds::deliver).await
}
