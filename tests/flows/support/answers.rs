//! Who answers, who wins, and who may not.

use serde_json::{Value, json};
use shared::clock::Clock;
use simulators::identity::{AUDIENCE, IdentityProvider};
use tests::support::{Answer, World};

use super::{answer, answered, asked, go_by, history, request, ticket};

/// Policies by which everything is approved so.
fn approved_by(approval: &str) -> String {
    format!(
        "[[policies]]
        id = 'all'
        title = 'All'
        text = 'Everything is approved.'
        decision = 'REQUIRES_APPROVAL'
        confidence = 0.9
        approval = {approval}"
    )
}

#[tokio::test]
async fn of_two_at_the_same_instant_one_wins_and_the_other_learns_who() {
    let world = World::with(&[]).await;
    for _ in 0..5 {
        let id = asked(&world, "software_access").await;
        let (one, other) = tokio::join!(
            answer(&world, &id, "MANAGER001", true),
            answer(&world, &id, "MANAGER002", false)
        );
        let (won, lost) = if one.status == 200 { (one, other) } else { (other, one) };
        assert_eq!((won.status, lost.status), (200, 409), "{} {}", won.text, lost.text);
        let told = match won.json["decision"].as_str() {
            Some("approved") => "MANAGER001 has answered already: approved",
            _ => "MANAGER002 has answered already: denied",
        };
        assert_eq!(lost.json["detail"], told);
        world.support().await;
        assert_eq!(ticket(&world, &id).await["decisions"].as_array().map(Vec::len), Some(1));
    }
}

#[tokio::test]
async fn a_no_ends_it_and_nothing_is_asked_any_more() {
    let world = World::with(&[]).await;
    let id = asked(&world, "software_access").await;
    let denied = answered(&world, &id, "MANAGER001", false).await;
    assert_eq!((&denied["status"], &denied["decision"]), (&json!("denied"), &json!("denied")));
    assert_eq!(denied["next_action"], "request_denied");
    assert_eq!(answer(&world, &id, "MANAGER002", true).await.status, 409);
    assert_eq!(history(&world, &id).await[3..], ["hil_response", "denied"]);
}

#[tokio::test]
async fn nobody_approves_what_they_asked_for_themselves() {
    let world = World::with(&[]).await;
    let id = asked(&world, "software_access").await;
    let own = answer(&world, &id, "EMP001", true).await;
    assert_eq!(own.status, 403, "{}", own.text);
    let delegation = json!({ "to": "EMP001", "ends_at": "2026-07-01" });
    let path = "/support/delegations/MANAGER001";
    assert_eq!(world.admin().send("PUT", path, delegation).await.status, 200);
    go_by(&world, &approved_by("{ approvers = ['MANAGER001'] }")).await;
    let id = asked(&world, "software_access").await;
    assert_eq!(answer(&world, &id, "EMP001", true).await.status, 403);
    assert_eq!(ticket(&world, &id).await["status"], "waiting_for_approval");
}

#[tokio::test]
async fn each_rule_of_approval_is_kept() {
    let world = World::with(&[]).await;
    go_by(&world, &approved_by("{ rule = { at_least = 2 }, approvers = ['A', 'B', 'C'] }")).await;
    let id = asked(&world, "anything").await;
    assert_eq!(answer(&world, &id, "D", true).await.status, 403);
    assert_eq!(answered(&world, &id, "A", true).await["status"], "waiting_for_approval");
    assert_eq!(answer(&world, &id, "A", true).await.status, 409);
    let resolved = answered(&world, &id, "C", true).await;
    assert_eq!(resolved["status"], "resolved");
    assert_eq!(resolved["decisions"][0]["answers"].as_array().map(Vec::len), Some(2));
    go_by(&world, &approved_by("{ rule = 'sequence', approvers = ['A', 'B'] }")).await;
    let id = asked(&world, "anything").await;
    let early = answer(&world, &id, "B", true).await;
    assert_eq!((early.status, &early.json["detail"]), (409, &json!("A is to answer first")));
    answered(&world, &id, "A", true).await;
    assert_eq!(answered(&world, &id, "B", true).await["status"], "resolved");
}

#[tokio::test]
async fn somebody_answers_for_who_is_away_while_they_are() {
    let world = World::with(&[]).await;
    go_by(&world, &approved_by("{ approvers = ['A'] }")).await;
    let id = asked(&world, "anything").await;
    let put = async |body: Value| world.admin().send("PUT", "/support/delegations/A", body).await;
    let wrong = put(json!({ "to": "A", "ends_at": "2026-07-01" })).await;
    assert_eq!((wrong.status, &wrong.json["errors"][0]["field"]), (422, &json!("to")));
    let past = put(json!({ "to": "B", "ends_at": "2026-05-01" })).await;
    assert_eq!((past.status, &past.json["errors"][0]["field"]), (422, &json!("ends_at")));
    let later = json!({ "to": "B", "starts_at": "2026-06-02", "ends_at": "2026-06-03" });
    assert_eq!(put(later).await.json["is_active"], false);
    assert_eq!(answer(&world, &id, "B", true).await.status, 403, "not yet");
    world.wait(24 * 3600);
    let taken = answer(&world, &id, "B", true).await;
    assert_eq!(taken.status, 200, "{}", taken.text);
    let vote = &ticket(&world, &id).await["decisions"][0]["answers"][0];
    assert_eq!((&vote["approver_id"], &vote["instead_of"]), (&json!("B"), &json!("A")));
    let id = asked(&world, "anything").await;
    world.wait(24 * 3600);
    assert_eq!(answer(&world, &id, "B", true).await.status, 403, "not any more");
    assert_eq!(
        world.admin().send("DELETE", "/support/delegations/A", Value::Null).await.status,
        204
    );
    assert_eq!(
        world.admin().send("DELETE", "/support/delegations/A", Value::Null).await.status,
        404
    );
}

/// Who stands in for two answers for the one who has not.
#[tokio::test]
async fn who_stands_in_for_two_answers_for_whoever_has_not() {
    let world = World::with(&[]).await;
    go_by(&world, &approved_by("{ rule = 'sequence', approvers = ['A', 'B'] }")).await;
    for away in ["A", "B"] {
        let path = format!("/support/delegations/{away}");
        let to = json!({ "to": "X", "starts_at": "2026-06-01T00:00:00Z", "ends_at": "2026-06-03T00:00:00Z" });
        assert_eq!(world.admin().send("PUT", &path, to).await.status, 200);
    }
    let id = asked(&world, "anything").await;
    answered(&world, &id, "A", true).await;
    let approved = answered(&world, &id, "X", true).await;
    let votes = &approved["decisions"][0]["answers"];
    assert_eq!((&votes[1]["approver_id"], &votes[1]["instead_of"]), (&json!("X"), &json!("B")));
}

/// Nobody waits for who asked for it themselves.
#[tokio::test]
async fn who_asked_is_left_out_of_those_who_approve() {
    let world = World::with(&[]).await;
    go_by(&world, &approved_by("{ rule = 'sequence', approvers = ['EMP001', 'B'] }")).await;
    let id = asked(&world, "anything").await;
    for own in ["EMP001", "emp001"] {
        assert_eq!(answer(&world, &id, own, true).await.status, 403, "{own}");
    }
    for hidden in [" B", "B\u{200b}"] {
        assert_eq!(answer(&world, &id, hidden, true).await.status, 422, "{hidden:?}");
    }
    assert_eq!(answered(&world, &id, "B", true).await["decision"], "approved");
}

/// An approval that comes after another one is not taken for what is asked next.
#[tokio::test]
async fn who_approves_too_late_is_told_who_was_first() {
    let world = World::with(&[]).await;
    let id = asked(&world, "software_access").await;
    let (one, other) =
        tokio::join!(answer(&world, &id, "M1", true), answer(&world, &id, "M2", true));
    assert_eq!(one.status + other.status, 200 + 409, "{} {}", one.text, other.text);
    let first = if one.status == 200 { "M1" } else { "M2" };
    world.support().await;
    assert_eq!(ticket(&world, &id).await["status"], "waiting_for_user");
    let late = answer(&world, &id, "M3", true).await;
    let told = format!("{first} has answered already: approved");
    assert_eq!((late.status, &late.json["detail"]), (409, &json!(told)));
    assert_eq!(ticket(&world, &id).await["status"], "waiting_for_user");
    assert_eq!(answer(&world, &id, "EMP001", true).await.status, 200);
}

#[tokio::test]
async fn others_are_asked_when_it_is_reassigned() {
    let world = World::with(&[]).await;
    let id = asked(&world, "software_access").await;
    let path = format!("/support/tickets/{id}/reassign");
    let nobody = world.admin().send("POST", &path, json!({ "approvers": [] })).await;
    assert_eq!((nobody.status, &nobody.json["errors"][0]["field"]), (422, &json!("approvers")));
    let to = json!({ "approvers": ["MANAGER007"] });
    assert_eq!(world.admin().send("POST", &path, to.clone()).await.status, 200);
    assert_eq!(answer(&world, &id, "MANAGER001", true).await.status, 403);
    assert_eq!(answer(&world, &id, "MANAGER007", true).await.status, 200);
    assert_eq!(world.admin().send("POST", &path, to).await.status, 409);
}

/// It is another question, which has all its time, and is gone up the ladder with anew.
#[tokio::test]
async fn whoever_is_asked_anew_has_all_their_time() {
    let world = World::with(&[]).await;
    let id = asked(&world, "software_access").await;
    let before = ticket(&world, &id).await;
    world.wait(5 * 3600);
    world.support().await;
    assert_eq!(ticket(&world, &id).await["status"], "escalated");
    let path = format!("/support/tickets/{id}/reassign");
    let to = json!({ "approvers": ["MANAGER007"] });
    assert_eq!(world.admin().send("POST", &path, to).await.status, 200);
    let anew = ticket(&world, &id).await;
    assert_eq!(anew["status"], "waiting_for_approval");
    assert_eq!(anew["pending"]["due_at"], "2026-06-01T21:00:00Z");
    assert_ne!(anew["pending"]["question_id"], before["pending"]["question_id"]);
    world.wait(2 * 3600);
    world.support().await;
    assert_eq!(history(&world, &id).await.last().map(String::as_str), Some("reminder"));
    world.wait(2 * 3600);
    world.support().await;
    assert_eq!(ticket(&world, &id).await["pending"]["escalated_to"], json!(["supervisor"]));
}

/// What those said who are not asked any more decides nothing.
#[tokio::test]
async fn whoever_is_asked_anew_is_asked_from_the_beginning() {
    let world = World::with(&[]).await;
    go_by(&world, &approved_by("{ rule = 'all', approvers = ['A', 'B'] }")).await;
    let id = asked(&world, "anything").await;
    answered(&world, &id, "A", true).await;
    let path = format!("/support/tickets/{id}/reassign");
    let twice = world.admin().send("POST", &path, json!({ "approvers": ["C", "C"] })).await;
    assert_eq!((twice.status, &twice.json["errors"][0]["field"]), (422, &json!("approvers[1]")));
    let fewer = world.admin().send("POST", &path, json!({ "approvers": ["C"] })).await;
    assert_eq!((fewer.status, &fewer.json["errors"][0]["field"]), (422, &json!("approvers")));
    let to = json!({ "approvers": ["C", "D"] });
    assert_eq!(world.admin().send("POST", &path, to).await.status, 200);
    let denied = answered(&world, &id, "C", false).await;
    assert_eq!((&denied["status"], &denied["decision"]), (&json!("denied"), &json!("denied")));
}

#[tokio::test]
async fn an_answer_to_another_question_is_not_taken() {
    let world = World::with(&[]).await;
    let id = asked(&world, "software_access").await;
    let mut body = json!({ "answer": "", "approval": true, "approver_id": "M" });
    body["question_id"] = json!("hil_q_00000000");
    let path = format!("/support/hil/{id}");
    let asked = ticket(&world, &id).await["pending"]["question_id"].clone();
    let told = |answer: &Answer| (answer.status, answer.json["detail"].clone());
    let refused = world.admin().send("POST", &path, body.clone()).await;
    let other = format!("Another question is asked: {}", asked.as_str().expect("an id"));
    assert_eq!(told(&refused), (409, json!(other)));
    body["question_id"] = asked;
    assert_eq!(world.admin().send("POST", &path, body.clone()).await.status, 200);
    world.support().await;
    // Another one is asked by now.
    let late = world.admin().send("POST", &path, body.clone()).await;
    assert_eq!(told(&late), (409, json!("M has answered already: approved")));
    let cancel = format!("/support/tickets/{id}/cancel");
    assert_eq!(world.admin().send("POST", &cancel, json!({})).await.status, 200);
    body["question_id"] = Value::Null;
    let after = world.admin().send("POST", &path, body).await;
    assert_eq!(told(&after), (409, json!("The ticket is cancelled, and nothing is asked")));
}

/// A person's token speaks for that person alone, and sees what is theirs.
#[tokio::test]
async fn people_speak_for_themselves() {
    let clock = Clock::manual("2026-06-01T12:00:00Z".parse().expect("a moment"));
    let time = clock.clone();
    let provider = IdentityProvider::start(move || time.now_ms()).await.expect("a provider");
    let issuer = provider.issuer();
    let vars = [("OIDC_ISSUER", issuer.as_str()), ("OIDC_AUDIENCE", AUDIENCE)];
    let world = World::at(clock, &vars).await;
    let token = |name: &str, permissions: Value| {
        provider.token(json!({ "sub": name, "aud": AUDIENCE, "permissions": permissions }))
    };
    let anna = token("anna", json!(["tickets.request"]));
    let boss = token("boss", json!(["tickets.request", "tickets.read", "tickets.approve"]));
    let (anna, boss) = (world.bearer(&anna), world.bearer(&boss));
    let other = anna.send("POST", "/support/request", request("software_access")).await;
    assert_eq!((other.status, &other.json["errors"][0]["field"]), (422, &json!("employee_id")));
    let mut own = request("software_access");
    own["employee_id"] = json!("anna");
    let id = anna.send("POST", "/support/request", own).await.json["ticket_id"].clone();
    let id = id.as_str().expect("an id");
    let others = asked(&world, "software_access").await;
    world.support().await;
    assert_eq!(anna.get(&format!("/support/tickets/{id}")).await.status, 200);
    for path in ["tickets", "events"] {
        assert_eq!(anna.get(&format!("/support/{path}/{others}")).await.status, 404);
    }
    assert_eq!(anna.get("/support/tickets").await.json["count"], 1);
    assert_eq!(boss.get("/support/tickets").await.json["count"], 2);
    let say = |by: &str| json!({ "answer": "yes", "approval": true, "approver_id": by });
    let path = format!("/support/hil/{id}");
    assert_eq!(anna.send("POST", &path, say("anna")).await.status, 403);
    let forged = boss.send("POST", &path, say("MANAGER001")).await;
    assert_eq!((forged.status, &forged.json["errors"][0]["field"]), (422, &json!("approver_id")));
    let reassign = format!("/support/tickets/{id}/reassign");
    let friend = json!({ "approvers": ["friend"] });
    let own = token("anna", json!(["tickets.request", "tickets.approve"]));
    let own = world.bearer(&own).send("POST", &reassign, friend).await;
    assert_eq!(own.status, 403, "{}", own.text);
    assert_eq!(boss.send("POST", &path, say("boss")).await.status, 200);
}
