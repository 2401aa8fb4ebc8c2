//! What goes wrong on demand.

use encoding_rs::WINDOWS_1256;
use reqwest::StatusCode;

use super::{Browser, USER, portal, signed_in};
use crate::Fault;
use crate::portal::{Case, Charset, Language, Layout, Lost, Mishap, Portal};

/// A portal of three pages.
async fn three_pages() -> Portal {
    portal(25).await
}

#[tokio::test]
async fn pages_of_the_server_come_in_place_of_one_page() {
    let portal = three_pages().await;
    let mut browser = signed_in(&portal);
    for status in [500, 502, 503] {
        portal.mishap("/cases?page=2", 1, Mishap::Fails(StatusCode::from_u16(status).unwrap()));
        assert_eq!(browser.get("/cases").await.status, 200);
        let page = browser.get("/cases?page=2").await;
        assert!(page.status == status && page.says("<h1>"), "{}", page.html());
        assert!(page.header("content-type").starts_with("text/html"));
    }
    portal.mishap("/cases?page=1", 2, Mishap::TooMany(7));
    for at in ["/cases", "/cases?page=1"] {
        let page = browser.get(at).await;
        assert_eq!((page.status, page.header("retry-after")), (429, "7"));
    }
    for language in [Language::English, Language::Arabic] {
        portal.mishap("/cases", 1, Mishap::Maintenance(language));
        let page = browser.get("/cases").await;
        assert!(page.status == 200 && page.says(language.maintenance()));
    }
    portal.mishap("/cases", 1, Mishap::Json);
    assert_eq!(browser.get("/cases").await.header("content-type"), "application/json");
    assert_eq!(browser.get("/cases").await.status, 200);
    portal.mishap("/cases", usize::MAX, Mishap::Json);
    portal.behave();
    assert!(browser.get("/cases").await.says("CASE-2024-001"));
}

#[tokio::test]
async fn a_mishap_may_be_of_one_method() {
    let portal = three_pages().await;
    portal.mishap("POST /login", 1, Mishap::Fails(StatusCode::BAD_GATEWAY));
    let mut browser = Browser::new(&portal);
    assert_eq!(browser.get("/login").await.status, 200);
    assert_eq!(browser.login(USER).await.status, 502);
    assert_eq!(browser.login(USER).await.status, 302);
}

#[tokio::test]
async fn a_session_ends_before_a_page() {
    let portal = three_pages().await;
    for lost in [Lost::Redirect, Lost::LoginPage] {
        portal.mishap("/cases?page=2", 1, Mishap::SessionEnds(lost));
        let mut browser = signed_in(&portal);
        assert_eq!(browser.get("/cases").await.status, 200);
        let page = browser.get("/cases?page=2").await;
        match lost {
            Lost::Redirect => assert_eq!(page.leads(), (302, "/login?next=%2Fcases%3Fpage%3D2")),
            Lost::LoginPage => assert!(page.status == 200 && page.says("type=\"password\"")),
        }
        assert_eq!((browser.get("/cases").await.status, portal.sessions_alive()), (302, 0));
        assert_eq!(browser.login(USER).await.status, 302);
        assert!(browser.get("/cases?page=2").await.says("CASE-2024-011"));
        portal.expire_sessions();
    }
}

#[tokio::test]
async fn pages_are_spoilt() {
    let portal = three_pages().await;
    let mut browser = signed_in(&portal);
    let whole = browser.get("/cases").await.bytes;
    portal.mishap("/cases", 1, Mishap::HalfPage);
    assert_eq!(browser.get("/cases").await.bytes, whole[..whole.len() / 2]);
    portal.mishap("/cases", 1, Mishap::Huge);
    let huge = browser.get("/cases").await.bytes;
    assert!(huge.len() > 5 * 1024 * 1024 && huge.ends_with(&whole));
    portal.mishap("/cases", 1, Mishap::WrongType("application/pdf"));
    let page = browser.get("/cases").await;
    assert_eq!((page.header("content-type"), page.bytes == whole), ("application/pdf", true));
    portal.mishap("/cases", 1, Mishap::Layout(Layout::Changed));
    assert!(browser.get("/cases").await.says("grid-c0"));
    portal.mishap("/cases", 1, Mishap::BreaksOff);
    assert!(browser.tries("/cases").await.is_err());
    portal.mishap("/cases?page=1", 1, Mishap::Goes(Fault::Cut));
    assert!(browser.tries("/cases").await.is_err());
    portal.mishap("/cases", 1, Mishap::Goes(Fault::Stall));
    let request = browser.client.get(browser.url("/cases")).build().unwrap();
    // It begins, and no more of it has come when it is given up.
    assert_eq!(browser.client.execute(request).await.unwrap().status(), 200);
    assert_eq!(browser.get("/cases").await.bytes, whole);
}

#[tokio::test]
async fn pages_are_elsewhere_or_nowhere() {
    let portal = three_pages().await;
    let mut browser = signed_in(&portal);
    portal.mishap("/cases", 1, Mishap::Elsewhere);
    let there = format!("{}/cases?page=2", portal.provider_url());
    assert_eq!(browser.get("/cases?page=2").await.leads(), (302, there.as_str()));
    portal.mishap("/cases", 1, Mishap::RedirectLoop);
    let mut at = "/cases".to_owned();
    for _ in 0..30 {
        let page = browser.get(&at).await;
        assert_eq!(page.status, 302);
        at = page.header("location").to_owned();
    }
    assert_eq!(portal.provider_calls(), 0);
    assert_eq!(browser.get("/nothing").await.status, 404);
}

#[tokio::test]
async fn arabic_is_encoded_as_windows_has_it() {
    let portal = three_pages().await;
    portal.cases(USER.0, [Case::arabic(0), Case::arabic(3)]);
    let mut browser = signed_in(&portal);
    for (charset, kind) in [
        (Charset::Windows1256, "text/html; charset=windows-1256"),
        (Charset::Windows1256InMeta, "text/html"),
    ] {
        portal.mishap("/cases", 1, Mishap::Charset(charset));
        let page = browser.get("/cases").await;
        assert_eq!(page.header("content-type"), kind);
        let (text, _, wrong) = WINDOWS_1256.decode(&page.bytes);
        assert!(!wrong && text.contains("قيد النظر") && text.contains("charset=\"windows-1256\""));
        // Arabic digits are none of its characters.
        assert!(text.contains("&#1636;&#1637;&#1633;"), "{text}");
        assert!(!page.says("قيد"));
    }
    assert!(browser.get("/cases").await.says("قيد النظر"));
}

#[tokio::test]
async fn it_can_be_down_and_come_up_as_it_was() {
    let portal = three_pages().await;
    let mut browser = signed_in(&portal);
    let (url, stopped) = (portal.url(), portal.stop().await);
    assert!(browser.tries("/cases").await.is_err());
    let portal = stopped.start().await.unwrap();
    assert_eq!((portal.url(), browser.get("/cases").await.status), (url, 200));
    assert_eq!(portal.asked(), ["GET /cases"]);
}
