//! What was sent, read before anything is written: which records can be imported, and what is
//! wrong with the others.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use serde_json::{Map, Value as Json};
use shared::table::Key;

use super::super::given::read;
use super::super::records::{Centre, Record, natural_key};
use super::model::ImportOptions;
use super::parts::{RecordError, Sent};

/// The longest record, in bytes.
const LONGEST: usize = 64 * 1024;

/// Records that can be imported, as far as they themselves tell, and the others.
#[derive(Debug, Default)]
pub struct Plan {
    /// Those that can be.
    pub sent: Vec<Sent>,
    /// What is wrong with the others.
    pub wrong: Vec<RecordError>,
}

impl Plan {
    /// Reads what was sent for a centre.
    pub fn of(centre: Centre<'_>, options: ImportOptions, data: Vec<Json>) -> Self {
        let (mut plan, mut seen) = (Self::default(), HashMap::new());
        for (index, given) in data.into_iter().enumerate() {
            let read = object(given).and_then(|record| {
                let read = read(options.data_type, &record, false)?;
                if !options.update_existing {
                    contradicts(&mut seen, (natural_key(centre, &read), index, read))?;
                }
                Ok(record)
            });
            match read {
                Ok(record) => plan.sent.push(Sent { index, record }),
                Err(errors) => plan.wrong.push(RecordError { index, errors }),
            }
        }
        plan
    }
}

fn object(given: Json) -> Result<Map<String, Json>, Vec<String>> {
    let Json::Object(record) = given else { return Err(vec!["must be an object".to_owned()]) };
    match serde_json::to_string(&record).map_or(0, |text| text.len()) {
        0..=LONGEST => Ok(record),
        _ => Err(vec![format!("must be at most {LONGEST} bytes")]),
    }
}

/// Of two records with the same natural key that say different things, none is the later one.
fn contradicts(
    seen: &mut HashMap<Key, (usize, Record)>,
    (key, index, record): (Key, usize, Record),
) -> Result<(), Vec<String>> {
    match seen.entry(key) {
        Entry::Vacant(free) => {
            free.insert((index, record));
            Ok(())
        }
        Entry::Occupied(first) if first.get().1 == record => Ok(()),
        Entry::Occupied(first) => {
            Err(vec![format!("has the key of record {}, and says something else", first.get().0)])
        }
    }
}
