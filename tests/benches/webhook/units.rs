//! The capacity units of one accepted and processed event, as DynamoDB counts them.

use anyhow::Result;
use serde_json::Value;
use tests::support::{Caller, Installation, events};

/// Looks at an event after it was processed.
const LOOKS_AFTER: u32 = 10;

/// Prints them for the kinds of events there are.
pub async fn report() -> Result<()> {
    let installation = Installation::start().await;
    let (admin, meter) = (installation.admin(), installation.app.database().meter());
    println!("units of one event, accepted and processed{:>16} {:>6}", "write", "read");
    let plain = || events::role_change(&events::new_case());
    let risky = || events::high_risk(&events::new_case());
    let keyed = |mut body: Value| {
        body["eventId"] = shared::ids::unique().into();
        body
    };
    let kinds = [
        ("role change", plain()),
        ("role change with an idempotency key", keyed(plain())),
        ("high-risk change, noted in Pega", risky()),
        ("the same with an idempotency key", keyed(risky())),
    ];
    // The first event of an installation looks up the caller's key.
    let first = admin.event(&plain()).await.event_id();
    look_until_processed(&admin, first).await;
    for (kind, body) in kinds {
        meter.take();
        let id = admin.event(&body).await.event_id();
        let looks = look_until_processed(&admin, id).await;
        let units = meter.take();
        for _ in 0..LOOKS_AFTER {
            admin.get(&format!("/events/{id}")).await;
        }
        let a_look = meter.take().read / f64::from(LOOKS_AFTER);
        let read = units.read - a_look * f64::from(looks);
        println!("  {kind:<44} {:>12} {read:>6}", units.write);
    }
    installation.app.stop().await;
    Ok(())
}

/// Looks at the event until it was processed and a few times more, while its worker
/// sees whether another event waits. Answers how often it looked.
async fn look_until_processed(admin: &Caller, id: i64) -> u32 {
    let (mut looks, mut after) = (0, 0);
    while after < LOOKS_AFTER {
        let event = admin.get(&format!("/events/{id}")).await.json;
        looks += 1;
        after += u32::from(!event["processed_at"].is_null());
    }
    looks
}
