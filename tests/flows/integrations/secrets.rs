//! Credentials of connections are in the vault and nowhere else, and not there for
//! longer than they are needed.

use local::embedded::table_variables;
use serde_json::{Value, json};
use shared::vault::SecretName;
use simulators::rest::CLIENT;
use tests::support::World;

use super::{CONNECTIONS, beside_a_system, but, create, to};

const CANARIES: [&str; 5] = [
    "canary-password-1",
    "canary-password-2",
    "canary-api-key-3",
    "canary-token-4",
    "canary-client-secret-5",
];

/// Every row of every table, as text.
async fn rows(world: &World) -> String {
    let client = aws_sdk_dynamodb::Client::new(&world.database.sdk());
    let mut all = String::new();
    for (_, table) in table_variables() {
        let found = client.scan().table_name(table).send().await.expect("rows");
        all.push_str(&format!("{:?}", found.items()));
    }
    all
}

/// The vault's records that the rows name.
fn records(rows: &str) -> Vec<String> {
    let named = rows.split("\"secrets\": S(\"").skip(1);
    named.filter_map(|rest| Some(rest.split_once('"')?.0.to_owned())).collect()
}

#[tokio::test]
async fn no_credential_is_in_a_row_or_an_answer() {
    let (world, system) = beside_a_system().await;
    let mut answers = String::new();
    let ask = async |method: &str, path: &str, body: Value| {
        let answer = world.admin().send(method, path, body).await;
        format!("{} {}\n", answer.status, answer.text)
    };
    let basic = |password: &str| json!({"username": "canary-user", "password": password});
    let path = create(&world, but(to(&system), json!({"credentials": basic(CANARIES[0])}))).await;
    answers += &ask("PUT", &path, json!({"credentials": basic(CANARIES[1])})).await;
    for (way, credentials) in [
        ("api_key", json!({"api_key": CANARIES[2]})),
        ("bearer", json!({"token": CANARIES[3]})),
        (
            "oauth",
            json!({"token_url": system.token_url(), "client_id": CLIENT.0,
            "client_secret": CANARIES[4]}),
        ),
    ] {
        let change = json!({"authentication_type": way, "credentials": credentials});
        let path = create(&world, but(to(&system), change)).await;
        answers += &ask("POST", &format!("{path}/test"), Value::Null).await;
        answers += &ask("GET", &format!("{path}/status"), Value::Null).await;
    }
    // Refusals must not quote what they refuse.
    for credentials in [
        json!({"username": "a:b", "password": CANARIES[0]}),
        json!({"username": "a", "password": format!("{}\n", CANARIES[0])}),
        json!({"username": "a", "password": {"is": CANARIES[0]}}),
        json!({"username": "a", "password": "b", "token": CANARIES[3]}),
    ] {
        let body = but(to(&system), json!({"credentials": credentials}));
        answers += &ask("POST", CONNECTIONS, body).await;
    }
    answers += &ask("GET", CONNECTIONS, Value::Null).await;
    answers += &ask("GET", "/api/v1/audit-logs?limit=1000", Value::Null).await;
    let rows = rows(&world).await;
    assert!(rows.contains("connection.create") && answers.contains("canary") == false);
    for canary in CANARIES.iter().chain([&CLIENT.1]) {
        assert!(!answers.contains(canary), "{canary} was answered");
        assert!(!rows.contains(canary), "{canary} is in a row");
    }
}

#[tokio::test]
async fn credentials_that_were_replaced_or_deleted_are_gone_from_the_vault() {
    let (world, system) = beside_a_system().await;
    let tenant = shared::tenant::Tenant::parse("default").expect("a name");
    let kept = async |record: &str| {
        let name = SecretName::of(&tenant, record).expect("a name");
        world.vault().read(&name).await.expect("an answer").is_some()
    };
    let path = create(&world, to(&system)).await;
    let first = records(&rows(&world).await);
    assert!(first.len() == 1 && kept(&first[0]).await);
    let change = json!({"credentials": {"username": "a", "password": "b"}});
    assert_eq!(world.admin().send("PUT", &path, change).await.status, 200);
    let second = records(&rows(&world).await);
    assert!(second != first && kept(&second[0]).await && !kept(&first[0]).await);
    assert_eq!(world.admin().send("DELETE", &path, Value::Null).await.status, 200);
    assert!(!kept(&second[0]).await);
}
