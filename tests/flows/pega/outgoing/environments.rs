//! Which Pega is meant, and whose it is.

use functions::pega::{Environments, Probed};
use serde_json::{Value, json};
use shared::tenant::Tenant;
use simulators::pega::{OPERATOR, Pega};
use tests::support::{Act, World};

use super::{Beside, PLAIN, Version, at};

const CONNECTIONS: &str = "/integrations/connections";
const CREATE: &str = "/pega/case?case_type=HRSR-Work";

/// A world without a Pega of its own.
async fn without() -> World {
    World::beside_its_targets(&[]).await
}

/// A connection to this address, in use, with these settings.
async fn connect(who: &Act<'_>, name: &str, url: &str, config: Value) -> String {
    let new = json!({
        "name": name, "integration_type": "pega", "endpoint_url": url,
        "authentication_type": "basic", "config": config,
        "credentials": { "username": OPERATOR.0, "password": OPERATOR.1 },
    });
    let made = who.send("POST", CONNECTIONS, new).await;
    assert_eq!(made.status, 200, "{}", made.text);
    let id = made.json["id"].as_str().expect("an id").to_owned();
    let tested = who.send("POST", &format!("{CONNECTIONS}/{id}/test"), json!({})).await;
    assert_eq!(tested.json["success"], true, "{}", tested.text);
    id
}

/// The admin key of another tenant.
async fn other_tenant(world: &World) -> String {
    let made = world.admin().send("POST", "/api/v1/tenants", json!({ "id": "other" })).await;
    assert_eq!(made.status, 201, "{}", made.text);
    made.json["admin_key"].as_str().expect("a key").to_owned()
}

async fn probe(world: &World, tenant: &str) -> Probed {
    let pegas = Environments::load(&world.env).expect("environments");
    pegas.probe(&Tenant::parse(tenant).expect("a name")).await.expect("an answer")
}

#[tokio::test]
async fn without_a_pega_every_operation_says_so() {
    let world = without().await;
    let case = at("HRSR-WORK C-1");
    for (method, path) in [
        ("POST", CREATE.to_owned()),
        ("PUT", case.clone()),
        ("GET", case.clone()),
        ("POST", format!("{case}/note?note=a")),
        ("POST", format!("{case}/action/a")),
    ] {
        let answer = world.admin().send(method, &path, json!({})).await;
        assert_eq!(
            (answer.status, &answer.json["detail"]),
            (503, &json!("Pega client not configured"))
        );
    }
    assert_eq!(world.admin().get("/pega/requests").await.json, json!([]));
    assert_eq!(probe(&world, "default").await, Probed::NotConfigured);
}

#[tokio::test]
async fn the_only_connection_is_meant_and_of_several_one_must_be_named() {
    let (world, first, second) =
        (without().await, Pega::start().await.expect("one"), Pega::start().await.expect("two"));
    let admin = world.admin();
    let one = connect(&admin, "one", &first.url(), json!({})).await;
    let made = admin.send("POST", CREATE, json!({})).await;
    assert_eq!((made.status, first.cases().len()), (200, 1), "{}", made.text);
    let request = admin.get(made.header("location")).await.json;
    assert_eq!(request["environment"], json!(one));

    connect(&admin, "the second", &second.url_v2(), json!({})).await;
    let several = admin.send("POST", CREATE, json!({})).await;
    assert_eq!((several.status, &several.json["errors"][0]["field"]), (400, &json!("environment")));
    for (named, status) in
        [(one.as_str(), 200), ("one", 200), ("the%20second", 200), ("three", 422)]
    {
        let path = format!("{CREATE}&environment={named}");
        let made = admin.send("POST", &path, json!({})).await;
        assert_eq!(made.status, status, "{named} {}", made.text);
    }
    assert_eq!((first.cases().len(), second.cases().len()), (3, 1));

    let default = json!({ "config": { "default": true } });
    let changed = admin.send("PUT", &format!("{CONNECTIONS}/{one}"), default).await;
    assert_eq!(changed.status, 200, "{}", changed.text);
    assert_eq!(admin.send("POST", CREATE, json!({})).await.status, 200);
    assert_eq!(first.cases().len(), 4);
    let off = json!({ "status": "inactive" });
    admin.send("PUT", &format!("{CONNECTIONS}/{one}"), off).await;
    let refused = admin.send("POST", &format!("{CREATE}&environment=one"), json!({})).await;
    assert_eq!((refused.status, &refused.json["errors"][0]["field"]), (422, &json!("environment")));
    assert_eq!(admin.send("POST", CREATE, json!({})).await.status, 200);
    assert_eq!(second.cases().len(), 2);
}

#[tokio::test]
async fn no_tenant_reaches_another_s_pega_or_sees_what_was_asked_of_it() {
    let beside = Beside::of(Version::V1).await;
    let case = beside.case();
    let asked = beside.world.admin().send("PUT", &at(&case), json!({ "a": 1 })).await;
    assert_eq!(asked.status, 200);
    let id = connect(&beside.world.admin(), "mine", &beside.pega.url(), json!({})).await;
    let key = other_tenant(&beside.world).await;
    let other = beside.world.bearer(&key);
    let calls = beside.pega.calls().len();
    assert_eq!(other.get(&at(&case)).await.status, 503);
    assert_eq!(other.send("POST", CREATE, json!({})).await.status, 503);
    for named in ["installation", "mine", &id] {
        let path = format!("{CREATE}&environment={named}");
        assert_eq!(other.send("POST", &path, json!({})).await.status, 422, "{named}");
    }
    let place = asked.header("location");
    assert_eq!(other.get(place).await.status, 404);
    assert_eq!(other.send("POST", &format!("{place}/retry"), Value::Null).await.status, 404);
    let of_case = format!("/pega/requests?case_id={}", shared::web::percent_encode(&case));
    for list in ["/pega/requests", "/pega/requests?status=done", &of_case] {
        assert_eq!(other.get(list).await.json, json!([]), "{list}");
    }
    assert_eq!(beside.pega.calls().len(), calls);
    assert_eq!(probe(&beside.world, "other").await, Probed::NotConfigured);
    assert_eq!(probe(&beside.world, "default").await, Probed::Connected);
}

#[tokio::test]
async fn the_installation_s_own_pega_may_be_another_tenant_s() {
    let beside = Beside::with(Version::V2, &[("PEGA_TENANT", "other")]).await;
    let key = other_tenant(&beside.world).await;
    assert_eq!(beside.world.admin().send("POST", CREATE, json!({})).await.status, 503);
    let made = beside.world.bearer(&key).send("POST", CREATE, json!({})).await;
    assert_eq!((made.status, beside.pega.cases().len()), (200, 1), "{}", made.text);
}

#[tokio::test]
async fn how_it_stands_with_a_pega_is_asked_of_it() {
    let wrong = [("PEGA_PASSWORD", "wrong")];
    let refused = Beside::with(Version::V1, &wrong).await;
    assert_eq!(probe(&refused.world, "default").await, Probed::Refused);
    let Beside { world, pega } = Beside::of(Version::V1).await;
    let down = pega.stop().await;
    assert_eq!(probe(&world, "default").await, Probed::Unreachable);
    drop(down);
}

#[tokio::test]
async fn notes_are_left_as_the_environment_wants_them() {
    for version in super::BOTH {
        for (notes, property) in [
            ("action:AddNote", "pyNote"),
            ("action:AddNote:Remark", "Remark"),
            ("content:Remark", "Remark"),
        ] {
            let beside = Beside::with(version, &[("PEGA_NOTES", notes)]).await;
            let case = beside.case();
            let path = format!("{}/note?note=Read%20it", at(&case));
            let added = beside.world.admin().send("POST", &path, Value::Null).await;
            assert_eq!(added.status, 200, "{}", added.text);
            assert_eq!(beside.pega.content(&case)[property], "Read it", "{notes}");
            assert!(beside.pega.notes_on(&case).is_empty());
        }
    }
}

#[tokio::test]
async fn settings_that_mean_nothing_are_refused_when_they_are_made() {
    let world = without().await;
    let connection = |config: Value| {
        json!({ "name": "n", "integration_type": "pega", "endpoint_url": "https://pega.example/prweb/api/v1",
            "authentication_type": "none", "config": config })
    };
    let admin = world.admin();
    let made =
        admin.send("POST", CONNECTIONS, connection(json!({ "notes": "content:Remark" }))).await;
    assert_eq!(made.status, 200, "{}", made.text);
    let path = format!("{CONNECTIONS}/{}", made.json["id"].as_str().expect("an id"));
    for (config, field) in [
        (json!({ "api_version": "v9" }), "config.api_version"),
        (json!({ "notes": "mail" }), "config.notes"),
        (json!({ "default": 1 }), "config.default"),
    ] {
        for (method, path, body) in [
            ("POST", CONNECTIONS, connection(config.clone())),
            ("PUT", path.as_str(), json!({ "config": config })),
        ] {
            let refused = admin.send(method, path, body).await;
            assert_eq!((refused.status, &refused.json["errors"][0]["field"]), (422, &json!(field)));
        }
    }
}

#[tokio::test]
async fn an_alert_goes_to_the_tenant_s_only_pega() {
    let (world, pega) = (without().await, Pega::start().await.expect("a Pega"));
    connect(&world.admin(), "one", &pega.url_v2(), json!({})).await;
    let case = pega.case(PLAIN, &json!({})).expect("a type");
    let event = tests::support::events::high_risk(&case);
    assert_eq!(world.admin().send("POST", "/webhook/pega", event).await.status, 200);
    world.work().await;
    assert_eq!(pega.notes_on(&case).len(), 1);
}
