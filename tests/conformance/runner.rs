//! What the runner does with work that must wait and with work that panics.

use std::sync::Arc;

use shared::error::Result;
use shared::jobs::{Claim, Done, Failure, Ready, Record, Row, Runner, State, Work};
use shared::queue::Hint;
use shared::table::Key;
use tests::support::Nowhere;

use super::Tables;
use super::jobs::{Task, World};

/// Work that panics once it may run.
struct Panics(Ready);

impl Work for Panics {
    type Row = Task;
    type Leave = ();

    async fn ready(&self, _: &Task) -> Result<Ready> {
        Ok(self.0)
    }

    async fn run(&self, _: &Task, _: &Claim, _: Option<()>) -> Result<Done, Failure> {
        panic!("as planned")
    }

    async fn failed(&self, _: &Task, _: &Failure, _: bool) -> Result<Record> {
        Ok(Record::default())
    }

    async fn next(&self, _: &Task) -> Result<Option<Key>> {
        Ok(None)
    }
}

/// Work that ends well with something that cannot be written.
struct Unwritable;

impl Work for Unwritable {
    type Row = Task;
    type Leave = ();

    async fn ready(&self, _: &Task) -> Result<Ready> {
        Ok(Ready::Now(()))
    }

    async fn run(&self, task: &Task, _: &Claim, _: Option<()>) -> Result<Done, Failure> {
        let set = vec![("pk", task.key().pk.into())];
        Ok(Done { record: Record { set, ..Record::default() }, ..Done::default() })
    }

    async fn failed(&self, _: &Task, _: &Failure, _: bool) -> Result<Record> {
        Ok(Record::default())
    }

    async fn next(&self, _: &Task) -> Result<Option<Key>> {
        Ok(None)
    }
}

/// What was done before is not taken for undone.
async fn a_result_that_cannot_be_written_leaves_a_doubt(world: &World) {
    let task = world.task().await;
    let runner = Runner::new(Unwritable, world.jobs.clone(), Arc::new(Nowhere));
    runner.deliver(Hint::at(task.key())).await.expect("the job's failure is its own");
    let job = world.now(&task).await.job().clone();
    assert_eq!((job.state, job.doubt), (State::Failed, Some(0)));
}

pub async fn all(tables: &Tables) {
    let world = World::new(tables);
    a_result_that_cannot_be_written_leaves_a_doubt(&world).await;
    let task = world.task().await;
    let deliver = async |ready| {
        let runner = Runner::new(Panics(ready), world.jobs.clone(), Arc::new(Nowhere));
        runner.deliver(Hint::at(task.key())).await.expect("the job's failure is its own");
        world.now(&task).await.job().clone()
    };
    // A wait costs no attempt, and the sweeper passes by until then.
    let until = world.jobs.clock.now_ms() + 600_000;
    let job = deliver(Ready::After(until)).await;
    assert_eq!((job.state, job.attempt, job.wake_at), (State::Ready, 0, Some(until)));
    // A panic is an attempt whose outcome is in doubt, and is tried again.
    let job = deliver(Ready::Now(())).await;
    assert_eq!((job.state, job.attempt, job.doubt), (State::Ready, 1, Some(0)));
    assert_eq!(job.error.map(|error| error.reason).as_deref(), Some("the worker panicked"));
}
