//! Finding runs: every filter, and what went wrong in services before.

use serde_json::{Value, json};
use tests::support::{Answer, World};

pub const RUNS: &str = "/api/v1/runs";

/// Makes a process with one step, and says its id.
pub async fn process(world: &World, name: &str) -> i64 {
    let body = json!({ "name": name, "steps": [{ "name": "Only", "is_rerunnable": true }] });
    let made = world.admin().send("POST", "/api/v1/processes", body).await;
    assert_eq!(made.status, 201, "{}", made.text);
    made.json["id"].as_i64().expect("an id")
}

/// Makes a run, and shows it.
pub async fn run(
    world: &World,
    process: i64,
    entity: &str,
    name: Option<&str>,
    meta: Value,
) -> Value {
    let body =
        json!({ "process_id": process, "entity_id": entity, "entity_name": name, "meta": meta });
    let made = world.admin().send("POST", RUNS, body).await;
    assert_eq!(made.status, 201, "{}", made.text);
    made.json
}

/// Says how a run's only step is going.
async fn step(world: &World, run: &Value, body: Value) {
    let path = format!("/api/v1/step-runs/{}", run["steps"][0]["id"]);
    let changed = world.admin().send("PATCH", &path, body).await;
    assert_eq!(changed.status, 200, "{}", changed.text);
}

/// The answer to a list with these parameters.
pub async fn list(world: &World, query: &str) -> Answer {
    let answer = world.admin().get(&format!("{RUNS}?{query}")).await;
    assert_eq!(answer.status, 200, "{query}: {}", answer.text);
    answer
}

/// The entity ids of a list with these parameters.
pub async fn found(world: &World, query: &str) -> Vec<String> {
    ids(&list(world, query).await.json)
}

pub fn ids(runs: &Value) -> Vec<String> {
    let runs = runs.as_array().expect("an array");
    runs.iter().map(|run| run["entity_id"].as_str().expect("text").to_owned()).collect()
}

/// That a list with these parameters has these runs, newest first, and says how many.
async fn check(world: &World, query: &str, expected: &[&str]) {
    let answer = list(world, query).await;
    assert_eq!(ids(&answer.json), expected, "{query}");
    let total = answer.header("x-total-count");
    assert_eq!(total, expected.len().to_string(), "{query}");
    assert_eq!(answer.header("x-total-count-exact"), "", "{query}");
}

#[tokio::test]
async fn every_filter_finds_what_it_says() {
    let world = World::with(&[]).await;
    let (first, second) = (process(&world, "First").await, process(&world, "Second").await);
    let a = run(&world, first, "A", Some("Acme Corporation"), json!({"p": "high", "e": "prod"}));
    let a = a.await;
    world.wait(3600);
    run(&world, first, "B", Some("ACME Inc"), json!({"p": "low", "e": "prod"})).await;
    world.wait(3600);
    let c = run(&world, second, "C", Some("Bolt"), json!({"p": "high", "e": {"f": 7}})).await;
    world.wait(24 * 3600);
    run(&world, second, "D", None, json!({"p": ["low", "mid"], "ok": true})).await;
    step(&world, &a, json!({"status": "failed", "failure": {"m": "x"}})).await;
    step(&world, &c, json!({"status": "running", "started_at": "2026-05-01T08:00:00Z"})).await;

    check(&world, "", &["D", "C", "B", "A"]).await;
    check(&world, &format!("process_id={first}"), &["B", "A"]).await;
    check(&world, "process_id=99", &[]).await;
    check(&world, "entity_id=B", &["B"]).await;
    check(&world, "entity_id=b", &[]).await;
    check(&world, "entity_name=acme", &["B", "A"]).await;
    check(&world, "entity_name=CORP", &["A"]).await;
    check(&world, "entity_name=o", &["C", "A"]).await;
    check(&world, "entity_name=nobody", &[]).await;
    check(&world, "status=failed", &["A"]).await;
    check(&world, &format!("status=failed&process_id={first}"), &["A"]).await;
    check(&world, "run_status=pending", &["D", "B"]).await;
    check(&world, "meta_filter=p:high", &["C", "A"]).await;
    check(&world, "meta_filter=p:HIGH,e:prod", &["A"]).await;
    check(&world, "meta_filter=p:high,p:low", &["D", "C", "B", "A"]).await;
    check(&world, "meta_filter=p:high&meta_filter=p:low&meta_filter=e:prod", &["B", "A"]).await;
    check(&world, "meta_filter=e.f:7", &["C"]).await;
    check(&world, "meta_filter=p:mid", &["D"]).await;
    check(&world, "meta_filter=ok:true", &["D"]).await;
    check(&world, "meta_filter=q:1", &[]).await;
    check(&world, "meta_filter=e:prod&entity_name=inc", &["B"]).await;
    check(&world, "created_after=2026-06-01T13:00:00Z", &["D", "C", "B"]).await;
    check(&world, "created_before=2026-06-01T13:00:00Z", &["B", "A"]).await;
    check(&world, "created_after=2026-06-02", &["D"]).await;
    check(&world, "started_after=2026-05-01&started_before=2026-05-02", &["C"]).await;
    check(&world, "started_after=2026-05-01T08:00:00Z&started_before=2026-05-01T08:00:00Z", &["C"])
        .await;
    check(&world, "started_after=2026-06-01", &["A"]).await;
    check(&world, "finished_after=2026-06-02", &["A"]).await;
    check(&world, "finished_before=2026-06-02", &[]).await;
    let failed_at = format!("failed_at={}", a["steps"][0]["step_id"]);
    check(&world, &failed_at, &["A"]).await;
}

#[tokio::test]
async fn runs_are_sorted_by_any_column_and_any_member() {
    let world = World::with(&[]).await;
    let process = process(&world, "P").await;
    for (entity, name, size) in
        [("b", Some("Y"), json!(10)), ("a", None, json!(9)), ("c", Some("X"), json!("big"))]
    {
        run(&world, process, entity, name, json!({ "size": size })).await;
        world.wait(1);
    }
    for (query, expected) in [
        ("", "c a b"),
        ("sort_direction=asc", "b a c"),
        ("order_by=id&sort_direction=asc", "b a c"),
        ("order_by=entity_id", "c b a"),
        ("order_by=entity_name&sort_direction=asc", "a c b"),
        ("order_by=meta.size&sort_direction=asc", "a b c"),
        ("order_by=meta.none&sort_direction=asc", "b a c"),
        ("order_by=status", "c a b"),
        ("order_by=entity_id&limit=1&offset=1", "b"),
    ] {
        assert_eq!(found(&world, query).await.join(" "), expected, "{query}");
    }
}

#[tokio::test]
async fn what_cannot_be_is_refused_in_the_words_that_callers_know() {
    let world = World::with(&[]).await;
    for (query, status, detail) in [
        (
            "meta_filter=bad",
            400,
            "Invalid meta_filter format: 'bad'. Expected format: 'field:value'",
        ),
        ("order_by=x", 400, "Invalid sort field 'x'"),
        ("sort_direction=up", 422, "sort_direction must be asc or desc"),
        ("limit=0", 422, "limit must be between 1 and 1000"),
        ("size=101", 422, "size must be between 1 and 100"),
        ("page=0", 422, "page must be at least 1"),
        ("limit=x", 422, "limit invalid digit found in string"),
        ("created_after=yesterday", 422, "created_after must be an RFC 3339 time or a date"),
        ("cursor=x", 422, "cursor is not one that was given"),
        ("order_by=status&cursor=1", 422, "cursor goes with created_at and id alone"),
    ] {
        let answer = world.admin().get(&format!("{RUNS}?{query}")).await;
        assert_eq!(answer.status, status, "{query}: {}", answer.text);
        assert_eq!(answer.json["detail"], detail, "{query}");
    }
    let far = world.admin().get(&format!("{RUNS}?offset=10001")).await;
    assert_eq!((far.status, far.json["errors"][0]["field"].as_str()), (422, Some("offset")));
    let status = world.admin().get(&format!("{RUNS}?status=done")).await;
    assert_eq!((status.status, status.json["errors"][0]["field"].as_str()), (422, Some("status")));
}

#[tokio::test]
async fn what_was_deleted_or_changed_is_found_no_more() {
    let world = World::with(&[]).await;
    let process = process(&world, "P").await;
    let a = run(&world, process, "A", Some("Name"), json!({"k": "old"})).await;
    run(&world, process, "B", Some("Name"), json!({"k": "old"})).await;
    let own = format!("{RUNS}/{}", a["id"]);
    let deleted = world.admin().send("DELETE", &own, Value::Null).await;
    assert_eq!(deleted.status, 204);
    for query in ["", "entity_name=name", "meta_filter=k:old", "status=pending", "entity_id=A"] {
        assert!(!found(&world, query).await.contains(&"A".to_owned()), "{query}");
    }
    check(&world, &format!("process_id={process}&status=pending"), &["B"]).await;
    let restored = world.admin().send("POST", &format!("{own}/restore"), Value::Null).await;
    assert_eq!(restored.status, 200);
    check(&world, "meta_filter=k:old", &["B", "A"]).await;
    let path = format!("{own}/metadata");
    assert_eq!(world.admin().send("PATCH", &path, json!({"k": "new"})).await.status, 200);
    check(&world, "meta_filter=k:old", &["B"]).await;
    check(&world, "meta_filter=k:new", &["A"]).await;
}

#[tokio::test]
async fn texts_of_any_script_are_found_whatever_their_case() {
    let world = World::with(&[]).await;
    let process = process(&world, "P").await;
    for (entity, name) in [
        ("ru", "Ежедневный Отчёт"),
        ("ar", "مؤسسة النور"),
        ("gr", "ΟΔΥΣΣΕΥΣ"),
        ("de", "Hauptstraße 5"),
        ("fr", "E\u{301}cole"),
    ] {
        run(&world, process, entity, Some(name), json!({ "name": name, "a'b": "x" })).await;
    }
    for (text, entity) in [
        ("ежедневный", "ru"),
        ("ОТЧЁТ", "ru"),
        ("النور", "ar"),
        ("οδυσσευς", "gr"),
        ("υσσ", "gr"),
        ("STRASSE", "de"),
        ("école", "fr"),
    ] {
        let text = shared::web::percent_encode(text);
        check(&world, &format!("entity_name={text}"), &[entity]).await;
    }
    let odysseus = shared::web::percent_encode("name:οδυσσεύς");
    check(&world, &format!("meta_filter={odysseus}"), &[]).await;
    let odysseus = shared::web::percent_encode("name:Οδυσσευσ");
    check(&world, &format!("meta_filter={odysseus}"), &["gr"]).await;
    // A field's name is data.
    check(&world, "meta_filter=a'b:x", &["fr", "de", "gr", "ar", "ru"]).await;
    check(&world, "meta_filter=a'b%20OR%201=1:x", &[]).await;
}

#[tokio::test]
async fn values_with_commas_and_colons_are_found() {
    let world = World::with(&[]).await;
    let process = process(&world, "P").await;
    run(&world, process, "A", None, json!({"city": "Aarhus, Denmark", "at": "12:30"})).await;
    run(&world, process, "B", None, json!({"city": "Aarhus"})).await;
    let city = shared::web::percent_encode("city:Aarhus, Denmark");
    check(&world, &format!("meta_filter={city}"), &["A"]).await;
    check(&world, &format!("meta_filter={city}&meta_filter=at:12:30"), &["A"]).await;
    check(&world, "meta_filter=city:aarhus", &["B"]).await;
}

#[tokio::test]
async fn one_text_is_looked_for_everywhere_and_it_is_told_where() {
    let world = World::with(&[]).await;
    let process = process(&world, "P").await;
    run(&world, process, "acme", Some("Acme Corporation"), json!({"customer": "ACME"})).await;
    run(&world, process, "X-1", Some("Bolt"), json!({"customer": "acme", "other": 1})).await;
    run(&world, process, "X-2", Some("Other"), json!({"customer": "acmes"})).await;
    let answer = world.admin().get("/api/v1/runs/search?q=Acme").await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(ids(&answer.json), ["X-1", "acme"]);
    let matches = json!([
        {"field": "entity_name", "value": "Acme Corporation"},
        {"field": "entity_id", "value": "acme"},
        {"field": "meta.customer", "value": "ACME"},
    ]);
    assert_eq!(answer.json[1]["matches"], matches);
    let other = world.admin().get("/api/v1/runs/search?q=acm&process_id=99").await;
    assert_eq!(other.json, json!([]));
    let none = world.admin().get("/api/v1/runs/search?q=%20").await;
    assert_eq!(none.status, 422);
}

#[tokio::test]
async fn what_runs_can_be_filtered_by_is_listed_with_its_values() {
    let world = World::with(&[]).await;
    let own = process(&world, "P").await;
    let other = process(&world, "Q").await;
    for n in 0..103 {
        run(&world, own, "A", None, json!({ "n": n, "d": if n % 2 == 0 { "x" } else { "y" } }))
            .await;
    }
    run(&world, other, "B", None, json!({"secret": "z"})).await;
    let path = format!("/api/v1/processes/{own}/filter-metadata");
    let answer = world.admin().get(&path).await;
    assert_eq!((answer.status, &answer.json["process_name"]), (200, &json!("P")));
    let fields = answer.json["metadata_fields"].as_array().expect("fields");
    assert_eq!(fields.len(), 2);
    assert_eq!(
        fields[0],
        json!({"field": "d", "type": "string", "values": ["x", "y"], "truncated": false})
    );
    assert_eq!((&fields[1]["type"], &fields[1]["truncated"]), (&json!("number"), &json!(true)));
    assert_eq!(fields[1]["values"].as_array().map(Vec::len), Some(100));
    let unknown = world.admin().get("/api/v1/processes/99/filter-metadata").await;
    assert_eq!(unknown.status, 404);
}

#[tokio::test]
async fn what_was_neutralised_is_in_no_part_of_the_index() {
    let world = World::with(&[]).await;
    let process = process(&world, "P").await;
    let a = run(&world, process, "CUST-1", Some("Jane Roe"), json!({"mail": "j@x.y", "n": 5}));
    let a = a.await;
    run(&world, process, "CUST-2", Some("Jane Doe"), json!({"mail": "k@x.y", "n": 5})).await;
    let path = format!("{RUNS}/{}/neutralize", a["id"]);
    let answer = world.admin().send("POST", &path, Value::Null).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    check(&world, "entity_name=jane", &["CUST-2"]).await;
    check(&world, "meta_filter=mail:j@x.y", &[]).await;
    check(&world, "entity_id=CUST-1", &[]).await;
    check(&world, "meta_filter=n:5", &["CUST-2"]).await;
    check(
        &world,
        &format!("process_id={process}&status=pending&limit=5"),
        &["CUST-2", &format!("NEUTRALIZED_{}", a["id"])],
    )
    .await;
    let facets = world.admin().get(&format!("/api/v1/processes/{process}/filter-metadata")).await;
    assert!(!facets.text.contains("j@x.y") && facets.text.contains("k@x.y"), "{}", facets.text);
    // Nothing of it is left in the dictionary either.
    let dictionary = world.admin().get("/api/v1/runs/search?q=roe").await;
    assert_eq!(dictionary.json, json!([]));
}
