//! Compares what a synchronisation found with what is kept: imported, updated, unchanged,
//! absent. Nothing is absent unless everything was read, and no more than may be at once.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::case::{Case, CaseChangeKind, Change};
use super::portal::FoundCase;

/// So few may be missing however many of a hundred that is.
const FEW: i64 = 2;

/// What a comparison goes by.
#[derive(Clone, Copy, Debug)]
pub struct Rule<'a> {
    /// Whether everything was read, so that what is missing is absent.
    pub is_complete: bool,
    /// How many of a hundred cases may be missing at once; none when all may.
    pub vanish_limit: Option<i64>,
    /// Columns that may differ without a case being another.
    pub volatile: &'a [String],
    /// The synchronisation, and its moment.
    pub sync_id: &'a str,
    pub now: i64,
}

/// How many cases were what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    pub imported: i64,
    /// Those that changed, or are there again.
    pub updated: i64,
    pub unchanged: i64,
    /// Those that are absent since now.
    pub absent: i64,
    /// Those that are missing though everything was read, taken for absent or not.
    pub missing: i64,
}

/// What came of it.
#[derive(Debug, Default)]
pub struct Compared {
    /// All cases, by their numbers; new ones have no id yet.
    pub cases: Vec<Case>,
    pub counts: Counts,
    /// Whether so many are missing that none of them was taken for absent.
    pub is_held: bool,
}

/// Compares.
pub fn compare(kept: Vec<Case>, found: Vec<FoundCase>, rule: Rule<'_>) -> Compared {
    let found = found.into_iter().map(|found| Case::new(found, rule.volatile, rule.now));
    let mut found: BTreeMap<String, Case> = found.map(|case| (case.number.clone(), case)).collect();
    let present = kept.iter().filter(|case| case.absent_since.is_none());
    let is_missing = |case: &&Case| !found.contains_key(&case.number);
    // Of what was not read nobody knows whether it is missing.
    let missing = present.clone().filter(|case| rule.is_complete && is_missing(case)).count();
    let present = present.count();
    let (present, missing) = (shared::table::count(present), shared::table::count(missing));
    let too_many = |limit| missing > FEW && missing * 100 > present * limit;
    let is_held = rule.is_complete && rule.vanish_limit.is_some_and(too_many);
    let takes_absent = rule.is_complete && !is_held;

    let mut counts = Counts { missing, ..Counts::default() };
    let mut cases = Vec::with_capacity(kept.len() + found.len());
    for old in kept {
        cases.push(match found.remove(&old.number) {
            Some(new) => seen(old, new, &rule, &mut counts),
            None if takes_absent && old.absent_since.is_none() => gone(old, &rule, &mut counts),
            None => old,
        });
    }
    counts.imported = shared::table::count(found.len());
    cases.extend(found.into_values());
    cases.sort_unstable_by(|a, b| a.number.cmp(&b.number));
    Compared { cases, counts, is_held }
}

impl Compared {
    /// Forgets those that are absent for the longest time, as long as there are more cases
    /// than these.
    pub fn forget_absent(&mut self, most: usize) {
        let mut surplus = self.cases.len().saturating_sub(most);
        let mut absent: Vec<i64> = self.cases.iter().filter_map(|case| case.absent_since).collect();
        absent.sort_unstable();
        absent.truncate(surplus);
        let last = absent.last().copied();
        self.cases.retain(|case| {
            let goes = surplus > 0 && case.absent_since.is_some() && case.absent_since <= last;
            surplus -= usize::from(goes);
            !goes
        });
    }
}

/// A case that was found, and was known.
fn seen(old: Case, new: Case, rule: &Rule<'_>, counts: &mut Counts) -> Case {
    let Case { id, created_at, updated_at, absent_since, hash, changes, .. } = &old;
    let mut now = Case {
        id: *id,
        created_at: *created_at,
        updated_at: *updated_at,
        changes: changes.clone(),
        ..new
    };
    let kind = match (absent_since, *hash == now.hash) {
        (Some(_), _) => CaseChangeKind::Returned,
        (None, false) => CaseChangeKind::Updated,
        (None, true) => {
            counts.unchanged += 1;
            return now;
        }
    };
    counts.updated += 1;
    let (at, sync_id, fields) = (rule.now, rule.sync_id.to_owned(), now.differences(&old));
    now.changed(Change { at, sync_id, kind, fields });
    now
}

/// A case that the portal shows no more.
fn gone(mut old: Case, rule: &Rule<'_>, counts: &mut Counts) -> Case {
    counts.absent += 1;
    old.absent_since = Some(rule.now);
    let (at, sync_id, kind) = (rule.now, rule.sync_id.to_owned(), CaseChangeKind::Absent);
    old.changed(Change { at, sync_id, kind, fields: BTreeMap::new() });
    old
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_that_are_absent_for_the_longest_time_are_forgotten_first() {
        let case = |(number, absent_since): (&str, Option<i64>)| {
            let found = FoundCase { number: number.to_owned(), ..FoundCase::default() };
            Case { absent_since, ..Case::new(found, &[], 0) }
        };
        let of = [("a", Some(3)), ("b", None), ("c", Some(1)), ("d", Some(2)), ("e", Some(2))];
        let left = |most: usize| {
            let cases = of.map(case).into();
            let mut compared = Compared { cases, ..Compared::default() };
            compared.forget_absent(most);
            compared.cases.into_iter().map(|case| case.number).collect::<String>()
        };
        assert_eq!(left(5), "abcde");
        assert_eq!(left(4), "abde");
        assert_eq!(left(3), "abe");
        assert_eq!(left(2), "ab");
        assert_eq!(left(0), "b");
    }
}
