//! What is true of all methods: who is let in, addresses, sessions, mishaps, faults.

use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde_json::json;

use super::{get, post, send, sign_in};
use crate::Fault;
use crate::onec::{Mishap, Zup};

const AGENTS: &str = "agents/2019-01-01/2019-12-31";

#[tokio::test]
async fn strangers_are_asked_for_a_password() {
    let zup = Zup::start().await.unwrap();
    let url = format!("{}/{AGENTS}", zup.url());
    for header in ["", "Basic d3Jvbmc6d3Jvbmc=", "Bearer token", "Basic", "Basic ?"] {
        let headers = [("authorization", header.to_owned())];
        let reply = send(Method::GET, &url, &headers, "").await.unwrap();
        let realm = "Basic realm=\"1C:Enterprise 8.3\"";
        assert_eq!((reply.status.as_u16(), reply.header("www-authenticate")), (401, realm));
    }
}

#[tokio::test]
async fn what_is_not_there_is_a_page_of_the_web_server() {
    let zup = Zup::start().await.unwrap();
    let base = zup.url();
    let root = base.split("/hs/").next().unwrap();
    zup.rename("getNormHours", "/hours/norm");
    for (method, url, status) in [
        (Method::GET, format!("{root}/odata/standard.odata"), 404),
        (Method::GET, root.replace("zup", "other"), 404),
        (Method::GET, format!("{base}/api/test"), 404),
        (Method::GET, format!("{base}/agents"), 404),
        (Method::GET, format!("{base}/{AGENTS}/more"), 404),
        (Method::POST, format!("{base}/{AGENTS}"), 405),
        (Method::PUT, format!("{base}/sendSchedule"), 405),
        (Method::GET, format!("{base}/hours/norm"), 405),
        (Method::POST, format!("{base}/getNormHours"), 404),
    ] {
        let reply = send(method, &url, &[sign_in()], "").await.unwrap();
        assert_eq!(reply.status.as_u16(), status, "{url}");
        assert!(reply.header("content-type").starts_with("text/html"), "{url}");
    }
}

#[tokio::test]
async fn a_lost_session_stays_lost_until_one_is_started() {
    let zup = Zup::start().await.unwrap();
    let url = format!("{}/{AGENTS}", zup.url());
    let start = [sign_in(), ("ibsession", "start".to_owned())];
    let reply = send(Method::GET, &url, &start, "").await.unwrap();
    let cookie = reply.header("set-cookie").split(';').next().unwrap().to_owned();
    assert!(cookie.starts_with("ibsession="), "{cookie}");
    let within = [sign_in(), ("cookie", cookie)];
    let again = async || send(Method::GET, &url, &within, "").await.unwrap().status.as_u16();
    assert_eq!((again().await, zup.sessions_begun(), zup.sessions_open()), (200, 1, 1));
    zup.lose_sessions();
    for status in [StatusCode::NOT_FOUND, StatusCode::BAD_REQUEST] {
        zup.habits(|habits| habits.session_lost = status);
        assert_eq!(again().await, status.as_u16());
    }
    assert_eq!(get(&zup, AGENTS).await.status.as_u16(), 200);
    assert_eq!(send(Method::GET, &url, &start, "").await.unwrap().status.as_u16(), 200);
    assert_eq!((zup.sessions_begun(), zup.sessions_open()), (3, 1));
    let licence = Mishap::NoLicence(StatusCode::OK);
    zup.mishap("agents", 1, &licence);
    // It waits for a call that is let in.
    assert_eq!(again().await, 400);
    assert_eq!((again().await, zup.sessions_begun(), zup.sessions_open()), (400, 3, 1));
    assert!(send(Method::GET, &url, &start, "").await.unwrap().header("set-cookie").is_empty());
    let reply = send(Method::GET, &url, &start, "").await.unwrap();
    let cookie = reply.header("set-cookie").split(';').next().unwrap().to_owned();
    let end = [sign_in(), ("cookie", cookie), ("ibsession", "finish".to_owned())];
    for status in [200, 400] {
        assert_eq!(send(Method::GET, &url, &end, "").await.unwrap().status.as_u16(), status);
    }
    assert_eq!((zup.sessions_begun(), zup.sessions_open()), (4, 1));
}

#[tokio::test]
async fn mishaps_come_once_each() {
    let zup = Zup::start().await.unwrap();
    zup.people(3);
    zup.mishap("agents", 1, &Mishap::NoLicence(StatusCode::SERVICE_UNAVAILABLE));
    zup.mishap("agents", 1, &Mishap::Exception("Деление на 0".to_owned()));
    zup.mishap("agents", 1, &Mishap::HtmlPage);
    zup.mishap("agents", 1, &Mishap::Slow(Duration::from_millis(1)));
    for (status, kind, says) in [
        (503, "text/plain; charset=utf-8", "Не обнаружено свободной лицензии!"),
        (500, "text/plain; charset=utf-8", "Деление на 0"),
        (500, "text/html; charset=utf-8", "Ошибка выполнения"),
        (200, "application/json; charset=utf-8", "AR_agents"),
        (200, "application/json; charset=utf-8", "AR_agents"),
    ] {
        let reply = get(&zup, AGENTS).await;
        assert_eq!((reply.status.as_u16(), reply.header("content-type")), (status, kind));
        assert!(reply.text.contains(says), "{}", reply.text);
    }
    zup.mishap("agents", 1, &Mishap::BreaksOff);
    let url = format!("{}/{AGENTS}", zup.url());
    let broken = send(Method::GET, &url, &[sign_in()], "").await;
    assert!(broken.is_err_and(|error| error.is_decode() || error.is_body()));
    assert_eq!((zup.calls("agents"), zup.calls("getNormHours")), (6, 0));
}

#[tokio::test]
async fn habits_show_in_every_body() {
    let zup = Zup::start().await.unwrap();
    zup.habits(|habits| habits.byte_order_mark = true);
    let told = get(&zup, AGENTS).await.text;
    assert!(told.starts_with("\u{feff}[{"), "{told}");
    zup.habits(|habits| habits.html_exceptions = true);
    let reply = post(&zup, "getNormHours", &json!([])).await;
    assert_eq!(reply.status.as_u16(), 500);
    assert!(reply.text.contains("<h1>"), "{}", reply.text);
}

#[tokio::test]
async fn it_can_be_down_and_come_up_as_it_was() {
    let zup = Zup::start().await.unwrap();
    zup.people(2);
    zup.faults.plan("GET", "", 1, Fault::Cut);
    let url = format!("{}/{AGENTS}", zup.url());
    assert!(send(Method::GET, &url, &[sign_in()], "").await.is_err());
    let zup = zup.stop().await.start().await.unwrap();
    let told = get(&zup, AGENTS).await.json();
    assert_eq!(told[0]["AR_agents"].as_array().unwrap().len(), 2);
    assert_eq!(zup.calls("agents"), 2);
}
