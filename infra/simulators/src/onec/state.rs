//! What a 1C knows, behind one lock.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::civil::Date;
use serde_json::Value;

use super::answer::{Exception, exception};
use super::calendar::Calendars;
use super::fact::Document;
use super::habits::{Habits, Mishap};
use super::names::Names;
use super::people::{Agent, Department};
use super::schedule::{Schedule, Schedules, Shift};
use super::session::Sessions;
use super::time_types::Absence;
use crate::at_once::AtOnce;

/// Everything, behind one lock.
#[derive(Default)]
pub(super) struct State(Mutex<Known>);

#[derive(Default)]
pub(super) struct Known {
    pub habits: Habits,
    pub departments: Vec<Department>,
    pub agents: BTreeMap<String, Agent>,
    pub calendars: Calendars,
    pub schedules: Schedules,
    pub absences: Vec<Absence>,
    pub documents: Vec<Document>,
    /// How many documents were ever made.
    pub documents_made: usize,
    pub sessions: Sessions,
    pub calls: Calls,
    pub names: Names,
    /// What is to go wrong in each method.
    pub mishaps: BTreeMap<String, VecDeque<Mishap>>,
}

/// What was called.
#[derive(Default)]
pub(super) struct Calls {
    pub at_once: AtOnce,
    /// How often each method was, whatever came of it.
    pub of: BTreeMap<String, usize>,
    /// The bodies that each method read.
    pub bodies: BTreeMap<String, Vec<Value>>,
}

impl State {
    pub fn locked(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    /// The employee with this id.
    pub fn agent(&self, id: &str) -> Result<&Agent, Exception> {
        let found = self.agents.get(id);
        found.map_or_else(|| exception(format!("Сотрудник не найден: {id}")), Ok)
    }

    /// What goes wrong next in a method.
    pub fn next_mishap(&mut self, method: &str) -> Option<Mishap> {
        self.mishaps.get_mut(method)?.pop_front()
    }

    /// The individual schedule of an employee for the month of a day.
    pub fn schedule(&self, agent: &str, day: Date) -> Option<&Schedule> {
        self.schedules.get(agent)?.get(&day.first_of_month())
    }

    /// What an employee is to work on a day by an individual schedule.
    pub fn plan(&self, agent: &str, day: Date) -> Shift {
        let shift = self.schedule(agent, day).and_then(|schedule| schedule.shifts.get(&day));
        shift.copied().unwrap_or_default()
    }
}
