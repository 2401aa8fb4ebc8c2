//! Processes that die anywhere in an import, and imports at the same instant: what is counted
//! is what there is.

use futures_util::future::join_all;
use serde_json::{Value, json};
use tests::support::{Faults, World, dying_anywhere};

use super::import::{counts, import, kept, status};
use super::{CC, beside_a_centre};

/// Imports a hundred and twenty records into a centre that has one of them, and another one that says
/// something else, by a process that dies after so many calls of the database; whether it did.
async fn with_a_death(calls: usize) -> (bool, ()) {
    let (world, _centre, _) = beside_a_centre().await;
    let mut other = status("7", "A");
    other["state_name"] = json!("Otherwise");
    let before = import(&world, json!({ "data": [status("3", "A"), other] })).await;
    assert_eq!(counts(&before), [2, 2, 0]);
    let faults = Faults::death_after(calls);
    let env = world.workforce_amid(&faults);
    let dying = World::service(&env);
    let mut data: Vec<Value> = (0..119).map(|agent| status(&agent.to_string(), "A")).collect();
    data.push(json!({ "agent_id": "nobody" }));
    let body = json!({ "data_type": "agent_status", "data": data, "batch_size": 100,
        "validate_before_import": false });
    let bearer = format!("Bearer {}", world.admin_key);
    let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
    // Nobody learns how it ends.
    let _ = dying.ask("POST", &format!("{CC}/bulk-import"), &headers, body.to_string()).await;
    world.workforce_of(&env).await;
    world.workforce_recovers().await;
    let imports = world.admin().get(&format!("{CC}/imports")).await.json;
    let imports = imports.as_array().expect("imports").clone();
    if imports.len() == 2 {
        let told = ["status", "total_records", "successful_records", "failed_records"];
        let told = told.map(|name| imports[0][name].to_string());
        assert_eq!(told, ["\"completed\"", "120", "118", "2"], "after {calls}");
        let id = imports[0]["import_id"].as_str().expect("an id");
        let errors = world.admin().get(&format!("{CC}/imports/{id}/errors")).await.json;
        let places: Vec<_> = errors["errors"].as_array().expect("errors").iter().collect();
        let places: Vec<_> = places.iter().map(|one| one["record_index"].as_i64()).collect();
        assert_eq!(places, [Some(7), Some(119)], "after {calls}");
        assert_eq!(kept(&world).await.len(), 119, "after {calls}");
    } else {
        assert_eq!(kept(&world).await.len(), 2, "after {calls}: nothing was begun");
    }
    (faults.has_died(), ())
}

#[tokio::test]
async fn an_import_killed_anywhere_counts_what_there_is() {
    dying_anywhere(with_a_death).await;
}

#[tokio::test]
async fn of_two_imports_at_the_same_instant_each_record_is_one_of_them() {
    let (world, _centre, _) = beside_a_centre().await;
    let of = |name: &str| {
        let one = |agent: u32| {
            let mut one = status(&agent.to_string(), "A");
            one["state_name"] = json!(name);
            one
        };
        json!({ "data": (0..250).map(one).collect::<Vec<_>>(), "validate_before_import": false })
    };
    let answers = join_all(["X", "Y"].map(|name| import(&world, of(name)))).await;
    let [x, y] = [counts(&answers[0]), counts(&answers[1])];
    assert_eq!((x[1] + y[1], x[2] + y[2]), (250, 250), "{x:?} {y:?}");
    let (start, end) = ("2026-06-01", "2026-06-02");
    let told = super::historic(&world, "agentStatusData", start, end, "").await.json;
    let items = told["agent_status_data"].as_array().expect("items");
    let of_x = items.iter().filter(|one| one["state_name"] == "X").count();
    assert_eq!((items.len(), of_x), (250, usize::try_from(x[1]).expect("a count")));
}
