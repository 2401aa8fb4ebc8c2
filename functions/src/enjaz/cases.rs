//! Use cases: list, filter and sort the cases of whoever calls, and find one of them.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use shared::error::{Error, Result};
use shared::web::Caller;
use utoipa::ToSchema;

use super::case::Case;
use super::means::Means;
use super::portal::searched;

/// A case, and the account that it is of.
pub type Owned = (i64, Case);

/// Which cases are meant.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub account_id: Option<i64>,
    pub status: Option<String>,
    pub kind: Option<String>,
    /// What is somewhere in it.
    pub text: Option<String>,
    /// Only those that are new or changed since then, milliseconds since 1970.
    pub changed_since: Option<i64>,
    pub presence: Presence,
}

/// Whether the portal shows a case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    /// Whether it does or not.
    #[default]
    All,
    Present,
    Absent,
}

/// What cases are sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub enum SortBy {
    #[default]
    #[serde(rename = "id")]
    Id,
    #[serde(rename = "-id")]
    IdDown,
    #[serde(rename = "case_number")]
    Number,
    #[serde(rename = "-case_number")]
    NumberDown,
    #[serde(rename = "case_type")]
    Type,
    #[serde(rename = "-case_type")]
    TypeDown,
    #[serde(rename = "status")]
    Status,
    #[serde(rename = "-status")]
    StatusDown,
    #[serde(rename = "created_at")]
    Created,
    #[serde(rename = "-created_at")]
    CreatedDown,
    #[serde(rename = "updated_at")]
    Updated,
    #[serde(rename = "-updated_at")]
    UpdatedDown,
}

/// Which of them are told.
#[derive(Clone, Debug, Default)]
pub struct Part {
    pub sort: SortBy,
    /// All, when not given.
    pub limit: Option<usize>,
    pub offset: usize,
    pub cursor: Option<String>,
}

/// Some of the cases that are meant.
#[derive(Debug)]
pub struct Found {
    pub cases: Vec<Owned>,
    /// How many are meant altogether.
    pub total: usize,
    /// Where to go on; none at the end.
    pub next: Option<String>,
}

/// Where a case stands in an order: what it is sorted by, and its number.
type Place = (String, i64);

#[derive(Serialize, Deserialize)]
struct Cursor {
    sort: SortBy,
    place: Place,
}

impl Means {
    /// The cases that are meant.
    ///
    /// # Errors
    /// `NotFound` for an account of nobody's; `Invalid`, naming `cursor`, for one of another
    /// order.
    pub(super) async fn find_cases(&self, by: &Caller, of: &Filter, part: &Part) -> Result<Found> {
        let after = part.cursor.as_deref().map(|cursor| place(cursor, part.sort)).transpose()?;
        let mut all = self.cases_of(by, of.account_id).await?;
        let wanted = Wanted::of(of);
        all.retain(|(_, case)| wanted.has(case));
        let total = all.len();
        all.sort_by_cached_key(|(_, case)| part.sort.place(case));
        if part.sort.is_down() {
            all.reverse();
        }
        let is_behind = |case: &Case| match &after {
            None => true,
            Some(after) if part.sort.is_down() => part.sort.place(case) < *after,
            Some(after) => part.sort.place(case) > *after,
        };
        let rest = all.into_iter().filter(|(_, case)| is_behind(case)).skip(part.offset);
        let mut cases: Vec<Owned> = rest.collect();
        let limit = part.limit.unwrap_or(usize::MAX);
        let more = cases.len() > limit;
        cases.truncate(limit);
        let last = cases.last().filter(|_| more).map(|(_, case)| part.sort.place(case));
        let next = last.map(|place| cursor(part.sort, place)).transpose()?;
        Ok(Found { cases, total, next })
    }

    /// A case of whoever calls by its number in the tenant.
    ///
    /// # Errors
    /// `NotFound`, for other people's as well.
    pub(super) async fn find_case(&self, by: &Caller, id: i64) -> Result<Owned> {
        let all = self.cases_of(by, None).await?;
        let found = all.into_iter().find(|(_, case)| case.id == id);
        found.ok_or_else(|| Error::not_found("Case not found"))
    }

    /// All cases of an account, or of all accounts of whoever calls.
    pub(super) async fn cases_of(&self, by: &Caller, id: Option<i64>) -> Result<Vec<Owned>> {
        let accounts = match id {
            Some(id) => vec![self.account(by, id).await?],
            None => self.accounts(by).await?,
        };
        let mut all = Vec::new();
        for account in accounts {
            let id = account.id;
            let cases = self.cases(&by.tenant, account).await?;
            all.extend(cases.into_iter().map(|case| (id, case)));
        }
        Ok(all)
    }
}

/// A filter, made ready to compare with.
struct Wanted {
    status: Option<String>,
    kind: Option<String>,
    text: Option<String>,
    changed_since: Option<i64>,
    presence: Presence,
}

impl Wanted {
    fn of(filter: &Filter) -> Self {
        let ready = |text: &Option<String>| text.as_deref().map(searched);
        Self {
            status: ready(&filter.status),
            kind: ready(&filter.kind),
            text: ready(&filter.text),
            changed_since: filter.changed_since,
            presence: filter.presence,
        }
    }

    fn has(&self, case: &Case) -> bool {
        let is = |wanted: &Option<String>, text: &str| {
            wanted.as_deref().is_none_or(|wanted| wanted == searched(text))
        };
        let is_there = match self.presence {
            Presence::All => true,
            Presence::Present => case.absent_since.is_none(),
            Presence::Absent => case.absent_since.is_some(),
        };
        let since = self.changed_since.is_none_or(|since| last_change(case) >= since);
        is_there
            && since
            && is(&self.status, &case.status)
            && is(&self.kind, &case.kind)
            && self.text.as_deref().is_none_or(|text| holds(case, text))
    }
}

fn holds(case: &Case, text: &str) -> bool {
    let texts = [&case.number, &case.raw_number, &case.kind, &case.status];
    texts.into_iter().chain(case.columns.values()).any(|of| searched(of).contains(text))
}

/// When a case was new or changed last.
pub(super) fn last_change(case: &Case) -> i64 {
    case.updated_at.unwrap_or(case.created_at)
}

impl SortBy {
    fn is_down(self) -> bool {
        use SortBy::{CreatedDown, IdDown, NumberDown, StatusDown, TypeDown, UpdatedDown};
        [IdDown, NumberDown, TypeDown, StatusDown, CreatedDown, UpdatedDown].contains(&self)
    }

    fn place(self, case: &Case) -> Place {
        let moment = |ms: i64| format!("{ms:020}");
        let text = match self {
            Self::Id | Self::IdDown => String::new(),
            Self::Number | Self::NumberDown => case.number.clone(),
            Self::Type | Self::TypeDown => case.kind.clone(),
            Self::Status | Self::StatusDown => case.status.clone(),
            Self::Created | Self::CreatedDown => moment(case.created_at),
            Self::Updated | Self::UpdatedDown => moment(last_change(case)),
        };
        (text, case.id)
    }
}

fn cursor(sort: SortBy, place: Place) -> Result<String> {
    let text = serde_json::to_vec(&Cursor { sort, place }).map_err(Error::internal)?;
    Ok(URL_SAFE_NO_PAD.encode(text))
}

fn place(cursor: &str, sort: SortBy) -> Result<Place> {
    let text = URL_SAFE_NO_PAD.decode(cursor).ok();
    let read = text.and_then(|text| serde_json::from_slice::<Cursor>(&text).ok());
    let read = read.filter(|cursor| cursor.sort == sort);
    let wrong = || Error::invalid("cursor", "is none of this list in this order");
    Ok(read.ok_or_else(wrong)?.place)
}
