//! The cases on a page, as it shows them.

use std::collections::BTreeMap;

use scraper::{ElementRef, Html, Selector};
use serde::{Deserialize, Serialize};

use super::rules::{Column, Rules};
use super::text;

/// The longest number of a case, in characters.
const LONGEST_NUMBER: usize = 255;
/// How much of any other text counts, in characters.
const LONGEST_TEXT: usize = 2000;

/// A case that was found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundCase {
    /// The number as a key: the same however the portal writes it, in ASCII digits. Never
    /// empty, at most 255 characters.
    pub number: String,
    /// The number as the page has it, white space and all.
    pub raw_number: String,
    /// The type as text, empty if the page has none.
    #[serde(rename = "type")]
    pub kind: String,
    /// The status as text, empty if the page has none.
    pub status: String,
    /// The profile's further columns by their names, as text; dates are as they are written.
    pub columns: BTreeMap<String, String>,
}

/// The cases of a page, in their order; none for a row that has no number.
pub(super) fn of(page: &Html, rules: &Rules) -> Vec<Option<FoundCase>> {
    let rows = page.select(&rules.row).filter(|row| !is_in_a_row(*row, &rules.row));
    rows.map(|row| case(row, &rules.columns)).collect()
}

fn is_in_a_row(row: ElementRef<'_>, selector: &Selector) -> bool {
    let mut around = row.ancestors().filter_map(ElementRef::wrap);
    around.any(|element| selector.matches(&element))
}

fn case(row: ElementRef<'_>, columns: &[Column]) -> Option<FoundCase> {
    let mut case = FoundCase::default();
    for column in columns {
        let raw = column.read(row);
        let value = text::cut(column.part(&text::clean(&raw)), LONGEST_TEXT);
        match column.name.as_str() {
            "number" => {
                (case.number, case.raw_number) = (text::key(&value), text::cut(raw, LONGEST_TEXT));
            }
            "type" => case.kind = value,
            "status" => case.status = value,
            other => {
                case.columns.insert(other.to_owned(), value);
            }
        }
    }
    let length = case.number.chars().count();
    (1..=LONGEST_NUMBER).contains(&length).then_some(case)
}

impl Column {
    /// What the row has of it, as it stands there.
    fn read(&self, row: ElementRef<'_>) -> String {
        let Some(selector) = &self.selector else { return self.value(row) };
        let itself = selector.matches(&row).then_some(row);
        let mut found = itself.into_iter().chain(row.select(selector)).map(|e| self.value(e));
        found.find(|value| !text::clean(value).is_empty()).unwrap_or_default()
    }

    fn value(&self, element: ElementRef<'_>) -> String {
        let attribute = self.attr.as_deref().and_then(|name| element.attr(name));
        attribute.map_or_else(|| element.text().collect(), str::to_owned)
    }

    /// What of it counts.
    fn part(&self, value: &str) -> String {
        let Some(regex) = &self.regex else { return value.to_owned() };
        let found = regex.captures(value);
        let part = found.as_ref().and_then(|found| found.get(1).or_else(|| found.get(0)));
        part.map(|part| part.as_str().trim().to_owned()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::super::profile::{self, Profile};
    use super::*;

    fn read(html: &str, profile: &Profile) -> anyhow::Result<Vec<Option<FoundCase>>> {
        Ok(of(&Html::parse_document(html), &Rules::of(profile)?))
    }

    /// Number, type and status of the one row.
    fn check(row: &str, expected: Option<[&str; 3]>) -> anyhow::Result<()> {
        let rows = read(row, &Profile::default_for("https://portal.example"))?;
        assert_eq!(rows.len(), 1, "{row}");
        let found = rows.iter().flatten().next();
        let found = found.map(|case| [&*case.number, &*case.kind, &*case.status]);
        assert_eq!(found, expected, "{row}");
        Ok(())
    }

    #[test]
    fn rows_are_read_by_the_usual_selectors() -> anyhow::Result<()> {
        let row = "<table><tr class=case-row><td class=number>١٢<td class=type>a <b>b</b><td class=state>c";
        check(row, Some(["12", "a b", "c"]))?;
        let card = "<a class=case-card data-case-number=' 7 ' data-case-type=t data-status=s>x</a>";
        check(card, Some(["7", "t", "s"]))?;
        check(
            "<p class=case-item><i class=case-number></i><i class=number>3</i>",
            Some(["3", "", ""]),
        )?;
        check(
            "<p class=case-item><i class=case-number data-case-number=4>no. 4",
            Some(["4", "", ""]),
        )?;
        check("<p class=case-item><i class=number>\u{200f}\u{a0}</i><i class=type>t", None)?;
        check("<div class=case-item><p class=case-card><i class=number>5", Some(["5", "", ""]))?;
        let long = "9".repeat(256);
        check(&format!("<p class=case-item><i class=number>{long}"), None)?;
        check(
            &format!("<p class=case-item><i class=number>{}", &long[1..]),
            Some([&long[1..], "", ""]),
        )?;
        Ok(())
    }

    #[test]
    fn the_raw_number_is_kept_and_a_part_of_it_may_count() -> anyhow::Result<()> {
        let mut portal = Profile::default_for("https://portal.example");
        let column = |selector: &str, attr: Option<&str>, regex: Option<&str>| profile::Column {
            selector: selector.to_owned(),
            attr: attr.map(str::to_owned),
            regex: regex.map(str::to_owned),
        };
        portal.columns.insert("number".to_owned(), column(".n", None, Some(r"رقم (\d+/\d+)")));
        portal.columns.insert("day".to_owned(), column("", Some("data-day"), Some(r"^\S+")));
        let row = "<p class=case-item data-day='١٤٤٦/٠٢/٠٣ هـ'><i class=n> رقـم\u{a0}١٤٤٥/٧ </i>";
        let found = read(row, &portal)?.into_iter().flatten().next().unwrap_or_default();
        assert_eq!((&*found.number, &*found.raw_number), ("1445/7", " رقـم\u{a0}١٤٤٥/٧ "));
        assert_eq!(found.columns.get("day").map(String::as_str), Some("١٤٤٦/٠٢/٠٣"));
        assert_eq!(read("<p class=case-item><i class=n>x", &portal)?, [None]);
        Ok(())
    }
}
