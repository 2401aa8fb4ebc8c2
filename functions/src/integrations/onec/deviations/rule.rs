//! What a deviation is: the vendor's table. Pure.
//! Source: Argus's requirements to the integration with 1C:ZUP, method `sendFactWorkTime`: plan 0
//! and fact 8 by day is РВ 8, 0 and 4 by night РВН 4, 8 and 0 НН 8, 8 and 4 НН 4, 8 and 10 С 2;
//! what is missing by day and by night is told apart.

use super::super::moment::Split;

/// A part of a day on which plan and fact differ; all times are milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// The code of its type.
    pub code: &'static str,
    /// What was planned.
    pub planned: i64,
    /// What was worked.
    pub worked: i64,
    /// By how much they differ.
    pub by: i64,
}

/// How the plan and the fact of a shift differ.
pub fn parts(plan: Split, fact: Split) -> Vec<Part> {
    let (planned, worked) = (plan.total(), fact.total());
    let part = |code, planned: i64, worked: i64, by| Part { code, planned, worked, by };
    let parts = if planned == 0 {
        vec![part("РВ", 0, fact.day, fact.day), part("РВН", 0, fact.night, fact.night)]
    } else if worked > planned {
        vec![part("С", planned, worked, worked - planned)]
    } else {
        // Never more is missing than of the whole: hours of the night may make good for those
        // of the day.
        let missing = planned - worked;
        let by_day = (plan.day - fact.day).clamp(0, missing);
        vec![
            part("НН", plan.day, fact.day, by_day),
            part("НН", plan.night, fact.night, missing - by_day),
        ]
    };
    parts.into_iter().filter(|part| part.by > 0).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(plan: (i64, i64), fact: (i64, i64), expected: &[(&str, i64)]) {
        let split = |(day, night)| Split { day, night };
        let found: Vec<_> =
            parts(split(plan), split(fact)).iter().map(|p| (p.code, p.by)).collect();
        assert_eq!(found, expected, "{plan:?} {fact:?}");
    }

    #[test]
    fn deviations_are_those_of_the_vendor_s_table() {
        check((0, 0), (8, 0), &[("РВ", 8)]);
        check((0, 0), (0, 4), &[("РВН", 4)]);
        check((8, 0), (0, 0), &[("НН", 8)]);
        check((8, 0), (4, 0), &[("НН", 4)]);
        check((8, 0), (10, 0), &[("С", 2)]);
    }

    #[test]
    fn day_and_night_are_told_apart() {
        check((0, 0), (3, 8), &[("РВ", 3), ("РВН", 8)]);
        check((4, 8), (0, 0), &[("НН", 4), ("НН", 8)]);
        check((4, 8), (3, 6), &[("НН", 1), ("НН", 2)]);
        check((4, 8), (4, 9), &[("С", 1)]);
        check((8, 0), (0, 4), &[("НН", 4)]);
        check((8, 0), (0, 8), &[]);
        check((8, 0), (8, 0), &[]);
        check((0, 0), (0, 0), &[]);
    }
}
