//! What was synchronised: logs with their filters and counts, status, health, uptime.

use functions::integrations::connections::client::Connectors;
use functions::integrations::connections::{Direction, Records, SyncLog, SyncLogs, SyncType};
use serde_json::{Value, json};
use shared::ids;
use shared::table::{Table, Written};
use shared::tenant::Tenant;
use tests::support::World;

use super::{CONNECTIONS, beside_a_system, but, create, to};

/// Somebody who synchronises over a connection.
struct Syncing {
    tenant: Tenant,
    id: String,
    table: Table,
    logs: SyncLogs,
    connectors: Connectors,
}

impl Syncing {
    fn over(world: &World, path: &str) -> Self {
        Self {
            tenant: Tenant::parse("default").expect("a name"),
            id: path.rsplit('/').next().expect("an id").to_owned(),
            table: world.env.table("INTEGRATIONS_TABLE").expect("a table"),
            logs: SyncLogs::load(&world.env).expect("logs"),
            connectors: Connectors::load(&world.env).expect("a client"),
        }
    }

    async fn start(&self, of: SyncType) -> SyncLog {
        let connector = self.connectors.open(&self.tenant, &self.id).await.expect("a connection");
        let connection = connector.connection();
        let (log, writes) =
            self.logs.start(&self.tenant, connection, of, Direction::Inbound).expect("a log");
        let written = self.table.transact(&ids::time_ordered(), writes).await.expect("a table");
        assert!(matches!(written, Written::Done), "{written:?}");
        log
    }

    async fn finish(&self, log: &SyncLog, processed: i64, error: Option<&str>) -> bool {
        let failed = i64::from(error.is_some());
        let records = Records { processed, successful: processed - failed, failed };
        let writes = self.logs.finish(&self.tenant, log, records, error);
        let written = self.table.transact(&ids::time_ordered(), writes).await.expect("a table");
        matches!(written, Written::Done)
    }
}

#[tokio::test]
async fn logs_are_listed_newest_first_by_type_and_status_with_their_number() {
    let (world, system) = beside_a_system().await;
    let path = create(&world, to(&system)).await;
    let syncing = Syncing::over(&world, &path);
    for n in 0..3 {
        let log = syncing.start(SyncType::Personnel).await;
        let error = (n == 1).then_some("1C answered with status 500");
        world.wait(60);
        assert!(syncing.finish(&log, 10 + n, error).await);
        assert!(!syncing.finish(&log, 0, None).await, "a sync ends once");
    }
    syncing.start(SyncType::Schedule).await;
    let list = async |query: &str| {
        let answer = world.admin().get(&format!("{path}/sync-logs?{query}")).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json
    };
    let all = list("").await;
    assert_eq!(
        (&all["total_count"], &all["connection_name"]),
        (&json!(4), &json!("1C ZUP Production"))
    );
    assert_eq!(all["filters"], json!({"sync_type": null, "status": null}));
    let second = &all["sync_logs"][2];
    let expected = json!({"id": second["id"], "sync_type": "personnel", "direction": "inbound",
        "status": "failed", "start_time": "2026-06-01T12:01:00Z",
        "end_time": "2026-06-01T12:02:00Z", "records_processed": 11, "records_successful": 10,
        "records_failed": 1, "error_details": "1C answered with status 500"});
    assert_eq!(second, &expected);
    for (query, count, shown) in [
        ("sync_type=personnel", 3, 3),
        ("sync_type=personnel&status=completed", 2, 2),
        ("status=started", 1, 1),
        ("status=failed&skip=1", 1, 0),
        ("limit=1", 4, 1),
        ("sync_type=timesheet", 0, 0),
    ] {
        let listed = list(query).await;
        let found = listed["sync_logs"].as_array().map(Vec::len);
        assert_eq!((&listed["total_count"], found), (&json!(count), Some(shown)), "{query}");
    }
    for (query, field) in [("limit=0", "limit"), ("skip=-1", "skip"), ("status=x", "status")] {
        let refused = world.admin().get(&format!("{path}/sync-logs?{query}")).await;
        assert_eq!((refused.status, &refused.json["errors"][0]["field"]), (422, &json!(field)));
    }
}

#[tokio::test]
async fn the_status_tells_of_the_last_ten_syncs_and_of_the_tests() {
    let (world, system) = beside_a_system().await;
    let config = json!({"config": {"sync_interval": 600, "retry_attempts": 0}});
    let path = create(&world, but(to(&system), config)).await;
    let fresh = world.admin().get(&format!("{path}/status")).await.json;
    let id = path.rsplit('/').next().expect("an id");
    let expected = json!({"connection_id": id, "status": "inactive", "last_sync": null,
        "next_sync": null, "error_count": 0, "success_rate": 0.0, "avg_response_time_ms": null,
        "health_check": {"status": "unknown", "last_error": null, "last_test": null,
            "response_time_ms": null},
        "performance_metrics": {"total_syncs": 0, "successful_syncs": 0,
            "avg_response_time_ms": null, "recent_syncs": []}});
    assert_eq!(fresh, expected);
    let syncing = Syncing::over(&world, &path);
    for n in 0..12 {
        let log = syncing.start(SyncType::Full).await;
        assert!(syncing.finish(&log, n, (n % 3 == 2).then_some("no")).await);
    }
    assert_eq!(world.admin().send("POST", &format!("{path}/test"), Value::Null).await.status, 200);
    let status = world.admin().get(&format!("{path}/status")).await.json;
    assert_eq!((&status["error_count"], &status["success_rate"]), (&json!(4), &json!(60.0)));
    assert_eq!(status["last_sync"], "2026-06-01T12:00:00Z");
    assert_eq!(status["next_sync"], "2026-06-01T12:10:00Z");
    assert_eq!(status["health_check"]["status"], "healthy");
    assert!(status["avg_response_time_ms"].is_i64());
    let recent = status["performance_metrics"]["recent_syncs"].as_array().expect("syncs");
    assert_eq!((recent.len(), &recent[0]["records_processed"]), (5, &json!(11)));
    assert_eq!(status["performance_metrics"]["total_syncs"], 10);
}

#[tokio::test]
async fn health_is_a_warning_degraded_or_healthy() {
    let (world, system) = beside_a_system().await;
    let health = async || world.admin().get(&format!("{CONNECTIONS}/health")).await.json;
    let at_first = health().await;
    assert_eq!((&at_first["status"], &at_first["version"]), (&json!("warning"), &json!("1.0.0")));
    let one = create(&world, to(&system)).await;
    let other = create(&world, to(&system)).await;
    let activate = async |path: &str| {
        world.admin().send("POST", &format!("{path}/test"), Value::Null).await;
    };
    assert_eq!(health().await["status"], "warning");
    activate(&one).await;
    let degraded = health().await;
    assert_eq!(
        (&degraded["status"], &degraded["active_connections"]),
        (&json!("degraded"), &json!(1))
    );
    activate(&other).await;
    let syncing = Syncing::over(&world, &one);
    let log = syncing.start(SyncType::Personnel).await;
    world.wait(60);
    assert!(syncing.finish(&log, 1, None).await);
    let log = syncing.start(SyncType::Schedule).await;
    assert!(syncing.finish(&log, 1, Some("no")).await);
    let healthy = health().await;
    let expected = json!({"service_name": "WFM Integration Service", "status": "healthy",
        "version": "1.0.0", "uptime_seconds": 60, "active_connections": 2,
        "last_sync_times": {"personnel": "2026-06-01T12:01:00Z"},
        "performance_metrics": {"total_connections": 2, "active_connections": 2,
            "inactive_connections": 0, "recent_syncs": 2, "success_rate": 50.0},
        "timestamp": "2026-06-01T12:01:00Z"});
    assert_eq!(healthy, expected);
    world.wait(25 * 3600);
    assert_eq!(health().await["performance_metrics"]["recent_syncs"], 0);
}

#[tokio::test]
async fn uptime_is_the_time_that_a_connection_was_active() {
    let (world, system) = beside_a_system().await;
    let path = create(&world, to(&system)).await;
    let uptime = async |days: &str| world.admin().get(&format!("{path}/uptime?days={days}")).await;
    assert_eq!(uptime("1").await.json["uptime_percentage"], Value::Null);
    world.wait(3600);
    let set = async |status: &str| {
        let body = json!({"status": status});
        assert_eq!(world.admin().send("PUT", &path, body).await.status, 200);
    };
    set("active").await;
    set("active").await;
    world.wait(2 * 3600);
    set("error").await;
    world.wait(3600);
    let shown = uptime("30").await.json;
    assert_eq!(shown["uptime_percentage"], 50.0);
    assert_eq!(
        shown["period"],
        json!({"start": "2026-06-01T12:00:00Z",
        "end": "2026-06-01T16:00:00Z", "days": 30})
    );
    let intervals = json!([
        {"status": "inactive", "from": "2026-06-01T12:00:00Z", "to": "2026-06-01T13:00:00Z",
            "seconds": 3600},
        {"status": "active", "from": "2026-06-01T13:00:00Z", "to": "2026-06-01T15:00:00Z",
            "seconds": 7200},
        {"status": "error", "from": "2026-06-01T15:00:00Z", "to": "2026-06-01T16:00:00Z",
            "seconds": 3600},
    ]);
    assert_eq!(shown["intervals"], intervals);
    world.wait(22 * 3600);
    let day = uptime("1").await.json;
    assert_eq!(day["intervals"][0]["status"], "active", "what was before the day is known");
    assert_eq!(day["intervals"].as_array().map(Vec::len), Some(2));
    for days in ["0", "366", "x"] {
        let refused = uptime(days).await;
        assert_eq!((refused.status, &refused.json["errors"][0]["field"]), (422, &json!("days")));
    }
}

#[tokio::test]
async fn a_connection_with_logs_is_deactivated_and_stays() {
    let (world, system) = beside_a_system().await;
    let path = create(&world, to(&system)).await;
    assert_eq!(world.admin().send("PUT", &path, json!({"status": "active"})).await.status, 200);
    Syncing::over(&world, &path).start(SyncType::Full).await;
    for _ in 0..2 {
        let gone = world.admin().send("DELETE", &path, Value::Null).await;
        assert_eq!((gone.status, &gone.json["data"]["action"]), (200, &json!("deactivated")));
        let told = "Integration connection deactivated (has sync history)";
        assert_eq!(gone.json["message"], told);
    }
    assert_eq!(world.admin().get(&path).await.json["status"], "inactive");
    let tested = world.admin().send("POST", &format!("{path}/test"), Value::Null).await;
    assert_eq!(tested.json["success"], true, "its credentials are still there");
}
