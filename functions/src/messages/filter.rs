//! Content filters: which messages somebody wants beside their type. A filter is a JSON
//! object like MongoDB's queries: members are paths into the message's data, with a value
//! that must be equal, or an object of tests.

use std::cmp::Ordering;

use serde_json::{Map, Value as Json};

/// How deep a filter may be, and how many tests it may have.
const DEEPEST: usize = 8;
const MOST: usize = 64;

/// A filter that was read.
#[derive(Debug, PartialEq)]
enum Filter {
    All(Vec<Filter>),
    Any(Vec<Filter>),
    Not(Box<Filter>),
    Field(String, Test),
}

/// What must hold of one field. A field that is not there is only ever unequal.
#[derive(Debug, PartialEq)]
enum Test {
    Equals(Json),
    Differs(Json),
    Among(Vec<Json>),
    NotAmong(Vec<Json>),
    Exists(bool),
    StartsWith(String),
    Compares(&'static [Ordering], Json),
}

/// That a filter can be read.
///
/// # Errors
/// What is wrong, with the path of the member at fault.
pub fn check(filter: &Json) -> Result<(), String> {
    let mut tests = 0;
    read(filter, 0, &mut tests).map(drop)
}

/// Whether data passes a filter. One that cannot be read lets nothing through.
pub fn passes(filter: &Json, data: &Json) -> bool {
    read(filter, 0, &mut 0).is_ok_and(|filter| filter.holds(data))
}

fn read(filter: &Json, depth: usize, tests: &mut usize) -> Result<Filter, String> {
    let members = filter.as_object().ok_or("must be an object")?;
    if depth >= DEEPEST {
        return Err(format!("must not be deeper than {DEEPEST}"));
    }
    let parts = members.iter().map(|(name, value)| match name.as_str() {
        "$and" => read_list(name, value, depth, tests).map(Filter::All),
        "$or" => read_list(name, value, depth, tests).map(Filter::Any),
        "$not" => Ok(Filter::Not(Box::new(read(value, depth + 1, tests)?))),
        _ if name.starts_with('$') => Err(format!("has no operator {name}")),
        _ => read_field(name, value, tests),
    });
    Ok(Filter::All(parts.collect::<Result<_, _>>()?))
}

fn read_list(
    name: &str,
    value: &Json,
    depth: usize,
    tests: &mut usize,
) -> Result<Vec<Filter>, String> {
    let list = value.as_array().filter(|list| !list.is_empty());
    let list = list.ok_or_else(|| format!("{name} must be a list of filters"))?;
    list.iter().map(|one| read(one, depth + 1, tests)).collect()
}

fn read_field(path: &str, value: &Json, tests: &mut usize) -> Result<Filter, String> {
    let operators = value.as_object().filter(|members| is_operators(members));
    let Some(operators) = operators else {
        count(tests)?;
        return Ok(Filter::Field(path.to_owned(), Test::Equals(value.clone())));
    };
    let fields = operators.iter().map(|(operator, value)| {
        count(tests)?;
        let test = read_test(operator, value);
        test.map(|test| Filter::Field(path.to_owned(), test))
            .map_err(|why| format!("{path}: {operator} {why}"))
    });
    Ok(Filter::All(fields.collect::<Result<_, String>>()?))
}

fn is_operators(members: &Map<String, Json>) -> bool {
    members.keys().any(|name| name.starts_with('$'))
}

fn count(tests: &mut usize) -> Result<(), String> {
    *tests += 1;
    if *tests > MOST { Err(format!("must not have more than {MOST} tests")) } else { Ok(()) }
}

fn read_test(operator: &str, value: &Json) -> Result<Test, &'static str> {
    const LESS: &[Ordering] = &[Ordering::Less];
    const GREATER: &[Ordering] = &[Ordering::Greater];
    const AT_MOST: &[Ordering] = &[Ordering::Less, Ordering::Equal];
    const AT_LEAST: &[Ordering] = &[Ordering::Greater, Ordering::Equal];
    let list = || value.as_array().cloned().ok_or("must be a list");
    let compares = |wanted| {
        let ordered = value.is_number() || value.is_string();
        ordered.then(|| Test::Compares(wanted, value.clone())).ok_or("must be a number or text")
    };
    match operator {
        "$eq" => Ok(Test::Equals(value.clone())),
        "$ne" => Ok(Test::Differs(value.clone())),
        "$in" => list().map(Test::Among),
        "$nin" => list().map(Test::NotAmong),
        "$exists" => value.as_bool().map(Test::Exists).ok_or("must be true or false"),
        "$startsWith" => {
            let text = value.as_str().ok_or("must be text")?;
            Ok(Test::StartsWith(text.to_owned()))
        }
        "$lt" => compares(LESS),
        "$lte" => compares(AT_MOST),
        "$gt" => compares(GREATER),
        "$gte" => compares(AT_LEAST),
        _ => Err("is no operator"),
    }
}

impl Filter {
    fn holds(&self, data: &Json) -> bool {
        match self {
            Self::All(filters) => filters.iter().all(|filter| filter.holds(data)),
            Self::Any(filters) => filters.iter().any(|filter| filter.holds(data)),
            Self::Not(filter) => !filter.holds(data),
            Self::Field(path, test) => test.holds(find(data, path)),
        }
    }
}

/// What stands at a path of members with full stops between, or numbers in lists.
fn find<'a>(data: &'a Json, path: &str) -> Option<&'a Json> {
    path.split('.').try_fold(data, |here, name| match here {
        Json::Array(list) => list.get(name.parse::<usize>().ok()?),
        _ => here.get(name),
    })
}

impl Test {
    fn holds(&self, found: Option<&Json>) -> bool {
        match self {
            Self::Equals(value) => found.is_some_and(|found| same(found, value)),
            Self::Differs(value) => !found.is_some_and(|found| same(found, value)),
            Self::Among(list) => found.is_some_and(|found| list.iter().any(|v| same(found, v))),
            Self::NotAmong(list) => !found.is_some_and(|found| list.iter().any(|v| same(found, v))),
            Self::Exists(wanted) => found.is_some() == *wanted,
            Self::StartsWith(text) => {
                found.and_then(Json::as_str).is_some_and(|found| found.starts_with(text))
            }
            Self::Compares(wanted, value) => {
                let order = found.and_then(|found| compare(found, value));
                order.is_some_and(|order| wanted.contains(&order))
            }
        }
    }
}

/// Equal, with 1 and 1.0 the same.
fn same(a: &Json, b: &Json) -> bool {
    a == b || (a.is_number() && compare(a, b) == Some(Ordering::Equal))
}

fn compare(a: &Json, b: &Json) -> Option<Ordering> {
    match (a, b) {
        (Json::String(a), Json::String(b)) => Some(a.cmp(b)),
        _ => a.as_f64()?.partial_cmp(&b.as_f64()?),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn filters_let_through_what_they_say() {
        let data =
            json!({"type": "1c", "n": 5, "who": {"name": "Anna"}, "tags": ["a", "b"], "no": null});
        for (filter, let_through) in [
            (json!({}), true),
            (json!({"type": "1c"}), true),
            (json!({"type": "ldap"}), false),
            (json!({"n": 5.0}), true),
            (json!({"type": "1c", "n": {"$gt": 5}}), false),
            (json!({"n": {"$gte": 5, "$lt": 6}}), true),
            (json!({"n": {"$lte": 4}}), false),
            (json!({"type": {"$gt": "0"}}), true),
            (json!({"n": {"$gt": "0"}}), false),
            (json!({"type": {"$in": ["1c", "pega"]}}), true),
            (json!({"type": {"$nin": ["1c", "pega"]}}), false),
            (json!({"missing": {"$nin": ["x"]}}), true),
            (json!({"missing": {"$ne": 1}}), true),
            (json!({"missing": null}), false),
            (json!({"no": null}), true),
            (json!({"no": {"$exists": true}}), true),
            (json!({"missing": {"$exists": false}}), true),
            (json!({"who.name": {"$startsWith": "An"}}), true),
            (json!({"n": {"$startsWith": "5"}}), false),
            (json!({"tags.1": "b"}), true),
            (json!({"tags.2": {"$exists": true}}), false),
            (json!({"who": {"name": "Anna"}}), true),
            (json!({"$or": [{"type": "ldap"}, {"n": 5}]}), true),
            (json!({"$and": [{"type": "1c"}, {"n": 6}]}), false),
            (json!({"$not": {"type": "1c"}}), false),
        ] {
            assert_eq!(check(&filter), Ok(()), "{filter}");
            assert_eq!(passes(&filter, &data), let_through, "{filter}");
        }
    }

    #[test]
    fn what_is_no_filter_is_told() {
        let deep = (0..9).fold(json!({"a": 1}), |filter, _| json!({ "$not": filter }));
        let many = json!({"a": {"$in": []}, "$and": vec![json!({"b": 1}); 64]});
        for (filter, told) in [
            (json!([]), "must be an object"),
            (json!({"$nor": []}), "has no operator $nor"),
            (json!({"$or": []}), "$or must be a list of filters"),
            (json!({"a": {"$in": 1}}), "a: $in must be a list"),
            (json!({"a": {"$exists": 1}}), "a: $exists must be true or false"),
            (json!({"a": {"$gt": []}}), "a: $gt must be a number or text"),
            (json!({"a": {"$regex": "x"}}), "a: $regex is no operator"),
            (deep, "must not be deeper than 8"),
            (many, "must not have more than 64 tests"),
        ] {
            assert_eq!(check(&filter), Err(told.to_owned()), "{filter}");
        }
    }
}
