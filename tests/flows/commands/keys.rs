//! Keys, sources and tenants, by the command line.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use tests::support::CommandLine;

/// A name that nothing else has.
fn fresh() -> String {
    format!("c-{}", &shared::ids::unique()[..12])
}

async fn listed(line: &CommandLine, what: &str, member: &str, is: &Value) -> Result<Option<Value>> {
    let all = line.lines(&format!("{what} list")).await?;
    Ok(all.into_iter().find(|one| one[member] == *is))
}

/// Makes, lists, switches, renews and revokes a key.
pub async fn keys(line: &CommandLine) -> Result<()> {
    let name = fresh();
    let given = "--role admin --description why --permission events.read --permission admin \
        --expires-at 2999-01-01 --rate-limit 7";
    let made = line.json(&format!("keys create {name} {given}")).await?;
    ensure!(made["key"].as_str().is_some_and(|key| key.starts_with("pd_")), "{made}");
    let known = listed(line, "keys", "id", &made["id"]).await?.context("it is listed")?;
    for (member, value) in [
        ("name", json!(name)),
        ("role", json!("admin")),
        ("description", json!("why")),
        ("permissions", json!(["events.read", "admin"])),
        ("expires_at", json!("2999-01-01T00:00:00Z")),
        ("rate_limit_per_minute", json!(7)),
        ("is_active", json!(true)),
        ("key", Value::Null),
    ] {
        assert_eq!(known[member], value, "{member}");
    }

    let id = &made["id"];
    for is_active in [false, true] {
        assert_eq!(line.json(&format!("keys toggle {id}")).await?["is_active"], is_active);
    }
    for words in [format!("keys reroll {id}"), format!("keys reroll {id} --grace 60")] {
        let renewed = line.json(&words).await?;
        assert_eq!(renewed["id"], *id);
        assert_ne!(renewed["key"], made["key"]);
    }
    line.json(&format!("keys revoke {id}")).await?;
    assert_eq!(listed(line, "keys", "id", id).await?, None);
    let again = line.refused(&format!("keys revoke {id}")).await?;
    assert_eq!(again, "caseway: API key not found (404 Not Found)");
    Ok(())
}

/// Registers, lists, renews, switches and removes a source.
pub async fn sources(line: &CommandLine) -> Result<()> {
    let name = fresh();
    let words = format!("sources add {name} --basic pega-{name} --header --signature");
    let made = line.json(&words).await?;
    assert_eq!(made["ways"], json!(["basic", "header", "signature"]));
    for (way, secret) in [("basic", "password"), ("header", "value"), ("signature", "secret")] {
        let words = format!("sources rotate {name} {way} --grace 60");
        let renewed = line.json(&words).await?["credentials"][way][secret].take();
        ensure!(renewed.is_string(), "{way} is not shown");
        assert_ne!(renewed, made["credentials"][way][secret]);
    }
    let known = listed(line, "sources", "name", &json!(name)).await?.context("it is listed")?;
    assert_eq!(
        (&known["username"], known.get("credentials")),
        (&json!(format!("pega-{name}")), None)
    );
    for is_active in [false, true] {
        assert_eq!(line.json(&format!("sources toggle {name}")).await?["is_active"], is_active);
    }
    line.json(&format!("sources remove {name}")).await?;
    assert_eq!(listed(line, "sources", "name", &json!(name)).await?, None);
    let way = line.refused(&format!("sources add {name}")).await?;
    assert!(way.contains("it must prove itself somehow (422"), "{way}");
    let issuer = "--token https://nobody.example --audience a --subject s";
    let untrusted = line.refused(&format!("sources add {name} {issuer}")).await?;
    assert!(untrusted.contains("token.issuer is none that the operator trusts"), "{untrusted}");
    Ok(())
}

/// Registers, lists, suspends and resumes a tenant.
pub async fn tenants(line: &CommandLine) -> Result<()> {
    let id = fresh();
    let made = line.json(&format!("tenants create {id} --name Named")).await?;
    ensure!(made["admin_key"].as_str().is_some_and(|key| key.starts_with("pd_")), "{made}");
    for (command, status) in [("suspend", "suspended"), ("resume", "active")] {
        assert_eq!(line.json(&format!("tenants {command} {id}")).await?["status"], status);
        let known = listed(line, "tenants", "id", &json!(id)).await?.context("it is listed")?;
        assert_eq!((&known["name"], &known["status"]), (&json!("Named"), &json!(status)));
    }
    let again = line.refused(&format!("tenants create {id}")).await?;
    assert_eq!(again, "caseway: A tenant of this id exists (409 Conflict)");
    Ok(())
}
