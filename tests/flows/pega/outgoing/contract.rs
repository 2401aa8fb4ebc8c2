//! The contract's four operations, in each form, over both versions of the DX API.

use serde_json::{Value, json};

use super::{BOTH, Beside, PLAIN, at};

#[tokio::test]
async fn a_case_is_created_from_the_query_or_from_the_body() {
    for version in BOTH {
        let beside = Beside::of(version).await;
        let admin = beside.world.admin();
        let content = json!({ "Color": "red" });
        for (path, body) in [
            ("/pega/case?case_type=HRSR-Work", content.clone()),
            ("/pega/case", json!({ "case_type": PLAIN, "content": content })),
            (
                "/pega/case",
                json!({ "caseTypeID": PLAIN, "content": content,
                "process_id": "pyStartCase", "parent_case_id": "HRSR-WORK C-1" }),
            ),
        ] {
            let made = admin.send("POST", path, body).await;
            assert_eq!(
                (made.status, &made.json["status"]),
                (200, &json!("success")),
                "{version:?}"
            );
            let request = beside.request(&made).await;
            let id = request["case_id"].as_str().expect("a case");
            assert!(made.json["case"].to_string().contains(id), "{}", made.text);
            assert_eq!(beside.pega.content(id)["Color"], "red");
            assert!(made.header("etag").contains(" GMT"), "{version:?}");
            assert_eq!(
                (&request["status"], &request["pega_status"]),
                (&json!("done"), &json!(201))
            );
            assert_eq!(request["operation"], "create_case");
        }
        assert_eq!(beside.pega.cases().len(), 3);
        let empty = admin.raw("POST", "/pega/case?case_type=HRSR-Work", String::new()).await;
        assert_eq!(empty.status, 200);
    }
}

#[tokio::test]
async fn a_case_is_changed_and_shown_as_it_is_then() {
    for version in BOTH {
        let beside = Beside::of(version).await;
        let (admin, case) = (beside.world.admin(), beside.case());
        let changed = admin.send("PUT", &at(&case), json!({ "Color": "blue", "Size": 5 })).await;
        assert_eq!((changed.status, &changed.json["status"]), (200, &json!("success")));
        // DX API v1 answers a change without a body; it is a success all the same.
        assert!(changed.json["case"].to_string().contains("blue"), "{}", changed.text);
        assert_eq!(beside.pega.content(&case)["Size"], 5);
        let shown = admin.get(&at(&case)).await;
        assert_eq!((shown.status, shown.header("etag")), (200, changed.header("etag")));
        assert_eq!(shown.json["case"], changed.json["case"]);
        let by_action = format!("{}?action_id=Escalate", at(&case));
        assert_eq!(admin.send("PUT", &by_action, json!({ "Color": "red" })).await.status, 200);
        assert_eq!(beside.pega.content(&case)["Color"], "red");
    }
}

#[tokio::test]
async fn a_note_is_added_from_the_query_or_from_the_body() {
    for version in BOTH {
        let beside = Beside::of(version).await;
        let (admin, case) = (beside.world.admin(), beside.case());
        let path = format!("{}/note", at(&case));
        for (query, body) in [
            ("?note=Read%20it", Value::Null),
            ("", json!({ "note": "Read it" })),
            ("", json!({ "content": "Read it" })),
            ("", json!({ "message": "Read it" })),
        ] {
            let added = admin.send("POST", &format!("{path}{query}"), body).await;
            assert_eq!(added.status, 200, "{}", added.text);
            assert_eq!(added.json, json!({ "status": "success", "message": "Note added" }));
        }
        let notes = beside.pega.notes_on(&case);
        assert_eq!(notes.len(), 4);
        assert!(notes.iter().all(|note| note.starts_with("Read it [ref:")), "{notes:?}");
    }
}

#[tokio::test]
async fn an_action_runs_on_the_case_or_on_its_assignment() {
    for version in BOTH {
        let beside = Beside::of(version).await;
        let (admin, case) = (beside.world.admin(), beside.case());
        let escalate = format!("{}/action/Escalate", at(&case));
        let run = admin.send("POST", &escalate, json!({ "Reason": "late" })).await;
        let success = json!({ "status": "success", "message": "Action Escalate executed" });
        assert_eq!((run.status, &run.json), (200, &success), "{}", run.text);
        assert_eq!(beside.pega.content(&case)["Reason"], "late");
        let approve = format!("{}/action/Approve", at(&case));
        let run = admin.send("POST", &approve, Value::Null).await;
        assert_eq!((run.status, &run.json["message"]), (200, &json!("Action Approve executed")));
        // Its assignment ended with it.
        let again = admin.send("POST", &approve, Value::Null).await;
        assert_eq!((again.status, &again.json["error_type"]), (404, &json!("not_found")));
        let unknown = admin.send("POST", &format!("{}/action/Dance", at(&case)), json!({})).await;
        assert_eq!(unknown.status, 404, "{version:?}");
    }
}

/// What the service that this one replaces called is nowhere: a client that called it
/// would fail here.
#[tokio::test]
async fn pega_knows_no_invented_endpoint() {
    for version in BOTH {
        let beside = Beside::of(version).await;
        let case = beside.case();
        let http = shared::outbound::Outbound::new(None).expect("a client");
        for path in ["actions/addNote", "actions/Approve"] {
            let case = shared::web::percent_encode(&case);
            let url = format!("{}/cases/{case}/{path}", version.url(&beside.pega));
            let (user, password) = simulators::pega::OPERATOR;
            let call = http.call(shared::outbound::Method::POST, &url).basic(user, password);
            let reply = call.header("x-origin-channel", "Web").json(&json!({})).send().await;
            assert_eq!(reply.expect("an answer").status, 404, "{url}");
        }
    }
}

#[tokio::test]
async fn odd_names_find_their_way_and_leave_no_path() {
    for version in BOTH {
        let beside = Beside::of(version).await;
        let admin = beside.world.admin();
        for case in ["HRSR-WORK-12345", "A B/C?D#E%F", "Zürich №5", "a+b", "x!y;z:@&=$,'()*"] {
            let shown = admin.get(&at(case)).await;
            assert_eq!(shown.status, 404, "{case} {}", shown.text);
            let called = beside.pega.calls().pop().expect("a call");
            let name = called.strip_prefix("GET /cases/").expect("of a case");
            assert_eq!(shared::web::percent_decode(name), case);
            assert!(!name.contains('+') && !name.contains('/'), "{name}");
        }
        let calls = beside.pega.calls().len();
        for case in [".", "..", "%20", "%00", &"x".repeat(257)] {
            let path = if case.starts_with('%') { format!("/pega/case/{case}") } else { at(case) };
            let refused = admin.send("PUT", &path, json!({})).await;
            assert_eq!(refused.status, 422, "{case}");
            assert_eq!(refused.json["errors"][0]["field"], "case_id", "{}", refused.text);
        }
        assert_eq!(beside.pega.calls().len(), calls);
    }
}
