//! Where records are: partitions by whom they are of and the month, sort keys by the moment.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use shared::clock::timestamp;
use shared::tenant::Tenant;

/// A day, in milliseconds.
pub const DAY: i64 = 24 * 3_600_000;
/// Between parts of a key. No id holds a control character.
pub(super) const BETWEEN: char = '\u{1f}';

/// The contact centre that records are of: a tenant's connection.
#[derive(Clone, Copy, Debug)]
pub struct Centre<'a> {
    /// Whose it is.
    pub tenant: &'a Tenant,
    /// The connection's id.
    pub connection: &'a str,
}

/// A stretch of time of which records are in one partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shelf {
    /// A month in UTC.
    Month,
    /// A day in UTC.
    Day,
}

impl Shelf {
    /// The name of the stretch that a moment is in.
    pub(super) fn of(self, at: i64) -> String {
        let form = if self == Self::Month { "%Y-%m" } else { "%Y-%m-%d" };
        timestamp(at).strftime(form).to_string()
    }

    /// The first moment after the stretch that a moment is in.
    pub(super) fn end(self, at: i64) -> i64 {
        let day = timestamp(at).to_zoned(TimeZone::UTC).date();
        let next = match self {
            Self::Day => day.tomorrow(),
            Self::Month => day.last_of_month().tomorrow(),
        };
        next.map_or(i64::MAX, midnight)
    }
}

/// The first moment of the shelf that a moment is on.
pub(super) fn first_of(shelf: Shelf, at: i64) -> i64 {
    let day = timestamp(at).to_zoned(TimeZone::UTC).date();
    midnight(if shelf == Shelf::Day { day } else { day.first_of_month() })
}

/// The first moment of a day in UTC.
pub(super) fn midnight(day: Date) -> i64 {
    let zoned = day.to_zoned(TimeZone::UTC);
    zoned.map_or(i64::MAX, |zoned| zoned.timestamp().as_millisecond())
}

/// The first moment of the UTC day that a moment is in.
pub(super) fn day_of(at: i64) -> i64 {
    at - at.rem_euclid(DAY)
}

/// A moment as sort keys begin with it.
pub(super) fn moment(at: i64) -> String {
    format!("{:015}", at.max(0))
}

/// Parts of a name, put together so that no others make the same.
pub(super) fn joined(parts: &[&str]) -> String {
    parts.join(&BETWEEN.to_string())
}

impl Centre<'_> {
    /// The partition of one's records of a kind in the stretch that a moment is in.
    pub(super) fn partition(&self, kind: &str, shelf: Shelf, at: i64, who: &str) -> String {
        let Self { tenant, connection } = self;
        tenant.pk(&format!("CC-{kind}"), format_args!("{connection}#{}#{who}", shelf.of(at)))
    }

    /// Another partition of the centre's.
    pub(crate) fn other(&self, kind: &str, what: &str) -> String {
        self.tenant.pk(&format!("CC-{kind}"), format_args!("{}#{what}", self.connection))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shelf_ends_where_the_next_one_begins() -> anyhow::Result<()> {
        let at = |text: &str| text.parse().map(jiff::Timestamp::as_millisecond);
        let last = at("2024-02-29T23:59:59.999Z")?;
        for (shelf, name, end) in [
            (Shelf::Month, "2024-02", "2024-03-01T00:00:00Z"),
            (Shelf::Day, "2024-02-29", "2024-03-01T00:00:00Z"),
        ] {
            assert_eq!(shelf.of(last), name);
            assert_eq!(shelf.end(last), at(end)?);
            assert_ne!(shelf.of(shelf.end(last)), name);
        }
        assert_eq!(Shelf::Month.end(at("2026-12-01T00:00:00Z")?), at("2027-01-01T00:00:00Z")?);
        assert_eq!(day_of(last), at("2024-02-29T00:00:00Z")?);
        Ok(())
    }
}
