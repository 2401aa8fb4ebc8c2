//! What the contact centre tells in one request, as records. An answer of which a part is not
//! the protocol's is none.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::de::DeserializeOwned;
use shared::clock::timestamp;
use shared::error::{Error, Result};

use super::super::client::{Again, Client, Unanswered};
use super::super::historic::argus::{
    ArgusAgentCalls, ArgusAgentLogins, ArgusAgentStatus, ArgusChatDay, ArgusServiceGroup,
};
use super::super::records::{AgentCall, AgentLogin, AgentStatus, ChatDay, GroupMetrics, Record};
use super::kind::PullKind;
use super::plan::Stretch;

/// One request: a slice of time, in the zone of the place, and ids.
pub struct Request<'a> {
    pub slice: Stretch,
    pub ids: &'a [String],
    /// How long intervals are, in milliseconds.
    pub step: i64,
    pub place: &'a TimeZone,
}

/// A record, and where in the answer it is.
type Placed = (String, Record);

impl Request<'_> {
    /// What the contact centre tells; nothing where it says that there is nothing.
    pub async fn ask(&self, client: &Client) -> Result<Vec<Record>, Unanswered> {
        let kind = self.slice.kind;
        let told = match kind {
            PullKind::ServiceGroupData => self.told(client, groups).await,
            PullKind::AgentStatusData => self.told(client, statuses).await,
            PullKind::AgentLoginData => self.told(client, logins).await,
            PullKind::AgentCallsData => self.told(client, calls).await,
            PullKind::AgentChatsWorkTime => match self.told(client, chats).await {
                // It is no chat platform.
                Err(unanswered) if unanswered.again == Again::HasNone => Ok(Vec::new()),
                told => told,
            },
        };
        told?.into_iter().map(|placed| checked(kind, placed)).collect()
    }

    async fn told<T: DeserializeOwned>(
        &self,
        client: &Client,
        records: fn(Vec<T>) -> Result<Vec<Placed>>,
    ) -> Result<Vec<Placed>, Unanswered> {
        let Self { slice: Stretch { kind, from, to }, ids, step, place } = self;
        let (from, to) = (zoned(*from, place), zoned(*to, place));
        let (ids, step) = (ids.join(","), step.to_string());
        let mut query = vec![("startDate", from.as_str()), ("endDate", to.as_str())];
        if kind.is_of_groups() {
            query.extend([("step", step.as_str()), ("groupId", ids.as_str())]);
        } else {
            query.push(("agentId", ids.as_str()));
        }
        let told = client.historic(kind.name(), &query).await?;
        records(told).map_err(|error| Unanswered::unreadable(kind.name(), &error.detail))
    }
}

/// A moment by the clock of the place, so that the day that it names is one there.
fn zoned(at: i64, place: &TimeZone) -> String {
    let zoned = timestamp(at).to_zoned(place.clone());
    let form = if zoned.offset().is_zero() { "%Y-%m-%dT%H:%M:%SZ" } else { "%Y-%m-%dT%H:%M:%S%:z" };
    zoned.strftime(form).to_string()
}

/// A record that can be kept.
fn checked(kind: PullKind, (place, record): Placed) -> Result<Record, Unanswered> {
    match record.check() {
        Ok(()) => Ok(record),
        Err(error) => {
            let field = error.fields.into_iter().next();
            let words = field.map_or(error.detail, |field| {
                format!("{place}: {} {}", named(kind, &field.field), field.message)
            });
            Err(Unanswered::unreadable(kind.name(), &words))
        }
    }
}

/// A member as the protocol calls it.
fn named(kind: PullKind, field: &str) -> &str {
    match (field, kind) {
        ("agent", _) => "agentId",
        ("service", _) => "serviceId",
        ("group", _) => "groupId",
        ("state_code", _) => "stateCode",
        ("state_name", _) => "stateName",
        ("login", _) => "loginDate",
        ("logout", _) => "logoutDate",
        ("day", _) => "workDate",
        ("work_time", _) => "workTime",
        ("start", PullKind::ServiceGroupData) => "startInterval",
        ("end", PullKind::ServiceGroupData) => "endInterval",
        ("start", PullKind::AgentCallsData) => "startCall",
        ("end", PullKind::AgentCallsData) => "endCall",
        ("start", _) => "startDate",
        ("end", _) => "endDate",
        ("not_unique_received", _) => "notUniqueReceived",
        ("not_unique_treated", _) => "notUniqueTreated",
        ("not_unique_missed", _) => "notUniqueMissed",
        ("received_calls", _) => "receivedCalls",
        ("treated_calls", _) => "treatedCalls",
        ("miss_calls", _) => "missCalls",
        ("post_processing", _) => "postProcessing",
        (other, _) => other,
    }
}

fn moment(place: &str, name: &str, text: &str) -> Result<i64> {
    let moment = text.parse::<Timestamp>().map(Timestamp::as_millisecond);
    let name = format!("{place}.{name}");
    moment.map_err(|_| Error::invalid(&name, "must be a date and a time with a zone"))
}

fn groups(told: Vec<ArgusServiceGroup>) -> Result<Vec<Placed>> {
    let mut records = Vec::new();
    for (at, group) in told.into_iter().enumerate() {
        for (index, one) in group.historic_data.into_iter().enumerate() {
            let place = format!("[{at}].historicData[{index}]");
            let record = Record::GroupMetrics(GroupMetrics {
                service: group.service_id.clone(),
                group: group.group_id.clone(),
                start: moment(&place, "startInterval", &one.start_interval)?,
                end: moment(&place, "endInterval", &one.end_interval)?,
                not_unique_received: one.not_unique_received,
                not_unique_treated: one.not_unique_treated,
                not_unique_missed: one.not_unique_missed,
                received_calls: one.received_calls,
                treated_calls: one.treated_calls,
                miss_calls: one.miss_calls,
                aht: one.aht,
                post_processing: one.post_processing,
                answered_in_time: None,
            });
            records.push((place, record));
        }
    }
    Ok(records)
}

fn statuses(told: Vec<ArgusAgentStatus>) -> Result<Vec<Placed>> {
    let mut records = Vec::new();
    for (at, agent) in told.into_iter().enumerate() {
        for (index, one) in agent.states.into_iter().enumerate() {
            let place = format!("[{at}].states[{index}]");
            let record = Record::AgentStatus(AgentStatus {
                agent: agent.agent_id.clone(),
                start: moment(&place, "startDate", &one.start_date)?,
                end: one.end_date.map(|end| moment(&place, "endDate", &end)).transpose()?,
                state_code: one.state_code,
                state_name: one.state_name,
                service: agent.service_id.clone(),
                group: agent.group_id.clone(),
            });
            records.push((place, record));
        }
    }
    Ok(records)
}

fn logins(told: Vec<ArgusAgentLogins>) -> Result<Vec<Placed>> {
    let mut records = Vec::new();
    for (at, agent) in told.into_iter().enumerate() {
        for (index, one) in agent.logins.into_iter().enumerate() {
            let place = format!("[{at}].logins[{index}]");
            // It is told of again when it is over.
            let Some(logout) = one.logout_date else { continue };
            let record = Record::AgentLogin(AgentLogin {
                agent: agent.agent_id.clone(),
                login: moment(&place, "loginDate", &one.login_date)?,
                logout: moment(&place, "logoutDate", &logout)?,
            });
            records.push((place, record));
        }
    }
    Ok(records)
}

fn calls(told: Vec<ArgusAgentCalls>) -> Result<Vec<Placed>> {
    let mut records = Vec::new();
    for (at, agent) in told.into_iter().enumerate() {
        for (index, one) in agent.agent_calls.into_iter().enumerate() {
            let place = format!("[{at}].agentCalls[{index}]");
            let record = Record::AgentCall(AgentCall {
                agent: agent.agent_id.clone(),
                service: agent.service_id.clone(),
                group: agent.group_id.clone(),
                start: moment(&place, "startCall", &one.start_call)?,
                end: moment(&place, "endCall", &one.end_call)?,
                call_type: None,
            });
            records.push((place, record));
        }
    }
    Ok(records)
}

fn chats(told: Vec<ArgusChatDay>) -> Result<Vec<Placed>> {
    let record = |(at, one): (usize, ArgusChatDay)| {
        let (agent, day, work_time) = (one.agent_id, one.work_date, one.work_time);
        let record = Record::ChatDay(ChatDay { agent, day, work_time, sessions: None });
        Ok((format!("[{at}]"), record))
    };
    told.into_iter().enumerate().map(record).collect()
}
