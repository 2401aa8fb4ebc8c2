//! What a fuzzer found once, so that nobody waits for it to be found by chance again.

use serde_json::json;
use tests::support::Installation;

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_behind_the_last_number_that_can_be_gives_an_empty_page() {
    let installation = Installation::start().await;
    let admin = installation.admin();
    for cursor in [999_999_999_999, 9_999_999_999_999_999, i64::MAX] {
        let answer = admin.get(&format!("/api/v1/api-keys?cursor={cursor}")).await;
        assert_eq!((answer.status, answer.json), (200, json!([])), "{cursor}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_that_the_source_has_already_is_no_new_one() {
    let installation = Installation::start().await;
    let admin = installation.admin();
    let (first, second) = ("a-secret-of-sixteen", "another-one-of-sixteen");
    let source = json!({ "name": "hr", "header": { "value": first } });
    assert_eq!(admin.post_json("/api/v1/sources", &source).await.status, 201);
    let rotate = async |secret: &str, grace: i64| {
        let rotation = json!({ "way": "header", "secret": secret, "grace_seconds": grace });
        admin.post_json("/api/v1/sources/hr/rotate", &rotation).await
    };
    assert_eq!(rotate(first, 0).await.status, 422);
    assert_eq!(rotate(second, 60).await.status, 200);
    for known in [first, second] {
        let refused = rotate(known, 60).await;
        assert_eq!((refused.status, &refused.json["errors"][0]["field"]), (422, &json!("secret")));
    }
}
