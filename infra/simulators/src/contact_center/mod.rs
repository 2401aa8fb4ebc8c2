//! A contact centre that Argus's WFM CC can be connected to: it tells of its personnel, of
//! what was and of what is, and pushes changes of status. Nobody signs in, nothing is paged,
//! and every parameter is required. What was is computed from contacts, chats, states and
//! logins, as tests make them.
//! Source: Argus's description of the integration over the active REST API, 10.2024.

mod chats;
mod history;
mod intervals;
mod online;
mod people;
mod push;
mod query;
mod records;
mod service;
mod state;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use jiff::Timestamp;

use crate::{Faults, Server, Stopped};

pub use online::GroupLoad;
pub use people::{Agent, Channel, Group, STATIC_SERVICE, Service};
pub use push::{Message, Pace, Push, Pushed, SYSTEM};
pub use records::{By, Contact, State, Stay};
use state::Centre;
pub use state::{Habits, Mishap};

/// A running contact centre.
pub struct ContactCenter {
    server: Server,
    state: Arc<Centre>,
    /// What goes wrong next on the way to it.
    pub faults: Faults,
}

impl ContactCenter {
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

    /// The base address of its methods.
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// Turns switches.
    pub fn habits(&self, turn: impl FnOnce(&mut Habits)) {
        turn(&mut self.state.locked().habits);
    }

    /// Goes wrong so in the next calls of this path, once each, before what was said later.
    pub fn mishap(&self, path: &str, times: usize, mishap: &Mishap) {
        let mut known = self.state.locked();
        let planned = known.mishaps.entry(path.to_owned()).or_default();
        planned.extend(std::iter::repeat_n(mishap.clone(), times));
    }

    /// Adds a service, or changes the one with this id.
    pub fn service(&self, service: Service) {
        let mut known = self.state.locked();
        known.services.retain(|other| other.id != service.id);
        known.services.push(service);
    }

    /// Adds an agent, or changes the one with this id.
    pub fn agent(&self, agent: Agent) {
        self.state.locked().agents.insert(agent.id.clone(), agent);
    }

    /// Removes an agent.
    pub fn forget(&self, agent: &str) {
        self.state.locked().agents.remove(agent);
    }

    /// Adds a service with so many groups and so many agents, their ids counted from 1.
    pub fn people(&self, groups: usize, agents: usize) {
        let (service, agents) = people::crowd(groups, agents);
        self.service(service);
        agents.into_iter().for_each(|agent| self.agent(agent));
    }

    /// Adds contacts.
    pub fn contacts(&self, contacts: impl IntoIterator<Item = Contact>) {
        let mut known = self.state.locked();
        for contact in contacts {
            known.contacts.entry(contact.group.clone()).or_default().push(contact);
        }
    }

    /// Adds a time with a chat.
    pub fn chat(&self, chat: Stay) {
        self.state.locked().chats.entry(chat.agent.clone()).or_default().push(chat);
    }

    /// Adds a time of being signed in.
    pub fn login(&self, login: Stay) {
        self.state.locked().logins.entry(login.agent.clone()).or_default().push(login);
    }

    /// Adds a state, the current one if it has no end.
    pub fn state(&self, state: State) {
        self.state.locked().states.entry(state.agent.clone()).or_default().push(state);
    }

    /// Ends the current state of an agent, begins another, and answers the messages that tell
    /// of it, the exit first.
    pub fn changes(&self, agent: &str, (code, name): (&str, &str), at: Timestamp) -> Vec<Message> {
        let mut known = self.state.locked();
        let states = known.states.entry(agent.to_owned()).or_default();
        let mut messages = Vec::new();
        for left in states.iter_mut().filter(|state| state.end.is_none()) {
            left.end = Some(at);
            messages.push(Message::leaves(agent, (&left.code, &left.name), at));
        }
        states.push(State::new(agent, code, name, at));
        messages.push(Message::enters(agent, (code, name), at));
        messages
    }

    /// Says what the load of a group is.
    pub fn load(&self, group: &str, load: GroupLoad) {
        self.state.locked().loads.insert(group.to_owned(), load);
    }

    /// How often a path was called and let in.
    pub fn calls(&self, path: &str) -> usize {
        self.state.locked().calls.get(path).copied().unwrap_or_default()
    }

    /// Path and query of each call, oldest first.
    pub fn asked(&self) -> Vec<String> {
        self.state.locked().asked.clone()
    }
}
