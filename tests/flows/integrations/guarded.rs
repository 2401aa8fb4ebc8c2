//! Connections are no way into the operator's network: what a name resolves to is vetted
//! at every call, the system's own and that for a token.

use serde_json::{Value, json};
use simulators::rest::{CLIENT, Rest};
use tests::support::{Changing, World};

use super::{but, create, to};

/// What came of a test of a connection whose name is public when it is saved and private
/// when it is called.
async fn tested(new: impl FnOnce(u16) -> Value) -> (Value, Rest) {
    let system = Rest::start().await.expect("a system");
    let names = Changing::of(&[&["93.184.216.34"], &["127.0.0.1"]]);
    let world = World::with(&[("TARGET_PORTS", "1-65535")]).await.with_names(names);
    let port =
        system.url().rsplit(':').next().and_then(|rest| rest.split('/').next()?.parse().ok());
    let path = create(&world, but(to(&system), new(port.expect("a port")))).await;
    let tested = world.admin().send("POST", &format!("{path}/test"), Value::Null).await;
    (tested.json, system)
}

fn is_refused(tested: &Value) {
    assert_eq!(tested["success"], false);
    let message = tested["test_results"]["message"].as_str().expect("a message");
    assert!(message.contains("not public"), "{message}");
}

#[tokio::test]
async fn a_system_whose_name_turns_private_is_not_called() {
    let (tested, system) =
        tested(|port| json!({"endpoint_url": format!("http://crm.example:{port}/api")})).await;
    is_refused(&tested);
    assert!(system.asked().is_empty());
}

#[tokio::test]
async fn a_token_is_not_asked_for_at_a_name_that_turns_private() {
    let (tested, system) = tested(|port| {
        json!({
            "endpoint_url": format!("http://93.184.216.34:{port}/"),
            "authentication_type": "oauth",
            "credentials": {
                "token_url": format!("http://login.example:{port}/token"),
                "client_id": CLIENT.0,
                "client_secret": CLIENT.1,
            },
        })
    })
    .await;
    is_refused(&tested);
    assert_eq!(system.token_calls(), 0);
}
