//! What a contact centre knows, behind one lock, and what no document settles about one.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::tz::Offset;

use super::online::GroupLoad;
use super::people::{Agent, STATIC_SERVICE, Service};
use super::records::{Contact, State, Stay};

/// How it answers, until a test says otherwise.
#[derive(Clone, Debug)]
pub struct Habits {
    /// The zone whose midnights begin its days.
    pub place: Offset,
    /// Whether nothing is an empty list, and not 404.
    pub empty_lists: bool,
    /// Whether a state of no group is told without one, and not for each group of the agent.
    pub states_without_group: bool,
    /// Whether it knows chats, and so the time of working on them.
    pub chat_platform: bool,
}

impl Default for Habits {
    fn default() -> Self {
        let place = Offset::UTC;
        Self { place, empty_lists: false, states_without_group: false, chat_platform: true }
    }
}

/// What goes wrong in one call after it was let in.
#[derive(Clone, Debug)]
pub enum Mishap {
    /// It answers 500, as its protocol has it.
    Fails,
    /// Half of the agents are missing from the personnel.
    HalfOfPeople,
    /// The answer breaks off in its middle.
    BreaksOff,
}

/// Everything, behind one lock.
#[derive(Default)]
pub(super) struct Centre(Mutex<Known>);

#[derive(Default)]
pub(super) struct Known {
    pub habits: Habits,
    pub services: Vec<Service>,
    pub agents: BTreeMap<String, Agent>,
    /// By group.
    pub contacts: BTreeMap<String, Vec<Contact>>,
    /// By agent.
    pub states: BTreeMap<String, Vec<State>>,
    pub logins: BTreeMap<String, Vec<Stay>>,
    pub chats: BTreeMap<String, Vec<Stay>>,
    /// By group.
    pub loads: BTreeMap<String, GroupLoad>,
    /// How often each path was called.
    pub calls: BTreeMap<String, usize>,
    /// Path and query of each call, oldest first.
    pub asked: Vec<String>,
    pub mishaps: BTreeMap<String, VecDeque<Mishap>>,
}

impl Centre {
    pub fn locked(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    /// The service that a group is of.
    pub fn service_of(&self, group: &str) -> &str {
        let of = |service: &&Service| service.groups.iter().any(|one| one.id == group);
        self.services.iter().find(of).map_or(STATIC_SERVICE, |service| service.id.as_str())
    }
}
