//! Pages of cases.

use super::{between, portal, signed_in};
use crate::portal::{
    AfterLast, Beyond, CARDS, CHANGED, Case, Empty, ITEMS, Language, Layout, Paging, Portal, TABLE,
};

/// The numbers on a page of the default layout.
async fn numbers(portal: &Portal, at: &str) -> Vec<String> {
    let html = signed_in(portal).get(at).await.html();
    between(&html, "<td class=\"case-number\">", "</td>").into_iter().map(link).collect()
}

fn link(cell: &str) -> String {
    cell.split('>').nth(1).unwrap_or_default().trim_end_matches("</a").to_owned()
}

#[tokio::test]
async fn the_default_layout_has_a_header_and_every_column() {
    let portal = portal(0).await;
    let case = Case {
        number: "1445/123".into(),
        court: "<script>alert('court')</script>".into(),
        circuit: "Circuit \"4\"".into(),
        hearing: "١٤٤٦/٠٣/١٢ هـ".into(),
        opened: "2024-01-15".into(),
        subject: "Rent & damages".into(),
        ..Case::new("", "دعوى تجارية", "قيد النظر")
    };
    portal.add_case(USER, case);
    portal.habits(|habits| habits.language = Language::Arabic);
    let mut browser = signed_in(&portal);
    let page = browser.get("/cases").await;
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    let html = page.html();
    let row = between(&html, "<tr class=\"case-row\">", "</tr>")[0];
    let cells = "<td class=\"case-number\"><a href=\"/cases/1445%2F123\">1445/123</a></td>\
         <td class=\"case-type\">دعوى تجارية</td><td class=\"case-status status\">قيد النظر</td>\
         <td class=\"case-court\">&lt;script&gt;alert(&#39;court&#39;)&lt;/script&gt;</td>\
         <td class=\"case-circuit\">Circuit &quot;4&quot;</td>\
         <td class=\"case-hearing\">١٤٤٦/٠٣/١٢ هـ</td><td class=\"case-opened\">2024-01-15</td>";
    assert_eq!(row, cells);
    assert!(page.says("<html lang=\"ar\" dir=\"rtl\">") && page.says("رقم القضية"));

    let own = browser.get("/cases/1445%2F123").await;
    assert!(own.says("<dd class=\"subject\">Rent &amp; damages</dd>"), "{}", own.html());
    assert_eq!(browser.get("/cases/1445%2F124").await.status, 404);
}

const USER: &str = super::USER.0;

#[tokio::test]
async fn other_layouts_are_found_by_their_selectors() {
    let portal = portal(2).await;
    for (layout, selectors) in [
        (Layout::Table, TABLE),
        (Layout::Items, ITEMS),
        (Layout::Cards, CARDS),
        (Layout::Changed, CHANGED),
    ] {
        portal.habits(|habits| habits.layout = layout);
        let html = signed_in(&portal).get("/cases").await.html();
        let row = selectors.row.rsplit('.').next().unwrap();
        assert_eq!(html.matches(&format!("class=\"{row}\"")).count(), 2, "{layout:?}");
        for part in selectors.parts {
            let mark = match part.attribute {
                Some(name) => format!(" {name}=\""),
                None => format!(" class=\"{}", part.selector.trim_start_matches('.')),
            };
            assert_eq!(html.matches(&mark).count(), 2, "{layout:?} {mark}");
        }
        assert_eq!(html.contains("<th "), layout == Layout::Table);
    }
    portal.habits(|habits| habits.layout = Layout::Headerless);
    let html = signed_in(&portal).get("/cases").await.html();
    assert!(html.contains("<table class=\"cases-table\"><tbody>\n<tr><td><a"));
    assert!(!html.contains("<th") && !html.contains("case-row"));
}

#[tokio::test]
async fn pages_lead_to_each_other() {
    let portal = portal(25).await;
    for (page, first, last) in
        [("/cases", 1, 10), ("/cases?page=2", 11, 20), ("/cases?page=3", 21, 25)]
    {
        let expected: Vec<String> = (first..=last).map(|n| format!("CASE-2024-{n:03}")).collect();
        assert_eq!(numbers(&portal, page).await, expected);
    }
    for (paging, after, on_first, on_last) in [
        (Paging::RelNext, AfterLast::Nothing, "<a rel=\"next\" href=\"?page=2\">", ""),
        (
            Paging::RelNext,
            AfterLast::First,
            "rel=\"next\" href=\"?page=2\"",
            "rel=\"next\" href=\"?page=1\"",
        ),
        (
            Paging::RelNext,
            AfterLast::Itself,
            "rel=\"next\" href=\"?page=2\"",
            "rel=\"next\" href=\"?page=3\"",
        ),
        (
            Paging::Pagination,
            AfterLast::Nothing,
            "<li class=\"next\"><a href=\"/cases?sort=number&amp;page=2\">",
            "<li class=\"next disabled\"><a class=\"disabled\" href=\"#\">",
        ),
        (Paging::Unlinked, AfterLast::First, "", ""),
    ] {
        portal.habits(|habits| (habits.paging, habits.after_last) = (paging, after));
        let mut browser = signed_in(&portal);
        for (at, mark) in [("/cases", on_first), ("/cases?sort=number&page=3", on_last)] {
            let html = browser.get(at).await.html();
            let leads = html.contains("rel=\"next\"") || html.contains("class=\"next");
            assert!(html.contains(mark), "{paging:?} {after:?} {at}: {html}");
            assert_eq!(leads, !mark.is_empty(), "{paging:?} {after:?} {at}");
        }
    }
}

#[tokio::test]
async fn after_the_last_page_there_is_what_was_chosen() {
    let portal = portal(11).await;
    for (beyond, status, rows) in
        [(Beyond::Empty, 200, 0), (Beyond::Last, 200, 1), (Beyond::NotFound, 404, 0)]
    {
        portal.habits(|habits| habits.beyond = beyond);
        let page = signed_in(&portal).get("/cases?page=3").await;
        let found = page.html().matches("case-row").count();
        assert_eq!((page.status, found), (status, rows), "{beyond:?}");
    }
}

#[tokio::test]
async fn no_cases_are_shown_in_three_ways() {
    let portal = portal(0).await;
    for (empty, marker, header) in
        [(Empty::Marker, true, false), (Empty::Header, false, true), (Empty::Nothing, false, false)]
    {
        portal.habits(|habits| habits.empty = empty);
        let html = signed_in(&portal).get("/cases").await.html();
        let found = (html.contains("empty-state"), html.contains("<th "));
        assert_eq!(found, (marker, header), "{empty:?}");
        assert!(!html.contains("case-row"));
    }
}

#[tokio::test]
async fn cases_come_change_and_go() {
    let portal = portal(2).await;
    portal.add_case(USER, Case::new("", "Civil", "Active"));
    portal.add_case(USER, Case::english(1));
    assert_eq!(
        numbers(&portal, "/cases").await,
        ["CASE-2024-001", "CASE-2024-002", "", "CASE-2024-001"]
    );
    let changed = portal.change_case(USER, "CASE-2024-002", |case| case.status = "Closed".into());
    assert_eq!((changed, portal.cases_of(USER)[1].status.as_str()), (1, "Closed"));
    portal.remove_case(USER, "CASE-2024-001");
    assert_eq!(numbers(&portal, "/cases").await, ["CASE-2024-002", ""]);
    assert_eq!(signed_in(&portal).get("/cases/").await.status, 404);
    // A row without a number leads nowhere.
    for layout in [Layout::Items, Layout::Cards] {
        portal.habits(|habits| habits.layout = layout);
        let html = signed_in(&portal).get("/cases").await.html();
        assert_eq!(html.matches("/cases/").count(), 1, "{layout:?}");
    }
}
