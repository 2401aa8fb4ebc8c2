//! The model: a case as it is kept, and what became of it from one synchronisation to the
//! next.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::json;
use shared::ids;
use utoipa::ToSchema;

use super::portal::{FoundCase, cut};
use crate::pages::Paged;

/// The longest type and status, in characters: those of the older service.
const LONGEST_TYPE: usize = 255;
const LONGEST_STATUS: usize = 100;
/// The most changes that are kept of a case.
const MOST_CHANGES: usize = 50;
/// The most that all of them hold of what was different, in bytes: a case has a page at most.
const LARGEST_HISTORY: usize = 32 * 1024;
/// How much is told of a text that is different, in characters.
const LONGEST_TOLD: usize = 300;

/// A case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    /// Its number in the tenant.
    pub id: i64,
    /// The portal's number of it, as a key.
    pub number: String,
    /// The same as the portal writes it.
    pub raw_number: String,
    /// Its type and its status, in the portal's words.
    pub kind: String,
    pub status: String,
    /// What else the portal says of it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub columns: BTreeMap<String, String>,
    /// What it is recognised by as unchanged.
    pub hash: String,
    /// When it was imported, and when something of it changed, milliseconds since 1970.
    pub created_at: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<i64>,
    /// Since when the portal does not show it any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub absent_since: Option<i64>,
    /// The last changes, the oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<Change>,
}

/// A change of a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// When it was seen, milliseconds since 1970, and by which synchronisation.
    pub at: i64,
    pub sync_id: String,
    pub kind: CaseChangeKind,
    /// What was different: what it was, and what it is.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<String, (String, String)>,
}

/// The kinds of changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CaseChangeKind {
    /// It was seen for the first time.
    Imported,
    /// Something of it is different.
    Updated,
    /// The portal shows it no more.
    Absent,
    /// The portal shows it again.
    Returned,
}

impl Paged for Case {
    fn id(&self) -> &str {
        &self.number
    }
}

impl Change {
    /// About how much it takes, in bytes.
    fn size(&self) -> usize {
        self.fields.iter().map(|(name, (old, new))| name.len() + old.len() + new.len()).sum()
    }
}

impl Case {
    /// One that was found now; its own number comes later. Columns that are `volatile` are
    /// kept, and do not make it another one.
    pub fn new(found: FoundCase, volatile: &[String], now: i64) -> Self {
        let FoundCase { number, raw_number, kind, status, columns } = found;
        let (kind, status) = (cut(kind, LONGEST_TYPE), cut(status, LONGEST_STATUS));
        let lasting = columns.iter().filter(|(name, _)| !volatile.contains(name));
        let lasting: BTreeMap<_, _> = lasting.collect();
        // The members of an object are in the order of their names.
        let canonical = json!({ "number": number, "type": kind, "status": status,
            "columns": lasting });
        Self {
            id: 0,
            hash: ids::hex_digest(canonical.to_string().as_bytes()),
            raw_number: raw_number.trim().to_owned(),
            number,
            kind,
            status,
            columns,
            created_at: now,
            updated_at: None,
            absent_since: None,
            changes: Vec::new(),
        }
    }

    /// What of it is different from what it was.
    pub fn differences(&self, old: &Self) -> BTreeMap<String, (String, String)> {
        let mut fields = BTreeMap::new();
        let mut compare = |name: &str, old: &str, new: &str| {
            if old != new {
                let told = |text: &str| cut(text.to_owned(), LONGEST_TOLD);
                fields.insert(name.to_owned(), (told(old), told(new)));
            }
        };
        compare("type", &old.kind, &self.kind);
        compare("status", &old.status, &self.status);
        for name in old.columns.keys().chain(self.columns.keys()) {
            let value = |of: &Self| of.columns.get(name).cloned().unwrap_or_default();
            compare(name, &value(old), &value(self));
        }
        fields
    }

    /// Adds a change to those that are kept.
    pub fn changed(&mut self, change: Change) {
        self.updated_at = Some(change.at);
        self.changes.push(change);
        let surplus = self.changes.len().saturating_sub(MOST_CHANGES);
        self.changes.drain(..surplus);
        let mut size: usize = self.changes.iter().map(Change::size).sum();
        while size > LARGEST_HISTORY && self.changes.len() > 1 {
            size -= self.changes.remove(0).size();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_history_never_outgrows_its_case() {
        let text = |n: usize| format!("{n}{}", "ق".repeat(2_000));
        let seen = |n: usize| {
            let columns = (0..40).map(|column| (column.to_string(), text(n))).collect();
            let found = FoundCase { number: "1".to_owned(), columns, ..FoundCase::default() };
            Case::new(found, &[], 0)
        };
        let mut case = seen(0);
        for n in 1..100 {
            let (at, sync_id, kind) = (0, n.to_string(), CaseChangeKind::Updated);
            let fields = seen(n).differences(&seen(n - 1));
            assert_eq!(fields.len(), 40);
            case.changed(Change { at, sync_id, kind, fields });
            assert_eq!(case.changes.last().map(|last| last.sync_id.clone()), Some(n.to_string()));
        }
        let whole = case.changes.iter().map(Change::size).sum::<usize>();
        assert!(case.changes.len() == 1 || whole <= LARGEST_HISTORY, "{whole}");
    }
}
