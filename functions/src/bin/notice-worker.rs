//! Sends notices to their targets, behind their SQS queue; mail over Amazon SES.

use functions::notifications;
use shared::lambda;

#[tokio::main(flavor = "current_thread")]
async fn main() -> lambda::Exit {
    lambda::queue(notifications::worker_over_ses, notifications::deliver).await
}
