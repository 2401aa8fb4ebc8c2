//! Paths of fields in records: names with dots between, and numbers for the members of
//! arrays, as in `person.phones.0`.

use serde_json::{Map, Value as Json};

/// The longest path, and the most names in one.
const LONGEST: usize = 256;
const DEEPEST: usize = 16;

/// What is wrong with a path, if anything is.
pub(super) fn fault(path: &str) -> Option<&'static str> {
    let good = |name: &str| !name.is_empty() && !name.chars().any(char::is_control);
    if path.len() > LONGEST || path.split('.').count() > DEEPEST {
        return Some("must have at most 256 characters and 16 names");
    }
    if !path.split('.').all(good) {
        return Some("must be names with dots between");
    }
    None
}

/// Whether one of the paths leads into what the other one names.
pub(super) fn collide(a: &str, b: &str) -> bool {
    let into = |a: &str, b: &str| b.strip_prefix(a).is_some_and(|rest| rest.starts_with('.'));
    into(a, b) || into(b, a)
}

/// The value at a path; none where there is none.
pub(super) fn get<'a>(record: &'a Json, path: &str) -> Option<&'a Json> {
    path.split('.').try_fold(record, |at, name| match at {
        Json::Object(members) => members.get(name),
        Json::Array(members) => members.get(name.parse::<usize>().ok()?),
        _ => None,
    })
}

/// Puts a value at a path, making the objects on the way.
pub(super) fn put(record: &mut Map<String, Json>, path: &str, value: Json) {
    match path.split_once('.') {
        None => {
            record.insert(path.to_owned(), value);
        }
        Some((name, rest)) => {
            let within = record.entry(name).or_insert_with(|| Json::Object(Map::new()));
            if let Json::Object(within) = within {
                put(within, rest, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_path_leads_through_objects_and_arrays() {
        let record = json!({"a": {"b": [{"c": 1}, null]}, "0": "zero"});
        for (path, found) in [
            ("a.b.0.c", Some(json!(1))),
            ("a.b.1", Some(json!(null))),
            ("0", Some(json!("zero"))),
            ("a.b.2", None),
            ("a.b.c", None),
            ("a.b.0.c.d", None),
            ("x", None),
        ] {
            assert_eq!(get(&record, path), found.as_ref(), "{path}");
        }
    }

    #[test]
    fn what_is_put_is_found_again() {
        let mut record = Map::new();
        put(&mut record, "a.b", json!(1));
        put(&mut record, "a.c.d", json!(2));
        assert_eq!(Json::Object(record), json!({"a": {"b": 1, "c": {"d": 2}}}));
    }

    #[test]
    fn paths_that_name_nothing_or_lead_into_each_other_are_known() {
        for path in ["", ".", "a.", ".a", "a..b", "a\0", &"a".repeat(257), &"a.".repeat(17)] {
            assert!(fault(path).is_some(), "{path:?}");
        }
        assert_eq!(fault("person.phones.0"), None);
        assert!(collide("a", "a.b") && collide("a.b.c", "a.b"));
        assert!(!collide("a", "ab") && !collide("a.b", "a.c"));
    }
}
