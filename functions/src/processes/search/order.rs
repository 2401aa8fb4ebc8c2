//! In what order runs are listed. Pure.

use std::cmp::Ordering;

use shared::error::{Error, Result};

use crate::processes::index::{Way, fold, scalars};
use crate::processes::runs::Run;

/// What runs are sorted by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum By {
    /// Their numbers, which is the order in which they were made.
    Number,
    /// A column.
    Column(Column),
    /// A member of their metadata.
    Meta(String),
}

/// A column of runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Column {
    Process,
    EntityId,
    EntityName,
    Status,
    Started,
    Finished,
    Updated,
    Deadline,
}

/// An order of runs: by this, in this direction; those that are alike by their numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Order {
    pub by: By,
    pub way: Way,
}

/// What two runs are compared by; nothing comes before something.
#[derive(Debug, PartialEq, PartialOrd)]
enum Rank {
    Nothing,
    Number(f64),
    Text(String),
}

impl Order {
    /// Reads `order_by` and `sort_direction`.
    ///
    /// # Errors
    /// `Malformed` for a field that there is not; `Invalid` for another direction.
    pub fn read(by: Option<&str>, direction: Option<&str>) -> Result<Self> {
        let by = match by.unwrap_or("created_at") {
            "created_at" | "id" => By::Number,
            "process_id" => By::Column(Column::Process),
            "entity_id" => By::Column(Column::EntityId),
            "entity_name" => By::Column(Column::EntityName),
            "status" => By::Column(Column::Status),
            "started_at" => By::Column(Column::Started),
            "finished_at" => By::Column(Column::Finished),
            "updated_at" => By::Column(Column::Updated),
            "deadline" => By::Column(Column::Deadline),
            other => match other.strip_prefix("meta.").filter(|member| !member.is_empty()) {
                Some(member) => By::Meta(member.to_owned()),
                None => {
                    return Err(Error::malformed(format!("Invalid sort field '{other}'")));
                }
            },
        };
        let way = match direction.unwrap_or("desc") {
            "desc" => Way::Down,
            "asc" => Way::Up,
            _ => return Err(Error::invalid("sort_direction", "must be asc or desc")),
        };
        Ok(Self { by, way })
    }

    /// Sorts runs.
    ///
    /// # Errors
    /// `Internal` when a row is broken.
    pub fn sort(&self, runs: Vec<Run>) -> Result<Vec<Run>> {
        let ranked = runs.into_iter().map(|run| Ok((self.rank(&run)?, run)));
        let mut ranked = ranked.collect::<Result<Vec<_>>>()?;
        ranked.sort_by(|(one, run), (other, than)| {
            let order = one.partial_cmp(other).unwrap_or(Ordering::Equal);
            let order = order.then(run.id().cmp(&than.id()));
            if self.way == Way::Down { order.reverse() } else { order }
        });
        Ok(ranked.into_iter().map(|(_, run)| run).collect())
    }

    fn rank(&self, run: &Run) -> Result<Rank> {
        let number = |number: i64| Rank::Number(number as f64);
        let moment = |at: Option<i64>| at.map_or(Rank::Nothing, number);
        let text = |text: &str| Rank::Text(fold(text));
        Ok(match &self.by {
            By::Number => number(run.id()),
            By::Column(Column::Process) => number(run.process_id),
            By::Column(Column::EntityId) => text(&run.entity_id),
            By::Column(Column::EntityName) => {
                run.entity_name.as_deref().map_or(Rank::Nothing, text)
            }
            By::Column(Column::Status) => text(run.status.name()),
            By::Column(Column::Started) => moment(run.started_at),
            By::Column(Column::Finished) => moment(run.finished_at),
            By::Column(Column::Updated) => number(run.updated_at),
            By::Column(Column::Deadline) => moment(run.deadline),
            By::Meta(member) => {
                let said = scalars(&run.meta()?);
                let said = said.iter().find(|scalar| scalar.path == *member);
                said.map_or(Rank::Nothing, |scalar| match scalar.text.parse::<f64>() {
                    Ok(value) if scalar.kind == "number" => Rank::Number(value),
                    _ => text(&scalar.text),
                })
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_is_read_or_refused_in_the_words_that_callers_know() -> anyhow::Result<()> {
        assert_eq!(Order::read(None, None)?, Order { by: By::Number, way: Way::Down });
        let by = Order::read(Some("meta.a.b"), Some("asc"))?;
        assert_eq!(by, Order { by: By::Meta("a.b".into()), way: Way::Up });
        for field in ["x", "meta.", "meta", "pk", "created_at; drop"] {
            let refused = Order::read(Some(field), None).err().map(|error| error.detail);
            assert_eq!(refused, Some(format!("Invalid sort field '{field}'")));
        }
        assert!(Order::read(None, Some("up")).is_err());
        Ok(())
    }

    #[test]
    fn nothing_comes_before_numbers_and_numbers_before_texts() {
        let text = |text: &str| Rank::Text(text.to_owned());
        assert!(Rank::Nothing < Rank::Number(-1.0));
        assert!(Rank::Number(9.0) < Rank::Number(10.0));
        assert!(Rank::Number(1e9) < text("1"));
        assert!(text("a") < text("b"));
    }
}
