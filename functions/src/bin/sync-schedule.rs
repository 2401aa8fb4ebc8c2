//! Starts the synchronisations that are due, behind an EventBridge schedule.

use functions::integrations::Timetable;
use shared::lambda;

#[tokio::main(flavor = "current_thread")]
async fn main() -> lambda::Exit {
    lambda::schedule(Timetable::load, Timetable::tick).await
}
