//! Where people are read from: 1C, over a connection.

use std::collections::HashSet;
use std::time::Duration;

use jiff::civil::Date;
use shared::env::Env;
use shared::error::{Error, Result};
use shared::jobs::Failure;
use shared::tenant::Tenant;

use super::model::{Employment, Person};
use super::sync::{Fault, Wanted};
use crate::integrations::connections::client::Connectors;
use crate::integrations::connections::{Connection, ConnectionStatus};
use crate::integrations::onec::client::Client;
use crate::integrations::onec::people::{Agent, Personnel, Unread};

/// What the source may take to tell everything, all attempts together.
const ALTOGETHER: Duration = Duration::from_secs(300);
/// Records that cannot be read, at most; with more of them nothing is taken.
const MOST_FAULTS: usize = 1000;
/// Those that are told of.
const TOLD_FAULTS: usize = 100;

/// The way to the source.
pub struct Source(Connectors);

/// What it told.
pub struct Read {
    pub people: Vec<Person>,
    /// Records that cannot be read, by number, and the first of them.
    pub failed: i64,
    pub faults: Vec<Fault>,
    /// Whether some of them do not even tell whom they are about.
    pub nameless: bool,
    /// The ids of the others.
    pub unreadable: HashSet<String>,
}

impl Source {
    /// Needs what connections need.
    pub fn load(env: &Env) -> Result<Self> {
        Connectors::load(env).map(Self)
    }

    /// Everybody of whom the source tells.
    ///
    /// # Errors
    /// A failure that another attempt may mend when it does not answer, and one that none
    /// will when it tells of nobody, or of too many whom nobody can read.
    pub async fn read(
        &self,
        tenant: &Tenant,
        connection: &Connection,
        wanted: &Wanted,
    ) -> Result<Read, Failure> {
        if connection.status != ConnectionStatus::Active {
            return Err(Failure::permanent("the connection is not in use any more"));
        }
        let client = Client::open_for(&self.0, tenant, connection, ALTOGETHER).await?;
        let day = |text: &str| text.parse::<Date>().map_err(Error::internal);
        let period = (day(&wanted.start_date)?, day(&wanted.end_date)?);
        let (told, unread) = client.agents_each(period.0, period.1).await?;
        if told.agents.is_empty() {
            return Err(Failure::permanent("1C tells of nobody, so nothing was taken"));
        }
        if unread.len() > MOST_FAULTS {
            let reason = format!("{} records of 1C cannot be read", unread.len());
            return Err(Failure::permanent(reason));
        }
        Ok(Read::of(&told, unread))
    }
}

impl Read {
    fn of(told: &Personnel, unread: Vec<Unread>) -> Self {
        let fault = |one: Unread| Fault {
            index: Some(one.index),
            agent_id: one.agent_id,
            reason: one.error.detail,
        };
        let mut faults: Vec<Fault> = unread.into_iter().map(fault).collect();
        let (mut people, mut seen) = (Vec::new(), HashSet::new());
        for agent in &told.agents {
            if seen.insert(agent.id.as_str()) {
                people.push(person(agent, told));
            } else {
                let (agent_id, reason) = (Some(agent.id.clone()), "is told twice".to_owned());
                faults.push(Fault { index: None, agent_id, reason });
            }
        }
        let nameless = faults.iter().any(|fault| fault.agent_id.is_none());
        let failed = i64::try_from(faults.len()).unwrap_or(i64::MAX);
        let unreadable = faults.iter().filter_map(|fault| fault.agent_id.clone()).collect();
        faults.truncate(TOLD_FAULTS);
        Self { people, failed, faults, nameless, unreadable }
    }
}

fn person(agent: &Agent, told: &Personnel) -> Person {
    Person {
        agent_id: agent.id.clone(),
        tab_number: agent.number.clone(),
        first_name: agent.first_name.clone(),
        last_name: agent.last_name.clone(),
        middle_name: agent.second_name.clone(),
        department_id: agent.department.clone(),
        department: told.department(&agent.department).map(|found| found.name.clone()),
        position_id: agent.position_id.clone(),
        position: agent.position.clone(),
        hire_date: agent.hired.to_string(),
        dismissal_date: agent.dismissed.map(|day| day.to_string()),
        status: Employment::Active,
        norm_week: agent.norm_week,
        rate: agent.rate,
        login: agent.login.clone(),
    }
}
