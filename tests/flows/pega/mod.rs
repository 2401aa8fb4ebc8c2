//! The Pega bridge: the contract's rows, and what must hold beyond them.

pub mod access;
pub mod checklists;
mod compliance;
pub mod contract;
pub mod decisions;
mod figures;
pub mod idempotency;
pub mod input;
pub mod list;
pub mod outage;
pub mod outgoing;
mod replays;
pub mod results;
mod rules;
mod steps;

use tests::support::{Installation, Target, World};

/// A world whose Pega is away, so that what needs it fails at once.
async fn beside_no_pega() -> World {
    let vars = [
        ("PEGA_URL", "http://127.0.0.1:9/prweb/api/v1"),
        ("PEGA_USERNAME", "operator"),
        ("PEGA_PASSWORD", "a password"),
        ("JOB_MAX_ATTEMPTS", "1"),
    ];
    World::with(&vars).await
}

/// Every flow that needs nothing but a target.
pub async fn all(target: &Target) {
    contract::webhook_answers(target).await;
    contract::one_event(target).await;
    contract::reprocess_rules(target).await;
    contract::corners_of_http(target).await;
    results::every_type(target).await;
    results::alert_is_noted_once(target).await;
    results::seven_is_no_alert(target).await;
    checklists::tick_off(target).await;
    checklists::lists(target).await;
    figures::shapes(target).await;
    compliance::of_a_case(target).await;
    replays::of_a_new_type(target).await;
    decisions::approve_and_reject(target).await;
    decisions::two_at_once(target).await;
    decisions::rules_that_change_meanwhile(target).await;
    decisions::nothing_to_decide(target).await;
    list::filters_and_pages(target).await;
    list::bad_parameters(target).await;
    idempotency::repeats(target).await;
    idempotency::same_instant(target).await;
    idempotency::one_case_at_once(target, 12).await;
    idempotency::repeats_take_no_numbers(target).await;
    idempotency::each_sender_counts_its_own(target).await;
    idempotency::cloud_events(target).await;
    idempotency::equal_bodies_without_a_key(target).await;
    input::bad_input(target).await;
    input::large_payloads(target).await;
    input::long_values(target).await;
    access::strangers(target).await;
    access::senders(target).await;
    outage::refusal_is_final_until_driven_anew(target).await;
    outage::answer_lost_after_the_note(target).await;
    outage::pega_busy(target).await;
    outgoing::all(target).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_flow_holds_on_the_local_process() {
    let installation = Installation::start().await;
    all(&installation.target).await;
    installation.app.stop().await;
}
