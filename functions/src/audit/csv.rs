//! The export as comma-separated values. Each line names the hash before it, so a
//! line that is missing shows.

use serde_json::value::RawValue;
use shared::error::{Error, Result};

use super::chain::Link;
use super::export::{Line, Linked};
use super::view::EntryView;

/// The columns.
pub const HEADER: [&str; 9] = [
    "id",
    "timestamp",
    "actor",
    "action",
    "subject",
    "correlation_id",
    "details",
    "previous_hash",
    "hash",
];

/// What a spreadsheet would take for a formula (OWASP, "CSV injection").
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// The entries among these lines, under a header line if they are the first.
pub(super) fn write(lines: &[Line], first: bool) -> Result<String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    if first {
        writer.write_record(HEADER).map_err(Error::internal)?;
    }
    let mut before = "";
    for line in lines {
        match line {
            Line::Chain(start) => before = &start.link.hash,
            Line::Link(Linked { entry, hash }) => {
                let columns = [
                    &entry.id,
                    &entry.timestamp,
                    &harmless(&entry.actor),
                    &harmless(&entry.action),
                    &harmless(&entry.subject),
                    &harmless(&entry.correlation_id),
                    entry.details.get(),
                    before,
                    hash,
                ];
                writer.write_record(columns).map_err(Error::internal)?;
                before = hash;
            }
            Line::Seal(_) => {}
        }
    }
    let bytes = writer.into_inner().map_err(|error| Error::internal(error.into_error()))?;
    String::from_utf8(bytes).map_err(Error::internal)
}

/// The entry, the link before it and its hash, of one line's columns; none if they
/// are not those that [`HEADER`] names.
pub fn read(columns: &[&str]) -> Option<(Link, Linked)> {
    let [id, timestamp, actor, action, subject, corr, details, before, hash] = columns else {
        return None;
    };
    let entry = EntryView {
        id: (*id).to_owned(),
        timestamp: (*timestamp).to_owned(),
        actor: as_was(actor),
        action: as_was(action),
        subject: as_was(subject),
        correlation_id: as_was(corr),
        details: RawValue::from_string((*details).to_owned()).ok()?,
    };
    let before = Link { hash: (*before).to_owned(), count: 0 };
    Some((before, Linked { entry, hash: (*hash).to_owned() }))
}

/// The text with an apostrophe before what is, or would be read back as, a formula.
pub(crate) fn harmless(text: &str) -> String {
    let guarded = text.trim_start_matches('\'').starts_with(FORMULA);
    if guarded { format!("'{text}") } else { text.to_owned() }
}

fn as_was(text: &str) -> String {
    let guarded = text.starts_with('\'') && text.trim_start_matches('\'').starts_with(FORMULA);
    if guarded { text[1..].to_owned() } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_like_a_formula_is_guarded_and_reads_back() {
        for (text, written) in
            [("a", "a"), ("=1+1", "'=1+1"), ("'=1", "''=1"), ("-", "'-"), ("'a", "'a"), ("", "")]
        {
            assert_eq!(harmless(text), written);
            assert_eq!(as_was(written), text);
        }
    }
}
