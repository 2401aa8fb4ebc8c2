//! Works through jobs of runs, behind their SQS queue.

use functions::processes;
use shared::jobs::Kinds;
use shared::lambda;

#[tokio::main(flavor = "current_thread")]
async fn main() -> lambda::Exit {
    lambda::queue(processes::worker, Kinds::deliver).await
}
