//! The process's environment: the only reader of variables, and the only place
//! where ports are made. A use case's `load(&Env)` names what it needs here; that
//! list is its permissions on AWS as well.

use std::collections::HashMap;
use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use aws_config::SdkConfig;

use crate::bulkhead::Bulkhead;
use crate::clock::Clock;
use crate::error::{Error, Result};
use crate::mail::Mailer;
use crate::outbound::{Gate, Names, Outbound, SystemNames, Targets};
use crate::push::{Gateway, Push};
use crate::queue::{Queue, Sqs};
use crate::table::Table;
use crate::vault::{Cached, SecretsManager, Vault};

/// Variables and the outside world behind them.
#[derive(Clone)]
pub struct Env {
    vars: HashMap<String, String>,
    sdk: SdkConfig,
    clock: Clock,
    queues: HashMap<String, Arc<dyn Queue>>,
    other_queues: Option<Arc<dyn Queue>>,
    push: Option<Arc<dyn Push>>,
    mailer: Option<Arc<dyn Mailer>>,
    gate: Option<Arc<dyn Gate>>,
    names: Arc<dyn Names>,
    private_targets: bool,
    vault: Option<Arc<dyn Vault>>,
    /// Made when it is first asked for: all tables are reached through the same.
    dynamodb: Arc<OnceLock<aws_sdk_dynamodb::Client>>,
    /// Made when it is first asked for; all who hold it keep the same.
    cached: Arc<OnceLock<Cached>>,
    /// Made when they are first asked for, as well.
    bulkheads: Arc<Mutex<HashMap<String, Bulkhead>>>,
}

impl Env {
    /// These variables over this SDK configuration.
    pub fn new(vars: HashMap<String, String>, sdk: SdkConfig) -> Self {
        Self {
            vars,
            sdk,
            clock: Clock::system(),
            queues: HashMap::new(),
            other_queues: None,
            push: None,
            mailer: None,
            gate: None,
            names: Arc::new(SystemNames),
            private_targets: false,
            vault: None,
            dynamodb: Arc::default(),
            cached: Arc::default(),
            bulkheads: Arc::default(),
        }
    }

    /// The environment of a Lambda function.
    pub async fn of_function() -> Self {
        let timeouts = aws_config::timeout::TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(2))
            .operation_attempt_timeout(Duration::from_secs(4))
            .operation_timeout(Duration::from_secs(12));
        let sdk = aws_config::defaults(aws_config::BehaviorVersion::latest())
            .timeout_config(timeouts.build())
            .load()
            .await;
        Self::new(Self::process_vars(), sdk)
    }

    /// The variables of this process.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads variables")]
    pub fn process_vars() -> HashMap<String, String> {
        std::env::vars().collect()
    }

    /// Uses this queue wherever the variable `name` names one.
    #[must_use]
    pub fn with_queue(mut self, name: &str, queue: Arc<dyn Queue>) -> Self {
        self.queues.insert(name.to_owned(), queue);
        self
    }

    /// Uses this queue for every name that no other one was given for.
    #[must_use]
    pub fn with_other_queues(mut self, queue: Arc<dyn Queue>) -> Self {
        self.other_queues = Some(queue);
        self
    }

    /// Reaches open sockets so.
    #[must_use]
    pub fn with_push(mut self, push: Arc<dyn Push>) -> Self {
        self.push = Some(push);
        self
    }

    /// Sends mail so.
    #[must_use]
    pub fn with_mailer(mut self, mailer: Arc<dyn Mailer>) -> Self {
        self.mailer = Some(mailer);
        self
    }

    /// Holds every outbound call until this gate lets it through.
    #[must_use]
    pub fn with_gate(mut self, gate: Arc<dyn Gate>) -> Self {
        self.gate = Some(gate);
        self
    }

    /// Resolves the host names of users' targets so.
    #[must_use]
    pub fn with_names(mut self, names: Arc<dyn Names>) -> Self {
        self.names = names;
        self
    }

    /// Lets users' targets be at any address. Only for a process that nobody but its
    /// own machine reaches.
    #[must_use]
    pub fn with_private_targets(mut self) -> Self {
        self.private_targets = true;
        self
    }

    /// Keeps credentials in this vault.
    #[must_use]
    pub fn with_vault(mut self, vault: Arc<dyn Vault>) -> Self {
        self.vault = Some(vault);
        self.cached = Arc::default();
        self
    }

    /// Uses this clock.
    #[must_use]
    pub fn with_clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self.cached = Arc::default();
        self
    }

    /// A variable that may be missing; an empty one counts as missing.
    pub fn optional(&self, name: &str) -> Option<&str> {
        self.vars.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// A variable that must be set.
    pub fn required(&self, name: &str) -> Result<&str> {
        self.optional(name).ok_or_else(|| Error::bug(format!("{name} is not set")))
    }

    /// A variable of some type, or its default when it is missing.
    pub fn parsed<T: FromStr>(&self, name: &str, default: T) -> Result<T> {
        match self.optional(name) {
            None => Ok(default),
            Some(text) => {
                text.parse().map_err(|_| Error::bug(format!("{name} cannot be {text:?}")))
            }
        }
    }

    /// A number that a variable may say, within bounds.
    ///
    /// # Errors
    /// When it says something else.
    pub fn within<T>(&self, name: &str, default: T, bounds: RangeInclusive<T>) -> Result<T>
    where
        T: FromStr + PartialOrd + Display,
    {
        let value = self.parsed(name, default)?;
        if bounds.contains(&value) {
            return Ok(value);
        }
        let (least, most) = (bounds.start(), bounds.end());
        Err(Error::bug(format!("{name} cannot be {value}: it is {least} to {most}")))
    }

    /// The text of the file that a variable names; none when it names none.
    pub fn file(&self, name: &str) -> Result<Option<String>> {
        let read = |path: &str| {
            std::fs::read_to_string(path).map_err(|error| Error::bug(format!("{name}: {error}")))
        };
        self.optional(name).map(read).transpose()
    }

    /// The clock.
    pub fn clock(&self) -> Clock {
        self.clock.clone()
    }

    /// The table that the variable `name` names.
    pub fn table(&self, name: &str) -> Result<Table> {
        let client = self.dynamodb.get_or_init(|| aws_sdk_dynamodb::Client::new(&self.sdk));
        Ok(Table::new(client.clone(), self.required(name)?))
    }

    /// The queue that the variable `name` names.
    pub fn queue(&self, name: &str) -> Result<Arc<dyn Queue>> {
        if let Some(queue) = self.queues.get(name).or(self.other_queues.as_ref()) {
            return Ok(queue.clone());
        }
        let client = aws_sdk_sqs::Client::new(&self.sdk);
        Ok(Arc::new(Sqs::new(client, self.required(name)?.to_owned())))
    }

    /// Where open sockets are reached: as given, or else what manages them at the URL
    /// that the variable `name` holds.
    pub fn push(&self, name: &str) -> Result<Arc<dyn Push>> {
        match &self.push {
            Some(push) => Ok(push.clone()),
            None => Ok(Arc::new(Gateway::new(&self.sdk, self.required(name)?))),
        }
    }

    /// What sends mail, if anything does.
    pub fn mailer(&self) -> Option<Arc<dyn Mailer>> {
        self.mailer.clone()
    }

    /// What the clients of AWS are made from.
    pub(crate) fn sdk(&self) -> &SdkConfig {
        &self.sdk
    }

    /// The vault: the given one, or else Secrets Manager, where the names of tenants'
    /// records begin with `VAULT_PREFIX`.
    pub fn vault(&self) -> Cached {
        let secrets_manager = || -> Arc<dyn Vault> {
            let client = aws_sdk_secretsmanager::Client::new(&self.sdk);
            Arc::new(SecretsManager::new(client, self.optional("VAULT_PREFIX")))
        };
        let cached = || {
            let vault = self.vault.clone().unwrap_or_else(secrets_manager);
            Cached::new(vault, self.clock())
        };
        self.cached.get_or_init(cached).clone()
    }

    /// The places of which the variable `name` says how many there are for each other
    /// side. All who ask for the same variable share them.
    pub fn bulkhead(&self, name: &str, most: usize) -> Result<Bulkhead> {
        let most = self.parsed(name, most)?;
        let mut known = self.bulkheads.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(known.entry(name.to_owned()).or_insert_with(|| Bulkhead::new(most)).clone())
    }

    /// What holds every outbound call back, if anything does.
    pub fn gate(&self) -> Option<Arc<dyn Gate>> {
        self.gate.clone()
    }

    /// The HTTP client for calls to systems that the operator configured.
    pub fn outbound(&self) -> Result<Outbound> {
        Outbound::new(self.gate.clone())
    }

    /// The HTTP client for calls to addresses that users gave.
    pub fn guarded_outbound(&self) -> Result<Outbound> {
        Outbound::guarded(self.gate.clone(), self.targets()?)
    }

    /// The same for those that are slow, to which a connection may take this long to come
    /// about.
    pub fn patient_outbound(&self, connect: Duration) -> Result<Outbound> {
        Outbound::patient(self.gate.clone(), self.targets()?, connect)
    }

    /// Which addresses users may give: public ones and those of `TARGET_NETWORKS`, at the
    /// usual ports and those of `TARGET_PORTS`.
    pub fn targets(&self) -> Result<Targets> {
        if self.private_targets {
            return Ok(Targets::anywhere(self.names.clone()));
        }
        let variable = |name| self.optional(name).unwrap_or_default();
        Targets::of(self.names.clone(), variable("TARGET_NETWORKS"), variable("TARGET_PORTS"))
    }
}
