//! What of a run's metadata it is found by, and how much there may be of it. Pure.

use serde_json::{Map, Value as Json};
use shared::error::{Error, Result};

/// The most texts, numbers and truths that metadata may have.
const MOST_SCALARS: usize = 64;
/// The longest of them, in bytes.
const LONGEST: usize = 4 * 1024;
/// The largest that metadata may be, in bytes of JSON.
const LARGEST: usize = 32 * 1024;
/// How deep members are looked for.
const DEEPEST: usize = 4;

/// A text, number or truth of a run's metadata.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Scalar {
    /// Where it stands: names with dots between.
    pub path: String,
    /// Its text, as JSON writes it but without quotes.
    pub text: String,
    /// `string`, `number` or `boolean`.
    pub kind: &'static str,
}

/// That metadata can be searched by.
///
/// # Errors
/// `Invalid`, naming `meta`.
pub fn check_meta(meta: &Map<String, Json>) -> Result<()> {
    let refused = |message: String| Err(Error::invalid("meta", message));
    let size = serde_json::to_vec(meta).map_err(Error::internal)?.len();
    if size > LARGEST {
        return refused(format!("must be at most {LARGEST} bytes of JSON"));
    }
    let scalars = scalars(meta);
    if scalars.len() > MOST_SCALARS {
        return refused(format!("must have at most {MOST_SCALARS} texts, numbers and truths"));
    }
    match scalars.iter().find(|scalar| scalar.text.len() > LONGEST) {
        Some(_) => refused(format!("must have no text longer than {LONGEST} bytes")),
        None => Ok(()),
    }
}

/// What metadata says, one by one: members of members, and each member of an array.
pub(crate) fn scalars(meta: &Map<String, Json>) -> Vec<Scalar> {
    let mut found = Vec::new();
    members(meta, "", 1, &mut found);
    found
}

fn members(object: &Map<String, Json>, above: &str, depth: usize, found: &mut Vec<Scalar>) {
    for (name, value) in object {
        let path = if above.is_empty() { name.clone() } else { format!("{above}.{name}") };
        match value {
            Json::Object(inner) if depth < DEEPEST => members(inner, &path, depth + 1, found),
            Json::Array(all) => found.extend(all.iter().filter_map(|one| scalar(&path, one))),
            one => found.extend(scalar(&path, one)),
        }
    }
}

fn scalar(path: &str, value: &Json) -> Option<Scalar> {
    let (text, kind) = match value {
        Json::String(text) => (text.clone(), "string"),
        Json::Number(number) => (number.to_string(), "number"),
        Json::Bool(truth) => (truth.to_string(), "boolean"),
        Json::Null | Json::Array(_) | Json::Object(_) => return None,
    };
    Some(Scalar { path: path.to_owned(), text, kind })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(value: &Json) -> Map<String, Json> {
        value.as_object().cloned().unwrap_or_default()
    }

    #[test]
    fn every_scalar_is_found_by_its_path() {
        let meta = object(&json!({
            "a": "x", "b": 7, "c": true, "d": null, "e": {"f": {"g": {"h": "deep", "i": {"j": 1}}}},
            "k": ["x", 1.5, false, null, ["y"], {"z": 1}], "l": "",
        }));
        let found: Vec<_> =
            scalars(&meta).into_iter().map(|s| format!("{}={}", s.path, s.text)).collect();
        assert_eq!(
            found,
            ["a=x", "b=7", "c=true", "e.f.g.h=deep", "k=x", "k=1.5", "k=false", "l="]
        );
    }

    #[test]
    fn too_much_is_refused_by_name() -> anyhow::Result<()> {
        let many = |count: usize| {
            let members = (0..count).map(|n| (format!("m{n}"), Json::from(n)));
            members.collect::<Map<_, _>>()
        };
        check_meta(&many(64))?;
        check_meta(&object(&json!({"a": "x".repeat(4096)})))?;
        let large = (0..9).map(|n| (format!("m{n}"), Json::from("x".repeat(4000)))).collect();
        for meta in [many(65), object(&json!({"a": "x".repeat(4097)})), large] {
            let fields = check_meta(&meta).err().map(|error| error.fields);
            let named = fields.and_then(|fields| Some(fields.first()?.field.clone()));
            assert_eq!(named.as_deref(), Some("meta"));
        }
        Ok(())
    }
}
