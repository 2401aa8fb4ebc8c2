//! The parameters of a search, as every caller writes them. Pure.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use shared::error::{Error, Kind, Result};
use shared::web::{moment, percent_decode};
use utoipa::IntoParams;
use utoipa::openapi::path::{Parameter, ParameterIn};

use super::filter::{Filter, Stretch};
use super::order::Order;
use crate::processes::runs::RunStatus;

/// The most values that one search can ask for.
const MOST_VALUES: usize = 50;

/// Filters of the list of runs; all that are given must hold.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct RunFilters {
    /// Only of this process.
    pub process_id: Option<i64>,
    /// Only about exactly this.
    entity_id: Option<String>,
    /// Only with this in the name, whatever its case.
    entity_name: Option<String>,
    /// Only in this status: `pending`, `running`, `completed`, `failed`, `cancelled`.
    status: Option<String>,
    /// The same as `status`.
    run_status: Option<String>,
    /// Only made at this moment or later: RFC 3339, or a date, which is its first moment (UTC).
    #[param(example = "2026-01-31")]
    created_after: Option<String>,
    /// Only made at this moment or before.
    #[param(example = "2030-12-31T00:00:00Z")]
    created_before: Option<String>,
    /// Only begun at this moment or later.
    #[param(example = "2026-01-31")]
    started_after: Option<String>,
    /// Only begun at this moment or before.
    #[param(example = "2030-12-31")]
    started_before: Option<String>,
    /// Only ended at this moment or later.
    #[param(example = "2026-01-31")]
    finished_after: Option<String>,
    /// Only ended at this moment or before.
    #[param(example = "2030-12-31")]
    finished_before: Option<String>,
    /// Only with a failure of the step with this id that was not run again.
    failed_at: Option<i64>,
    /// A column, or `meta.` and a member of the metadata; `created_at` when not given. By any
    /// other than `created_at` and `id` at most 10,000 runs are sorted.
    #[param(example = "created_at")]
    order_by: Option<String>,
    /// `asc` or `desc`; `desc` when not given.
    #[param(example = "desc")]
    sort_direction: Option<String>,
}

/// [`RunFilters`] and `meta_filter`, which can be repeated.
pub(super) struct ListParams;

impl IntoParams for ListParams {
    fn into_params(parameter_in: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let mut all = RunFilters::into_params(parameter_in);
        all.extend(MetaFilter::into_params(|| None));
        all
    }
}

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "read from the query by name; this is its documentation")]
struct MetaFilter {
    /// Only with this in the metadata: `field:value`, several with commas between or by
    /// repeating the parameter. One of the values of each field must be there, whatever its
    /// case; members of members are written with dots. A comma that no `field:` follows
    /// belongs to the value.
    #[param(example = "priority:high,environment:production")]
    meta_filter: Option<String>,
}

impl RunFilters {
    /// What is looked for, and in what order.
    ///
    /// # Errors
    /// `Malformed` or `Invalid`, in the words that callers know.
    pub fn read(&self, query: &str) -> Result<(Filter, Order)> {
        let order = Order::read(self.order_by.as_deref(), self.sort_direction.as_deref())?;
        let stretch = |fields: [&str; 2], after: &Option<String>, before: &Option<String>| {
            let at = |field: &str, text: &Option<String>| {
                let read = text.as_deref().map(|text| moment(field, text)).transpose();
                read.map(|moment| moment.map(|moment| moment.as_millisecond()))
            };
            Result::<_, Error>::Ok(Stretch {
                after: at(fields[0], after)?,
                before: at(fields[1], before)?,
            })
        };
        let created = ["created_after", "created_before"];
        let started = ["started_after", "started_before"];
        let finished = ["finished_after", "finished_before"];
        let filter = Filter {
            process: self.process_id,
            entity_id: self.entity_id.clone(),
            entity_name: self.entity_name.clone(),
            status: self.status()?,
            created: stretch(created, &self.created_after, &self.created_before)?,
            started: stretch(started, &self.started_after, &self.started_before)?,
            finished: stretch(finished, &self.finished_after, &self.finished_before)?,
            meta: meta_filter(values_of(query, "meta_filter"))?,
            failed_at: self.failed_at,
            q: None,
        };
        Ok((filter.folded(), order))
    }

    fn status(&self) -> Result<Option<RunStatus>> {
        let (field, text) = match (&self.status, &self.run_status) {
            (Some(text), _) => ("status", text),
            (None, Some(text)) => ("run_status", text),
            (None, None) => return Ok(None),
        };
        let known = RunStatus::ALL.into_iter().find(|status| status.name() == text);
        let names = RunStatus::ALL.map(RunStatus::name).join(", ");
        known.map(Some).ok_or_else(|| Error::invalid(field, format!("must be one of {names}")))
    }
}

/// The values of a parameter that can be repeated.
fn values_of(query: &str, name: &str) -> Vec<String> {
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let plain = |text: &str| percent_decode(&text.replace('+', " "));
    pairs.filter(|(key, _)| plain(key) == name).map(|(_, value)| plain(value)).collect()
}

/// Values by member: a member's are alternatives. What has no colon goes on with the value
/// before it, which had a comma.
fn meta_filter(given: Vec<String>) -> Result<BTreeMap<String, BTreeSet<String>>> {
    let mut wanted: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for text in given {
        let mut pairs: Vec<(&str, String)> = Vec::new();
        for item in text.split(',') {
            match (item.split_once(':'), pairs.last_mut()) {
                (Some((field, value)), _) if !field.trim().is_empty() => {
                    pairs.push((field.trim(), value.to_owned()));
                }
                (None, Some((_, value))) => *value = format!("{value},{item}"),
                _ => return Err(unreadable(item)),
            }
        }
        for (field, value) in pairs {
            wanted.entry(field.to_owned()).or_default().insert(value);
        }
    }
    if wanted.values().map(BTreeSet::len).sum::<usize>() > MOST_VALUES {
        let message = format!("must have at most {MOST_VALUES} values");
        return Err(Error::invalid("meta_filter", message));
    }
    Ok(wanted)
}

fn unreadable(item: &str) -> Error {
    let told = format!("Invalid meta_filter format: '{item}'. Expected format: 'field:value'");
    Error::new(Kind::Malformed, told).field("meta_filter", "must be field:value")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(query: &str, expected: &[(&str, &[&str])]) -> anyhow::Result<()> {
        let read = meta_filter(values_of(query, "meta_filter"))?;
        let expected = expected.iter().map(|(field, values)| {
            let values = values.iter().map(|value| (*value).to_owned());
            ((*field).to_owned(), values.collect::<BTreeSet<_>>())
        });
        assert_eq!(read, expected.collect::<BTreeMap<_, _>>(), "{query}");
        Ok(())
    }

    #[test]
    fn both_forms_of_meta_filter_are_read() -> anyhow::Result<()> {
        check("", &[])?;
        check("meta_filter=a:x,b:y", &[("a", &["x"]), ("b", &["y"])])?;
        check("meta_filter=a:x&meta_filter=a:y&status=b", &[("a", &["x", "y"])])?;
        check("meta_filter=a%3Ax%20y+z", &[("a", &["x y z"])])?;
        check("meta_filter=at:12:30", &[("at", &["12:30"])])?;
        check("meta_filter=city:Aarhus,%20Denmark", &[("city", &["Aarhus, Denmark"])])?;
        check("meta_filter=a:1,2,b:3&meta_filter=b:", &[("a", &["1,2"]), ("b", &["", "3"])])?;
        check("meta_filter=a'b:x", &[("a'b", &["x"])])
    }

    #[test]
    fn what_is_no_field_with_a_value_is_refused() {
        for (query, item) in
            [("bad", "bad"), ("a:x&meta_filter=bad", "bad"), (":x", ":x"), ("", "")]
        {
            let read = meta_filter(values_of(&format!("meta_filter={query}"), "meta_filter"));
            let told =
                format!("Invalid meta_filter format: '{item}'. Expected format: 'field:value'");
            assert_eq!(read.err().map(|error| error.detail), Some(told), "{query}");
        }
    }
}
