//! Use case: count the cases of whoever calls.

use std::collections::BTreeMap;

use serde::Serialize;
use shared::error::Result;
use shared::web::Caller;
use utoipa::ToSchema;

use super::cases::last_change;
use super::means::Means;

/// What "recently" is, in milliseconds: seven days.
const RECENT_MS: i64 = 7 * 24 * 3_600_000;

/// The cases of somebody in numbers.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct CaseStatistics {
    /// Accounts.
    accounts: usize,
    /// All cases; those that the portal shows, and those that it does not any more.
    total_cases: usize,
    present_cases: usize,
    absent_cases: usize,
    /// Cases that the portal shows, by status and by type, in its words; `` where it says
    /// nothing.
    by_status: BTreeMap<String, usize>,
    by_type: BTreeMap<String, usize>,
    #[schema(value_type = BTreeMap<String, usize>)]
    by_account: BTreeMap<i64, usize>,
    /// Those that were imported in the last seven days, and those that changed.
    imported_recently: usize,
    changed_recently: usize,
}

impl Means {
    /// Counts the cases of an account, or of all accounts of whoever calls.
    ///
    /// # Errors
    /// `NotFound` for an account of nobody's.
    pub(super) async fn statistics(
        &self,
        by: &Caller,
        account_id: Option<i64>,
    ) -> Result<CaseStatistics> {
        let since = self.clock.now_ms() - RECENT_MS;
        let accounts = match account_id {
            Some(_) => 1,
            None => self.accounts(by).await?.len(),
        };
        let mut told = CaseStatistics { accounts, ..CaseStatistics::default() };
        for (account_id, case) in self.cases_of(by, account_id).await? {
            told.total_cases += 1;
            told.imported_recently += usize::from(case.created_at >= since);
            let has_changed = case.updated_at.is_some() && last_change(&case) >= since;
            told.changed_recently += usize::from(has_changed);
            if case.absent_since.is_some() {
                told.absent_cases += 1;
                continue;
            }
            told.present_cases += 1;
            *told.by_status.entry(case.status).or_default() += 1;
            *told.by_type.entry(case.kind).or_default() += 1;
            *told.by_account.entry(account_id).or_default() += 1;
        }
        Ok(told)
    }
}
