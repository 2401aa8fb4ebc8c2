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

/// A world with mail over SMTP, and a target of one.
async fn to_one(url: &str) -> (World, String) {
    let world = world(&[("MAIL_FROM", FROM), ("MAIL_SMTP_URL", url)]).await;
    let new = json!({ "name": "one", "kind": "email", "recipients": ["anna@example.com"] });
    let target = id(&made(&world, TARGETS, new).await);
    rule(&world, &[&target], json!({})).await;
    (world, target)
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
        ("RCPT", "551 User not local", "failed", "refused_target", true),
        ("RCPT", "550 5.7.1 Relaying denied", "failed", "refused_notice", false),
        ("RCPT", "550 No", "failed", "refused_notice", false),
        ("MAIL", "550 5.1.8 Sender rejected", "failed", "refused_notice", false),
        ("MAIL", "553 Sender rejected", "failed", "refused_notice", false),
        ("DATA.", "550 5.7.1 Policy", "failed", "refused_notice", false),
        ("RCPT", "450 4.2.1 Busy", "pending", "unwell", false),
        ("DATA.", "554 5.7.1 Spam", "failed", "refused_notice", false),
        ("MAIL", "421 4.3.2 Shutting down", "pending", "unwell", false),
        ("MAIL", "535 5.7.8 Who are you", "pending", "connection", false),
        ("MAIL", "", "pending", "no_answer", false),
    ] {
        let smtp = Smtp::start().await.expect("a mail server");
        let (world, target) = to_one(&smtp.url()).await;
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

/// One of several who is not there costs the others nothing, and the target is disabled
/// only when all are refused.
#[tokio::test]
async fn one_who_is_refused_does_not_keep_it_from_the_others() {
    for line in ["550 5.1.1 No such user", "550 No such user"] {
        let smtp = Smtp::start().await.expect("a mail server");
        let (world, target) = over_smtp(&smtp.url()).await;
        // Anna with the others and Anna alone; then Boris has to wait.
        smtp.answer("RCPT", line);
        smtp.answer("RCPT", line);
        smtp.answer("RCPT", "450 4.2.1 Busy");
        emit(&world, SYNC_FAILED, json!({})).await;
        assert_eq!(notices(&world, "").await[0]["status"], "pending");
        world.wait(5);
        world.notify().await;
        let to: Vec<_> = smtp.mails().into_iter().map(|mail| mail.to).collect();
        assert_eq!(to, [["boris@example.org"]], "{line}");
        let sent = notices(&world, "status=sent").await;
        let detail = world.admin().get(&format!("{NOTICES}/{}", id(&sent[0]))).await.json;
        let told = detail["attempts"][1]["answer"].as_str().expect("an answer");
        assert!(told.contains("not for anna@example.com"), "{detail}");
        let at = format!("{TARGETS}/{target}");
        assert_eq!(world.admin().get(&at).await.json["is_active"], true);
    }
    let smtp = Smtp::start().await.expect("a mail server");
    let (world, target) = over_smtp(&smtp.url()).await;
    for _ in 0..3 {
        smtp.answer("RCPT", "550 5.1.1 No such user");
    }
    emit(&world, SYNC_FAILED, json!({})).await;
    let at = format!("{TARGETS}/{target}");
    assert_eq!(world.admin().get(&at).await.json["is_active"], false);
    // Driven anew, they are all asked again.
    let enabled = world.admin().send("POST", &format!("{at}/enable"), json!(null)).await;
    assert_eq!(enabled.status, 200, "{}", enabled.text);
    let failed = notices(&world, "status=failed").await;
    let retry = format!("{NOTICES}/{}/retry", id(&failed[0]));
    assert_eq!(world.admin().send("POST", &retry, json!(null)).await.status, 202);
    world.wait(2);
    world.notify().await;
    assert_eq!(smtp.mails().len(), 1, "{:?}", notices(&world, "").await);
}

/// One tenant's flood goes out at half of the rate, and leaves the other half.
#[tokio::test]
async fn a_flood_of_one_tenant_s_mails_leaves_room_for_the_others() {
    let smtp = Smtp::start().await.expect("a mail server");
    let url = smtp.url();
    let vars = [("MAIL_FROM", FROM), ("MAIL_SMTP_URL", &*url), ("MAIL_PER_SECOND", "2")];
    let world = world(&vars).await;
    let target = people(&world).await;
    rule(&world, &[&target], json!({})).await;
    for _ in 0..6 {
        Emitting::within(&world.env).emit("default", SYNC_FAILED, &json!({})).await;
    }
    world.notify().await;
    let made = world.admin().send("POST", "/api/v1/tenants", json!({ "id": "acme" })).await.json;
    let acme = world.bearer(made["admin_key"].as_str().expect("a key"));
    let clara = json!({ "name": "c", "kind": "email", "recipients": ["clara@example.com"] });
    let clara = id(&acme.send("POST", TARGETS, clara).await.json);
    let all = json!({ "name": "all", "event_types": ["*"], "target_ids": [clara] });
    assert_eq!(acme.send("POST", RULES, all).await.status, 201);
    Emitting::within(&world.env).emit("acme", SYNC_FAILED, &json!({})).await;
    for (told, of_acme) in [(2, 0), (4, 1), (5, 1), (6, 1), (7, 1)] {
        world.wait(1);
        world.notify().await;
        let mails = smtp.mails();
        let hers = mails.iter().filter(|mail| mail.to == ["clara@example.com"]).count();
        assert!((told - 1..=told + 1).contains(&mails.len()), "{} of {told}", mails.len());
        assert!(hers >= of_acme, "{told}");
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
}

/// In the sandbox, people who are not verified get nothing, and a target of nobody else is
/// none.
#[tokio::test]
async fn in_the_sandbox_of_ses_mail_reaches_who_is_verified() {
    for (verified, mails, disabled) in
        [(vec!["anna@example.com"], 1, false), (vec!["somebody@example.com"], 0, true)]
    {
        let ses = Ses::start().await.expect("an SES");
        ses.sandbox(&verified);
        let (world, target) = over_ses(&ses).await;
        emit(&world, SYNC_FAILED, json!({})).await;
        assert_eq!(ses.mails().len(), mails, "{verified:?}");
        let now = world.admin().get(&format!("{TARGETS}/{target}")).await.json;
        let why = now["disabled_reason"].as_str().unwrap_or_default();
        assert_eq!(why.contains("not verified"), disabled, "{now}");
        assert_eq!(now["is_active"], json!(!disabled), "{now}");
    }
}

#[tokio::test]
async fn without_a_sender_there_is_no_mail() {
    let world = world(&[]).await;
    let new = json!({ "name": "n", "kind": "email", "recipients": ["anna@example.com"] });
    let refused = world.admin().send("POST", TARGETS, new).await;
    assert_eq!((refused.status, &refused.json["errors"][0]["field"]), (409, &json!("kind")));
}
