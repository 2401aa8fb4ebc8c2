//! Routes of live events: what opens a socket, and messages to read again.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use serde::{Deserialize, Serialize};
use shared::error::{Error, Result};
use shared::web::{Caller, Guard, Query, Routes, page_limit, to_the_second};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;

use super::Live;
use super::frame::MessageView;
use super::topics::{self, may_see, names};
use crate::messages::Message;

/// The most messages in one answer, and how many when nothing is asked for.
const MOST: usize = 500;
const USUAL: usize = 100;

/// `/live/tickets` and `/live/messages`.
pub fn routes() -> Routes<Live> {
    Routes::new()
        .guarded(Guard::KNOWN, routes!(create_live_ticket))
        .guarded(Guard::KNOWN, routes!(list_live_messages))
}

/// A ticket.
#[derive(Serialize, ToSchema)]
struct TicketView {
    /// The ticket itself, which opens one socket.
    ticket: String,
    /// Until when it does, RFC 3339, UTC.
    expires_at: String,
    /// The socket's address, which the ticket is put behind as `?ticket=`.
    url: String,
}

/// Makes a ticket that opens a socket for live events.
///
/// It opens one socket within a minute: `<url>?ticket=<ticket>`. Programs that can send
/// headers may open one with their credential instead.
#[utoipa::path(post, path = "/live/tickets", tag = "live",
    responses((status = 201, body = TicketView, description = "Made"), Error))]
async fn create_live_ticket(
    State(live): State<Live>,
    caller: Caller,
    headers: HeaderMap,
) -> Result<(StatusCode, Json<TicketView>)> {
    let issued = live.tickets.issue(&caller).await?;
    let url = live.url.clone().unwrap_or_else(|| address(&headers));
    let expires_at = to_the_second(issued.until);
    Ok((StatusCode::CREATED, Json(TicketView { ticket: issued.text, expires_at, url })))
}

/// Where this process itself serves sockets, as the caller reaches it.
fn address(headers: &HeaderMap) -> String {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let scheme = if text("x-forwarded-proto") == Some("https") { "wss" } else { "ws" };
    format!("{scheme}://{}/live", text(header::HOST.as_str()).unwrap_or("localhost"))
}

/// Which messages.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct MessageParams {
    /// Those with a greater number than this; all that are kept, when not given.
    after: Option<i64>,
    /// How many at most, 1 to 500; 100 when not given.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<i64>,
    /// Patterns of types with commas between; all types when not given.
    #[param(example = "pega.*,integration.sync.failed")]
    topics: Option<String>,
}

/// Messages and how far they go.
#[derive(Serialize, ToSchema)]
struct MessagesView {
    /// The messages, by number.
    messages: Vec<MessageView>,
    /// The number up to which these are all there will be; what to read after next.
    last: i64,
}

/// Lists messages by number, so that whoever watches can read what they missed.
///
/// Those that the caller may not see are left out. Numbers that are not there were never
/// used, or their messages have expired.
#[utoipa::path(get, path = "/live/messages", tag = "live", params(MessageParams),
    responses((status = 200, body = MessagesView, description = "Messages"), Error))]
async fn list_live_messages(
    State(live): State<Live>,
    caller: Caller,
    Query(params): Query<MessageParams>,
) -> Result<Json<MessagesView>> {
    let limit = page_limit(params.limit, USUAL, MOST)?;
    let wanted = params.topics.map(|topics| patterns(&topics, &caller)).transpose()?;
    let sees = |message: &Message| {
        message.kind().is_some_and(|of| {
            may_see(of, &caller.permissions)
                && wanted.as_ref().is_none_or(|wanted| names(wanted, of))
        })
    };
    let after = params.after.unwrap_or(0);
    let stretch = live.history.after(&caller.tenant, after, limit, sees).await?;
    let messages = stretch.messages.iter().map(MessageView::of).collect::<Result<_>>()?;
    Ok(Json(MessagesView { messages, last: stretch.last }))
}

fn patterns(listed: &str, caller: &Caller) -> Result<Vec<String>> {
    let patterns: Vec<_> = listed.split(',').map(|topic| topic.trim().to_owned()).collect();
    topics::check(&patterns, &caller.permissions)?;
    Ok(patterns)
}
