//! Forms that are wrong are refused by name, before anything is written or Pega is called.

use serde_json::{Value, json};

use super::{Beside, Version, at};

#[tokio::test]
async fn every_wrong_form_names_its_field() {
    let beside = Beside::of(Version::V1).await;
    let (admin, case) = (beside.world.admin(), at(&beside.case()));
    let long = "x".repeat(4001);
    let note = format!("{case}/note");
    for (method, path, body, status, field) in [
        ("POST", "/pega/case".to_owned(), json!({}), 422, "case_type"),
        ("POST", "/pega/case".to_owned(), Value::Null, 422, "case_type"),
        ("POST", "/pega/case".to_owned(), json!({"case_type": ""}), 422, "case_type"),
        ("POST", "/pega/case".to_owned(), json!({"case_type": 5}), 422, "case_type"),
        ("POST", "/pega/case".to_owned(), json!({"case_type": "a", "x": 1}), 422, "x"),
        ("POST", "/pega/case".to_owned(), json!({"case_type": "a", "content": []}), 422, "content"),
        ("POST", "/pega/case?case_type=a".to_owned(), json!([1]), 422, "body"),
        ("POST", "/pega/case?case_type=".to_owned(), json!({}), 422, "case_type"),
        ("PUT", case.clone(), json!("x"), 422, "body"),
        ("PUT", format!("{case}?action_id=.."), json!({}), 422, "action_id"),
        ("POST", note.clone(), Value::Null, 422, "note"),
        ("POST", note.clone(), json!({"note": "  "}), 422, "note"),
        ("POST", note.clone(), json!({"note": long}), 422, "note"),
        ("POST", note.clone(), json!({"note": "a", "content": "b"}), 422, "body"),
        ("POST", format!("{note}?note=a"), json!({"note": "b"}), 422, "note"),
        ("POST", format!("{note}?note="), Value::Null, 422, "note"),
        ("POST", format!("{case}/action/%20"), Value::Null, 422, "action_id"),
        ("POST", format!("{case}/action/Approve"), json!([]), 422, "body"),
        ("GET", "/pega/requests?limit=0".to_owned(), Value::Null, 422, "limit"),
        ("GET", "/pega/requests?status=odd".to_owned(), Value::Null, 422, "status"),
        ("GET", "/pega/requests?cursor=x".to_owned(), Value::Null, 422, "cursor"),
        ("GET", "/pega/requests/x".to_owned(), Value::Null, 422, "request_id"),
    ] {
        let refused = admin.send(method, &path, body).await;
        assert_eq!(refused.status, status, "{method} {path} {}", refused.text);
        let named = refused.json["errors"][0]["field"].as_str().unwrap_or_default();
        assert_eq!(named, field, "{method} {path} {}", refused.text);
    }
    let huge = json!({ "text": "x".repeat(256 * 1024) });
    assert_eq!(admin.send("PUT", &case, huge).await.status, 413);
    assert_eq!(admin.raw("PUT", &case, "{".to_owned()).await.status, 400);
    for header in ["if-match", "idempotency-key"] {
        let long = "x".repeat(256);
        let refused = beside.with_headers(&[(header, &long)]).send("PUT", &case, json!({})).await;
        assert_eq!(refused.status, 422, "{header}");
    }
    assert_eq!(admin.get("/pega/requests").await.json, json!([]));
    assert!(beside.pega.calls().is_empty(), "{:?}", beside.pega.calls());
}

#[tokio::test]
async fn a_large_case_is_kept_whole_as_it_was_asked() {
    let beside = Beside::of(Version::V1).await;
    let texts: Vec<String> = (0..8000).map(|_| shared::ids::unique()[..20].to_owned()).collect();
    let body = json!({ "Texts": texts });
    let made = beside.world.admin().send("POST", "/pega/case?case_type=HRSR-Work", body).await;
    assert_eq!(made.status, 200, "{}", made.text);
    let request = beside.request(&made).await;
    assert_eq!(request["input"]["content"]["Texts"].as_array().map(Vec::len), Some(8000));
    let case = at(request["case_id"].as_str().expect("a case"));
    // What Pega shows then is larger than what is kept.
    let changed = beside.world.admin().send("PUT", &case, json!({ "a": 1 })).await;
    assert_eq!((changed.status, &changed.json["case"]["truncated"]), (200, &json!(true)));
}

#[tokio::test]
async fn requests_are_listed_newest_first_by_case_and_by_how_they_stand() {
    let beside = Beside::of(Version::V1).await;
    let admin = beside.world.admin();
    let (one, two) = (beside.case(), beside.case());
    for case in [&one, &two, &one] {
        let added = admin.send("POST", &format!("{}/note?note=a", at(case)), Value::Null).await;
        assert_eq!(added.status, 200);
    }
    admin.send("PUT", &at("HRSR-WORK C-9"), json!({})).await;
    let ids = async |query: &str| {
        let listed = admin.get(&format!("/pega/requests{query}")).await;
        assert_eq!(listed.status, 200, "{}", listed.text);
        let ids = listed.json.as_array().into_iter().flatten().map(|one| one["id"].as_i64());
        (ids.map(Option::unwrap_or_default).collect::<Vec<_>>(), listed.header("link").to_owned())
    };
    assert_eq!(ids("").await.0, [4, 3, 2, 1]);
    let case = shared::web::percent_encode(&one);
    assert_eq!(ids(&format!("?case_id={case}")).await.0, [3, 1]);
    assert_eq!(ids("?status=failed").await.0, [4]);
    assert_eq!(ids("?status=done").await.0, [3, 2, 1]);
    assert_eq!(ids("?status=failed&case_id=x").await.0, [0_i64; 0]);
    for filter in ["", "&status=done", &format!("&case_id={case}")] {
        let (mut all, mut query) = (Vec::new(), format!("?limit=1{filter}"));
        loop {
            let (page, link) = ids(&query).await;
            all.extend(page);
            let Some((_, rest)) = link.split_once('<') else { break };
            query = rest.split('>').next().unwrap_or_default().to_owned();
        }
        assert_eq!(all, ids(&format!("?limit=100{filter}")).await.0, "{filter}");
    }
    // Events that failed are in another list, though in the same index.
    assert_eq!(admin.get("/events?status=failed").await.json, json!([]));
}
