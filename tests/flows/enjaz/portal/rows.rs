//! The cases as they are found.

use functions::enjaz::portal::{Column, FoundCase, Outcome};
use simulators::portal::{
    CARDS, CHANGED, Case, Charset, ITEMS, Language, Layout, Selectors, TABLE, plain_number,
};

use super::{Visit, found, numbers};

const NAMES: [&str; 7] = ["number", "type", "status", "court", "circuit", "hearing", "opened"];

fn adapt(visit: &mut Visit, selectors: Selectors) {
    visit.profile.row_selector = selectors.row.to_owned();
    let columns = NAMES.into_iter().zip(selectors.parts).map(|(name, part)| {
        let (selector, attr) = (part.selector.to_owned(), part.attribute.map(str::to_owned));
        (name.to_owned(), Column { selector, attr, regex: None })
    });
    visit.profile.columns = columns.collect();
}

#[tokio::test]
async fn the_usual_selectors_find_cases_in_the_usual_layouts() {
    for layout in [Layout::Table, Layout::Items, Layout::Cards] {
        let visit = Visit::of_three_pages().await;
        visit.portal.habits(|habits| habits.layout = layout);
        let (walk, _) = visit.comes_to(Outcome::Ok).await;
        assert_eq!(found(&walk), numbers(25), "{layout:?}");
        for (case, n) in walk.cases.iter().zip(1..) {
            let (kind, status) = (Case::english(n).kind, Case::english(n).status);
            assert_eq!((&case.kind, &case.status), (&kind, &status), "{layout:?}");
        }
    }
}

#[tokio::test]
async fn every_column_is_found_in_every_layout_by_its_selectors() {
    let layouts = [
        (Layout::Table, TABLE),
        (Layout::Items, ITEMS),
        (Layout::Cards, CARDS),
        (Layout::Changed, CHANGED),
    ];
    for (layout, selectors) in layouts {
        for charset in [Charset::Utf8, Charset::Windows1256, Charset::Windows1256InMeta] {
            let mut visit = Visit::with((1..=16).map(Case::arabic)).await;
            adapt(&mut visit, selectors);
            visit.portal.habits(|habits| {
                (habits.layout, habits.charset) = (layout, charset);
                habits.language = Language::Arabic;
            });
            let (walk, _) = visit.comes_to(Outcome::Ok).await;
            let plain: Vec<_> = (1..=16).map(plain_number).collect();
            assert_eq!(found(&walk), plain, "{layout:?} {charset:?}");
            check(&walk.cases);
        }
    }
}

fn check(cases: &[FoundCase]) {
    let kinds =
        ["قضية عمالية", "أحوال شخصية", "تنفيذ <سند \"لأمر\"> & شيك", "دعوى إدارية", "دعوى تجارية"];
    for ((found, n), kind) in cases.iter().zip(1..).zip(kinds.into_iter().cycle()) {
        let there = Case::arabic(n);
        assert_eq!(found.raw_number, there.number);
        assert_eq!((&*found.kind, &found.status), (kind, &there.status));
        let columns = ["court", "circuit", "hearing", "opened"].map(|name| &found.columns[name]);
        assert_eq!(columns, [&there.court, &there.circuit, &there.hearing, &there.opened]);
    }
}

#[tokio::test]
async fn rows_without_a_number_and_doubles_are_counted() {
    let mut cases: Vec<_> = (1..=12).map(Case::english).collect();
    cases[3].number = String::new();
    cases[11].number = "\u{200f}\u{a0}".to_owned();
    cases[5] = Case::new("CASE-2024-002", "Another", "Closed");
    let visit = Visit::with(cases).await;
    let (walk, _) = visit.comes_to(Outcome::Ok).await;
    assert_eq!((walk.unnumbered, walk.duplicates, walk.cases.len()), (2, 1, 9));
    assert_eq!(walk.cases[1].kind, Case::english(2).kind);
}

#[tokio::test]
async fn rows_of_which_none_has_a_number_are_another_layout() {
    let visit = Visit::with([Case::new("", "Civil", "Active"), Case::new("", "", "")]).await;
    let (walk, _) = visit.comes_to(Outcome::LayoutChanged).await;
    assert!(walk.cases.is_empty());
}
