//! Lists of runs by pages, in every form that their callers know.

use functions::processes::runs::{Change, Run, RunStore};
use serde_json::{Map, Value, json};
use shared::tenant::Tenant;
use shared::web::Caller;
use tests::support::{Answer, World};

use super::search::{RUNS, found, ids, list, process, run};

/// A page and all behind it, as links lead there.
async fn pages(world: &World, mut query: String) -> Vec<Answer> {
    let mut pages = Vec::new();
    loop {
        let page = list(world, &query).await;
        let link = page.header("link").to_owned();
        pages.push(page);
        let next = link.split(", ").find(|link| link.ends_with("rel=\"next\""));
        let Some(next) = next else { return pages };
        let next = next.trim_start_matches("<?");
        query = next.split('>').next().unwrap_or_default().to_owned();
        assert!(query.contains("cursor="), "{query}");
    }
}

/// No answer is larger than what a function may answer, and none of the runs is missing.
#[tokio::test]
async fn large_runs_make_short_pages() {
    let world = World::with(&[]).await;
    let steps: Vec<_> = (0..20).map(|n| json!({ "name": n.to_string() })).collect();
    let new = json!({ "name": "Large", "steps": steps });
    let large = world.admin().send("POST", "/api/v1/processes", new).await.json["id"].as_i64();
    let large = large.expect("a number");
    let text = json!({ "text": "x".repeat(16_000) }).to_string();
    let store = RunStore::load(&world.env).expect("a store");
    let by = Caller::system(&Tenant::parse("default").expect("a name"));
    for n in 0..17 {
        let run = run(&world, large, &n.to_string(), None, json!({})).await;
        let grow = |run: &mut Run, _| {
            run.steps.iter_mut().for_each(|step| step.meta.clone_from(&text));
            Ok(Some(Change::of("run.test")))
        };
        store.change(&by, run["id"].as_i64().expect("a number"), grow).await.expect("changed");
    }
    let newest_first: Vec<_> = (0..17).rev().map(|n| n.to_string()).collect();
    for query in ["limit=17".to_owned(), format!("process_id={large}&entity_name=")] {
        let pages = pages(&world, query).await;
        let all: Vec<_> = pages.iter().flat_map(|page| ids(&page.json)).collect();
        assert_eq!(all, newest_first);
        assert_eq!(pages.len(), 2);
        assert!(pages.iter().all(|page| page.text.len() < 5_000_000));
    }
    let page = list(&world, "page=1&size=17").await.json;
    let next = format!("size=17&cursor={}", page["next_cursor"].as_str().expect("a cursor"));
    let rest = list(&world, &next).await.json;
    assert_eq!([ids(&page["items"]), ids(&rest["items"])].concat(), newest_first);
    // Sorted by something else they are asked for in other numbers.
    let refused = world.admin().get(&format!("{RUNS}?limit=17&order_by=entity_id")).await;
    assert_eq!((refused.status, &refused.json["errors"][0]["field"]), (422, &json!("limit")));
    assert_eq!(list(&world, "limit=10&order_by=entity_id").await.status, 200);
}

#[tokio::test]
async fn every_form_of_paging_goes_through_all_runs() {
    let world = World::with(&[]).await;
    let process = process(&world, "P").await;
    for n in 0..7 {
        run(&world, process, &n.to_string(), None, json!({})).await;
    }
    assert_eq!(found(&world, "limit=3&offset=2").await, ["4", "3", "2"]);
    assert_eq!(found(&world, "limit=3&skip=6").await, ["0"]);
    assert_eq!(found(&world, "limit=3&skip=7").await, [""; 0]);
    let page = list(&world, "page=2&size=3").await;
    assert_eq!(ids(&page.json["items"]), ["3", "2", "1"]);
    let told: Map<String, Value> = ["total", "page", "size", "pages", "total_is_exact"]
        .map(|name| (name.to_owned(), page.json[name].clone()))
        .into_iter()
        .collect();
    let expected = json!({"total": 7, "page": 2, "size": 3, "pages": 3, "total_is_exact": true});
    assert_eq!(Value::Object(told), expected);
    for (name, value) in [
        ("x-total-count", "7"),
        ("x-page", "2"),
        ("x-page-size", "3"),
        ("x-total-pages", "3"),
        (
            "link",
            "<?size=3&page=1>; rel=\"first\", <?size=3&page=3>; rel=\"last\", \
             <?size=3&page=1>; rel=\"prev\", <?size=3&page=3>; rel=\"next\"",
        ),
    ] {
        assert_eq!(page.header(name), value, "{name}");
    }
    for direction in ["asc", "desc"] {
        let query = format!("limit=3&sort_direction={direction}&process_id={process}");
        let pages = pages(&world, query).await;
        assert!(pages.iter().all(|page| page.header("x-total-count") == "7"));
        let all: Vec<_> = pages.iter().flat_map(|page| ids(&page.json)).collect();
        let mut expected = ["0", "1", "2", "3", "4", "5", "6"];
        if direction == "desc" {
            expected.reverse();
        }
        assert_eq!(all, expected, "{direction}");
    }
}
