//! The document as it is served, and the pages that show it without asking any other
//! host.

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use reqwest::Method;
use serde_json::Value;
use tests::support::python::output;
use tests::support::{Answer, Caller, Credential, Installation};
use tokio::process::Command;

async fn stranger(installation: &Installation) -> Caller {
    installation.admin().with(Credential::None)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_operation_says_what_it_is_and_what_it_answers() -> Result<()> {
    let installation = Installation::start().await;
    let document = stranger(&installation).await.get("/openapi.json").await.json;
    let tags = document["tags"].as_array().context("tags")?;
    let tags: BTreeSet<_> = tags.iter().filter_map(|tag| tag["name"].as_str()).collect();
    let mut ids = BTreeSet::new();
    for (path, item) in document["paths"].as_object().context("paths")? {
        for (method, operation) in item.as_object().context("operations")? {
            let at = format!("{method} {path}");
            let id = operation["operationId"].as_str().with_context(|| format!("{at}: no id"))?;
            assert!(ids.insert(id), "{at}: {id} is another one's id");
            assert!(operation["summary"].as_str().is_some_and(|text| !text.is_empty()), "{at}");
            let tag = operation["tags"][0].as_str();
            assert!(tag.is_some_and(|tag| tags.contains(tag)), "{at} has the tag {tag:?}");
            answers_are_told(&at, &operation["responses"])?;
        }
    }
    assert!(ids.len() > 30, "only {} operations", ids.len());
    Ok(())
}

/// Where Argus's protocol is spoken as well, which has errors of its own, and a 404 without a
/// body where there is nothing.
const OF_A_PROTOCOL: [&str; 2] = [" /integrations/cc/historic/", " /integrations/cc/online/"];

/// One success at least is told, with its schema if it has a body, and every refusal is a problem.
fn answers_are_told(at: &str, responses: &Value) -> Result<()> {
    let mut told = false;
    for (status, response) in responses.as_object().context("responses")? {
        let content = response["content"].as_object();
        if status.starts_with('2') {
            let mut media = content.into_iter().flatten();
            told |= status == "204" || media.any(|(_, media)| media["schema"].is_object());
        }
        let is_of_the_protocol = OF_A_PROTOCOL.iter().any(|below| at.contains(below))
            && matches!(status.as_str(), "400" | "404");
        if status.starts_with('4') && !is_of_the_protocol {
            let content = content.with_context(|| format!("{at}: {status} has no body"))?;
            let (kind, shape) = match at.contains(" /api/v1/enjaz/") {
                true => ("application/json", "EnvelopeRefusal"),
                false => ("application/problem+json", "Problem"),
            };
            let schema = &content[kind]["schema"]["$ref"];
            assert_eq!(*schema, format!("#/components/schemas/{shape}"), "{at}: {status}");
            assert_eq!(content.len(), 1, "{at}: {status}");
        }
    }
    assert!(told, "{at} tells of no success");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_document_is_valid_in_both_versions() -> Result<()> {
    let installation = Installation::start().await;
    let caller = stranger(&installation).await;
    let folder = tempfile::tempdir()?;
    for (query, version) in [("", "3.1.0"), ("?version=3.1", "3.1.0"), ("?version=3.0", "3.0.3")] {
        let answer = caller.get(&format!("/openapi.json{query}")).await;
        assert_eq!((answer.status, answer.header("content-type")), (200, "application/json"));
        assert_eq!(answer.json["openapi"], version);
        let file = folder.path().join("openapi.json");
        std::fs::write(&file, &answer.text)?;
        let validator = super::python().await?.join("openapi-spec-validator");
        let said = output(Command::new(validator).arg(&file)).await;
        said.with_context(|| format!("version {version}"))?;
    }
    assert_eq!(caller.get("/openapi.json?version=2.0").await.status, 422);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pages_ask_nobody_but_this_process() -> Result<()> {
    let installation = Installation::start().await;
    let caller = stranger(&installation).await;
    let mut assets = BTreeSet::new();
    for page in ["/docs", "/redoc"] {
        let answer = caller.get(page).await;
        assert_eq!(answer.status, 200);
        assert!(answer.header("content-type").starts_with("text/html"), "{page}");
        lets_itself_run_and_nothing_else(&answer.text, answer.header("content-security-policy"));
        asks_nobody(page, &answer.text);
        let named = ["src=\"", "href=\"", "spec-url=\""].into_iter();
        let named = named.flat_map(|attribute| answer.text.split(attribute).skip(1));
        let named = named.filter_map(|rest| rest.split('"').next());
        assets.extend(named.filter(|link| *link != "data:,").map(str::to_owned));
    }
    assert!(assets.len() >= 5, "only {assets:?}");
    for asset in assets {
        let answer = caller.get(&format!("/{asset}")).await;
        assert_eq!(answer.status, 200, "{asset}");
        assert_eq!(
            answer.header("content-security-policy").split(';').next(),
            Some("default-src 'none'")
        );
        let media_type = answer.header("content-type");
        if asset != "openapi.json" {
            let fits = if asset.contains(".css") { "text/css" } else { "text/javascript" };
            assert!(media_type.starts_with(fits), "{asset} is {media_type}");
            assert!(answer.header("cache-control").contains("immutable"), "{asset}");
            asks_nobody(&asset, &answer.text);
        }
    }
    Ok(())
}

/// The policy lets the page's own script and those of this process run, and what they ask of
/// this process; it names no host, and no way to run what did not come from this one.
fn lets_itself_run_and_nothing_else(page: &str, policy: &str) {
    let script = page.split("<script>").nth(1).and_then(|rest| rest.split("</script>").next());
    let digest = shared::ids::digest(script.unwrap_or_default().as_bytes());
    let digest = aws_smithy_types::base64::encode(digest);
    for allowed in [format!("script-src 'self' 'sha256-{digest}'"), "connect-src 'self'".into()] {
        assert!(policy.contains(&allowed), "{allowed} is not in {policy}");
    }
    assert!(policy.starts_with("default-src 'none'; "), "{policy}");
    for directive in policy.split("; ") {
        let mut words = directive.split(' ');
        let name = words.next().unwrap_or_default();
        for source in words {
            let fits = match source {
                "'none'" | "'self'" => true,
                "'unsafe-inline'" => name == "style-src",
                "data:" => name == "img-src",
                "blob:" => name == "worker-src",
                _ => name == "script-src" && source.starts_with("'sha256-"),
            };
            assert!(fits, "{directive}");
        }
    }
}

/// Links that people may follow are no matter; what a browser would load is.
fn asks_nobody(name: &str, text: &str) {
    let loads = [
        "src=\"http",
        "src=\"//",
        "src:\"http",
        "src:\"//",
        "href=\"http",
        "url(http",
        "url(\"http",
        "url('http",
        "url(//",
        "@import",
        "importScripts(\"http",
        "fonts.googleapis",
        "fonts.gstatic",
        "cdn.",
    ];
    for load in loads {
        assert!(!text.contains(load), "{name} has {load}");
    }
    // Swagger UI would send the document to its maker's validator if it were not told otherwise.
    assert!(!name.contains("start.js") || text.contains("validatorUrl: null"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_browser_has_is_not_sent_again() -> Result<()> {
    let installation = Installation::start().await;
    let caller = stranger(&installation).await;
    for path in ["/openapi.json", "/docs", "/redoc", "/docs/swagger-ui.css"] {
        let first = caller.get(path).await;
        let tag = first.header("etag");
        let again = async |tag: &str| -> Answer {
            let request = caller.request(Method::GET, path).header("if-none-match", tag);
            caller.send(request).await
        };
        assert_eq!(again(tag).await.status, 304, "{path}");
        assert_eq!(again(&format!("\"other\", W/{tag}")).await.status, 304, "{path}");
        assert_eq!(again("\"other\"").await.status, 200, "{path}");
        assert!(again(tag).await.text.is_empty(), "{path}");
    }
    let unknown = caller.get("/docs/other.js").await;
    assert_eq!((unknown.status, unknown.header("content-type")), (404, "application/problem+json"));
    Ok(())
}
