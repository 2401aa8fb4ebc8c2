//! Routes of what is now.

use std::collections::BTreeSet;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use shared::error::{Error, Result};
use shared::web::{Caller, Conflict, Missing, Query, Routes, to_the_millisecond, to_the_second};
use utoipa::IntoParams;
use utoipa_axum::routes;

use super::super::ContactCenter;
use super::super::centre::centre;
use super::super::client::ArgusGroupLoad;
use super::super::historic::{Either, ids};
use super::super::style::{InArgusStyle, Parameters, Refused, Style, no_data};
use super::view::{
    ArgusOnlineAgent, GroupLoadItem, GroupsLoad, OnlineAgent, OnlineAgents, QueueMetricsItem,
    QueueMetricsList,
};
use crate::access::permission::INTEGRATIONS_READ;
use crate::integrations::connections::OfConnection;

/// `/integrations/cc/online`.
pub fn routes() -> Routes<ContactCenter> {
    Routes::new()
        .guarded(INTEGRATIONS_READ.of_people(), routes!(get_online_agents))
        .guarded(INTEGRATIONS_READ.of_people(), routes!(get_groups_load))
        .guarded(INTEGRATIONS_READ.of_people(), routes!(get_groups_online_load))
        .guarded(INTEGRATIONS_READ.of_people(), routes!(get_queue_metrics))
}

/// What may be said of agents.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "only the names count: both styles are read by hand")]
struct OnlineParams {
    /// `argus` for the style of Argus's protocol, which has nothing here to be known by.
    #[param(pattern = "^argus$")]
    style: Option<String>,
    /// Which contact centre is meant: its connection's id. Without it, the only one.
    #[param(format = "uuid")]
    connection_id: Option<String>,
}

/// Which groups are meant.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "as above")]
struct LoadParams {
    /// Groups that are meant; may be repeated. All active ones when not given.
    service_groups: Option<String>,
    /// Ids with commas between; the answer is in the style of Argus's protocol then.
    #[param(rename = "groupId")]
    argus_groups: Option<String>,
    /// Which contact centre is meant: its connection's id. Without it, the only one.
    #[param(format = "uuid")]
    connection_id: Option<String>,
}

/// Tells the statuses that agents are in, by what was pushed.
#[utoipa::path(get, path = "/integrations/cc/online/agentStatus", tag = "contact center",
    params(OnlineParams),
    responses((status = 200, body = Either<OnlineAgents, ArgusOnlineAgent>,
        description = "Statuses"), InArgusStyle, Error, Conflict))]
async fn get_online_agents(
    State(center): State<ContactCenter>,
    caller: Caller,
    Query(parameters): Query<Parameters>,
) -> Result<Response, Refused> {
    let style = Style::of(&parameters);
    let told = async {
        let named = only(&parameters, &[])?;
        let of = center.centres.one(&caller.tenant, named).await?;
        center.records.in_a_status(centre(&caller.tenant, &of)).await
    };
    let current = told.await.map_err(|error| style.refuse(error))?;
    if style == Style::Argus {
        let agents: Vec<_> = current.into_iter().map(ArgusOnlineAgent::from).collect();
        return Ok(if agents.is_empty() { no_data() } else { Json(agents).into_response() });
    }
    let now = center.clock.now_ms();
    let agents: Vec<_> = current.into_iter().map(|one| OnlineAgent::of(one, now)).collect();
    let (total_agents, timestamp) = (agents.len(), to_the_millisecond(now));
    Ok(Json(OnlineAgents { agent_status: agents, total_agents, timestamp }).into_response())
}

/// Tells the load of groups, as the contact centre says at this moment.
#[utoipa::path(get, path = "/integrations/cc/online/groupsLoad", tag = "contact center",
    params(LoadParams),
    responses((status = 200, body = Either<GroupsLoad, ArgusGroupLoad>, description = "Loads"),
        (status = 502, description = "The contact centre refuses"), InArgusStyle, Error, Conflict))]
async fn get_groups_load(
    State(center): State<ContactCenter>,
    caller: Caller,
    Query(parameters): Query<Parameters>,
) -> Result<Response, Refused> {
    loads(&center, &caller, &parameters).await
}

/// Tells the load of groups, under the name that Argus's protocol has for it.
#[utoipa::path(get, path = "/integrations/cc/online/groupsOnlineLoad", tag = "contact center",
    params(LoadParams),
    responses((status = 200, body = Either<GroupsLoad, ArgusGroupLoad>, description = "Loads"),
        (status = 502, description = "The contact centre refuses"), InArgusStyle, Error, Conflict))]
async fn get_groups_online_load(
    State(center): State<ContactCenter>,
    caller: Caller,
    Query(parameters): Query<Parameters>,
) -> Result<Response, Refused> {
    loads(&center, &caller, &parameters).await
}

async fn loads(
    center: &ContactCenter,
    caller: &Caller,
    parameters: &Parameters,
) -> Result<Response, Refused> {
    let style = Style::of(parameters);
    let told = async {
        let named = only(parameters, &["service_groups", "groupId"])?;
        let groups = groups(parameters, style)?;
        let of = center.centres.one(&caller.tenant, named).await?;
        center.load_of(&caller.tenant, &of, groups).await
    };
    let loads = told.await.map_err(|error| style.refuse(error))?;
    if style == Style::Argus {
        return Ok(if loads.is_empty() { no_data() } else { Json(loads).into_response() });
    }
    let now = center.clock.now_ms();
    let at = to_the_second(now);
    let loads: Vec<_> = loads.into_iter().map(|load| GroupLoadItem::of(load, &at)).collect();
    let (total_groups, timestamp) = (loads.len(), to_the_millisecond(now));
    Ok(Json(GroupsLoad { groups_load: loads, total_groups, timestamp }).into_response())
}

/// The groups that are meant; none for all.
fn groups(parameters: &Parameters, style: Style) -> Result<Vec<String>> {
    let of = |name: &'static str| {
        parameters.iter().filter(move |(one, _)| one == name).map(|(_, value)| value.as_str())
    };
    if style == Style::Contract {
        return ids("service_groups", of("service_groups"));
    }
    if of("groupId").next().is_none() {
        return Err(Error::invalid("groupId", "is required"));
    }
    ids("groupId", of("groupId").flat_map(|list| list.split(',').map(str::trim)))
}

/// Tells the numbers of queues that came in the last five minutes.
#[utoipa::path(get, path = "/integrations/cc/online/queueMetrics", tag = "contact center",
    params(OfConnection),
    responses((status = 200, body = QueueMetricsList, description = "Numbers"), Error, Conflict,
        Missing))]
async fn get_queue_metrics(
    State(center): State<ContactCenter>,
    caller: Caller,
    Query(of): Query<OfConnection>,
) -> Result<Json<QueueMetricsList>> {
    let of = center.centres.one(&caller.tenant, of.named()).await?;
    let found = center.queue_metrics(centre(&caller.tenant, &of)).await?;
    let queues: BTreeSet<String> = found.iter().map(|one| one.queue.clone()).collect();
    Ok(Json(QueueMetricsList {
        queue_metrics: found.into_iter().map(QueueMetricsItem::from).collect(),
        total_queues: queues.len(),
        timestamp: to_the_millisecond(center.clock.now_ms()),
    }))
}

/// The connection that is named, of parameters that are all known.
fn only<'a>(parameters: &'a Parameters, known: &[&str]) -> Result<Option<&'a str>> {
    let mut named = None;
    for (name, value) in parameters {
        match name.as_str() {
            "connection_id" => named = Some(value.as_str()),
            "style" if value == "argus" => {}
            name if known.contains(&name) => {}
            name => return Err(Error::invalid(name, "is not known here")),
        }
    }
    Ok(named)
}
