//! What a pull is to ask for, and how far it is (pure). A stretch is of one kind; it is cut
//! into slices at the midnights of the contact centre, and a slice into requests of so many
//! ids. The watermark of a kind is where what is kept of it ends.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use shared::web::percent_encode;

use super::super::historic::{day_of, interval_of};
use super::crowd::CrowdPages;
use super::kind::PullKind;
use super::settings::Settings;
use crate::zone::zone;

/// The longest list of ids in an address, in bytes: servers take 8 KiB for all of it.
const LONGEST_LIST: usize = 4000;

/// The watermarks of a connection: until when each kind is kept, milliseconds since 1970.
pub type Watermarks = BTreeMap<PullKind, i64>;

/// What is to be pulled of one kind: from one moment to another, the latter not included,
/// milliseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stretch {
    pub kind: PullKind,
    pub from: i64,
    pub to: i64,
}

/// A period that somebody asked for. Without a start it is from the watermarks on, without
/// an end it is until now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Period {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<i64>,
}

/// What a pull asks for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Plan {
    /// Who is asked for.
    pub crowd: CrowdPages,
    /// Who was asked for by the last one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub former: Option<CrowdPages>,
    /// What is left to pull, the first one from where its last slice ended.
    pub stretches: Vec<Stretch>,
    /// How many ids of the slice that is under way are done.
    pub done: usize,
    /// The watermarks, as they are on the connection's row.
    pub watermarks: Watermarks,
    /// Whether it goes on from the watermarks, and so makes the first ones.
    pub goes_on: bool,
    /// The IANA name of the zone whose midnights count; none for UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// How long intervals are, in milliseconds.
    pub step: i64,
    /// The most ids in one request.
    pub at_once: usize,
}

/// The zone of this name, or UTC.
pub fn place(time_zone: Option<&str>) -> TimeZone {
    time_zone.and_then(zone).unwrap_or(TimeZone::UTC)
}

/// What to pull of each kind at `now`. What is counted over intervals or days is asked for
/// over whole ones: half of one would take the place of all of it.
pub fn stretches(
    kinds: &[PullKind],
    period: Period,
    settings: &Settings,
    (watermarks, now, place): (&Watermarks, i64, &TimeZone),
) -> Vec<Stretch> {
    let now = now - now.rem_euclid(1000);
    let of = |kind: &PullKind| {
        let behind = watermarks.get(kind).map(|until| until - settings.overlap);
        let from = period.start.or(behind).unwrap_or(now - settings.first);
        let to = period.end.unwrap_or(now).min(now);
        let (from, to) = whole(*kind, (from, to), settings.step, place);
        Stretch { kind: *kind, from, to: to.min(now) }
    };
    kinds.iter().map(of).filter(|stretch| stretch.from < stretch.to).collect()
}

fn whole(kind: PullKind, (from, to): (i64, i64), step: i64, place: &TimeZone) -> (i64, i64) {
    let around = |at| match kind {
        PullKind::ServiceGroupData => interval_of(at, step, place),
        PullKind::AgentChatsWorkTime => {
            let (_, midnight, next) = day_of(at, place);
            (midnight, next)
        }
        _ => (at, at + 1),
    };
    (around(from).0, around(to - 1).1)
}

impl Plan {
    /// The slice to ask for now; none when all is pulled.
    pub fn slice(&self) -> Option<Stretch> {
        let first = self.stretches.first()?;
        let midnight = day_of(first.from, &place(self.time_zone.as_deref())).2;
        Some(Stretch { to: first.to.min(midnight), ..*first })
    }

    /// The ids of the next request of a slice.
    pub fn ids<'a>(&self, all: &'a [String]) -> &'a [String] {
        let left = all.get(self.done..).unwrap_or_default();
        let mut length = 0;
        let fits = |id: &&String| {
            length += percent_encode(id).len() + "%2C".len();
            length <= LONGEST_LIST
        };
        // One id always fits: none is longer than 128 bytes.
        let many = left.iter().take(self.at_once).take_while(fits).count();
        &left[..many]
    }

    /// After a request of so many ids of a slice, of `all` there are. True when it was the
    /// slice's last one, and the watermark may have moved.
    pub fn asked(&mut self, slice: Stretch, many: usize, all: usize) -> bool {
        self.done += many;
        if self.done < all {
            return false;
        }
        self.done = 0;
        let until = self.watermarks.get(&slice.kind).copied();
        // What lies behind a gap does not count, nor what does not reach further.
        let joins = until.map_or(self.goes_on, |until| slice.from <= until && until < slice.to);
        if joins {
            self.watermarks.insert(slice.kind, slice.to);
        }
        match self.stretches.first_mut() {
            Some(first) if slice.to < first.to => first.from = slice.to,
            _ => self.drop_kind(),
        }
        true
    }

    /// Goes on to the next kind.
    pub fn drop_kind(&mut self) {
        self.done = 0;
        if !self.stretches.is_empty() {
            self.stretches.remove(0);
        }
    }
}
