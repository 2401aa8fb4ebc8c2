//! Secrets Manager behind the real SDK, held to the vault's suite.

use anyhow::Result;
use aws_sdk_secretsmanager::Client;
use shared::vault::{SecretName, SecretsManager, Vault};

use super::operator::Operator;
use crate::conformance::vault::{all, new_tenant, read, record, write};

#[tokio::test(flavor = "multi_thread")]
async fn secrets_manager_conforms() -> Result<()> {
    let operator = Operator::start().await?;
    let client = Client::new(&operator.sdk().await?);
    let stack = SecretsManager::new(client.clone(), Some("stack"));
    let (other, bare) = (
        SecretsManager::new(client.clone(), Some("other")),
        SecretsManager::new(client.clone(), None),
    );
    all(&stack).await;
    all(&bare).await;

    let (tenant_s, own) = (record(&new_tenant(), "a/b"), SecretName::given("own"));
    write(&stack, &tenant_s, "tenant's").await;
    write(&stack, &own, "own").await;
    for (id, text) in [(format!("stack/{tenant_s}"), "tenant's"), ("own".to_owned(), "own")] {
        let found = client.get_secret_value().secret_id(&id).send().await?;
        assert_eq!(found.secret_string(), Some(text), "{id}");
        let arn = SecretName::given(found.arn().unwrap_or_default());
        assert_eq!(read(&bare, &arn).await.as_deref(), Some(text), "by its ARN");
    }
    for vault in [&other, &bare] {
        assert_eq!(read(vault, &tenant_s).await, None, "stacks do not see each other's");
    }

    stack.remove(&tenant_s).await?;
    stack.remove(&own).await?;
    let left = client.list_secrets().include_planned_deletion(true).send().await?;
    let left = left.secret_list().iter().filter(|secret| secret.deleted_date().is_none());
    assert_eq!(left.count(), 0, "all that was removed is gone or on its way");
    client.restore_secret().secret_id("own").send().await?;
    assert_eq!(read(&stack, &own).await.as_deref(), Some("own"), "an operator's can be restored");
    let gone = client.restore_secret().secret_id(format!("stack/{tenant_s}")).send().await;
    assert!(gone.is_err(), "a tenant's is gone for good");
    Ok(())
}
