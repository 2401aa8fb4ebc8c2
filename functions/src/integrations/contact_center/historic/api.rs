//! Routes of what was.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use shared::error::Error;
use shared::web::{Caller, Conflict, Query, Routes};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;

use super::super::ContactCenter;
use super::super::centre::{centre, time_zone};
use super::super::style::{InArgusStyle, Parameters, Refused, Style, no_data};
use super::ask::{Asked, Wants};
use super::view::{
    AgentCallsData, AgentChatsWorkTime, AgentLoginData, AgentStatusData, Historic, ServiceGroupData,
};
use super::walk::{Ground, Told, Walked};
use super::{argus, calls, chats, contacts, logins, statuses};
use crate::access::permission::INTEGRATIONS_READ;
use crate::integrations::connections::Connection;

/// `/integrations/cc/historic`.
pub fn routes() -> Routes<ContactCenter> {
    Routes::new()
        .guarded(INTEGRATIONS_READ.of_people(), routes!(get_service_group_data))
        .guarded(INTEGRATIONS_READ.of_people(), routes!(get_agent_status_data))
        .guarded(INTEGRATIONS_READ.of_people(), routes!(get_agent_login_data))
        .guarded(INTEGRATIONS_READ.of_people(), routes!(get_agent_calls_data))
        .guarded(INTEGRATIONS_READ.of_people(), routes!(get_agent_chats_work_time))
}

/// What may be asked of agents. A request with a name of Argus's protocol is answered in its
/// style, bare, without pages, and needs all that the protocol needs.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "only the names count: both styles are read by hand")]
struct AgentsParams {
    /// The first moment: RFC 3339, or a date. Needed, unless `startDate` is given.
    #[param(example = "2024-01-01")]
    start_date: Option<String>,
    /// The first moment after the period, at most 366 days later.
    #[param(example = "2024-01-31")]
    end_date: Option<String>,
    /// Agents that are meant; may be repeated. All when not given.
    agents: Option<String>,
    /// Groups that are meant; may be repeated.
    service_groups: Option<String>,
    /// How many items a page has. Without it all are told, or, if there are more than 10,000,
    /// the request is refused.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<i64>,
    /// Where to go on: the `next_cursor` of the page before.
    cursor: Option<String>,
    /// Which contact centre is meant: its connection's id. Without it, the only one.
    #[param(format = "uuid")]
    connection_id: Option<String>,
    /// As the protocol has it.
    #[param(rename = "startDate")]
    argus_start: Option<String>,
    /// As the protocol has it.
    #[param(rename = "endDate")]
    argus_end: Option<String>,
    /// Ids with commas between, as the protocol has it.
    #[param(rename = "agentId")]
    argus_agents: Option<String>,
}

/// What may be asked of groups, in the same two styles.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "as above")]
struct GroupsParams {
    /// The first moment: RFC 3339, or a date. Needed, unless `startDate` is given.
    #[param(example = "2024-01-01")]
    start_date: Option<String>,
    /// The first moment after the period, at most 366 days later.
    #[param(example = "2024-01-31")]
    end_date: Option<String>,
    /// Groups that are meant; may be repeated. All when not given.
    service_groups: Option<String>,
    /// How long an interval is, in minutes; 30 when not given.
    #[param(minimum = 1, maximum = 1440)]
    interval_minutes: Option<i64>,
    /// How many items a page has. Without it all are told, or, if there are more than 10,000,
    /// the request is refused.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<i64>,
    /// Where to go on: the `next_cursor` of the page before.
    cursor: Option<String>,
    /// Which contact centre is meant: its connection's id. Without it, the only one.
    #[param(format = "uuid")]
    connection_id: Option<String>,
    /// As the protocol has it.
    #[param(rename = "startDate")]
    argus_start: Option<String>,
    /// As the protocol has it.
    #[param(rename = "endDate")]
    argus_end: Option<String>,
    /// How long an interval is, in milliseconds, as the protocol has it.
    #[param(minimum = 60_000, maximum = 86_400_000)]
    step: Option<i64>,
    /// Ids with commas between, as the protocol has it.
    #[param(rename = "groupId")]
    argus_groups: Option<String>,
}

/// An answer in either style.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub(in crate::integrations::contact_center) enum Either<C, A> {
    /// Of the contract.
    Contract(C),
    /// Of Argus's protocol.
    Argus(Vec<A>),
}

type Answer = Result<Response, Refused>;

/// Tells the contacts of groups by interval.
///
/// What is kept more finely is put together; intervals are cut from midnight.
#[utoipa::path(get, path = "/integrations/cc/historic/serviceGroupData", tag = "contact center",
    params(GroupsParams),
    responses((status = 200, body = Either<ServiceGroupData, argus::ArgusServiceGroup>,
        description = "Contacts"), InArgusStyle, Error, Conflict))]
async fn get_service_group_data(
    State(center): State<ContactCenter>,
    caller: Caller,
    Query(parameters): Query<Parameters>,
) -> Answer {
    let (asked, of) = center.asked(&caller, &parameters, Wants::Groups).await?;
    let found = contacts::contacts(center.ground(&caller, &of, &asked)).await;
    let contract = |items, about| ServiceGroupData { service_group_data: items, about };
    center.told(&asked, found, contract, argus::groups)
}

/// Tells agents' statuses that begin or end in a period.
#[utoipa::path(get, path = "/integrations/cc/historic/agentStatusData", tag = "contact center",
    params(AgentsParams),
    responses((status = 200, body = Either<AgentStatusData, argus::ArgusAgentStatus>,
        description = "Statuses"), InArgusStyle, Error, Conflict))]
async fn get_agent_status_data(
    State(center): State<ContactCenter>,
    caller: Caller,
    Query(parameters): Query<Parameters>,
) -> Answer {
    let (asked, of) = center.asked(&caller, &parameters, Wants::Agents).await?;
    let found = statuses::statuses(center.ground(&caller, &of, &asked)).await;
    let contract = |items, about| AgentStatusData { agent_status_data: items, about };
    center.told(&asked, found, contract, argus::statuses)
}

/// Tells times of being signed in that begin or end in a period, in full.
#[utoipa::path(get, path = "/integrations/cc/historic/agentLoginData", tag = "contact center",
    params(AgentsParams),
    responses((status = 200, body = Either<AgentLoginData, argus::ArgusAgentLogins>,
        description = "Logins"), InArgusStyle, Error, Conflict))]
async fn get_agent_login_data(
    State(center): State<ContactCenter>,
    caller: Caller,
    Query(parameters): Query<Parameters>,
) -> Answer {
    let (asked, of) = center.asked(&caller, &parameters, Wants::Agents).await?;
    let found = logins::logins(center.ground(&caller, &of, &asked)).await;
    let contract = |items, about| AgentLoginData { agent_login_data: items, about };
    center.told(&asked, found, contract, argus::logins)
}

/// Tells contacts that agents began to work on in a period.
#[utoipa::path(get, path = "/integrations/cc/historic/agentCallsData", tag = "contact center",
    params(AgentsParams),
    responses((status = 200, body = Either<AgentCallsData, argus::ArgusAgentCalls>,
        description = "Contacts"), InArgusStyle, Error, Conflict))]
async fn get_agent_calls_data(
    State(center): State<ContactCenter>,
    caller: Caller,
    Query(parameters): Query<Parameters>,
) -> Answer {
    let (asked, of) = center.asked(&caller, &parameters, Wants::Agents).await?;
    let found = calls::calls(center.ground(&caller, &of, &asked)).await;
    let contract = |items, about| AgentCallsData { agent_calls_data: items, about };
    center.told(&asked, found, contract, argus::calls)
}

/// Tells how long agents had at least one chat open on each day, within a period.
#[utoipa::path(get, path = "/integrations/cc/historic/agentChatsWorkTime",
    tag = "contact center", params(AgentsParams),
    responses((status = 200, body = Either<AgentChatsWorkTime, argus::ArgusChatDay>,
        description = "Days"), InArgusStyle, Error, Conflict))]
async fn get_agent_chats_work_time(
    State(center): State<ContactCenter>,
    caller: Caller,
    Query(parameters): Query<Parameters>,
) -> Answer {
    let (asked, of) = center.asked(&caller, &parameters, Wants::Agents).await?;
    let found = chats::chats(center.ground(&caller, &of, &asked)).await;
    let contract = |items, about| AgentChatsWorkTime { agent_chats_work_time: items, about };
    center.told(&asked, found, contract, argus::chats)
}

impl ContactCenter {
    fn ground<'a>(&'a self, by: &'a Caller, of: &'a Connection, asked: &'a Asked) -> Ground<'a> {
        Ground { records: &self.records, centre: centre(&by.tenant, of), asked }
    }

    /// What a request asks for, and of which contact centre.
    async fn asked(
        &self,
        caller: &Caller,
        parameters: &Parameters,
        wants: Wants,
    ) -> Result<(Asked, Connection), Refused> {
        let style = Style::of(parameters);
        let refuse = |error| style.refuse(error);
        let asked = Asked::read(parameters, wants).map_err(refuse)?;
        let named = asked.connection.as_deref();
        let connection = self.centres.one(&caller.tenant, named).await.map_err(refuse)?;
        let place = time_zone(&connection).map_err(refuse)?;
        Ok((asked.at(place.as_deref()).map_err(refuse)?, connection))
    }

    /// What was found, in the style of the request.
    fn told<T, I: From<Told<T>>, C: Serialize, A: Serialize>(
        &self,
        asked: &Asked,
        found: Result<Walked<T>, Error>,
        contract: impl FnOnce(Vec<I>, Historic) -> C,
        of_argus: impl FnOnce(Vec<Told<T>>) -> Vec<A>,
    ) -> Answer {
        let found = found.map_err(|error| asked.style.refuse(error))?;
        if asked.style == Style::Argus {
            let told = of_argus(found.items);
            let is_empty = told.is_empty();
            let told = Either::<C, A>::Argus(told);
            return Ok(if is_empty { no_data() } else { Json(told).into_response() });
        }
        let about = Historic::of(asked, &found, self.clock.now_ms());
        let items = found.items.into_iter().map(I::from).collect();
        Ok(Json(Either::<C, A>::Contract(contract(items, about))).into_response())
    }
}
