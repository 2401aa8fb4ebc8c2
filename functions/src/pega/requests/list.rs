//! Use case: see what was asked of Pega, newest first: of one case, what failed, or all.

use serde::Deserialize;
use shared::error::Result;
use shared::jobs::parked;
use shared::table::{Key, Query, Range, Read, Table};
use shared::tenant::Tenant;

use super::super::envelope::MAX_NAME;
use super::model::{
    PegaRequest, Status, all_requests, id_at, of_case, rank_of, request_key, sort_key,
};

/// Requests that are looked at together, and altogether before a page is returned even if
/// it is not full.
const LOOK: i32 = 100;
const MOST_EXAMINED: usize = 1_000;

/// The requests there are. Cheap to clone.
#[derive(Clone)]
pub(in crate::pega) struct RequestLog {
    pub table: Table,
}

/// Which requests are meant.
#[derive(Debug, Default)]
pub(in crate::pega) struct Filter {
    pub limit: usize,
    pub status: Option<Status>,
    pub case_id: Option<String>,
    /// Only requests with a smaller number.
    pub before: Option<i64>,
}

/// What an index says of a request.
#[derive(Deserialize)]
struct Ranked {
    rank: i64,
}

impl RequestLog {
    /// One page, and the number to go on below; none when there is no more.
    pub async fn list(
        &self,
        tenant: &Tenant,
        filter: &Filter,
    ) -> Result<(Vec<PegaRequest>, Option<i64>)> {
        if filter.case_id.as_ref().is_some_and(|case_id| case_id.len() > MAX_NAME) {
            return Ok((Vec::new(), None));
        }
        let (mut found, mut examined) = (Vec::new(), 0);
        let mut below = Some(filter.before.unwrap_or(i64::MAX));
        while let Some(from) = below {
            let (ids, next) = self.look(tenant, filter, from).await?;
            examined += ids.len();
            for row in self.rows(tenant, &ids).await? {
                if filter.status.is_some_and(|status| status != row.status()) {
                    continue;
                }
                if found.len() == filter.limit {
                    return Ok(next_page(found));
                }
                found.push(row);
            }
            below = next;
            if examined >= MOST_EXAMINED {
                break;
            }
        }
        Ok((found, below))
    }

    /// Numbers below that one, newest first, and below which to go on.
    async fn look(
        &self,
        tenant: &Tenant,
        filter: &Filter,
        below: i64,
    ) -> Result<(Vec<i64>, Option<i64>)> {
        if let Some(case_id) = &filter.case_id {
            let range = Range::UpTo(sort_key(below.saturating_sub(1)).into());
            let query = Query::partition(&of_case(tenant, case_id)).range("sk", range);
            let page = self.table.query::<Key>(query.descending().limit(LOOK)).await?;
            let ids: Vec<i64> = page.items.iter().filter_map(|item| item.sk.parse().ok()).collect();
            return Ok((ids.clone(), page.next.and(ids.last().copied())));
        }
        let (index, partition) = match filter.status {
            Some(Status::Failed) => ("parked", parked(tenant, "failed")),
            _ => ("by_type", all_requests(tenant)),
        };
        // Events stand in the same list, above all requests.
        let newest = rank_of(below).min(0).saturating_sub(1);
        let query = Query::index(index, index, &partition)
            .range("rank", Range::Between(rank_of(0).into(), newest.into()));
        let page = self.table.query::<Ranked>(query.descending().limit(LOOK)).await?;
        let ids: Vec<i64> = page.items.iter().map(|item| id_at(item.rank)).collect();
        Ok((ids.clone(), page.next.and(ids.last().copied())))
    }

    /// The requests with these numbers, newest first.
    async fn rows(&self, tenant: &Tenant, ids: &[i64]) -> Result<Vec<PegaRequest>> {
        let keys: Vec<Key> = ids.iter().map(|id| request_key(tenant, *id)).collect();
        let mut rows: Vec<PegaRequest> = self.table.get_many(&keys, Read::Consistent).await?;
        rows.sort_unstable_by_key(|row| std::cmp::Reverse(row.id));
        Ok(rows)
    }
}

/// A page that another one follows.
fn next_page(found: Vec<PegaRequest>) -> (Vec<PegaRequest>, Option<i64>) {
    let last = found.last().map(|row| row.id);
    (found, last)
}
