//! What a source tells, beside what is published: who is there next, and what has become of
//! whom. Pure, and for any stretch of ids at a time.

use std::cmp::Ordering;
use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use utoipa::ToSchema;

use super::model::{Change, ChangeKind, Employment, Person};

/// How a source is read.
#[derive(Debug)]
pub struct Rule<'a> {
    /// Whether who is missing has left; otherwise people leave by their last day alone.
    pub full: bool,
    /// Only people of these departments, by id or name, are looked at; all, when empty.
    pub departments: &'a [String],
    /// People of whom the source told something that cannot be read: they stay as they are.
    pub unreadable: &'a HashSet<String>,
    /// The day it is there (`YYYY-MM-DD`).
    pub today: &'a str,
}

/// What a comparison found, by number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Counts {
    /// Who was not there before, or works there again.
    pub joined: i64,
    /// Of whom something is different.
    pub changed: i64,
    /// Whose last day is over.
    pub left: i64,
    /// Whom the source knows no longer.
    pub vanished: i64,
    /// Of whom nothing is different.
    pub unchanged: i64,
    /// Who worked there, of those who were looked at.
    #[serde(default)]
    pub active_before: i64,
}

/// What a comparison found.
#[derive(Debug, Default, PartialEq)]
pub struct Compared {
    /// Who is there next, by id.
    pub people: Vec<Person>,
    /// What has become of them.
    pub changes: Vec<Change>,
    pub counts: Counts,
}

/// Compares people before and people told, both by their ids.
pub fn compare(before: &[Person], told: &[Person], rule: &Rule<'_>) -> Compared {
    let mut compared = Compared::default();
    let (mut before, mut told) = (before.iter().peekable(), told.iter().peekable());
    loop {
        let order = match (before.peek(), told.peek()) {
            (None, None) => return compared,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(old), Some(new)) => old.agent_id.cmp(&new.agent_id),
        };
        let old = if order.is_le() { before.next() } else { None };
        let new = if order.is_ge() { told.next() } else { None };
        compared.take(old, new, rule);
    }
}

impl Rule<'_> {
    fn looks_at(&self, person: &Person) -> bool {
        let is = |named: &String| {
            *named == person.department_id || person.department.as_ref() == Some(named)
        };
        self.departments.is_empty() || self.departments.iter().any(is)
    }
}

impl Compared {
    fn take(&mut self, old: Option<&Person>, new: Option<&Person>, rule: &Rule<'_>) {
        let was_looked_at = old.is_some_and(|old| rule.looks_at(old));
        let was_active = was_looked_at && old.is_some_and(Person::is_active);
        self.counts.active_before += i64::from(was_active);
        // Of whom it was told before, it is also told that they went elsewhere.
        match (old, new.filter(|new| was_looked_at || rule.looks_at(new))) {
            (None, None) => {}
            (Some(old), None) => self.keep(old, rule),
            (old, Some(new)) => self.put(old, new.clone().on(rule.today)),
        }
    }

    /// Somebody of whom nothing is told: kept, unless the source was to tell of them.
    fn keep(&mut self, old: &Person, rule: &Rule<'_>) {
        let was_to_be_told = rule.full && rule.looks_at(old);
        if was_to_be_told && !rule.unreadable.contains(&old.agent_id) {
            if old.is_active() {
                self.note(old, ChangeKind::Vanished, Vec::new());
                self.people.push(Person { status: Employment::Inactive, ..old.clone() });
            } else {
                self.counts.unchanged += 1;
                self.people.push(old.clone());
            }
            return;
        }
        self.put(Some(old), old.clone().on(rule.today));
    }

    fn put(&mut self, old: Option<&Person>, new: Person) {
        match (old.is_some_and(Person::is_active), new.is_active()) {
            (false, true) => self.note(&new, ChangeKind::Joined, Vec::new()),
            (true, false) => self.note(&new, ChangeKind::Left, Vec::new()),
            _ => match old.map(|old| differences(old, &new)) {
                Some(fields) if !fields.is_empty() => {
                    self.note(&new, ChangeKind::Changed, fields);
                }
                _ => self.counts.unchanged += 1,
            },
        }
        self.people.push(new);
    }

    fn note(&mut self, person: &Person, kind: ChangeKind, fields: Vec<String>) {
        let counts = &mut self.counts;
        let count = match kind {
            ChangeKind::Joined => &mut counts.joined,
            ChangeKind::Changed => &mut counts.changed,
            ChangeKind::Left => &mut counts.left,
            ChangeKind::Vanished => &mut counts.vanished,
        };
        *count += 1;
        self.changes.push(Change { agent_id: person.agent_id.clone(), kind, fields });
    }
}

impl Counts {
    /// These and those.
    #[must_use]
    pub fn and(self, more: Self) -> Self {
        Self {
            joined: self.joined + more.joined,
            changed: self.changed + more.changed,
            left: self.left + more.left,
            vanished: self.vanished + more.vanished,
            unchanged: self.unchanged + more.unchanged,
            active_before: self.active_before + more.active_before,
        }
    }

    /// Whether more than so many of a hundred who worked there would vanish.
    pub fn vanishes_more_than(&self, percent: i64) -> bool {
        self.vanished * 100 > self.active_before * percent
    }
}

/// What is different, by name.
fn differences(old: &Person, new: &Person) -> Vec<String> {
    let members = |person| match serde_json::to_value(person) {
        Ok(Json::Object(members)) => members,
        _ => serde_json::Map::new(),
    };
    let old = members(old);
    let differs = |(name, value): &(String, Json)| old.get(name) != Some(value);
    members(new).into_iter().filter(differs).map(|(name, _)| name).collect()
}

#[cfg(test)]
pub mod tests {
    use super::*;

    const TODAY: &str = "2026-11-22";

    /// Somebody who works there.
    pub fn person(id: &str) -> Person {
        Person {
            agent_id: id.to_owned(),
            tab_number: format!("T-{id}"),
            first_name: "Anna".to_owned(),
            last_name: "Ivanova".to_owned(),
            middle_name: None,
            department_id: "D1".to_owned(),
            department: Some("Sales".to_owned()),
            position_id: "P1".to_owned(),
            position: "Operator".to_owned(),
            hire_date: "2016-09-01".to_owned(),
            dismissal_date: None,
            status: Employment::Active,
            norm_week: 40.0,
            rate: Some(1.0),
            login: None,
        }
    }

    fn gone(id: &str) -> Person {
        Person { status: Employment::Inactive, ..person(id) }
    }

    fn until(id: &str, last: &str) -> Person {
        Person { dismissal_date: Some(last.to_owned()), ..person(id) }
    }

    fn of(id: &str, department: &str) -> Person {
        Person { department_id: department.to_owned(), department: None, ..person(id) }
    }

    /// What becomes of those before when these are told: each as `id`, with what happened.
    fn check(full: bool, departments: &[&str], before: &[Person], told: &[Person], all: &str) {
        let departments: Vec<String> = departments.iter().map(|&name| name.to_owned()).collect();
        let unreadable = HashSet::from(["odd".to_owned()]);
        let rule = Rule { full, departments: &departments, unreadable: &unreadable, today: TODAY };
        let compared = compare(before, told, &rule);
        let became = |person: &Person| {
            let is = |change: &&Change| change.agent_id == person.agent_id;
            let change = compared.changes.iter().find(is);
            let state = if person.is_active() { "" } else { "-" };
            format!("{}{state}:{:?}", person.agent_id, change.map(|change| change.kind))
        };
        let became: Vec<_> = compared.people.iter().map(became).collect();
        let short = became.join(" ").replace("Some(", "").replace(')', "").replace(":None", "");
        assert_eq!(short, all);
        let Counts { joined, changed, left, vanished, unchanged, .. } = compared.counts;
        let counted = joined + changed + left + vanished + unchanged;
        assert_eq!(usize::try_from(counted), Ok(compared.people.len()), "all are counted once");
    }

    #[test]
    fn joins_changes_and_leavers() {
        let both = [person("a"), person("b"), person("c")];
        check(true, &[], &[], &both, "a:Joined b:Joined c:Joined");
        check(true, &[], &both, &both, "a b c");
        let renamed = Person { last_name: "Petrova".to_owned(), ..person("b") };
        check(true, &[], &both, &[person("a"), renamed], "a b:Changed c-:Vanished");
        let leaving = [person("a"), until("b", "2026-11-21"), until("c", TODAY)];
        check(true, &[], &both, &leaving, "a b-:Left c:Changed");
        check(true, &[], &[gone("a")], &[person("a")], "a:Joined");
        check(true, &[], &[gone("a")], &[], "a-");
        check(true, &[], &[], &[until("a", "2020-01-01")], "a-");
    }

    #[test]
    fn without_the_full_list_nobody_vanishes() {
        let both = [person("a"), until("b", "2026-11-21"), person("c")];
        check(false, &[], &both, &[person("c"), person("d")], "a b-:Left c d:Joined");
        check(false, &[], &both, &[], "a b-:Left c");
    }

    #[test]
    fn who_cannot_be_read_stays() {
        check(true, &[], &[person("a"), person("odd")], &[person("a")], "a odd");
    }

    #[test]
    fn other_departments_stay_as_they_are() {
        let before = [of("a", "D1"), of("b", "D2"), of("c", "D1")];
        check(true, &["D1"], &before, &[of("a", "D1")], "a b c-:Vanished");
        // Who went to another department has not vanished, and who came from one is there.
        check(
            true,
            &["D1"],
            &before,
            &[of("a", "D2"), of("b", "D1"), of("c", "D1")],
            "a:Changed b:Changed c",
        );
        check(true, &["Sales"], &[person("a")], &[], "a-:Vanished");
    }

    #[test]
    fn what_is_different_is_named() {
        let new = Person { position: "Lead".to_owned(), norm_week: 36.0, ..person("a") };
        let mut fields = differences(&person("a"), &new);
        fields.sort();
        assert_eq!(fields, ["norm_week", "position"]);
    }

    #[test]
    fn more_than_a_share_is_more() {
        for (vanished, before, percent, more) in [
            (0, 0, 10, false),
            (1, 10, 10, false),
            (2, 10, 10, true),
            (1, 1, 99, true),
            (1, 1, 100, false),
        ] {
            let counts = Counts { vanished, active_before: before, ..Counts::default() };
            assert_eq!(counts.vanishes_more_than(percent), more, "{vanished} of {before}");
        }
    }
}
