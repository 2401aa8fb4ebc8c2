//! What happened there: contacts, chats, states and logins, as tests make them. All times are
//! milliseconds.

use jiff::Timestamp;

/// A contact of a customer with a group, or one leg of it.
#[derive(Clone, Debug)]
pub struct Contact {
    /// The group that it came to.
    pub group: String,
    /// The customer, or the device.
    pub customer: String,
    /// When it came.
    pub start: Timestamp,
    /// How long it waited for an agent.
    pub wait: i64,
    /// How long it rang at the agent.
    pub ring: i64,
    /// How long it was talked.
    pub talk: i64,
    /// How long it was held.
    pub hold: i64,
    /// How long the agent worked on it afterwards.
    pub wrap_up: i64,
    /// How long the agent then rested.
    pub relax: i64,
    /// Who handled it.
    pub by: By,
}

/// Who handled a contact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum By {
    /// An agent.
    Agent(String),
    /// Nobody: it was missed.
    Nobody,
    /// A bot alone, so that it is told to nobody.
    Bot,
}

impl Contact {
    /// One that nobody took.
    pub fn missed(group: &str, customer: &str, start: Timestamp) -> Self {
        Self {
            group: group.to_owned(),
            customer: customer.to_owned(),
            start,
            wait: 0,
            ring: 0,
            talk: 0,
            hold: 0,
            wrap_up: 0,
            relax: 0,
            by: By::Nobody,
        }
    }

    /// Taken at once by an agent, who talked for this time.
    pub fn taken(self, agent: &str, talk: i64) -> Self {
        Self { by: By::Agent(agent.to_owned()), talk, ..self }
    }

    /// Closed by a bot.
    pub fn by_bot(self) -> Self {
        Self { by: By::Bot, ..self }
    }

    /// The leg that follows this one when its agent passes it on to a group. Both are told of.
    pub fn passed_on(&self, group: &str) -> Self {
        let start = self.start + jiff::SignedDuration::from_millis(self.wait + self.handling());
        Self::missed(group, &self.customer, start)
    }

    /// Ringing, talking and holding.
    pub(super) fn handling(&self) -> i64 {
        self.ring + self.talk + self.hold
    }

    pub(super) fn is_treated(&self) -> bool {
        matches!(self.by, By::Agent(_))
    }
}

/// A state that an agent was in, or is.
#[derive(Clone, Debug)]
pub struct State {
    /// The agent.
    pub agent: String,
    /// The group in which it holds; none when it has nothing to do with one.
    pub group: Option<String>,
    /// Its code, which has the reason's behind it if there is one.
    pub code: String,
    /// Its name, with that of the reason.
    pub name: String,
    /// Since when.
    pub start: Timestamp,
    /// Until when; not yet, if it is the current one.
    pub end: Option<Timestamp>,
}

impl State {
    /// One of no group.
    pub fn new(agent: &str, code: &str, name: &str, start: Timestamp) -> Self {
        let (agent, code, name) = (agent.to_owned(), code.to_owned(), name.to_owned());
        Self { agent, group: None, code, name, start, end: None }
    }

    /// For this reason: ids and names are put together.
    pub fn because(self, id: &str, reason: &str) -> Self {
        let (code, name) = (format!("{}{id}", self.code), format!("{} {reason}", self.name));
        Self { code, name, ..self }
    }

    /// In a group.
    pub fn within(self, group: &str) -> Self {
        Self { group: Some(group.to_owned()), ..self }
    }

    /// Until then.
    pub fn until(self, end: Timestamp) -> Self {
        Self { end: Some(end), ..self }
    }
}

/// A time from one moment to another that an agent was signed in, or had a chat open.
#[derive(Clone, Debug)]
pub struct Stay {
    /// The agent.
    pub agent: String,
    /// From when.
    pub start: Timestamp,
    /// Until when.
    pub end: Timestamp,
}

impl Stay {
    /// Of an agent, from one moment to another.
    pub fn new(agent: &str, start: Timestamp, end: Timestamp) -> Self {
        Self { agent: agent.to_owned(), start, end }
    }
}
