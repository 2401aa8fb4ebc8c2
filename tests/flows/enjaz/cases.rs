//! Lists of cases: filters, orders, pages, statistics.

use serde_json::{Value, json};
use shared::web::percent_encode;
use simulators::portal::{Case, Language};

use super::{Desk, cases, numbers, path};

#[tokio::test]
async fn cases_are_filtered_by_what_they_say() {
    let desk = Desk::connected([
        Case::new("A-1", "Civil", "Active"),
        Case::new("A-2", "Civil", "Closed"),
        Case::new("B-3", "Labour", "Active"),
    ])
    .await;
    desk.comes_to("ok").await;
    for (query, expected) in [
        ("?status=Active", vec!["A-1", "B-3"]),
        ("?status=active&case_type=CIVIL", vec!["A-1"]),
        ("?text=b-", vec!["B-3"]),
        ("?text=closed", vec!["A-2"]),
        ("?status=none", vec![]),
        ("?changed_since=2026-06-01", vec!["A-1", "A-2", "B-3"]),
        ("?changed_since=2026-06-01T12:00:01Z", vec![]),
        ("?account_id=1&text=a-2", vec!["A-2"]),
        ("?sort=-case_number", vec!["B-3", "A-2", "A-1"]),
        ("?sort=status", vec!["A-1", "B-3", "A-2"]),
        ("?sort=-case_type&limit=1", vec!["B-3"]),
        ("?offset=2", vec!["B-3"]),
        ("?offset=3", vec![]),
    ] {
        assert_eq!(desk.numbers(query).await, expected, "{query}");
    }
    assert_eq!(desk.get("/cases?status=Active&limit=1").await["total_count"], 2);
    let statistics = desk.get("/statistics").await;
    assert_eq!(statistics["by_status"], json!({ "Active": 2, "Closed": 1 }));
    assert_eq!(statistics["by_type"], json!({ "Civil": 2, "Labour": 1 }));
    assert_eq!(
        (&statistics["total_cases"], &statistics["imported_recently"]),
        (&json!(3), &json!(3))
    );
}

#[tokio::test]
async fn every_order_can_be_paged_through_by_cursor() {
    let desk = Desk::connected(cases(25)).await;
    desk.comes_to("ok").await;
    let all = desk.numbers("").await;
    assert_eq!(all, numbers(1..=25));
    for sort in [
        "id",
        "-id",
        "case_number",
        "-case_number",
        "status",
        "-status",
        "case_type",
        "-case_type",
        "created_at",
        "-created_at",
        "updated_at",
        "-updated_at",
    ] {
        let whole = desk.numbers(&format!("?sort={sort}")).await;
        let (mut paged, mut cursor) = (Vec::new(), String::new());
        loop {
            let query = format!("?sort={sort}&limit=10{cursor}");
            let page = desk.get(&format!("/cases{query}")).await;
            paged.extend(desk.numbers(&query).await);
            assert_eq!(page["total_count"], 25);
            let Some(next) = page["next_cursor"].as_str() else { break };
            cursor = format!("&cursor={next}");
        }
        assert_eq!(paged, whole, "{sort}");
        let mut sorted = paged.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, all, "{sort}");
    }
    let first = desk.get("/cases?sort=status&limit=10").await;
    let cursor = first["next_cursor"].as_str().expect("a cursor");
    let other = desk.admin().get(&path(&format!("/cases?sort=id&limit=10&cursor={cursor}"))).await;
    assert_eq!(other.status, 422, "of another order");
}

#[tokio::test]
async fn arabic_cases_are_found_whatever_their_digits_and_kept_as_they_are_written() {
    let desk = Desk::with((1..=20).map(Case::arabic)).await;
    desk.portal.habits(|habits| habits.language = Language::Arabic);
    desk.connect().await;
    assert_eq!(desk.comes_to("ok").await["total_cases"], 20);
    let list = desk.get("/cases").await;
    let list = list["data"].as_array().expect("cases");
    let is_plain = |case: &Value| case["case_number"].as_str().is_some_and(str::is_ascii);
    assert!(list.iter().all(is_plain), "{list:?}");
    assert!(list.iter().any(|case| case["raw_case_number"] != case["case_number"]));
    let plain = simulators::portal::plain_number(8);
    let arabic: String = plain
        .chars()
        .map(|c| match c.to_digit(10) {
            Some(digit) => char::from_u32(u32::from('٠') + digit).expect("a digit"),
            None => c,
        })
        .collect();
    for text in [plain.clone(), arabic] {
        let found = desk.numbers(&format!("?text={}", percent_encode(&text))).await;
        assert!(found.contains(&plain), "{text}: {found:?}");
    }
}
