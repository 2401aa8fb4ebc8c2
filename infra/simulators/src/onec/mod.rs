//! 1C:ZUP behind the HTTP service that Argus has it published with: employees, norms of
//! hours, schedules, time types, and facts that documents are made from. It has GET and POST
//! alone, 200 and 500 alone, and texts in Russian for what it refuses.
//! Source: Argus's requirements to the integration with 1C:ZUP. What they leave open is a
//! switch in `Habits`.

mod agents;
mod answer;
mod calendar;
mod crowd;
mod fact;
mod habits;
mod ledger;
mod moment;
mod names;
mod norm_hours;
mod people;
mod read;
mod schedule;
mod service;
mod session;
mod state;
#[cfg(test)]
mod tests;
mod time_types;

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;
use serde_json::Value;

use crate::{Faults, Server, Stopped};

pub use calendar::RUSSIA;
pub use crowd::{agent_id, department_id};
pub use fact::{ABSENCE, DAY_OFF_WORKED, Document, OVERTIME};
pub use habits::{Habits, Mishap};
pub use people::{Agent, Department, Vacation};
pub use schedule::{Schedule, Shift};
use state::State;
pub use time_types::Absence;

/// User and password that it knows.
pub const USER: (&str, &str) = ("WFMSystem", "password-of-the-simulated-1c");
/// The published base.
const INSTANCE: &str = "zup";
/// The HTTP service in it.
const SERVICE: &str = "wfm_Energosbyt_ExchangeWFM";

/// A running 1C:ZUP.
pub struct Zup {
    server: Server,
    state: Arc<State>,
    /// What goes wrong next on the way to it. `agents` ends in a date, so that the path of a
    /// fault of it is that date, or empty for any GET.
    pub faults: Faults,
}

impl Zup {
    /// Starts one on any free port, with nobody in it.
    pub async fn start() -> std::io::Result<Self> {
        let (state, faults) = (Arc::default(), Faults::default());
        let server = Server::start(service::router(Arc::clone(&state), faults.clone()), 0).await?;
        Ok(Self { server, state, faults })
    }

    /// Stops listening, as if it were down, and answers what starts it again with
    /// everything it knew.
    pub async fn stop(self) -> Stopped<Self> {
        let Self { server, state, faults } = self;
        server.stop(|server| Self { server, state, faults }).await
    }

    /// The base address of the service's methods.
    pub fn url(&self) -> String {
        format!("{}/{INSTANCE}/hs/{SERVICE}", self.server.url())
    }

    /// Turns switches.
    pub fn habits(&self, turn: impl FnOnce(&mut Habits)) {
        turn(&mut self.state.locked().habits);
    }

    /// Goes wrong so in the next calls of a method, once each, before what was said later.
    pub fn mishap(&self, method: &str, times: usize, mishap: &Mishap) {
        let mut known = self.state.locked();
        let planned = known.mishaps.entry(method.to_owned()).or_default();
        planned.extend(std::iter::repeat_n(mishap.clone(), times));
    }

    /// Has a method at another path below the service.
    pub fn rename(&self, method: &str, path: &str) {
        self.state.locked().names.rename(method, path);
    }

    /// Adds a department. Employees of departments that are not there are not told of.
    pub fn department(&self, department: Department) {
        self.state.locked().departments.push(department);
    }

    /// Adds an employee, or changes who has this id.
    pub fn agent(&self, agent: Agent) {
        self.state.locked().agents.insert(agent.id.clone(), agent);
    }

    /// Removes an employee, as if there never had been one.
    pub fn forget(&self, agent: &str) {
        self.state.locked().agents.remove(agent);
    }

    /// Adds so many employees and their departments; their ids are those of `agent_id` from
    /// 0 on.
    pub fn people(&self, many: usize) {
        let mut known = self.state.locked();
        known.departments.extend(crowd::departments(many));
        let agents = (0..many).map(crowd::agent);
        known.agents.extend(agents.map(|agent| (agent.id.clone(), agent)));
    }

    /// Fills in the production calendar of a region and a year, in the form of
    /// `calendars/2018.txt`; whether it could be read.
    pub fn calendar(&self, region: &str, text: &str) -> bool {
        self.state.locked().calendars.fill(region, text)
    }

    /// Empties the production calendars of a year.
    pub fn empty_calendar(&self, year: i16) {
        self.state.locked().calendars.empty(year);
    }

    /// The individual schedule of an employee for the month that a day is in.
    pub fn schedule(&self, agent: &str, day: Date) -> Option<Schedule> {
        self.state.locked().schedule(agent, day).cloned()
    }

    /// How many individual schedules there are.
    pub fn schedules(&self) -> usize {
        self.state.locked().schedules.values().map(BTreeMap::len).sum()
    }

    /// Holds a schedule for the month that a day is in, as somebody made it by hand there.
    pub fn hold_schedule(&self, agent: &str, day: Date, schedule: Schedule) {
        let mut known = self.state.locked();
        let schedules = known.schedules.entry(agent.to_owned()).or_default();
        schedules.insert(day.first_of_month(), schedule);
    }

    /// Enters a time of another type than work.
    pub fn absence(&self, absence: Absence) {
        self.state.locked().absences.push(absence);
    }

    /// The documents that facts made, oldest first.
    pub fn documents(&self) -> Vec<Document> {
        self.state.locked().documents.clone()
    }

    /// Deletes a document, as people do with one that was made by mistake.
    pub fn delete_document(&self, number: usize) {
        self.state.locked().documents.retain(|document| document.number != number);
    }

    /// The day that it is there.
    pub fn today(&self) -> Date {
        self.state.locked().habits.today
    }

    /// Loses the sessions that were started.
    pub fn lose_sessions(&self) {
        self.state.locked().sessions.lose();
    }

    /// How many sessions were ever begun: one for each call that is in none.
    pub fn sessions_begun(&self) -> usize {
        self.state.locked().sessions.begun
    }

    /// How many sessions are open.
    pub fn sessions_open(&self) -> usize {
        self.state.locked().sessions.open()
    }

    /// How often a method was called, whatever came of it.
    pub fn calls(&self, method: &str) -> usize {
        self.state.locked().calls.of.get(method).copied().unwrap_or_default()
    }

    /// The bodies that a method read, oldest first.
    pub fn bodies(&self, method: &str) -> Vec<Value> {
        self.state.locked().calls.bodies.get(method).cloned().unwrap_or_default()
    }

    /// The most calls that were ever under way at a time.
    pub fn most_at_once(&self) -> usize {
        self.state.locked().calls.at_once.most()
    }
}
