//! Use case: export a trail with its chain and seals, so that it can be verified
//! without us. An export is pages of lines; each page starts with where the chain
//! stands before it.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};
use shared::audit::{Order, Span};
use shared::error::Result;
use shared::tenant::Tenant;

use super::AuditLog;
use super::chain::Link;
use super::seal::Seal;
use super::view::{EntryView, to_the_millisecond};

/// One line of an export.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Line {
    /// Where the chain stands before the next entry.
    Chain(Start),
    /// An entry, and the chain's hash with it.
    Link(Linked),
    /// A seal of what lies behind.
    Seal(Sealed),
}

/// Where a page's chain starts.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Start {
    /// Whose trail it is.
    pub tenant: Tenant,
    /// The link before the first entry.
    pub link: Link,
}

/// An entry and its hash.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Linked {
    /// The entry.
    pub entry: EntryView,
    /// SHA-256 of the hash before, a line feed, and the entry's JSON.
    pub hash: String,
}

/// A seal as it is exported.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sealed {
    /// From 1, without gaps.
    pub number: i64,
    /// It covers what is dated before: UTC.
    pub to: String,
    /// Where the chain stood when it was sealed.
    pub link: Link,
}

/// A page, and behind which entry to go on.
pub(super) struct Exported {
    pub lines: Vec<Line>,
    pub next: Option<String>,
}

impl AuditLog {
    /// A page of the export of a stretch, in milliseconds since 1970.
    pub(super) async fn export(
        &self,
        tenant: &Tenant,
        (from, to): (i64, i64),
        behind: Option<String>,
        limit: usize,
    ) -> Result<Exported> {
        let begin = behind.as_deref().and_then(moment_of).unwrap_or(from);
        let before = self.seals.before(tenant, begin).await?;
        let (read_from, mut link) = match before {
            Some(seal) => (seal.to, seal.end),
            None => (self.stretch(tenant, None, None).await?.0, Link::first(tenant)),
        };
        let mut seals: VecDeque<Seal> = self.seals.between(tenant, begin, to).await?.into();
        let starts = |entry: &EntryView| match &behind {
            Some(behind) => entry.id > *behind,
            None => moment_of(&entry.id).is_none_or(|at| at >= from),
        };
        let (mut lines, mut count, mut last) = (Vec::new(), 0, behind.clone());
        let mut rest = Some(Span::between(read_from, to));
        while let Some(span) = rest {
            let batch = self.trail.read(tenant, span, Order::Oldest, 1000).await?;
            for entry in batch.entries {
                let (at, entry) = (entry.at, EntryView::of(entry)?);
                let linked = link.with(&entry)?;
                if starts(&entry) {
                    if count == limit {
                        return Ok(Exported { lines, next: last });
                    }
                    seal_before(at, &mut seals, &mut lines);
                    if count == 0 {
                        lines.insert(0, Line::Chain(Start { tenant: tenant.clone(), link }));
                    }
                    count += 1;
                    last = Some(entry.id.clone());
                    lines.push(Line::Link(Linked { entry, hash: linked.hash.clone() }));
                }
                link = linked;
            }
            rest = batch.rest;
        }
        if count == 0 {
            lines.insert(0, Line::Chain(Start { tenant: tenant.clone(), link }));
        }
        seal_before(to, &mut seals, &mut lines);
        Ok(Exported { lines, next: None })
    }
}

/// Adds the seals that end at this moment or before.
fn seal_before(at: i64, seals: &mut VecDeque<Seal>, lines: &mut Vec<Line>) {
    while let Some(seal) = seals.pop_front_if(|seal| seal.to <= at) {
        let sealed =
            Sealed { number: seal.number, to: to_the_millisecond(seal.to), link: seal.end };
        lines.push(Line::Seal(sealed));
    }
}

/// When the entry of this id was written.
fn moment_of(id: &str) -> Option<i64> {
    id.split('-').next()?.parse().ok()
}
