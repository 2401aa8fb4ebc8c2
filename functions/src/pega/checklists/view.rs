//! A checklist as it is shown.

use serde::Serialize;
use shared::web::to_the_second;
use utoipa::ToSchema;

use super::model::Checklist;

/// A checklist.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChecklistView {
    id: String,
    /// What the rules call it.
    name: String,
    /// `open`, or `completed`.
    status: &'static str,
    /// The event that brought it.
    event_id: i64,
    case_id: String,
    employee_id: Option<String>,
    items: Vec<ItemView>,
    /// How many items are done.
    done: usize,
    total: usize,
    created_at: String,
    completed_at: Option<String>,
}

/// One thing to do.
#[derive(Debug, Serialize, ToSchema)]
struct ItemView {
    /// Its number, from 1.
    number: usize,
    text: String,
    done: bool,
    done_at: Option<String>,
    done_by: Option<String>,
    note: Option<String>,
}

impl From<Checklist> for ChecklistView {
    fn from(row: Checklist) -> Self {
        let (done, total, id) = (row.done(), row.items.len(), row.id().to_owned());
        let items = row.items.into_iter().enumerate().map(|(at, item)| ItemView {
            number: at + 1,
            text: item.text,
            done: item.done.is_some(),
            done_at: item.done.as_ref().map(|done| to_the_second(done.at)),
            done_by: item.done.map(|done| done.by),
            note: item.note,
        });
        Self {
            id,
            name: row.name,
            status: if row.completed_at.is_some() { "completed" } else { "open" },
            event_id: row.event_id,
            case_id: row.case_id,
            employee_id: row.employee_id,
            items: items.collect(),
            done,
            total,
            created_at: to_the_second(row.created_at),
            completed_at: row.completed_at.map(to_the_second),
        }
    }
}
