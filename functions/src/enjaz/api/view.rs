//! What callers see of accounts, cases and synchronisations.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::json;
use shared::web::to_the_second;
use utoipa::ToSchema;

use super::super::account::Account;
use super::super::case::{CaseChangeKind, Change};
use super::super::cases::Owned;
use super::super::portal::Outcome;
use super::super::sync::{Goal, SyncRun, SyncState, Trigger};

/// An account.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccountView {
    id: i64,
    /// Never told: always `***masked***`.
    #[schema(example = "***masked***")]
    username: &'static str,
    #[schema(format = DateTime)]
    created_at: String,
    /// When its user last changed it or connected it again.
    #[schema(format = DateTime)]
    updated_at: Option<String>,
    #[schema(example = "default")]
    label: String,
    /// Whether it is read in a session that its user began, and not with a password.
    by_session: bool,
    /// What came of the last visit; null before the first one with these credentials.
    #[schema(value_type = Option<String>, example = "ok")]
    status: Option<Outcome>,
    /// The same for a person.
    status_message: &'static str,
    paused: bool,
    interval_minutes: i64,
    /// When it is synchronised next by itself; null when its user comes first.
    #[schema(format = DateTime)]
    next_sync_at: Option<String>,
    /// The synchronisation that is under way.
    running_sync_id: Option<String>,
    last_sync_id: Option<String>,
    #[schema(format = DateTime)]
    last_sync_at: Option<String>,
    /// When everything was read last.
    #[schema(format = DateTime)]
    last_complete_at: Option<String>,
    /// Its cases, those that the portal does not show any more among them.
    cases: usize,
}

impl From<&Account> for AccountView {
    fn from(of: &Account) -> Self {
        Self {
            id: of.id,
            username: "***masked***",
            created_at: to_the_second(of.created_at),
            updated_at: of.updated_at.map(to_the_second),
            label: of.sk.clone(),
            by_session: of.by_session,
            status: of.standing,
            status_message: of.standing.map_or("Not visited yet.", Outcome::sentence),
            paused: of.paused,
            interval_minutes: of.interval_minutes,
            next_sync_at: of.next_sync_at().map(to_the_second),
            running_sync_id: of.running.clone(),
            last_sync_id: of.last_sync.clone(),
            last_sync_at: of.last_sync_at.map(to_the_second),
            last_complete_at: of.last_complete_at.map(to_the_second),
            cases: of.cases.total,
        }
    }
}

/// A case.
#[derive(Debug, Serialize, ToSchema)]
pub struct CaseView {
    id: i64,
    /// The number as a key, in ASCII digits.
    #[schema(example = "CASE-2024-001")]
    case_number: String,
    #[schema(example = "Civil")]
    case_type: String,
    #[schema(example = "Active")]
    status: String,
    /// What else the portal says of it, as the text of a JSON object.
    #[schema(example = r#"{"court":"Riyadh"}"#)]
    case_data: Option<String>,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    updated_at: Option<String>,
    account_id: i64,
    /// The number as the portal writes it.
    raw_case_number: String,
    /// Since when the portal does not show it any more.
    #[schema(format = DateTime)]
    absent_since: Option<String>,
}

impl From<Owned> for CaseView {
    fn from((account_id, of): Owned) -> Self {
        Self {
            id: of.id,
            case_number: of.number,
            case_type: of.kind,
            status: of.status,
            case_data: (!of.columns.is_empty()).then(|| json!(of.columns).to_string()),
            created_at: to_the_second(of.created_at),
            updated_at: of.updated_at.map(to_the_second),
            account_id,
            raw_case_number: of.raw_number,
            absent_since: of.absent_since.map(to_the_second),
        }
    }
}

/// A change of a case.
#[derive(Debug, Serialize, ToSchema)]
pub struct CaseChange {
    #[schema(format = DateTime)]
    at: String,
    kind: CaseChangeKind,
    /// The synchronisation that saw it; null for the first sight of a case.
    sync_id: Option<String>,
    /// What was different.
    fields: BTreeMap<String, FieldChange>,
}

/// What was different about a case.
#[derive(Debug, Serialize, ToSchema)]
pub struct FieldChange {
    from: String,
    to: String,
}

/// What became of a case, the newest first.
pub fn history(of: &Owned) -> Vec<CaseChange> {
    let case = &of.1;
    let changes = case.changes.iter().rev().map(|change| {
        let Change { at, sync_id, kind, fields } = change.clone();
        let fields = fields.into_iter().map(|(name, (from, to))| (name, FieldChange { from, to }));
        CaseChange { at: to_the_second(at), kind, sync_id: Some(sync_id), fields: fields.collect() }
    });
    let imported = CaseChange {
        at: to_the_second(case.created_at),
        kind: CaseChangeKind::Imported,
        sync_id: None,
        fields: BTreeMap::new(),
    };
    changes.chain([imported]).collect()
}

/// A synchronisation.
#[derive(Debug, Serialize, ToSchema)]
pub struct EnjazSyncView {
    sync_id: String,
    account_id: i64,
    trigger: Trigger,
    goal: Goal,
    state: SyncState,
    /// What came of it: `connected`, `credentials_rejected`, `captcha_required`,
    /// `mfa_required`, `sso_required`, `locked`, `layout_changed`, `portal_unavailable`,
    /// `partial` or `ok`; null while it goes on, and when the account was disconnected or
    /// connected anew on the way.
    #[schema(value_type = Option<String>, example = "ok")]
    outcome: Option<Outcome>,
    /// The same for a person, and what exactly.
    message: Option<String>,
    detail: Option<String>,
    /// What the structure of a page that is not as expected is recognised by.
    fingerprint: Option<String>,
    #[schema(format = DateTime)]
    started_at: String,
    #[schema(format = DateTime)]
    ended_at: Option<String>,
    /// What was read: pages, cases, rows without a number, rows that were there before.
    pages: i64,
    cases_found: i64,
    rows_without_number: i64,
    rows_repeated: i64,
    cases_imported: i64,
    cases_updated: i64,
    cases_unchanged: i64,
    /// Cases that the portal shows no more, since this one.
    cases_absent: i64,
    /// Cases that were missing, whether that is believed or not.
    cases_missing: i64,
}

impl From<&SyncRun> for EnjazSyncView {
    fn from(of: &SyncRun) -> Self {
        let result = of.result.as_ref();
        let counts = result.map(|result| result.counts).unwrap_or_default();
        let outcome = result.and_then(|result| result.outcome);
        Self {
            sync_id: of.id().to_owned(),
            account_id: of.account_id,
            trigger: of.trigger,
            goal: of.goal,
            state: of.status(),
            outcome,
            message: outcome.map(|outcome| outcome.sentence().to_owned()),
            detail: result.map(|result| result.detail.clone()),
            fingerprint: result.and_then(|result| result.fingerprint.clone()),
            started_at: to_the_second(of.started_at),
            ended_at: result.map(|result| to_the_second(result.at)),
            pages: of.seen.pages,
            cases_found: of.seen.cases,
            rows_without_number: of.seen.unnumbered,
            rows_repeated: of.seen.duplicates,
            cases_imported: counts.imported,
            cases_updated: counts.updated,
            cases_unchanged: counts.unchanged,
            cases_absent: counts.absent,
            cases_missing: counts.missing,
        }
    }
}
