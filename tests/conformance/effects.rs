//! What each policy does with an attempt after one that is in doubt.

use std::sync::Mutex;
use std::time::Duration;

use shared::ids;
use shared::jobs::{Claim, Done, Effect, Failure, Record, Repeat};
use shared::outbound::{CallError, Outcome};
use shared::table::{Item, Key, Read};

use super::Tables;
use super::jobs::{Task, World};

/// An effect of some policy that notes down what is asked of it.
#[derive(Default)]
struct Noted {
    calls: Mutex<Vec<String>>,
    found: bool,
}

/// The same effect under one policy.
struct Under<'a, const POLICY: u8>(&'a Noted);

const POLICIES: [Repeat; 5] =
    [Repeat::Keyed, Repeat::Absolute, Repeat::Searchable, Repeat::AtMostOnce, Repeat::AtLeastOnce];

impl<const POLICY: u8> Effect for Under<'_, POLICY> {
    type Answer = ();
    type Error = CallError;
    const REPEAT: Repeat = POLICIES[POLICY as usize];

    async fn send(&self, key: &str) -> Result<(), CallError> {
        self.0.calls.lock().unwrap().push(format!("send {key}"));
        Err(CallError::new(Outcome::InDoubt, "no answer"))
    }

    async fn find(&self, key: &str) -> Result<Option<()>, CallError> {
        self.0.calls.lock().unwrap().push(format!("find {key}"));
        Ok(self.0.found.then_some(()))
    }
}

pub async fn all(tables: &Tables) {
    let world = World::new(tables);
    check::<0>(&world, false, &["send"]).await;
    check::<1>(&world, false, &["send"]).await;
    check::<2>(&world, false, &["find", "send"]).await;
    check::<2>(&world, true, &["find"]).await;
    check::<3>(&world, false, &[]).await;
    check::<4>(&world, false, &["send"]).await;
    what_belongs_together_commits_together(tables).await;
}

/// The first attempt sends whatever the policy; its outcome is in doubt; the second
/// makes these calls, under the same key.
async fn check<const POLICY: u8>(world: &World, found: bool, second: &[&str]) {
    let noted = Noted { found, ..Noted::default() };
    let task = world.task().await;
    let (claim, later) = two_claims(world, &task).await;
    let first: Result<(), Failure> = claim.perform(&Under::<POLICY>(&noted)).await;
    assert!(first.is_err_and(|failure| failure.in_doubt && failure.retry));
    let again = later.perform(&Under::<POLICY>(&noted)).await;
    let calls = noted.calls.lock().unwrap().clone();
    let key = calls[0].trim_start_matches("send ");
    let expected = second.iter().map(|call| format!("{call} {key}"));
    assert!(calls[1..].iter().cloned().eq(expected), "policy {POLICY}: {calls:?}");
    assert_eq!(again.is_ok(), found);
    if second.is_empty() {
        let failure = again.expect_err("it was not done");
        assert!(failure.reason.starts_with("unknown outcome") && !failure.retry);
    }
}

/// The claims of a job's first attempt and of the one after its worker died.
async fn two_claims(world: &World, task: &Task) -> (Claim, Claim) {
    let first = world.jobs.claim(task).await.expect("an answer").expect("a claim");
    world.jobs.clock.advance(world.jobs.policy.lease + Duration::from_secs(1));
    let seen = world.now(task).await;
    (first, world.jobs.claim(&seen).await.expect("an answer").expect("a claim"))
}

/// What is written beside a commit is written with it, or not at all when the lease
/// has passed on.
async fn what_belongs_together_commits_together(tables: &Tables) {
    let world = World::new(tables);
    let task = world.task().await;
    let (outrun, holder) = two_claims(&world, &task).await;
    for (claim, holds) in [(outrun, false), (holder, true)] {
        let key = Key::alone(ids::unique());
        let also = vec![tables.control.put(Item::of(&key).expect("an item"), None)];
        let record = Record { also, ..Record::default() };
        let done = Done { record, ..Done::default() };
        assert_eq!(world.jobs.commit(&task, &claim, done).await.expect("an answer"), holds);
        let beside: Option<Key> =
            tables.control.get(&key, Read::Consistent).await.expect("an answer");
        assert_eq!(beside.is_some(), holds);
    }
}
