//! Who is asked for: the agents and groups that the contact centre tells of, and those it told
//! of lately, because whoever left an hour ago worked this morning.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use shared::error::{Error, Result};
use shared::table::{Item, Key, Read, Table};
use shared::tenant::Tenant;

use super::super::client::{CentrePersonnel, Unanswered};
use super::super::records::LONGEST_ID;
use super::kind::PullKind;
use crate::compressed::{compress, decompress};

/// The most bytes of a page.
const PAGE: usize = 300_000;
/// What claims to unpack to more than this is broken, in bytes.
const MAX_UNPACKED: usize = 64 * 1024 * 1024;
/// How long pages are kept that nobody removes, in seconds: thirty days.
const KEPT: i64 = 30 * 24 * 3600;

/// Ids, and when the contact centre told of each last, milliseconds since 1970.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Crowd {
    agents: BTreeMap<String, i64>,
    groups: BTreeMap<String, i64>,
}

/// Where a crowd is kept: pages of this name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CrowdPages {
    name: String,
    pages: usize,
}

#[derive(Serialize, Deserialize)]
struct Page {
    pk: String,
    sk: String,
    #[serde(with = "serde_bytes")]
    part: Vec<u8>,
    expires_at: i64,
}

impl Crowd {
    /// Whom an answer tells of at `now`.
    ///
    /// # Errors
    /// When it tells of nobody, or an id cannot stand in a list of them.
    pub fn told(personnel: &CentrePersonnel, now: i64) -> Result<Self, Unanswered> {
        let mut crowd = Self::default();
        for (at, agent) in personnel.agents.iter().enumerate() {
            crowd.agents.insert(id(&agent.id, &format!("agents[{at}].id"))?, now);
            for group in &agent.agent_groups {
                let name = format!("agents[{at}].agentGroups.groupId");
                crowd.groups.insert(id(&group.group_id, &name)?, now);
            }
        }
        for (at, service) in personnel.services.iter().enumerate() {
            for group in &service.service_groups {
                let name = format!("services[{at}].serviceGroups.id");
                crowd.groups.insert(id(&group.id, &name)?, now);
            }
        }
        match crowd == Self::default() {
            true => Err(Unanswered::unreadable("personnel", "it tells of nobody")),
            false => Ok(crowd),
        }
    }

    /// With whom was told of before, since this moment.
    #[must_use]
    pub fn and(mut self, before: Self, since: i64) -> Self {
        for (all, before) in [(&mut self.agents, before.agents), (&mut self.groups, before.groups)]
        {
            for (id, at) in before.into_iter().filter(|(_, at)| *at >= since) {
                all.entry(id).or_insert(at);
            }
        }
        self
    }

    /// Whom a kind is asked of, in order.
    pub fn of(&self, kind: PullKind) -> Vec<String> {
        let all = if kind.is_of_groups() { &self.groups } else { &self.agents };
        all.keys().cloned().collect()
    }

    /// The items that keep it under a name, and where that is.
    pub fn pages(
        &self,
        tenant: &Tenant,
        name: String,
        now: i64,
    ) -> Result<(CrowdPages, Vec<Item>)> {
        let text = serde_json::to_vec(self).map_err(Error::internal)?;
        let packed = compress(&text)?;
        let parts = packed.chunks(PAGE);
        let pages = CrowdPages { name, pages: parts.len() };
        let expires_at = now / 1000 + KEPT;
        let items = parts.zip(pages.keys(tenant)).map(|(part, Key { pk, sk })| {
            Item::of(&Page { pk, sk, part: part.to_vec(), expires_at })
        });
        let items = items.collect::<Result<_>>()?;
        Ok((pages, items))
    }
}

impl CrowdPages {
    /// Where its pages are.
    pub fn keys(&self, tenant: &Tenant) -> Vec<Key> {
        let key =
            |page| Key { pk: tenant.pk("CC-PULL-CROWDS", &self.name), sk: format!("{page:04}") };
        (0..self.pages).map(key).collect()
    }

    /// The crowd; none when it is not there any more.
    pub async fn read(&self, table: &Table, tenant: &Tenant) -> Result<Option<Crowd>> {
        let mut packed = Vec::new();
        for key in self.keys(tenant) {
            let page: Option<Page> = table.get(&key, Read::Consistent).await?;
            let Some(page) = page else { return Ok(None) };
            packed.extend(page.part);
        }
        let text = decompress(&packed, MAX_UNPACKED)?;
        serde_json::from_slice(&text).map(Some).map_err(Error::internal)
    }
}

/// An id that can stand in a list with commas.
fn id(id: &str, name: &str) -> Result<String, Unanswered> {
    let fits = (1..=LONGEST_ID).contains(&id.len())
        && !id.contains(|c: char| c.is_control() || c == ',')
        && id.trim() == id;
    let words = format!("{name} must be an id of 1 to {LONGEST_ID} bytes without commas");
    fits.then(|| id.to_owned()).ok_or_else(|| Unanswered::unreadable("personnel", &words))
}
