//! What the vault makes of answers of Secrets Manager's that no emulator gives: lost
//! races, secrets on their way out, and calls that were not taken.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use aws_config::retry::RetryConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::config::{Credentials, SharedCredentialsProvider};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use serde_json::{Value, json};
use shared::error::Kind;
use shared::vault::{MAX_SECRET, SecretName, SecretString, SecretsManager, Vault};

use super::{new_tenant, record};

const SECRET: &str = "a-canary-that-nobody-may-see";
const OK: Reply = (200, "", "");
const ABSENT: Reply = (400, "ResourceNotFoundException", "Secrets Manager can't find it.");
const EXISTS: Reply = (400, "ResourceExistsException", "It already exists.");
const MARKED: Reply = (
    400,
    "InvalidRequestException",
    "You can't perform this operation on the secret because it was marked for deletion.",
);
const SCHEDULED: Reply = (
    400,
    "InvalidRequestException",
    "You can't create this secret because a secret with this name is already scheduled for deletion.",
);

/// A status, an error's type and its message.
type Reply = (u16, &'static str, &'static str);

/// Answers in this order, and what was asked.
#[derive(Clone, Debug, Default)]
struct Script {
    replies: Arc<Mutex<VecDeque<Reply>>>,
    asked: Arc<Mutex<Vec<(String, Value)>>>,
}

impl HttpClient for Script {
    fn http_connector(
        &self,
        _: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Script {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let target = request.headers().get("x-amz-target").expect("a target");
        let call = target.trim_start_matches("secretsmanager.").to_owned();
        let body = serde_json::from_slice(request.body().bytes().expect("a body")).expect("JSON");
        self.asked.lock().unwrap().push((call, body));
        let Some((status, kind, message)) = self.replies.lock().unwrap().pop_front() else {
            let lost = ConnectorError::io("the connection broke".into());
            return HttpConnectorFuture::ready(Err(lost));
        };
        let body = json!({"__type": kind, "message": message}).to_string();
        let status = status.try_into().expect("a status");
        HttpConnectorFuture::ready(Ok(HttpResponse::new(status, SdkBody::from(body))))
    }
}

/// A vault that is answered so, and what it asked.
fn vault(replies: &[Reply]) -> (SecretsManager, Script) {
    let script = Script::default();
    script.replies.lock().unwrap().extend(replies);
    let credentials = Credentials::new("id", "key", None, None, "script");
    let sdk = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static("us-east-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .retry_config(RetryConfig::disabled())
        .http_client(script.clone())
        .build();
    (SecretsManager::new(Client::new(&sdk), Some("stack")), script)
}

/// A write that is answered so makes these calls and comes to this.
async fn check(replies: &[Reply], calls: &[&str], comes_to: Result<(), Kind>) {
    let (vault, script) = vault(replies);
    let name = record(&new_tenant(), "a");
    let written = vault.write(&name, &SecretString::from(SECRET)).await;
    if let Err(error) = &written {
        let told = format!("{error} {error:?}");
        assert!(!told.contains(SECRET), "{told}");
    }
    assert_eq!(written.map_err(|error| error.kind), comes_to, "{replies:?}");
    let asked = script.asked.lock().unwrap();
    let made: Vec<&str> = asked.iter().map(|(call, _)| call.as_str()).collect();
    assert_eq!(made, calls, "{replies:?}");
    let id = format!("stack/{name}");
    assert!(asked.iter().all(|(_, body)| body["SecretId"] == *id || body["Name"] == *id));
}

#[tokio::test]
async fn a_write_finds_its_way_whatever_others_do_meanwhile() {
    let (put, create, restore) = ("PutSecretValue", "CreateSecret", "RestoreSecret");
    check(&[OK], &[put], Ok(())).await;
    check(&[ABSENT, OK], &[put, create], Ok(())).await;
    check(&[ABSENT, EXISTS, OK], &[put, create, put], Ok(())).await;
    check(&[MARKED, OK, OK], &[put, restore, put], Ok(())).await;
    check(&[ABSENT, SCHEDULED, OK, OK], &[put, create, restore, put], Ok(())).await;
    check(&[MARKED, ABSENT, ABSENT, OK], &[put, restore, put, create], Ok(())).await;
    let for_ever = [ABSENT, EXISTS].repeat(9);
    check(&for_ever, &[put, create].repeat(4), Err(Kind::Unavailable)).await;
}

#[tokio::test]
async fn what_passes_is_unavailable_and_what_does_not_is_our_fault() {
    let put = ["PutSecretValue"];
    check(&[(400, "ThrottlingException", "slow down")], &put, Err(Kind::Unavailable)).await;
    check(&[(500, "InternalServiceError", "oops")], &put, Err(Kind::Unavailable)).await;
    check(&[(503, "", "")], &put, Err(Kind::Unavailable)).await;
    check(&[], &put, Err(Kind::Unavailable)).await;
    check(&[(400, "AccessDeniedException", "no")], &put, Err(Kind::Internal)).await;
    check(&[(400, "InvalidRequestException", "no")], &put, Err(Kind::Internal)).await;
    check(&[(400, "EncryptionFailure", "no key")], &put, Err(Kind::Internal)).await;
    for (reply, kind) in [
        ((400, "AccessDeniedException", "no"), Kind::Internal),
        ((400, "InvalidRequestException", "no"), Kind::Internal),
        ((500, "InternalServiceError", "oops"), Kind::Unavailable),
    ] {
        let name = SecretName::given("own");
        let read = vault(&[reply]).0.read(&name).await;
        assert_eq!(read.expect_err("nothing was read").kind, kind, "{reply:?}");
        let removed = vault(&[reply]).0.remove(&name).await;
        assert_eq!(removed.expect_err("nothing was removed").kind, kind, "{reply:?}");
    }
}

#[tokio::test]
async fn what_is_gone_reads_as_nothing_and_can_be_removed_again() {
    for reply in [ABSENT, MARKED] {
        let name = SecretName::given("own");
        assert!(vault(&[reply]).0.read(&name).await.expect("an answer").is_none());
        assert!(vault(&[reply]).0.remove(&name).await.is_ok());
    }
}

#[tokio::test]
async fn a_tenant_s_is_deleted_for_good_and_an_operator_s_can_be_restored() {
    let arn = "arn:aws:secretsmanager:us-east-1:1:secret:own-AbCdEf";
    let tenant_s = record(&new_tenant(), "a");
    let id = format!("stack/{tenant_s}");
    for (name, id, for_good) in
        [(tenant_s, id.as_str(), json!(true)), (SecretName::given(arn), arn, Value::Null)]
    {
        let (vault, script) = vault(&[OK]);
        vault.remove(&name).await.expect("it is gone");
        let asked = script.asked.lock().unwrap();
        let (call, body) = &asked[0];
        assert_eq!((call.as_str(), &body["SecretId"]), ("DeleteSecret", &json!(id)));
        assert_eq!(body["ForceDeleteWithoutRecovery"], for_good);
    }
}

#[tokio::test]
async fn what_does_not_fit_is_not_sent() {
    let (vault, script) = vault(&[OK]);
    let too_long = SecretString::from("x".repeat(MAX_SECRET + 1));
    let refused = vault.write(&SecretName::given("own"), &too_long).await;
    assert_eq!(refused.expect_err("too long").kind, Kind::Invalid);
    assert!(script.asked.lock().unwrap().is_empty());
}
