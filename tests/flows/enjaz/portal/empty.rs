//! Accounts without cases, and pages on which none are recognised.

use functions::enjaz::portal::Outcome;
use simulators::portal::{Case, Empty, Layout, Mishap};

use super::{Visit, found, numbers, stopped};

#[tokio::test]
async fn no_cases_are_a_success_only_where_the_page_says_so() {
    for (empty, outcome) in [
        (Empty::Marker, Outcome::Ok),
        (Empty::Header, Outcome::Ok),
        (Empty::Nothing, Outcome::LayoutChanged),
    ] {
        let visit = Visit::with([]).await;
        visit.portal.habits(|habits| habits.empty = empty);
        let (walk, _) = visit.comes_to(outcome).await;
        assert!(walk.cases.is_empty(), "{empty:?}");
    }
}

#[tokio::test]
async fn another_layout_is_told_by_its_fingerprint() {
    let visit = Visit::of_three_pages().await;
    let mut prints = Vec::new();
    for layout in [Layout::Headerless, Layout::Changed] {
        visit.portal.habits(|habits| habits.layout = layout);
        visit.portal.cases(super::USER.0, (1..=25).map(Case::english));
        let (_, step) = visit.comes_to(Outcome::LayoutChanged).await;
        let print = stopped(step).fingerprint;
        visit.portal.cases(super::USER.0, (1..=7).map(Case::arabic));
        visit.portal.habits(|habits| habits.page_size = 7);
        let (_, step) = visit.comes_to(Outcome::LayoutChanged).await;
        visit.portal.habits(|habits| habits.page_size = 10);
        let again = stopped(step).fingerprint;
        assert!(print.is_some() && again.is_some(), "{layout:?}");
        prints.push(print);
    }
    assert_ne!(prints[0], prints[1]);
}

#[tokio::test]
async fn a_layout_that_changes_on_the_way_leaves_what_was_read() {
    let visit = Visit::of_three_pages().await;
    visit.portal.mishap("/cases?page=2", 1, Mishap::Layout(Layout::Changed));
    let (walk, step) = visit.comes_to(Outcome::Partial).await;
    assert_eq!(found(&walk), numbers(10));
    let cause = stopped(step);
    assert!(cause.outcome == Outcome::LayoutChanged && cause.fingerprint.is_some());
}
