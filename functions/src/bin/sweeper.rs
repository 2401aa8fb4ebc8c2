//! Sends hints for whatever is due, every minute, behind an EventBridge schedule.

use functions::upkeep::Sweeper;
use shared::lambda;

#[tokio::main(flavor = "current_thread")]
async fn main() -> lambda::Exit {
    lambda::schedule(Sweeper::load, Sweeper::tick).await
}
