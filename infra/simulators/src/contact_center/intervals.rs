//! `/historic/serviceGroupData`: contacts counted by interval.
//! Rules: intervals are cut from the start of each day; a contact is of the interval that it
//! starts in; the first one of a customer in a group on a day is unique; each leg of one that
//! is passed on counts for itself; bots' are left out, and so are empty intervals.

use std::collections::{BTreeMap, HashSet};

use jiff::civil::Date;
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::{Value, json};

use super::query::{Asked, Period, Refusal};
use super::records::{By, Contact};
use super::state::Known;

/// What is told of an interval.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Interval {
    start_interval: Timestamp,
    end_interval: Timestamp,
    not_unique_received: i64,
    not_unique_treated: i64,
    not_unique_missed: i64,
    received_calls: i64,
    treated_calls: i64,
    miss_calls: i64,
    aht: i64,
    post_processing: i64,
}

/// A list for each group that had a contact.
pub(super) fn service_group_data(known: &Known, asked: &Asked) -> Result<Vec<Value>, Refusal> {
    asked.only(&["startDate", "endDate", "step", "groupId"])?;
    let (period, step) = (asked.period()?, asked.step()?);
    let mut groups = Vec::new();
    for group in asked.ids("groupId")? {
        let contacts = known.contacts.get(group).map_or(&[][..], Vec::as_slice);
        let intervals = counted(contacts, period, step, known.habits.place);
        if !intervals.is_empty() {
            groups.push(json!({"serviceId": known.service_of(group), "groupId": group,
                "historicData": intervals}));
        }
    }
    Ok(groups)
}

fn counted(contacts: &[Contact], period: Period, step: i64, place: Offset) -> Vec<Interval> {
    let mut contacts: Vec<_> = contacts.iter().filter(|one| one.by != By::Bot).collect();
    contacts.sort_by_key(|one| one.start);
    let mut seen = HashSet::<(Date, &str)>::new();
    let mut intervals = BTreeMap::<Timestamp, Interval>::new();
    for contact in contacts {
        let day = place.to_datetime(contact.start).date();
        // The day's first one may have been before the period.
        let unique = seen.insert((day, &contact.customer));
        if period.has(contact.start) {
            let (start, end) = around(contact.start, step, place);
            let interval = intervals.entry(start).or_insert_with(|| Interval::empty(start, end));
            interval.count(contact, unique);
        }
    }
    intervals.into_values().map(Interval::on_average).collect()
}

impl Interval {
    fn empty(start_interval: Timestamp, end_interval: Timestamp) -> Self {
        Self {
            start_interval,
            end_interval,
            not_unique_received: 0,
            not_unique_treated: 0,
            not_unique_missed: 0,
            received_calls: 0,
            treated_calls: 0,
            miss_calls: 0,
            aht: 0,
            post_processing: 0,
        }
    }

    /// Adds one; the times are sums until all are there.
    fn count(&mut self, contact: &Contact, unique: bool) {
        let (treated, unique) = (contact.is_treated(), i64::from(unique));
        self.not_unique_received += 1;
        self.received_calls += unique;
        if treated {
            self.not_unique_treated += 1;
            self.treated_calls += unique;
            self.aht += contact.handling();
            self.post_processing += contact.wrap_up + contact.relax;
        } else {
            self.not_unique_missed += 1;
            self.miss_calls += unique;
        }
    }

    fn on_average(self) -> Self {
        let treated = self.not_unique_treated.max(1);
        Self { aht: self.aht / treated, post_processing: self.post_processing / treated, ..self }
    }
}

/// The interval of its day that a moment is in. The last one ends with the day.
fn around(moment: Timestamp, step: i64, place: Offset) -> (Timestamp, Timestamp) {
    let (midnight, next) = day_of(moment, place);
    let since = moment.duration_since(midnight).as_millis();
    let steps = i64::try_from(since).unwrap_or_default() / step;
    let start = midnight + SignedDuration::from_millis(steps * step);
    (start, next.min(start + SignedDuration::from_millis(step)))
}

/// The midnights before and after a moment.
pub(super) fn day_of(moment: Timestamp, place: Offset) -> (Timestamp, Timestamp) {
    let day = place.to_datetime(moment).date();
    let midnight = |day: Date| {
        day.to_zoned(TimeZone::fixed(place)).map_or(Timestamp::MAX, |zoned| zoned.timestamp())
    };
    (midnight(day), day.tomorrow().map_or(Timestamp::MAX, midnight))
}
