//! Mail: over SMTP as the local process sends it, and over Amazon SES as the function
//! does, by the real SDK.

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use axum::http::StatusCode;
use serde_json::json;
use shared::env::Env;
use shared::mail::ses;
use simulators::ses::Ses;
use simulators::smtp::Smtp;

use super::*;

const FROM: &str = "caseway@example.com";

/// A world with mail over SMTP, and a target of two people.
async fn over_smtp(url: &str) -> (World, String) {
    let world = world(&[("MAIL_FROM", FROM), ("MAIL_SMTP_URL", url)]).await;
    let target = people(&world).await;
    rule(&world, &[&target], json!({})).await;
    (world, target)
}

async fn people(world: &World) -> String {
    let to = ["anna@example.com", "boris@example.org", "ANNA@example.com"];
    let new = json!({ "name": "people", "kind": "email", "recipients": to });
    id(&made(world, TARGETS, new).await)
}

/// A world with mail over this SES.
async fn over_ses(ses_at: &Ses) -> (World, String) {
    let mut world = world(&[("MAIL_FROM", FROM)]).await;
    let credentials = Credentials::new("id", "secret", None, None, "test");
    let sdk = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static("us-east-1"))
        .endpoint_url(ses_at.url())
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .build();
    world.env = world.env.clone().with_mailer(ses(&Env::new(world.vars(), sdk)));
    let target = people(&world).await;
    rule(&world, &[&target], json!({})).await;
    (world, target)
}

#[tokio::test]
async fn people_get_a_mail() {
    let smtp = Smtp::start().await.expect("a mail server");
    let (world, target) = over_smtp(&smtp.login("user", "pass")).await;
    emit(&world, SYNC_FAILED, json!({ "name": "Lohn\u{fc}bersicht\r\nBcc: evil@example.com" }))
        .await;
    let mails = smtp.mails();
    assert_eq!(mails.len(), 1, "{:?}", notices(&world, "").await);
    assert_eq!((&*mails[0].from, mails[0].to.len()), (FROM, 2));
    let sent = notices(&world, &format!("status=sent&target_id={target}")).await;
    let message_id = format!("Message-ID: <{}@example.com>", id(&sent[0]));
    assert!(mails[0].data.contains(&message_id), "{}", mails[0].data);
    assert!(!mails[0].data.contains("\r\nBcc:"), "{}", mails[0].data);
    assert!(mails[0].data.contains("\r\nSubject: [ERROR] A"), "{}", mails[0].data);
}

#[tokio::test]
async fn what_a_mail_server_answers_decides() {
    for (command, line, status, error, disabled) in [
        ("RCPT", "550 5.1.1 No such user", "failed", "refused_target", true),
        ("RCPT", "450 4.2.1 Busy", "pending", "unwell", false),
        ("DATA.", "554 5.7.1 Spam", "failed", "refused_notice", false),
        ("MAIL", "421 4.3.2 Shutting down", "pending", "unwell", false),
        ("MAIL", "535 5.7.8 Who are you", "pending", "connection", false),
        ("MAIL", "", "pending", "no_answer", false),
    ] {
        let smtp = Smtp::start().await.expect("a mail server");
        let (world, target) = over_smtp(&smtp.url()).await;
        smtp.answer(command, line);
        emit(&world, SYNC_FAILED, json!({})).await;
        let notice = notices(&world, "").await.remove(0);
        assert_eq!(
            (&notice["status"], &notice["error_class"]),
            (&json!(status), &json!(error)),
            "{command} {line}: {notice}"
        );
        let now = world.admin().get(&format!("{TARGETS}/{target}")).await.json;
        assert_eq!(now["is_active"], json!(!disabled), "{line}");
        if status == "pending" {
            world.wait(5);
            world.notify().await;
            assert_eq!(smtp.mails().len(), 1, "{line}: {:?}", notices(&world, "").await);
        }
    }
}

#[tokio::test]
async fn mail_over_ses_is_the_same_mail() {
    let ses = Ses::start().await.expect("an SES");
    let (world, _) = over_ses(&ses).await;
    emit(&world, SYNC_FAILED, json!({ "name": "1C" })).await;
    let mails = ses.mails();
    assert_eq!(mails.len(), 1, "{:?}", notices(&world, "").await);
    assert_eq!(mails[0]["FromEmailAddress"], FROM);
    let to = json!(["anna@example.com", "boris@example.org"]);
    assert_eq!(mails[0]["Destination"]["ToAddresses"], to);
    let header = &mails[0]["Content"]["Simple"]["Headers"][0];
    assert_eq!(header["Value"], notices(&world, "").await[0]["id"], "{header}");
}

#[tokio::test]
async fn what_ses_answers_decides() {
    for (status, error, message, stands, class, disabled) in [
        (429, "TooManyRequestsException", "Slow down", "pending", "connection", false),
        (400, "LimitExceededException", "Daily quota", "pending", "connection", false),
        (400, "MessageRejected", "A virus", "failed", "refused_notice", false),
        (400, "AccountSuspendedException", "Suspended", "failed", "refused_sender", false),
        (400, "SendingPausedException", "Paused", "failed", "refused_sender", false),
        (400, "MailFromDomainNotVerifiedException", "No", "failed", "refused_sender", false),
        (500, "InternalFailure", "Oops", "pending", "no_answer", false),
    ] {
        let ses = Ses::start().await.expect("an SES");
        let (world, target) = over_ses(&ses).await;
        ses.fail(StatusCode::from_u16(status).expect("a status"), error, message);
        emit(&world, SYNC_FAILED, json!({})).await;
        let notice = notices(&world, "").await.remove(0);
        assert_eq!(
            (&notice["status"], &notice["error_class"]),
            (&json!(stands), &json!(class)),
            "{error}: {notice}"
        );
        let now = world.admin().get(&format!("{TARGETS}/{target}")).await.json;
        assert_eq!(now["is_active"], json!(!disabled), "{error}");
    }
    // In the sandbox, people who are not verified are no target.
    let ses = Ses::start().await.expect("an SES");
    ses.sandbox(&["anna@example.com"]);
    let (world, target) = over_ses(&ses).await;
    emit(&world, SYNC_FAILED, json!({})).await;
    let now = world.admin().get(&format!("{TARGETS}/{target}")).await.json;
    assert!(
        now["disabled_reason"].as_str().is_some_and(|why| why.contains("not verified")),
        "{now}"
    );
}

#[tokio::test]
async fn without_a_sender_there_is_no_mail() {
    let world = world(&[]).await;
    let new = json!({ "name": "n", "kind": "email", "recipients": ["anna@example.com"] });
    let refused = world.admin().send("POST", TARGETS, new).await;
    assert_eq!((refused.status, &refused.json["errors"][0]["field"]), (409, &json!("kind")));
}
