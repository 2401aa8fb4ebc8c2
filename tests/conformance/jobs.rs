//! The engine's promises, one write at a time: who may claim, who may settle, and
//! what the indexes hold.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use shared::boxed::Boxed;
use shared::clock::{Clock, timestamp};
use shared::error::Result;
use shared::ids;
use shared::jobs::{Done, Failure, Job, Jobs, Lane, Policy, Record, Row, State, Verdict, sweep};
use shared::queue::{Hint, Queue};
use shared::table::{Cond, Item, Key, Query, Read};
use shared::tenant::Tenant;

use super::Tables;

#[derive(Serialize, Deserialize, Debug)]
pub(super) struct Task {
    pk: String,
    sk: String,
    #[serde(flatten)]
    job: Job,
}

impl Row for Task {
    fn key(&self) -> Key {
        Key { pk: self.pk.clone(), sk: self.sk.clone() }
    }

    fn job(&self) -> &Job {
        &self.job
    }
}

/// A queue that remembers.
#[derive(Default)]
struct Remembering(Mutex<Vec<Hint>>);

impl Queue for Remembering {
    fn send(&self, hints: Vec<Hint>, _: Duration) -> Boxed<'_, Result<()>> {
        self.0.lock().unwrap().extend(hints);
        Box::pin(async { Ok(()) })
    }
}

/// One world of jobs.
pub(super) struct World {
    pub jobs: Jobs,
    tenant: Tenant,
}

impl World {
    pub fn new(tables: &Tables) -> Self {
        // Later than any other world's jobs, so that their sweeps do not meet.
        let clock = Clock::manual(timestamp(1_800_000_000_000));
        let policy = Policy { max_attempts: 2, ..Policy::default() };
        let tenant = Tenant::parse(&ids::unique()[..12]).expect("a name");
        Self { jobs: Jobs { table: tables.events.clone(), clock, policy }, tenant }
    }

    pub async fn task(&self) -> Task {
        let Key { pk, sk } = Key::alone(self.tenant.pk("E", ids::unique()));
        let task = Task { pk, sk, job: Job::fresh(self.jobs.clock.now_ms(), 7, &self.jobs.policy) };
        let table = &self.jobs.table;
        let put = table.put(Item::of(&task).expect("an item"), Some(Cond::Absent("pk")));
        table.transact(&ids::time_ordered(), vec![put]).await.expect("put");
        task
    }

    pub async fn now(&self, task: &Task) -> Task {
        let found = self.jobs.table.get(&task.key(), Read::Consistent).await.expect("an answer");
        found.expect("the task")
    }

    /// The keys that a sweep of this moment hints at, of this world.
    async fn swept(&self) -> Vec<Key> {
        let queue = Arc::new(Remembering::default());
        sweep(&Lane { jobs: self.jobs.clone(), queue: queue.clone() }).await.expect("a sweep");
        let hints = queue.0.lock().unwrap().clone();
        let own = hints.into_iter().map(|hint| hint.key);
        own.filter(|key| Tenant::of_pk(&key.pk).as_ref() == Some(&self.tenant)).collect()
    }
}

pub async fn all(tables: &Tables) {
    one_claim_wins(&World::new(tables)).await;
    a_job_is_settled_at_once_by_one(&World::new(tables)).await;
    an_outrun_worker_writes_nothing(&World::new(tables)).await;
    attempts_end(&World::new(tables)).await;
    what_is_settled_leaves_the_index(&World::new(tables)).await;
}

/// Of two who saw the same row, one gets it.
async fn one_claim_wins(world: &World) {
    let task = world.task().await;
    let (first, second) = tokio::join!(world.jobs.claim(&task), world.jobs.claim(&task));
    let won = [first, second].into_iter().filter(|claim| matches!(claim, Ok(Some(_)))).count();
    assert_eq!(won, 1);
    let now = world.now(&task).await;
    assert_eq!((now.job.state, now.job.attempt), (State::Leased, 1));
}

/// Of two who settle the same job without a claim, and one who claims it, one gets it.
async fn a_job_is_settled_at_once_by_one(world: &World) {
    let task = world.task().await;
    let (first, second, claim) = tokio::join!(
        world.jobs.settle(&task, Done::default()),
        world.jobs.settle(&task, Done::default()),
        world.jobs.claim(&task),
    );
    let settled = [first, second].into_iter().filter(|done| matches!(done, Ok(true))).count();
    assert_eq!(settled + usize::from(matches!(claim, Ok(Some(_)))), 1);
    let task = world.task().await;
    assert!(world.jobs.settle(&task, Done::default()).await.expect("an answer"));
    let now = world.now(&task).await;
    assert_eq!((now.job.state, now.job.attempt), (State::Done, 1));
    assert!(now.job.due_shard.is_none() && now.job.owner.is_some());
    assert!(!world.jobs.settle(&task, Done::default()).await.expect("an answer"));
    assert!(world.swept().await.is_empty());
}

/// A lease that ran out passes on with the attempt in doubt; whoever had it can
/// neither commit nor fail the job any more.
async fn an_outrun_worker_writes_nothing(world: &World) {
    let task = world.task().await;
    let slow = world.jobs.claim(&task).await.expect("an answer").expect("a claim");
    world.jobs.clock.advance(world.jobs.policy.lease + Duration::from_secs(1));
    let seen = world.now(&task).await;
    let quick = world.jobs.claim(&seen).await.expect("an answer").expect("a claim");
    assert!(!world.jobs.commit(&task, &slow, Done::default()).await.expect("an answer"));
    let failure = Failure::permanent("too late");
    let verdict =
        world.jobs.fail(&task, &slow, &failure, Record::default()).await.expect("an answer");
    assert_eq!(verdict, Verdict::Lost);
    let now = world.now(&task).await;
    assert_eq!((now.job.state, now.job.attempt, now.job.doubt), (State::Leased, 2, Some(0)));
    assert!(world.jobs.commit(&task, &quick, Done::default()).await.expect("an answer"));
    assert_eq!(world.now(&task).await.job.state, State::Done);
}

/// Failed attempts come back after a wait until they are used up, then the job
/// stands in the list of failures, from which it can be driven anew.
async fn attempts_end(world: &World) {
    let task = world.task().await;
    let failure = Failure::in_doubt("no answer");
    for last in [false, true] {
        let seen = world.now(&task).await;
        let claim = world.jobs.claim(&seen).await.expect("an answer").expect("a claim");
        let verdict =
            world.jobs.fail(&task, &claim, &failure, Record::default()).await.expect("an answer");
        assert_eq!(verdict == Verdict::Failed, last);
        world.jobs.clock.advance(Duration::from_secs(3));
    }
    let failed = world.now(&task).await;
    assert_eq!((failed.job.state, failed.job.list()), (State::Failed, Some("failed")));
    let list = shared::jobs::parked(&world.tenant, "failed");
    let query = || Query::index("parked", "parked", &list);
    let listed = world.jobs.table.query::<Key>(query()).await.expect("a page");
    assert_eq!(listed.items, [task.key()]);

    assert!(world.jobs.redrive(&failed, vec![], &[], Vec::new()).await.expect("an answer"));
    assert!(
        !world.jobs.redrive(&failed, vec![], &[], Vec::new()).await.expect("an answer"),
        "driven twice"
    );
    let again = world.now(&task).await;
    assert_eq!((again.job.state, again.job.attempt, again.job.generation), (State::Ready, 0, 1));
    assert_eq!(again.job.doubt, Some(0), "what is in doubt stays so");
    let listed = world.jobs.table.query::<Key>(query()).await.expect("a page");
    assert!(listed.items.is_empty());
}

/// The sweeper sees a job from the end of its grace until it is settled.
async fn what_is_settled_leaves_the_index(world: &World) {
    let task = world.task().await;
    assert!(world.swept().await.is_empty(), "its own hint comes first");
    world.jobs.clock.advance(Duration::from_secs(100));
    assert_eq!(world.swept().await, [task.key()]);
    let claim = world.jobs.claim(&task).await.expect("an answer").expect("a claim");
    assert!(world.swept().await.is_empty(), "it is being worked on");
    world.jobs.clock.advance(Duration::from_secs(100));
    assert_eq!(world.swept().await, [task.key()], "its worker may be dead");
    assert!(world.jobs.commit(&task, &claim, Done::default()).await.expect("an answer"));
    assert!(world.swept().await.is_empty());
}
