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

    /// Adds what an answer says.
    pub(super) fn count(&self, answer: &[u8]) {
        let answer: Value = serde_json::from_slice(answer).unwrap_or_default();
        let consumed = &answer["ConsumedCapacity"];
        let each = consumed.as_array().cloned().unwrap_or_else(|| vec![consumed.clone()]);
        let mut units = self.units.lock().unwrap_or_else(PoisonError::into_inner);
        for consumed in each {
            let number = |name: &str| consumed[name].as_f64();
            let write = number("WriteCapacityUnits").unwrap_or(0.0);
            let read = number("ReadCapacityUnits").unwrap_or(0.0);
            units.write += write;
            units.read += read;
            if write == 0.0 && read == 0.0 {
                units.write += number("CapacityUnits").unwrap_or(0.0);
            }
        }
    }
}
