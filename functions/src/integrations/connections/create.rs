//! Use case: create a connection. It is inactive until a test goes well, or somebody
//! says that it is active.

use serde::Deserialize;
use serde_json::{Map, Value as Json, json};
use shared::error::{Error, Result};
use shared::ids;
use shared::table::{Cond, Item};
use shared::web::Caller;
use utoipa::ToSchema;

use super::Connections;
use super::config::Config;
use super::credentials::NewCredentials;
use super::model::{AuthenticationType, Connection, ConnectionStatus, IntegrationType, directory};
use super::store::{Change, described};
use super::uptime::Uptime;
use crate::integrations::onec::Settings;
use crate::integrations::{contact_center, personnel};
use crate::messages::catalogue::CONNECTION_CREATED;
use crate::pega::Manner;

/// The longest name, in characters.
const LONGEST_NAME: usize = 255;
/// The longest address.
const LONGEST_URL: usize = 2048;
/// The largest mapping rules, in bytes.
const LARGEST_RULES: usize = 16 * 1024;

/// What an admin says of a new connection.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewConnection {
    /// What people call it.
    #[schema(min_length = 1, max_length = 255, example = "1C ZUP Production")]
    name: String,
    integration_type: IntegrationType,
    /// Where the system is: a public http or https address without query. One of type
    /// `ldap` is an ldap or ldaps address.
    #[schema(max_length = 2048, example = "https://1c.company.com/api")]
    endpoint_url: String,
    authentication_type: AuthenticationType,
    /// What it signs in with; kept in the vault, and never shown.
    credentials: Option<NewCredentials>,
    /// `sync_interval` (seconds, at least 30; 900), `retry_attempts` (0 to 10; 3),
    /// `timeout_seconds` (1 to 300; 30), `batch_size` (1 to 10000; 1000),
    /// `enable_webhooks` (true), `log_level` (DEBUG, INFO, WARNING, ERROR; INFO), and
    /// whatever else the other side's connector knows, such as `paths`. At most 16 KiB.
    #[schema(value_type = Option<Object>)]
    config: Option<Map<String, Json>>,
    /// What fields are called over there. At most 16 KiB.
    #[schema(value_type = Option<Object>)]
    mapping_rules: Option<Map<String, Json>>,
}

impl Connections {
    /// Creates a connection.
    ///
    /// # Errors
    /// `Invalid`, naming the member.
    pub(super) async fn create(&self, by: &Caller, new: NewConnection) -> Result<Connection> {
        let config = Config::read(new.config.unwrap_or_default())?;
        let needs_none = new.authentication_type == AuthenticationType::None;
        let given = match new.credentials {
            None if needs_none => NewCredentials::default(),
            None => return Err(Error::invalid("credentials", "is required")),
            Some(given) => given,
        };
        let name = name(&new.name)?;
        let endpoint_url = self.endpoint(new.integration_type, &new.endpoint_url).await?;
        fits(new.integration_type, &endpoint_url, &config)?;
        let mapping_rules = new.mapping_rules.map(rules).transpose()?;
        let credentials = given.check(new.authentication_type, &self.targets).await?;
        let (id, now) = (ids::time_ordered(), self.clock.now_ms());
        let connection = Connection {
            pk: directory(&by.tenant),
            secrets: self.keep(&by.tenant, &id, credentials.as_ref()).await?,
            id,
            name,
            integration_type: new.integration_type,
            endpoint_url,
            authentication_type: new.authentication_type,
            config: Json::Object(config.shown()).to_string(),
            mapping_rules,
            status: ConnectionStatus::Inactive,
            last_sync: None,
            last_error: None,
            has_history: false,
            created_at: now,
            updated_at: now,
            version: 1,
        };
        let made = self.write_new(by, &connection).await;
        // If it is not known whether it was written, it may need them.
        if made.as_ref().is_err_and(|error| !error.leaves_it_open()) {
            self.forget(&by.tenant, connection.secrets.as_deref()).await;
        }
        made.map(|()| connection)
    }

    async fn write_new(&self, by: &Caller, connection: &Connection) -> Result<()> {
        let begun =
            Uptime::new(&by.tenant, &connection.id, connection.created_at, None, connection.status);
        let details = json!({
            "name": connection.name,
            "integration_type": connection.integration_type,
            "authentication_type": connection.authentication_type,
        });
        let change = Change {
            action: "connection.create",
            details,
            connection,
            messages: vec![(CONNECTION_CREATED, described(connection))],
            writes: vec![
                self.table.put(Item::of(connection)?, Some(Cond::Absent("pk"))),
                begun.write(&self.table)?,
            ],
        };
        self.change(by, change).await
    }

    /// An address as it is stored.
    ///
    /// # Errors
    /// `Invalid`, naming `endpoint_url`.
    pub(super) async fn endpoint(&self, of: IntegrationType, url: &str) -> Result<String> {
        let invalid = |message: &str| Err(Error::invalid("endpoint_url", message));
        if url.len() > LONGEST_URL {
            return invalid("must have at most 2048 characters");
        }
        if url.contains(['?', '#']) {
            return invalid("must have no query and no fragment");
        }
        match directory_host(url).filter(|_| of == IntegrationType::Ldap) {
            // What counts of a directory's address is where it leads.
            Some(host) => self.targets.check("endpoint_url", &format!("http://{host}/")).await?,
            None => self.targets.check("endpoint_url", url).await?,
        }
        Ok(url.trim_end_matches('/').to_owned())
    }
}

/// Whether these settings are understood by what speaks to systems of this kind.
///
/// # Errors
/// `Invalid`, naming the setting.
pub(super) fn fits(of: IntegrationType, url: &str, config: &Config) -> Result<()> {
    match of {
        IntegrationType::Pega => Manner::of_connection(url, config).map(drop),
        IntegrationType::OneC => {
            Settings::of(config)?;
            personnel::check(config)
        }
        IntegrationType::ContactCenter => contact_center::check(config),
        _ => Ok(()),
    }
}

/// The host of an LDAP address.
fn directory_host(url: &str) -> Option<&str> {
    let rest = url.strip_prefix("ldap://").or_else(|| url.strip_prefix("ldaps://"))?;
    let authority = rest.split('/').next().unwrap_or_default();
    match authority.rsplit_once(':') {
        Some((host, port)) if port.parse::<u16>().is_ok() => Some(host),
        _ => Some(authority),
    }
}

/// A name as it is stored.
///
/// # Errors
/// `Invalid`, naming `name`.
pub(super) fn name(given: &str) -> Result<String> {
    let name = given.trim();
    let fits = (1..=LONGEST_NAME).contains(&name.chars().count());
    if fits && !name.chars().any(char::is_control) {
        return Ok(name.to_owned());
    }
    Err(Error::invalid("name", "must have 1 to 255 characters that can be printed"))
}

/// Mapping rules as they are stored.
///
/// # Errors
/// `Invalid`, naming `mapping_rules`.
pub(super) fn rules(given: Map<String, Json>) -> Result<String> {
    let text = Json::Object(given).to_string();
    if text.len() > LARGEST_RULES {
        return Err(Error::invalid("mapping_rules", "must have at most 16 KiB"));
    }
    Ok(text)
}
