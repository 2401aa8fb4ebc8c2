//! Use case: see what was asked of Pega, newest first: of one case, what failed, or all.

use shared::error::Result;
use shared::jobs::parked;
use shared::table::{Key, Query, Range, Read, Table};
use shared::tenant::Tenant;

use super::super::envelope::MAX_NAME;
use super::model::{
    PegaRequest, Status, all_requests, id_at, of_case, rank_of, request_key, sort_key,
};
use crate::newest::{LOOK, Newest, Numbers, ranks};

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

/// The requests of a tenant that are asked for.
struct Asked<'a> {
    log: &'a RequestLog,
    tenant: &'a Tenant,
    filter: &'a Filter,
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
        let asked = Asked { log: self, tenant, filter };
        asked.page(filter.limit, filter.before).await
    }
}

impl Asked<'_> {
    /// Numbers of a case's requests below that one.
    async fn of_case(&self, case_id: &str, below: i64) -> Result<Numbers> {
        let range = Range::UpTo(sort_key(below.saturating_sub(1)).into());
        let query = Query::partition(&of_case(self.tenant, case_id)).range("sk", range);
        let page = self.log.table.query::<Key>(query.descending().limit(LOOK)).await?;
        let ids: Vec<i64> = page.items.iter().filter_map(|item| item.sk.parse().ok()).collect();
        let last = page.next.and(ids.last().copied());
        Ok((ids, last))
    }
}

impl Newest for Asked<'_> {
    type Row = PegaRequest;
    const MOST_EXAMINED: usize = 1_000;

    async fn look(&self, below: i64) -> Result<Numbers> {
        if let Some(case_id) = &self.filter.case_id {
            return self.of_case(case_id, below).await;
        }
        let (index, partition) = match self.filter.status {
            Some(Status::Failed) => ("parked", parked(self.tenant, "failed")),
            _ => ("by_type", all_requests(self.tenant)),
        };
        // Events stand in the same list, above all requests.
        let newest = rank_of(below).min(0).saturating_sub(1);
        let query = Query::index(index, index, &partition)
            .range("rank", Range::Between(rank_of(0).into(), newest.into()));
        let (ranks, more) = ranks(&self.log.table, query).await?;
        let ids: Vec<i64> = ranks.into_iter().map(id_at).collect();
        let last = ids.last().copied().filter(|_| more);
        Ok((ids, last))
    }

    async fn rows(&self, ids: &[i64]) -> Result<Vec<PegaRequest>> {
        let keys: Vec<Key> = ids.iter().map(|id| request_key(self.tenant, *id)).collect();
        self.log.table.get_many(&keys, Read::Consistent).await
    }

    fn passes(&self, row: &PegaRequest) -> bool {
        self.filter.status.is_none_or(|status| status == row.status())
    }

    fn number(row: &PegaRequest) -> i64 {
        row.id
    }
}
