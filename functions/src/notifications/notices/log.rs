//! Use cases: see notices, have one tried again, try a target out.

use serde::Deserialize;
use serde_json::json;
use shared::error::{Error, Kind, Result};
use shared::ids;
use shared::jobs::{Row, State};
use shared::queue::Hint;
use shared::table::{Item, Query, Range, Read, Value};
use shared::tenant::Tenant;
use shared::web::{Caller, moment};
use utoipa::IntoParams;

use super::digest::gather;
use super::notice::{Notice, NoticeStatus, notice_key};
use super::view::{NoticeDetail, NoticeView};
use crate::notifications::client::Reached;
use crate::notifications::stats;
use crate::notifications::store::{INTERFERED, Notifications};

/// Rows that one list looks at, at most; a cursor leads on.
const LOOKED_AT: usize = 2000;
/// Rows of one look.
const LOOK: i32 = 200;
/// The longest id.
const LONGEST_ID: usize = 80;

/// Which notices are listed.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct NoticeFilter {
    /// How many to list, 1 to 1000; 100 when not given.
    #[param(minimum = 1, maximum = 1000)]
    pub limit: Option<i64>,
    /// Only those that stand so.
    #[param(inline)]
    pub status: Option<NoticeStatus>,
    /// Only those to this target.
    pub target_id: Option<String>,
    /// Only those that came up from then on: an RFC 3339 time or a date.
    pub since: Option<String>,
    /// Where an earlier page ended, as its `Link` says.
    pub cursor: Option<String>,
}

impl Notifications {
    /// The notices that pass, the newest first, and where to go on. One that is held back
    /// stands where it will go out.
    pub(in crate::notifications) async fn notices(
        &self,
        tenant: &Tenant,
        filter: &NoticeFilter,
        limit: usize,
    ) -> Result<(Vec<NoticeView>, Option<String>)> {
        let now = self.clock.now_ms();
        let since = filter.since.as_ref().map(|since| moment("since", since)).transpose()?;
        let since = since.map_or(0, |since| since.as_millisecond());
        let mut at = filter.cursor.clone();
        if at.as_ref().is_some_and(|at| !is_id(at)) {
            return Err(Error::invalid("cursor", "is none that an earlier page gave"));
        }
        let first = ids::first_of_moment(since);
        if at.as_ref().is_some_and(|at| *at < first) {
            // Behind it there is nothing that came up since.
            return Ok((Vec::new(), None));
        }
        let passes = |notice: &Notice| {
            !notice.empty
                && filter.status.is_none_or(|status| status == notice.status(now))
                && filter.target_id.as_ref().is_none_or(|id| *id == notice.target_id)
        };
        let (mut found, mut looked_at) = (Vec::new(), 0);
        while looked_at < LOOKED_AT {
            let behind = at.as_deref().map(|last| Item::of(&notice_key(tenant, last)));
            let query = Query::partition(&notice_key(tenant, "").pk).descending().limit(LOOK);
            let query = query.range("sk", Range::From(first.as_str().into()));
            let page = self.messages.query::<Notice>(query.after(behind.transpose()?)).await?;
            looked_at += page.items.len();
            for notice in page.items {
                if found.len() == limit {
                    return Ok((found, at));
                }
                at = Some(notice.sk.clone());
                if passes(&notice) {
                    found.push(NoticeView::of(&notice, now));
                }
            }
            if page.next.is_none() {
                return Ok((found, None));
            }
        }
        Ok((found, at))
    }

    /// One notice and the attempts at it.
    pub(in crate::notifications) async fn notice(
        &self,
        tenant: &Tenant,
        id: &str,
    ) -> Result<NoticeDetail> {
        let notice = self.find_notice(tenant, id).await?;
        let messages = match notice.held_until() {
            Some(_) => Some(gather(&self.messages, tenant, &notice.sk).await?.count),
            None => None,
        };
        let attempts = notice.tries.iter().cloned().map(Into::into).collect();
        let notice = NoticeView::of(&notice, self.clock.now_ms());
        Ok(NoticeDetail { notice, messages, attempts })
    }

    /// Drives a notice anew that failed or waits.
    ///
    /// # Errors
    /// `Malformed` when it was taken; `Conflict` when it is under way, held back, or its
    /// target is disabled.
    pub(in crate::notifications) async fn retry(&self, by: &Caller, id: &str) -> Result<()> {
        let notice = self.find_notice(&by.tenant, id).await?;
        let conflict = |told: &str| Err(Error::new(Kind::Conflict, told));
        match (notice.job.state, notice.status(self.clock.now_ms())) {
            (State::Done, _) => return Err(Error::malformed("The notice was sent already")),
            (State::Leased, _) => return conflict("The notice is being sent right now"),
            (_, NoticeStatus::Held) => return conflict("The notice is held back"),
            _ => {}
        }
        let target = self.target(&by.tenant, &notice.target_id).await;
        if !notice.is_test() && !target.is_ok_and(|target| target.is_active) {
            return conflict("The target is disabled or was removed");
        }
        let details = json!({ "target_id": notice.target_id });
        let subject = format!("notice:{}", notice.sk);
        let mut also =
            vec![self.trail.entry(by, "notification.notice.retry", subject, &details)?];
        if notice.job.state == State::Failed {
            also.push(stats::redriven(&self.messages, &by.tenant, &notice));
        }
        // Whoever was refused is asked again, and who has got it gets it no more.
        let reached = Reached { refused: Vec::new(), ..notice.reached.clone() };
        let set = vec![("reached", Value::of(&reached)?)];
        if !self.lane.jobs.redrive(&notice, set, &["expires_at"], also).await? {
            return conflict("The notice is being sent right now");
        }
        self.lane.hint(Hint::at(notice.key())).await;
        Ok(())
    }

    /// Has a target told that it is tried out, active or not; the notice's id.
    pub(in crate::notifications) async fn test(&self, by: &Caller, id: &str) -> Result<String> {
        let target = self.target(&by.tenant, id).await?;
        let now = self.clock.now_ms();
        let (mut prepared, notice) = self.notifier.test(&by.tenant, &target.id, now)?;
        let details = json!({ "notice_id": notice });
        let (subject, writes) = (format!("target:{}", target.id), prepared.take_writes());
        self.change(by, "target.test", subject, &details, writes, INTERFERED).await?;
        prepared.announce().await;
        Ok(notice)
    }

    async fn find_notice(&self, tenant: &Tenant, id: &str) -> Result<Notice> {
        let found = match is_id(id) {
            true => self.messages.get(&notice_key(tenant, id), Read::Consistent).await?,
            false => None,
        };
        found.ok_or_else(|| Error::not_found("Notice not found"))
    }
}

fn is_id(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.');
    (1..=LONGEST_ID).contains(&text.len()) && text.chars().all(fits)
}
