//! What opens a socket: a ticket once and for a minute, or a credential in the headers.

use functions::live::Sockets;
use serde_json::{Value, json};
use shared::error::Kind;
use tests::support::{Credential, Installation, Socket};

use super::{Watched, request, with_key};

impl Watched {
    /// The query that presents a new ticket of the admin.
    async fn ticket(&self) -> String {
        let made = self.world.admin().send("POST", "/live/tickets", Value::Null).await;
        assert_eq!(made.status, 201, "{}", made.text);
        format!("ticket={}", made.json["ticket"].as_str().expect("a ticket"))
    }

    async fn refusal(&self, query: &str, headers: &[(&str, &str)]) -> Option<Kind> {
        let id = shared::ids::unique();
        self.sockets.connect(&id, &request(query, headers)).await.err().map(|error| error.kind)
    }
}

#[tokio::test]
async fn a_ticket_opens_one_socket() {
    let watched = Watched::start().await;
    let ticket = watched.ticket().await;
    assert_eq!(watched.refusal(&ticket, &[]).await, None);
    assert_eq!(watched.refusal(&ticket, &[]).await, Some(Kind::Unauthorized));
    let entries = watched.world.admin().get("/api/v1/audit-logs?action=live.connect").await.json;
    assert_eq!(entries.as_array().map(Vec::len), Some(1), "{entries}");
}

/// Two processes over one database that answers one after the other.
#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_present_a_ticket_at_once_one_gets_in() {
    let installation = Installation::start().await;
    let load = || Sockets::load(installation.app.env()).expect("sockets");
    let (here, there) = (load(), load());
    for _ in 0..20 {
        let made = installation.admin().post("/live/tickets").await.json;
        let query = format!("ticket={}", made["ticket"].as_str().expect("a ticket"));
        let (a, b) = (shared::ids::unique(), shared::ids::unique());
        let ticket = request(&query, &[]);
        let both = tokio::join!(here.connect(&a, &ticket), there.connect(&b, &ticket));
        assert!(both.0.is_ok() != both.1.is_ok(), "one of them");
        let refused = both.0.err().or(both.1.err()).map(|error| error.kind);
        assert_eq!(refused, Some(Kind::Unauthorized));
    }
}

#[tokio::test]
async fn a_ticket_ends_after_a_minute() {
    let watched = Watched::start().await;
    let (first, second) = (watched.ticket().await, watched.ticket().await);
    watched.world.wait(59);
    assert_eq!(watched.refusal(&first, &[]).await, None);
    watched.world.wait(1);
    assert_eq!(watched.refusal(&second, &[]).await, Some(Kind::Unauthorized));
}

#[tokio::test]
async fn a_ticket_is_worth_what_its_maker_s_key_is() {
    let watched = Watched::start().await;
    let (id, key) = watched.key(&["events.read"]).await;
    let made = watched.world.bearer(&key).send("POST", "/live/tickets", Value::Null).await;
    let ticket = format!("ticket={}", made.json["ticket"].as_str().expect("a ticket"));
    let path = format!("/api/v1/api-keys/{id}");
    assert_eq!(watched.world.admin().send("DELETE", &path, Value::Null).await.status, 200);
    assert_eq!(watched.refusal(&ticket, &[]).await, Some(Kind::Unauthorized));
}

#[tokio::test]
async fn nothing_else_opens_a_socket() {
    let watched = Watched::start().await;
    let (admin, ticket) = (watched.world.admin_key.clone(), watched.ticket().await);
    let bare = ticket.trim_start_matches("ticket=");
    let unauthorized = Some(Kind::Unauthorized);
    for query in ["", "ticket=", "ticket=lt_1", &format!("ticket={admin}"), &format!("key={admin}")]
    {
        assert_eq!(watched.refusal(query, &[]).await, unauthorized, "{query}");
    }
    assert_eq!(
        watched.refusal("", &[("authorization", &format!("Bearer {bare}"))]).await,
        unauthorized
    );
    assert_eq!(watched.refusal("", &[("x-api-key", &admin)]).await, None);
    assert!(watched.sockets.connect("one", &with_key(&admin)).await.is_ok());
    // A ticket is no credential, and is nowhere stored as it is.
    let as_key = watched.world.bearer(bare).get("/live/messages").await;
    assert_eq!(as_key.status, 401);
}

#[tokio::test]
async fn a_page_of_another_origin_opens_none_unless_it_may() {
    let watched = Watched::with(&[("ALLOWED_ORIGINS", "https://desk.example")]).await;
    let key = format!("Bearer {}", watched.world.admin_key);
    for (origin, refused) in [
        ("https://desk.example", None),
        ("https://caseway.example", None),
        ("https://evil.example", Some(Kind::Forbidden)),
        ("null", Some(Kind::Forbidden)),
    ] {
        let headers =
            [("authorization", key.as_str()), ("host", "caseway.example"), ("origin", origin)];
        assert_eq!(watched.refusal("", &headers).await, refused, "{origin}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_names_the_address_that_it_opens() {
    let installation = Installation::start().await;
    let admin = installation.admin();
    let made = admin.post("/live/tickets").await;
    assert_eq!(made.status, 201, "{}", made.text);
    let text = |name: &str| made.json[name].as_str().expect("a text").to_owned();
    let url = format!("{}?ticket={}", text("url"), text("ticket"));
    let mut socket = Socket::open(&url, &[]).await.expect("an open socket");
    assert_eq!(socket.ask(&json!({"action": "ping"})).await, json!({"type": "pong", "seq": 0}));
    assert_eq!(Socket::open(&url, &[]).await.err(), Some(401));
    let nobody = admin.with(Credential::None);
    assert_eq!(nobody.post("/live/tickets").await.status, 401);
    let refused = nobody.get("/live").await;
    assert_eq!((refused.status, refused.header("x-content-type-options")), (400, "nosniff"));
    assert!(!refused.header("x-correlation-id").is_empty(), "as any answer");
    assert_eq!(nobody.post("/live").await.status, 405);
}
