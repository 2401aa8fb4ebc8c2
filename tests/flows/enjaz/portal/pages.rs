//! The way through the pages.

use anyhow::Result;
use functions::enjaz::portal::{NextPage, Outcome};
use simulators::portal::{AfterLast, Beyond, Case, Empty, Paging};
use std::time::Duration;

use super::{Visit, found, numbers, portals};

#[tokio::test]
async fn pages_are_read_to_the_last_however_they_are_linked() {
    for paging in [Paging::RelNext, Paging::Pagination] {
        for after_last in [AfterLast::Nothing, AfterLast::First, AfterLast::Itself] {
            let visit = Visit::of_three_pages().await;
            visit.portal.habits(|habits| {
                (habits.paging, habits.after_last) = (paging, after_last);
            });
            let (walk, _) = visit.comes_to(Outcome::Ok).await;
            assert_eq!(found(&walk), numbers(25), "{paging:?} {after_last:?}");
            assert_eq!((walk.pages, walk.duplicates, walk.unnumbered), (3, 0, 0));
            let most = if after_last == AfterLast::First { 4 } else { 3 };
            assert_eq!(visit.portal.requests("/cases"), most, "{paging:?} {after_last:?}");
        }
    }
}

#[tokio::test]
async fn pages_without_links_are_counted() {
    for beyond in [Beyond::Empty, Beyond::Last, Beyond::NotFound] {
        let mut visit = Visit::of_three_pages().await;
        visit.by_query();
        visit.portal.habits(|habits| {
            (habits.paging, habits.beyond) = (Paging::Unlinked, beyond);
        });
        let (walk, _) = visit.comes_to(Outcome::Ok).await;
        assert_eq!((found(&walk), walk.duplicates), (numbers(25), 0), "{beyond:?}");
        assert_eq!(visit.portal.asked().last().map(String::as_str), Some("GET /cases?page=4"));
    }
}

#[tokio::test]
async fn an_empty_page_that_does_not_say_so_is_no_end() {
    let mut visit = Visit::of_three_pages().await;
    visit.by_query();
    visit.portal.habits(|habits| {
        (habits.paging, habits.empty) = (Paging::Unlinked, Empty::Nothing);
    });
    let (walk, _) = visit.comes_to(Outcome::Partial).await;
    assert_eq!(walk.cases.len(), 25);
}

#[tokio::test]
async fn no_more_pages_are_read_than_the_profile_says() {
    let mut visit = Visit::of_three_pages().await;
    visit.profile.max_pages = 2;
    let (walk, _) = visit.comes_to(Outcome::Partial).await;
    assert_eq!((walk.cases.len(), visit.portal.requests("/cases")), (20, 2));
    visit.profile.max_pages = 3;
    visit.comes_to(Outcome::Ok).await;
    visit.profile.next_page = NextPage::None;
    let (walk, _) = visit.comes_to(Outcome::Ok).await;
    assert_eq!(walk.cases.len(), 10);
}

#[tokio::test]
async fn there_is_a_pause_between_two_pages() -> Result<()> {
    let mut visit = Visit::of_three_pages().await;
    let second = Duration::from_secs(1);
    let check = |pauses: &[Duration], least: Duration| {
        assert_eq!(pauses.len(), 2, "{pauses:?}");
        assert!(pauses.iter().all(|p| (least..=least * 5 / 4).contains(p)), "{pauses:?}");
    };
    visit.comes_to(Outcome::Ok).await;
    check(&visit.pauses.lock().expect("the pauses"), second);
    visit.profile.min_delay_ms = 1;
    visit.pauses.lock().expect("the pauses").clear();
    visit.comes_to(Outcome::Ok).await;
    check(&visit.pauses.lock().expect("the pauses"), second);
    (visit.portals, visit.pauses) = portals(&[("ENJAZ_MIN_DELAY_MS", "0")]);
    visit.profile.min_delay_ms = 3000;
    visit.comes_to(Outcome::Ok).await;
    check(&visit.pauses.lock().expect("the pauses"), second * 3);
    Ok(())
}

#[tokio::test]
async fn a_case_that_is_on_every_page_is_no_end() {
    let pinned = |n: usize| if n % 10 == 1 { Case::english(1) } else { Case::english(n) };
    let visit = Visit::with((1..=25).map(pinned)).await;
    let (walk, _) = visit.comes_to(Outcome::Ok).await;
    assert_eq!((walk.cases.len(), walk.duplicates, walk.pages), (23, 2, 3));
}
