//! Tells everybody who watches of each message, behind an SQS queue.

use functions::live::Fanout;
use shared::lambda;

#[tokio::main(flavor = "current_thread")]
async fn main() -> lambda::Exit {
    lambda::queue(Fanout::load, Fanout::deliver).await
}
