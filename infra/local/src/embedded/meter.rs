//! Counts capacity units as DynamoDB would bill them: asks for them with every
//! request and adds up what the answers say, tables and indexes together.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::Value;

/// A counter that is off until it is read for the first time.
#[derive(Default)]
pub struct Meter {
    on: AtomicBool,
    units: Mutex<Units>,
}

/// Units consumed.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Units {
    /// Write units.
    pub write: f64,
    /// Read units.
    pub read: f64,
}

impl Meter {
    /// What was consumed since the last time this was asked.
    pub fn take(&self) -> Units {
        self.on.store(true, Ordering::Relaxed);
        std::mem::take(&mut *self.units.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The request with the question in it; none while the meter is off.
    pub(super) fn ask(&self, request: &[u8]) -> Option<Vec<u8>> {
        if !self.on.load(Ordering::Relaxed) {
            return None;
        }
        let mut request: Value = serde_json::from_slice(request).ok()?;
        request["ReturnConsumedCapacity"] = "TOTAL".into();
        serde_json::to_vec(&request).ok()
    }

    /// Adds what the answer to a read or a write says.
    pub(super) fn count(&self, write: bool, answer: &[u8]) {
        let answer: Value = serde_json::from_slice(answer).unwrap_or_default();
        let consumed = &answer["ConsumedCapacity"];
        // One for a single item, a list of one a table for several.
        let each = consumed.as_array().map_or(std::slice::from_ref(consumed), Vec::as_slice);
        let sum: f64 = each.iter().filter_map(|table| table["CapacityUnits"].as_f64()).sum();
        let mut units = self.units.lock().unwrap_or_else(PoisonError::into_inner);
        *(if write { &mut units.write } else { &mut units.read }) += sum;
    }
}
