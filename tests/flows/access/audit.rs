//! The audit trail: found, counted, exported, sealed, and every way to meddle shows.

use functions::audit::Sealer;
use functions::audit::verify::{Broken, Verified, Verifier};
use serde_json::{Value, json};
use shared::table::{Cond, Item, Key, Query, Update};
use shared::{ids, table::Table};
use tests::support::World;

const AUDIT: &str = "/api/v1/audit-logs";

async fn some_keys(world: &World, many: usize) {
    for n in 0..many {
        world.key(json!({"name": format!("k{n}")})).await;
        world.wait(1);
    }
}

async fn exported(world: &World) -> String {
    let (mut text, mut path) = (String::new(), format!("{AUDIT}/export?limit=3"));
    loop {
        let page = world.admin().get(&path).await;
        assert_eq!((page.status, page.header("content-type")), (200, "application/x-ndjson"));
        text += &page.text;
        let Some(next) = page.header("link").strip_prefix('<') else { return text };
        path = format!("{AUDIT}/export{}", next.split('>').next().expect("an address"));
    }
}

async fn verified(world: &World) -> Result<Verified, Broken> {
    Verifier::default().read(&exported(world).await)
}

/// The trail's rows, as whoever has the database in their hands finds them.
async fn rows(world: &World) -> (Table, Vec<Key>) {
    let table = world.env.table("AUDIT_TABLE").expect("a table");
    let mut found = Vec::new();
    for shard in 0..4 {
        let partition = format!("T#default#AUDIT#2026-06-01#{shard}");
        let keys: Vec<Key> = table.query_all(Query::partition(&partition)).await.expect("rows");
        found.extend(keys);
    }
    found.sort_by(|a, b| a.sk.cmp(&b.sk));
    (table, found)
}

async fn seal(world: &World) {
    world.wait(200);
    Sealer::load(&world.env).expect("a sealer").tick().await.expect("a seal");
}

#[tokio::test]
async fn entries_are_found_by_each_filter_and_page_by_page() {
    let world = World::with(&[]).await;
    some_keys(&world, 5).await;
    let all = world.admin().get(AUDIT).await.json;
    let actions: Vec<_> = all.as_array().expect("entries").iter().map(|e| &e["action"]).collect();
    assert_eq!(actions.len(), 7, "{actions:?}");
    // Three of them are of the same moment.
    assert!(actions[4..].contains(&&json!("tenant.create")), "newest first: {actions:?}");
    let corr = all[0]["correlation_id"].as_str().expect("an id");
    for (query, count) in [
        ("actor=key:1", 5),
        ("actor=operator", 2),
        ("action=api-key.create", 6),
        ("subject=api-key:3", 1),
        ("subject=api-key:3&actor=operator", 0),
        (&*format!("correlation_id={corr}"), 1),
        ("since=2026-06-01T12:00:03Z", 2),
        ("until=2026-06-01T12:00:03Z", 5),
        ("since=2026-06-02", 0),
        ("until=2020-01-01", 0),
        ("limit=2", 2),
    ] {
        let found = world.admin().get(&format!("{AUDIT}?{query}")).await;
        assert_eq!(found.json.as_array().map(Vec::len), Some(count), "{query} {}", found.text);
    }
    let (mut seen, mut path) = (Vec::new(), format!("{AUDIT}?limit=3"));
    loop {
        let page = world.admin().get(&path).await;
        seen.extend(page.json.as_array().expect("entries").iter().map(|e| e["id"].clone()));
        let Some(next) = page.header("link").strip_prefix('<') else { break };
        path = format!("{AUDIT}{}", next.split('>').next().expect("an address"));
    }
    let ids: Vec<_> = all.as_array().expect("entries").iter().map(|e| e["id"].clone()).collect();
    assert_eq!(seen, ids);
    for wrong in ["limit=0", "limit=1001", "since=soon", "cursor=x", "until=2026-13-01"] {
        let field = wrong.split('=').next();
        let answer = world.admin().get(&format!("{AUDIT}?{wrong}")).await;
        assert_eq!(answer.status, 422, "{wrong}");
        assert_eq!(answer.json["errors"][0]["field"].as_str(), field);
    }
}

/// Counts are the same before and after sealing, over midnight, and from the middle.
#[tokio::test]
async fn counts_are_those_of_the_entries_sealed_or_not() {
    let world = World::with(&[]).await;
    some_keys(&world, 3).await;
    seal(&world).await;
    world.wait(24 * 3600);
    some_keys(&world, 2).await;
    for sealed in [false, true] {
        if sealed {
            for _ in 0..3 {
                seal(&world).await;
            }
        }
        let stats = world.admin().get(&format!("{AUDIT}/stats")).await.json;
        assert_eq!(stats["total"], 7, "sealed {sealed}: {stats}");
        assert_eq!(stats["by_day"], json!({"2026-06-01": 5, "2026-06-02": 2}));
        assert_eq!(stats["by_actor"], json!({"key:1": 5, "operator": 2}));
        let part =
            world.admin().get(&format!("{AUDIT}/stats?since=2026-06-01T12:00:01Z")).await.json;
        assert_eq!(part["total"], 4, "sealed {sealed}");
        let actions = world.admin().get(&format!("{AUDIT}/actions")).await.json;
        let create = json!({"action": "api-key.create", "count": 6});
        assert_eq!(actions, json!([create, {"action": "tenant.create", "count": 1}]));
        let users = world.admin().get(&format!("{AUDIT}/users")).await.json;
        assert_eq!(users[0], json!({"user": "key:1", "count": 5}));
    }
}

#[tokio::test]
async fn an_export_verifies_offline_whole_or_in_part_sealed_or_not() {
    let world = World::with(&[]).await;
    some_keys(&world, 5).await;
    let before = verified(&world).await.expect("whole");
    assert_eq!((before.entries, before.sealed, before.from_the_beginning), (7, 0, true));
    seal(&world).await;
    let after = verified(&world).await.expect("whole");
    assert_eq!((after.entries, after.sealed, &after.end), (7, 7, &before.end));
    some_keys(&world, 2).await;
    seal(&world).await;
    seal(&world).await;
    let more = verified(&world).await.expect("whole");
    assert_eq!((more.entries, more.sealed), (9, 9));
    let part = world.admin().get(&format!("{AUDIT}/export?since=2026-06-01T12:00:02Z")).await;
    let part = Verifier::default().read(&part.text).expect("whole");
    assert_eq!((part.entries, part.from_the_beginning, &part.end), (5, false, &more.end));
    let csv = world.admin().get(&format!("{AUDIT}/export?format=csv")).await;
    assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8");
    assert_eq!(Verifier::default().read(&csv.text).expect("whole").entries, 9);
    assert_eq!(world.admin().get(&format!("{AUDIT}/export?format=pdf")).await.status, 422);
}

#[tokio::test]
async fn a_row_that_is_changed_removed_or_added_in_the_database_breaks_the_seal() {
    for meddle in ["change", "remove", "add"] {
        let world = World::with(&[]).await;
        some_keys(&world, 4).await;
        seal(&world).await;
        let (table, rows) = rows(&world).await;
        let write = match meddle {
            "change" => table.change(Update::of(rows[3].clone()).set("actor", "key:9")),
            "remove" => table.delete(rows[3].clone(), None),
            _ => {
                let row: Value = table
                    .get(&rows[3], shared::table::Read::Consistent)
                    .await
                    .expect("an answer")
                    .expect("a row");
                let mut row = row;
                let sk = row["sk"].as_str().expect("a key");
                row["sk"] = json!(format!("{}000000000000", &sk[..16]));
                table.put(Item::of(&row).expect("an item"), Some(Cond::Absent("pk")))
            }
        };
        table.transact(&ids::time_ordered(), vec![write]).await.expect("meddled");
        let broken = verified(&world).await.expect_err(meddle);
        assert!(matches!(broken, Broken::Seal(_, 1)), "{meddle}: {broken}");
    }
}

/// Two sealers at once make one seal; a tenant that does nothing costs one a day.
#[tokio::test]
async fn seals_are_numbered_without_gaps_whoever_makes_them() {
    let world = World::with(&[]).await;
    let sealer = Sealer::load(&world.env).expect("a sealer");
    for _ in 0..3 {
        some_keys(&world, 2).await;
        world.wait(200);
        let both = tokio::join!(sealer.tick(), sealer.tick());
        assert!(both.0.is_ok() && both.1.is_ok());
    }
    world.wait(3 * 24 * 3600);
    sealer.tick().await.expect("sealed");
    let text = exported(&world).await;
    let seals: Vec<i64> = text
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok()?["seal"]["number"].as_i64())
        .collect();
    assert_eq!(seals, (1..=6).collect::<Vec<_>>());
    assert_eq!(Verifier::default().read(&text).expect("whole").sealed, 8);
}

/// Made-up cursors and long quiet times cost no more than a page.
#[tokio::test]
async fn the_list_is_answered_wherever_it_is_asked_to_go_on() {
    let world = World::with(&[]).await;
    some_keys(&world, 2).await;
    for cursor in ["999999999999999-000000000000", "000000000000000-000000000000"] {
        let answer = world.admin().get(&format!("{AUDIT}?cursor={cursor}")).await;
        let count = if cursor.starts_with('9') { 4 } else { 0 };
        assert_eq!(answer.json.as_array().map(Vec::len), Some(count), "{cursor}");
        assert_eq!(world.admin().get(&format!("{AUDIT}/export?cursor={cursor}")).await.status, 200);
    }
    world.wait(900 * 24 * 3600);
    let (mut found, mut pages, mut path) = (0, 0, format!("{AUDIT}?action=tenant.create"));
    loop {
        let page = world.admin().get(&path).await;
        found += page.json.as_array().expect("entries").len();
        pages += 1;
        let Some(next) = page.header("link").strip_prefix('<') else { break };
        path = format!("{AUDIT}{}", next.split('>').next().expect("an address"));
    }
    assert_eq!(found, 1);
    assert!((2..10).contains(&pages), "{pages} pages over 900 days");
}
