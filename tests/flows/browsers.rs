//! What browsers are told: which other origins may call, and what they must not do with
//! an answer.

use std::collections::BTreeSet;

use local::embedded::to_disk;
use local::{App, Options};
use reqwest::{Method, RequestBuilder};
use tempfile::TempDir;
use tests::support::{
    Answer, Caller, Credential, Installation, SENDER, events, operations, variables,
};

const ALLOWED: &str = "https://app.example";
const OTHER: &str = "http://localhost:5173";
const STRANGER: &str = "https://evil.example";

/// Headers of every answer.
const GUARDS: [(&str, &str); 5] = [
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "no-referrer"),
    ("cache-control", "no-store"),
    ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
];

async fn from_origin(caller: &Caller, method: Method, path: &str, origin: &str) -> Answer {
    caller.send(caller.request(method, path).header("origin", origin)).await
}

fn preflight(request: RequestBuilder, origin: &str, method: &str) -> RequestBuilder {
    request
        .header("origin", origin)
        .header("access-control-request-method", method)
        .header("access-control-request-headers", "authorization,content-type")
}

/// What `access-control-allow-origin` tells each of these origins.
async fn told(vars: &[(&str, &str)], origins: &[&str]) -> Vec<String> {
    let installation = Installation::start_with(vars).await;
    let mut told = Vec::new();
    for origin in origins {
        let answer = from_origin(&installation.admin(), Method::GET, "/events", origin).await;
        assert_eq!(answer.status, 200, "whom it is told is for the browser to heed");
        told.push(answer.header("access-control-allow-origin").to_owned());
    }
    installation.app.stop().await;
    told
}

#[tokio::test(flavor = "multi_thread")]
async fn only_origins_that_the_variables_list_may_read_answers() {
    let origins = [ALLOWED, OTHER, STRANGER, "null"];
    let both = [ALLOWED, OTHER, "", ""];
    let json = format!("[\"{ALLOWED}\", \"{OTHER}/\"]");
    for (vars, expected) in [
        (vec![], ["", "", "", ""]),
        (vec![("ALLOWED_ORIGINS", "")], ["", "", "", ""]),
        (vec![("ALLOWED_ORIGINS", ALLOWED)], [ALLOWED, "", "", ""]),
        (vec![("CORS_ORIGINS", OTHER)], ["", OTHER, "", ""]),
        (vec![("ALLOWED_ORIGINS", ALLOWED), ("CORS_ORIGINS", OTHER)], both),
        (vec![("CORS_ORIGINS", "https://app.example/ , http://localhost:5173,")], both),
        (vec![("ALLOWED_ORIGINS", &*json)], both),
        (vec![("ALLOWED_ORIGINS", "*")], ["*"; 4]),
        (vec![("CORS_ORIGINS", "[\"*\"]"), ("ALLOWED_ORIGINS", ALLOWED)], ["*"; 4]),
    ] {
        assert_eq!(told(&vars, &origins).await, expected, "{vars:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_path_answers_preflights_without_credentials() {
    let installation = Installation::start_with(&[("CORS_ORIGINS", ALLOWED)]).await;
    let nobody = installation.admin().with(Credential::None);
    let mut paths = BTreeSet::new();
    for operation in operations() {
        let (path, method) = (operation.path_with("1"), operation.method.as_str());
        for origin in [ALLOWED, STRANGER] {
            let request = nobody.request(Method::OPTIONS, &path);
            let answer = nobody.send(preflight(request, origin, method)).await;
            assert_eq!(answer.status, 200, "{method} {path}: {}", answer.text);
            let header = |name| answer.header(name).to_owned();
            let allowed = if origin == ALLOWED { ALLOWED } else { "" };
            assert_eq!(header("access-control-allow-origin"), allowed, "{method} {path}");
            assert_eq!(header("access-control-allow-credentials"), "");
            assert!(header("vary").contains("origin"), "a cache must tell origins apart");
            assert!(header("access-control-allow-methods").split(',').any(|one| one == method));
            let sent = header("access-control-allow-headers");
            for name in ["authorization", "content-type", "x-api-key", "idempotency-key"] {
                assert!(sent.split(',').any(|one| one == name), "{name} is not in {sent}");
            }
            guarded(&answer);
        }
        paths.insert(path);
    }
    assert!(paths.len() > 15, "only {paths:?}");
    installation.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_told_of_origins_where_none_may_call() {
    let installation = Installation::start().await;
    let nobody = installation.admin().with(Credential::None);
    let request = preflight(nobody.request(Method::OPTIONS, "/events"), ALLOWED, "GET");
    let answer = nobody.send(request).await;
    assert_eq!(answer.status, 405);
    let told = answer.headers.keys().any(|name| name.as_str().starts_with("access-control-"));
    assert!(!told, "{:?}", answer.headers);
    installation.app.stop().await;
}

fn guarded(answer: &Answer) {
    for (name, value) in GUARDS {
        assert_eq!(answer.header(name), value, "{name} of a {}", answer.status);
    }
}

/// Answers of every kind: success, problems of the gate, of a handler and of no route.
async fn of_every_kind(installation: &Installation) -> Vec<Answer> {
    let admin = installation.admin();
    let nobody = admin.with(Credential::None);
    let sender = Credential::Basic(SENDER.0.to_owned(), SENDER.1.to_owned());
    let body = events::role_change(&events::new_case());
    let plain = admin.request(Method::POST, "/webhook/pega");
    let answers = vec![
        (200, admin.get("/events?limit=1").await),
        (200, nobody.get("/health").await),
        (200, admin.get("/api/v1/audit-logs/export").await),
        (200, admin.with(sender).event(&body).await),
        (401, nobody.get("/events").await),
        (404, admin.get("/events/999999").await),
        (404, nobody.get("/nowhere").await),
        (405, nobody.delete("/health").await),
        (415, admin.send(plain.header("content-type", "text/plain").body("x")).await),
        (422, admin.get("/events?limit=0").await),
    ];
    for (status, answer) in &answers {
        assert_eq!(answer.status, *status, "{}", answer.text);
    }
    answers.into_iter().map(|(_, answer)| answer).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_is_guarded_and_only_functions_insist_on_https() {
    let https = "max-age=63072000; includeSubDomains";
    for (vars, expected) in
        [(vec![], ""), (vec![("AWS_LAMBDA_FUNCTION_NAME", "pega-events")], https)]
    {
        let installation = Installation::start_with(&vars).await;
        for answer in of_every_kind(&installation).await {
            guarded(&answer);
            assert_eq!(answer.header("strict-transport-security"), expected);
        }
        installation.app.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn scripts_of_allowed_origins_may_read_the_headers_that_answers_are_told_by() {
    let installation = Installation::start_with(&[("ALLOWED_ORIGINS", ALLOWED)]).await;
    let answer = from_origin(&installation.admin(), Method::GET, "/events", ALLOWED).await;
    let exposed = answer.header("access-control-expose-headers").to_owned();
    for name in [
        "etag",
        "link",
        "retry-after",
        "idempotent-replayed",
        "x-correlation-id",
        "x-ratelimit-limit",
        "x-ratelimit-policy",
        "x-ratelimit-remaining",
        "x-ratelimit-reset",
        "x-total-count",
    ] {
        assert!(exposed.split(',').any(|one| one == name), "{name} is not in {exposed}");
    }
    for (path, status) in [("/nowhere", 404), ("/events?limit=0", 422)] {
        let answer = from_origin(&installation.admin(), Method::GET, path, ALLOWED).await;
        assert_eq!(answer.status, status);
        assert_eq!(answer.header("access-control-allow-origin"), ALLOWED, "{path}");
    }
    installation.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_origin_refuses_the_start_and_names_its_variable() {
    for name in ["ALLOWED_ORIGINS", "CORS_ORIGINS"] {
        for value in ["app.example", "https://a.example,ftp://b.example", "[\"x\"]", "[1]", "null"]
        {
            let folder = TempDir::new().expect("a folder");
            let mut vars = variables("http://127.0.0.1:1");
            vars.insert(name.to_owned(), value.to_owned());
            let (host, data) = ("127.0.0.1".to_owned(), folder.path().to_owned());
            let options =
                Options { host, port: 0, data, vars, sync: to_disk(), private_targets: false };
            let refused = App::start(options).await.err().expect("it must not start");
            let complaint = format!("{refused:#}");
            assert!(complaint.contains(name), "{value}: {complaint}");
        }
    }
}
