//! Use case: test a connection, and move it to `active` or `error` by what comes of it.
//!
//! The contract of the older service knows a test of 1C and contact centres, and
//! refuses other types. Here every type that is reached over HTTP can be tested, in the
//! same way; of those there are only `ldap` is not.

use std::time::Duration;

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};
use shared::clock::timestamp;
use shared::error::{Error, Result};
use shared::outbound::Reply;
use shared::web::Caller;
use utoipa::ToSchema;

use super::Connections;
use super::client::{Connector, Failed, Request};
use super::config::Config;
use super::model::{Connection, ConnectionStatus, IntegrationType, canonical};
use super::store::Change;
use super::tests_made::TestMade;
use crate::integrations::{contact_center, onec};
use crate::pega::Manner;

/// What a test and all its attempts may take together: API Gateway waits no longer.
const ALTOGETHER: Duration = Duration::from_secs(25);
/// Where the other side answers to a test.
const PATH: &str = "/api/test";
/// Beyond this an answer is slow, in milliseconds.
const SLOW: i64 = 5000;

/// What was answered, and after how many milliseconds.
type Answered = std::result::Result<(Reply, i64), Failed>;

/// How a connection is to be tested.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TestRequest {
    /// The connection of the path, for clients that name it twice.
    #[schema(format = "uuid", example = "00000000-0000-7000-8000-000000000001")]
    connection_id: Option<String>,
    /// What the answer is to call the test; `basic` when not given.
    #[schema(max_length = 64, example = "basic")]
    test_type: Option<String>,
    /// Taken from older clients; there is one test, and it has no parameters.
    #[serde(rename = "test_parameters")]
    #[schema(value_type = Option<Object>)]
    _test_parameters: Option<Map<String, Json>>,
}

impl TestRequest {
    /// The connection that it names.
    pub fn named(&self) -> Option<&str> {
        self.connection_id.as_deref()
    }
}

/// What came of a test.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConnectionTestResponse {
    #[schema(format = "uuid")]
    connection_id: String,
    test_type: String,
    success: bool,
    response_time_ms: i64,
    test_results: TestResults,
    /// What to do now, for people.
    recommendations: Vec<&'static str>,
    timestamp: String,
}

/// What was answered.
#[derive(Debug, Serialize, ToSchema)]
pub struct TestResults {
    success: bool,
    /// The status; 0 when there was no answer.
    status_code: u16,
    response_time_ms: i64,
    message: String,
}

impl Connections {
    /// Tests a connection. The other side's refusal is an answer, and no failure.
    ///
    /// # Errors
    /// `NotFound`; `Malformed` for a type that cannot be tested; `Unavailable` while its
    /// circuit breaker is open; `Conflict` when it was changed meanwhile.
    pub async fn test(
        &self,
        by: &Caller,
        id: &str,
        asked: TestRequest,
    ) -> Result<ConnectionTestResponse> {
        let test_type = asked.test_type.clone().unwrap_or_else(|| "basic".to_owned());
        if !(1..=64).contains(&test_type.chars().count()) {
            return Err(Error::invalid("test_type", "must have 1 to 64 characters"));
        }
        let old = self.find(&by.tenant, id).await?;
        if asked.connection_id.is_some_and(|named| canonical(&named).as_ref() != Some(&old.id)) {
            return Err(Error::invalid("connection_id", "must be the connection of the path"));
        }
        if old.integration_type == IntegrationType::Ldap {
            let kind = old.integration_type.name();
            let detail = format!("Testing not supported for integration type: {kind}");
            return Err(Error::malformed(detail));
        }
        let made = self.ask(by, &old).await?;
        self.write_test(by, &old, &made).await?;
        Ok(ConnectionTestResponse {
            recommendations: recommendations(old.integration_type, &made),
            connection_id: old.id,
            test_type,
            success: made.success,
            response_time_ms: made.response_time_ms,
            timestamp: timestamp(made.at).to_string(),
            test_results: TestResults {
                success: made.success,
                status_code: made.status_code,
                response_time_ms: made.response_time_ms,
                message: made.message,
            },
        })
    }

    async fn ask(&self, by: &Caller, connection: &Connection) -> Result<TestMade> {
        let connector = self.connectors.connect(&by.tenant, connection).await?.within(ALTOGETHER);
        let config = connection.config()?;
        let request = match connection.integration_type {
            IntegrationType::Pega => {
                Manner::of_connection(&connection.endpoint_url, &config)?.harmless()
            }
            _ => Request::get(config.path("test", PATH)),
        };
        let mut answer = connector.timed(request).await;
        let is_missing = matches!(&answer, Ok((reply, _)) if reply.status.as_u16() == 404);
        let is_named = !config.path("test", "").is_empty();
        if is_missing && !is_named {
            // The vendors' own services have nothing to try them by.
            answer = self.ask_otherwise(&connector, &config).await.unwrap_or(answer);
        }
        let (answered, message) = match answer {
            Ok((reply, took)) => match reply.status.as_u16() {
                200 => ((200, took), "Connection successful".to_owned()),
                status => ((status, took), format!("Connection failed with status {status}")),
            },
            Err(Failed::Held(held)) => return Err(held.into()),
            Err(Failed::Call(error)) => ((0, 0), format!("Connection failed: {error}")),
        };
        let now = self.clock.now_ms();
        Ok(TestMade::new(&by.tenant, &connection.id, now, answered, message))
    }

    /// What a vendor's own service answers to a call that changes nothing; none where there
    /// is no such call, or where something else answers it.
    async fn ask_otherwise(&self, connector: &Connector, config: &Config) -> Option<Answered> {
        match connector.connection().integration_type {
            IntegrationType::OneC => {
                let today = timestamp(self.clock.now_ms()).to_zoned(TimeZone::UTC).date();
                let told = connector.timed(onec::client::harmless(config, today)).await;
                let is_foreign = matches!(&told, Ok((reply, _)) if onec::client::is_foreign(reply));
                (!is_foreign).then_some(told)
            }
            IntegrationType::ContactCenter => {
                Some(connector.timed(contact_center::client::harmless(config)).await)
            }
            _ => None,
        }
    }

    async fn write_test(&self, by: &Caller, old: &Connection, made: &TestMade) -> Result<()> {
        let (status, last_error) = match made.success {
            true => (ConnectionStatus::Active, None),
            false => (ConnectionStatus::Error, Some(made.message.clone())),
        };
        let new = Connection { status, last_error, updated_at: made.at, ..old.clone() };
        let (mut messages, mut writes) =
            (Vec::new(), vec![self.rewrite(old, &new), made.write(&self.table)?]);
        if let Some((message, item)) = self.moved(by, old.status, &new)? {
            messages.push(message);
            writes.push(item);
        }
        let details = json!({ "success": made.success, "status_code": made.status_code,
            "status": new.status, "previous_status": old.status });
        let (action, connection) = ("connection.test", &new);
        self.change(by, Change { action, details, connection, messages, writes }).await
    }
}

fn recommendations(of: IntegrationType, made: &TestMade) -> Vec<&'static str> {
    if made.success {
        let mut all = vec![
            "The connection is healthy",
            "Monitor its response times and failures",
            "Test it regularly",
        ];
        if made.response_time_ms > SLOW {
            all.push("Answers take more than five seconds: tune the other side or the network");
        }
        return all;
    }
    let general = [
        "Check that the service is available",
        "Check the credentials",
        "Check the network between the two systems",
    ];
    general.into_iter().chain(special(of)).collect()
}

/// What is often wrong with systems of this kind.
fn special(of: IntegrationType) -> [&'static str; 3] {
    match of {
        IntegrationType::OneC => [
            "Check that the 1C HTTP service is published on the web server",
            "Check that the 1C user may use the HTTP service",
            "Check that the address names the right 1C information base",
        ],
        IntegrationType::ContactCenter => [
            "Check that the contact centre's API, for example that of Argus, is enabled",
            "Check that the API user may see the service groups",
            "Check that the contact centre's clock and time zone are right",
        ],
        IntegrationType::Pega => [
            "Check that the Pega DX API is enabled",
            "Check that the operator or client may use the application",
            "Check that the address ends where the API begins",
        ],
        IntegrationType::Enjaz => [
            "Check that the portal is not under maintenance",
            "Check that the account is not locked",
            "Check that the portal accepts calls from this network",
        ],
        IntegrationType::AutomationServer => [
            "Check that the automation server is running",
            "Check that the token may read workqueues",
            "Check that a worker is connected to it",
        ],
        IntegrationType::Http => [
            "Check that the system is running",
            "Check that it answers GET requests at the test path",
            "Check that the credentials are those of a program",
        ],
        IntegrationType::Webhook => [
            "Check that the receiver is running",
            "Check that it answers GET requests at the test path",
            "Check that its certificate is valid",
        ],
        IntegrationType::Ldap => {
            ["Check that the directory is running", "Check the bind user", "Check the search base"]
        }
    }
}
