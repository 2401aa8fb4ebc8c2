//! Whole numbers that go up: one counter item a tenant and kind. Callers that
//! ask at the same moment share one write, so that a busy process pays a
//! fraction of a write unit each; alone, as in a Lambda, each pays one. A
//! number that is taken and then not used leaves a gap.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::oneshot;

use crate::error::{Error, Result};
use crate::table::{Key, Read, Table, Update};
use crate::tenant::Tenant;
use serde::Deserialize;

/// The counters of one kind of thing, one a tenant.
#[derive(Clone, Debug)]
pub struct Sequence {
    table: Table,
    kind: &'static str,
    waiting: Arc<Mutex<HashMap<Tenant, Vec<oneshot::Sender<i64>>>>>,
    turn: Arc<tokio::sync::Mutex<()>>,
}

#[derive(Deserialize)]
struct Counter {
    n: i64,
}

impl Sequence {
    /// The counters of `kind`, kept in `table`.
    pub fn new(table: Table, kind: &'static str) -> Self {
        Self { table, kind, waiting: Arc::default(), turn: Arc::default() }
    }

    /// The next number of this tenant, from 1.
    pub async fn next(&self, tenant: &Tenant) -> Result<i64> {
        loop {
            let (sender, mut mine) = oneshot::channel();
            self.waiting().entry(tenant.clone()).or_default().push(sender);
            let _turn = self.turn.lock().await;
            if let Ok(number) = mine.try_recv() {
                return Ok(number);
            }
            let waiting = self.waiting().remove(tenant).unwrap_or_default();
            self.serve(tenant, waiting).await?;
            if let Ok(number) = mine.try_recv() {
                return Ok(number);
            }
            // Whoever had taken our place along gave up in the middle: once more.
        }
    }

    /// Gives a number to each of those who wait.
    async fn serve(&self, tenant: &Tenant, waiting: Vec<oneshot::Sender<i64>>) -> Result<()> {
        let count = i64::try_from(waiting.len()).map_err(Error::internal)?;
        if count == 0 {
            return Ok(());
        }
        let update = Update::of(self.key(tenant)).add("n", count);
        let (counter, _) = self.table.update_returning(update).await?;
        let last = counter.and_then(|c| c.number("n"));
        let last = last.ok_or_else(|| Error::bug("a counter without a number"))?;
        for (number, waiter) in (last - count + 1..).zip(waiting) {
            // Whoever gave up waiting leaves a gap.
            let _ = waiter.send(number);
        }
        Ok(())
    }

    /// The last number taken; 0 before the first.
    pub async fn last(&self, tenant: &Tenant) -> Result<i64> {
        let counter: Option<Counter> = self.table.get(&self.key(tenant), Read::Consistent).await?;
        Ok(counter.map_or(0, |counter| counter.n))
    }

    fn key(&self, tenant: &Tenant) -> Key {
        Key::alone(tenant.pk("SEQ", self.kind))
    }

    fn waiting(&self) -> std::sync::MutexGuard<'_, HashMap<Tenant, Vec<oneshot::Sender<i64>>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
