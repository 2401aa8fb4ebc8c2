//! Circuit breakers: whoever keeps failing is left alone for a while, by all processes
//! together. A breaker opens when in a minute at least ten calls were made and half of
//! them, five at least, failed. While it is open nobody calls; then one probe is made,
//! which closes it or opens it for twice as long, up to ten minutes.
//!
//! While all goes well nothing is written, and the table is asked every two seconds at
//! most. A table that does not answer opens nothing.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::Deserialize;

use crate::clock::{Clock, millis};
use crate::ids;
use crate::table::{Cond, Key, Read, Table, Update, Write, Written};
use crate::tenant::Tenant;

/// How long calls are counted together, in milliseconds.
const WINDOW: i64 = 60_000;
/// Calls of a window before it says anything.
const LEAST_CALLS: i64 = 10;
/// Failures of a window that open, if they are half of its calls.
const LEAST_FAILURES: i64 = 5;
/// How long it is open the first time, and at most, in milliseconds.
const OPEN: i64 = 30_000;
const LONGEST: i64 = 600_000;
/// How long a probe may take before another one is let through, in milliseconds.
const PROBE: i64 = 60_000;
/// How long what was read is believed, in milliseconds.
const BELIEVED: i64 = 2_000;
/// Those who waited do not come back all at once but within this time.
const SPREAD: Duration = Duration::from_secs(30);
/// How long a breaker is kept after its last failure, in seconds.
const KEPT: i64 = 7 * 24 * 3600;
/// How many breakers a process remembers.
const REMEMBERED: usize = 10_000;

/// The breakers of all tenants. Cheap to clone.
#[derive(Clone)]
pub struct Breakers {
    table: Table,
    clock: Clock,
    known: Arc<Mutex<HashMap<String, Known>>>,
}

/// Whether a call may be made.
#[derive(Debug)]
pub enum Leave {
    /// It may; what comes of it is to be reported.
    Go(Pass),
    /// Not before then (milliseconds since 1970).
    Wait(i64),
}

/// The leave for one call.
#[derive(Debug)]
pub struct Pass {
    key: Key,
    /// The end of the pause after which this is the probe.
    probes: Option<i64>,
}

/// A breaker as it is stored.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Stored {
    window_at: i64,
    failed: i64,
    passed: i64,
    open_until: Option<i64>,
    probe_until: Option<i64>,
    level: u32,
}

/// What this process knows of a breaker.
#[derive(Clone, Default)]
struct Known {
    read_at: i64,
    stored: Stored,
    /// Calls that went well since then and are not written down.
    passed: i64,
    since: i64,
}

impl Breakers {
    /// Breakers in this table.
    pub fn new(table: Table, clock: Clock) -> Self {
        Self { table, clock, known: Arc::default() }
    }

    /// Whether the tenant's other side of this name may be called now.
    pub async fn ask(&self, tenant: &Tenant, name: &str) -> Leave {
        let (key, now) = (Key::alone(tenant.pk("BREAKER", name)), self.clock.now_ms());
        let stored = self.read(&key, now).await;
        let Some(until) = stored.open_until else { return Leave::Go(Pass { key, probes: None }) };
        if until > now {
            return Leave::Wait(until + millis(ids::jitter(SPREAD)));
        }
        let (probe_until, prober) = (now + PROBE, ids::unique());
        let free =
            Cond::Any(vec![Cond::Absent("probe_until"), Cond::Lt("probe_until", now.into())]);
        let update = Update::of(key.clone())
            .set("probe_until", probe_until)
            .set("prober", prober.as_str())
            .when(Cond::All(vec![Cond::Eq("open_until", until.into()), free]));
        self.forget(&key);
        match self.table.update(update).await {
            Ok(written) if took(&written, &prober) => Leave::Go(Pass { key, probes: Some(until) }),
            Ok(_) => {
                let busy = stored.probe_until.unwrap_or(now).max(now);
                Leave::Wait(busy + millis(ids::jitter(SPREAD)))
            }
            Err(error) => {
                tracing::warn!(%error, "a circuit breaker was not asked");
                Leave::Go(Pass { key, probes: None })
            }
        }
    }

    /// The write that closes a breaker because its other side is another one now.
    pub fn reset(&self, tenant: &Tenant, name: &str) -> Write {
        let key = Key::alone(tenant.pk("BREAKER", name));
        self.forget(&key);
        self.table.delete(key, None)
    }

    /// Reports what came of a call.
    pub async fn report(&self, pass: &Pass, went_well: bool) {
        let written = match (pass.probes, went_well) {
            (Some(until), true) => self.close(&pass.key, until).await,
            (Some(until), false) => self.open_longer(&pass.key, until).await,
            (None, true) => {
                return self.note(&pass.key);
            }
            (None, false) => self.count(&pass.key).await,
        };
        if let Err(error) = written {
            tracing::warn!(%error, "a circuit breaker was not told");
        }
    }

    /// Gives back a leave for a call that was not made.
    pub async fn forgo(&self, pass: &Pass) {
        let Some(until) = pass.probes else { return };
        self.forget(&pass.key);
        let update = Update::of(pass.key.clone()).remove("probe_until");
        let update = update.when(Cond::Eq("open_until", until.into()));
        if let Err(error) = self.table.update(update).await {
            tracing::warn!(%error, "a circuit breaker was not told");
        }
    }

    /// Remembers a call that went well.
    fn note(&self, key: &Key) {
        let (mut known, now) = (self.known(), self.clock.now_ms());
        let known = known.entry(key.pk.clone()).or_default();
        if now - known.since > WINDOW {
            (known.since, known.passed) = (now, 0);
        }
        known.passed += 1;
    }

    async fn close(&self, key: &Key, until: i64) -> crate::error::Result<()> {
        self.forget(key);
        let update = Update::of(key.clone())
            .remove("open_until")
            .remove("probe_until")
            .set("level", 0_u32)
            .set("failed", 0_i64)
            .set("passed", 0_i64);
        tracing::info!(breaker = key.pk, "closed");
        self.table.update(update.when(Cond::Eq("open_until", until.into()))).await.map(drop)
    }

    async fn open_longer(&self, key: &Key, until: i64) -> crate::error::Result<()> {
        let stored = self.read(key, self.clock.now_ms()).await;
        self.forget(key);
        let level = stored.level + 1;
        let longer = OPEN.saturating_mul(1 << level.min(16)).min(LONGEST);
        let update = Update::of(key.clone())
            .set("open_until", self.clock.now_ms() + longer)
            .set("level", level)
            .set("expires_at", self.forgotten_at())
            .remove("probe_until");
        tracing::warn!(breaker = key.pk, for_ms = longer, "open again");
        self.table.update(update.when(Cond::Eq("open_until", until.into()))).await.map(drop)
    }

    /// Writes a failure down, with what went well since the last one, and opens if that
    /// was one too many.
    async fn count(&self, key: &Key) -> crate::error::Result<()> {
        let now = self.clock.now_ms();
        let passed = std::mem::take(&mut self.known().entry(key.pk.clone()).or_default().passed);
        let fresh = Cond::Gt("window_at", (now - WINDOW).into());
        let add = Update::of(key.clone()).add("failed", 1).add("passed", passed).when(fresh);
        let counted = match self.table.update_returning(add).await? {
            (Some(counted), Written::Done) => counted.parse::<Stored>()?,
            _ => {
                let anew = Update::of(key.clone())
                    .set("window_at", now)
                    .set("failed", 1_i64)
                    .set("expires_at", self.forgotten_at())
                    .set("passed", passed);
                return self.table.update(anew).await.map(drop);
            }
        };
        let calls = counted.failed + counted.passed;
        let too_many = counted.failed >= LEAST_FAILURES && counted.failed * 2 >= calls;
        if calls < LEAST_CALLS || !too_many || counted.open_until.is_some() {
            return Ok(());
        }
        self.forget(key);
        tracing::warn!(breaker = key.pk, failed = counted.failed, calls, "open");
        let open = Update::of(key.clone()).set("open_until", now + OPEN).set("window_at", 0_i64);
        self.table.update(open.when(Cond::Absent("open_until"))).await.map(drop)
    }

    async fn read(&self, key: &Key, now: i64) -> Stored {
        let known = self.known().get(&key.pk).cloned();
        if let Some(known) = known.filter(|known| now - known.read_at < BELIEVED) {
            return known.stored;
        }
        let stored: Stored = match self.table.get(key, Read::Consistent).await {
            Ok(stored) => stored.unwrap_or_default(),
            Err(error) => {
                tracing::warn!(%error, "a circuit breaker was not asked");
                return Stored::default();
            }
        };
        let mut known = self.known();
        if known.len() >= REMEMBERED && !known.contains_key(&key.pk) {
            known.retain(|_, known| now - known.read_at < WINDOW);
        }
        let entry = known.entry(key.pk.clone()).or_default();
        (entry.read_at, entry.stored) = (now, stored.clone());
        stored
    }

    /// When a breaker that nobody asks any more is gone, in seconds since 1970.
    fn forgotten_at(&self) -> i64 {
        self.clock.now_ms() / 1000 + KEPT
    }

    /// Asks the table the next time.
    fn forget(&self, key: &Key) {
        if let Some(known) = self.known().get_mut(&key.pk) {
            known.read_at = 0;
        }
    }

    fn known(&self) -> MutexGuard<'_, HashMap<String, Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether the write was applied, now or by an earlier try whose reply was lost.
fn took(written: &Written, prober: &str) -> bool {
    let Written::Refused(refusals) = written else { return true };
    let mut found = refusals.iter().filter_map(|refusal| refusal.found.as_ref());
    found.any(|found| found.text("prober") == Some(prober))
}
