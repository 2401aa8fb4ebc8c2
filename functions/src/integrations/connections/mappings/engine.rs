//! The engine: what a mapping makes of a record. It is pure: the same record and the
//! same definition always give the same result.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use shared::error::{Error, Result};
use utoipa::ToSchema;

use super::field_path::{collide, fault, get, put};
use super::transform::Transformation;
use super::validate::{Check, Validation};

/// The most fields of a mapping, and the most rules of one.
const FIELDS: usize = 200;
const RULES: usize = 20;
/// The largest definition, in bytes.
const LARGEST: usize = 64 * 1024;

/// What a mapping says, by the field's path in the target record.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Definition {
    /// Where each field comes from in the source record.
    pub field_mappings: BTreeMap<String, String>,
    /// What is done to it, one after the other.
    pub transformation_rules: BTreeMap<String, Vec<Transformation>>,
    /// What it must be then.
    pub validation_rules: BTreeMap<String, Validation>,
}

/// A definition that is ready to be used.
pub struct Engine {
    fields: Vec<Field>,
}

struct Field {
    target: String,
    source: Option<String>,
    rules: Vec<Transformation>,
    check: Option<Check>,
}

/// What became of a record.
#[derive(Debug, PartialEq)]
pub struct Mapped {
    /// The target record.
    pub record: Map<String, Json>,
    /// The fields whose values are others now.
    pub differences: Vec<Difference>,
    /// What is wrong with it; nothing if it can be taken.
    pub errors: Vec<FieldFault>,
}

/// A field whose value is another one than in the source record.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
pub struct Difference {
    /// Its path in the target record.
    field: String,
    /// Its path in the source record; null for one that comes from nowhere.
    source: Option<String>,
    /// Its value in the source record.
    #[schema(value_type = Value)]
    before: Json,
    /// Its value in the target record.
    #[schema(value_type = Value)]
    after: Json,
}

/// A field that cannot be taken.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
pub struct FieldFault {
    /// Its path in the target record.
    field: String,
    /// Why.
    message: String,
}

impl Definition {
    /// Makes it ready.
    ///
    /// # Errors
    /// `Invalid`, naming the rule's path.
    pub fn ready(&self) -> Result<Engine> {
        let size = serde_json::to_string(self).map_err(Error::internal)?.len();
        if size > LARGEST {
            let message = "and the rules must have at most 64 KiB together";
            return Err(Error::invalid("field_mappings", message));
        }
        if !(1..=FIELDS).contains(&self.field_mappings.len()) {
            return Err(Error::invalid("field_mappings", "must have 1 to 200 members"));
        }
        for (target, source) in &self.field_mappings {
            check_path("field_mappings", target, target)?;
            check_path("field_mappings", target, source)?;
        }
        let mapped: BTreeSet<&String> =
            self.field_mappings.keys().chain(self.transformation_rules.keys()).collect();
        self.check_rules(&mapped)?;
        let unknown = self.validation_rules.keys().find(|target| !mapped.contains(target));
        if let Some(target) = unknown {
            let field = format!("validation_rules.{target}");
            return Err(Error::invalid(&field, "is a field that this mapping does not make"));
        }
        let fields = mapped.into_iter().map(|target| self.field(target));
        Ok(Engine { fields: fields.collect::<Result<_>>()? })
    }

    fn check_rules(&self, mapped: &BTreeSet<&String>) -> Result<()> {
        for (target, rules) in &self.transformation_rules {
            check_path("transformation_rules", target, target)?;
            let field = format!("transformation_rules.{target}");
            if rules.len() > RULES {
                return Err(Error::invalid(&field, "must be at most 20 rules"));
            }
            for (at, rule) in rules.iter().enumerate() {
                if let Some((member, why)) = rule.fault() {
                    return Err(Error::invalid(&format!("{field}[{at}].{member}"), why));
                }
            }
        }
        // Sorted, so that a field stands before those that would be inside it.
        for (at, target) in mapped.iter().enumerate() {
            if let Some(other) = mapped.iter().skip(at + 1).find(|other| collide(target, other)) {
                let message = format!("cannot be inside {target}, which is a field itself");
                return Err(Error::invalid(&format!("field_mappings.{other}"), message));
            }
        }
        Ok(())
    }

    fn field(&self, target: &str) -> Result<Field> {
        let check = self.validation_rules.get(target).map(|rule| {
            let named = |(member, why): (&str, &str)| {
                Error::invalid(&format!("validation_rules.{target}.{member}"), why)
            };
            rule.ready().map_err(named)
        });
        Ok(Field {
            target: target.to_owned(),
            source: self.field_mappings.get(target).cloned(),
            rules: self.transformation_rules.get(target).cloned().unwrap_or_default(),
            check: check.transpose()?,
        })
    }
}

fn check_path(member: &str, target: &str, path: &str) -> Result<()> {
    match fault(path) {
        Some(why) => Err(Error::invalid(&format!("{member}.{target}"), why)),
        None => Ok(()),
    }
}

impl Engine {
    /// What becomes of a record.
    pub fn map(&self, record: &Json) -> Mapped {
        let mut mapped = Mapped { record: Map::new(), differences: Vec::new(), errors: Vec::new() };
        for field in &self.fields {
            field.map(record, &mut mapped);
        }
        mapped
    }
}

impl Field {
    fn map(&self, record: &Json, mapped: &mut Mapped) {
        let fault = |message: String| FieldFault { field: self.target.clone(), message };
        let found = self.source.as_ref().and_then(|source| get(record, source));
        let before = found.cloned().unwrap_or_default();
        let rules = self.rules.iter();
        let after = rules.clone().try_fold(before.clone(), |value, rule| rule.apply(value, record));
        let after = match after {
            Ok(after) => after,
            Err(why) => return mapped.errors.push(fault(why.to_owned())),
        };
        if let Some(check) = &self.check {
            mapped.errors.extend(check.faults(&after).into_iter().map(fault));
        }
        // What is not there and is not made stays away.
        if found.is_some() || !after.is_null() {
            put(&mut mapped.record, &self.target, after.clone());
        }
        if after != before {
            let (field, source) = (self.target.clone(), self.source.clone());
            mapped.differences.push(Difference { field, source, before, after });
        }
    }
}

#[cfg(test)]
mod tests {
    use anyhow::Context;
    use serde_json::json;

    use super::*;

    fn definition(definition: Json) -> anyhow::Result<Definition> {
        let mut whole = json!({"transformation_rules": {}, "validation_rules": {}});
        for (name, value) in definition.as_object().context("an object")? {
            whole[name] = value.clone();
        }
        Ok(serde_json::from_value(whole)?)
    }

    #[test]
    fn a_record_becomes_another_one() -> anyhow::Result<()> {
        let definition = definition(json!({
            "field_mappings": {"name.last": "lastname", "tab": "tabN", "gone": "nothing"},
            "transformation_rules": {
                "name.last": [{"type": "trim"}, {"type": "upper"}],
                "source": [{"type": "default", "value": "1c"}],
            },
            "validation_rules": {"tab": {"required": true, "pattern": "^\\d+$"}},
        }))?;
        let engine = definition.ready()?;
        let mapped = engine.map(&json!({"lastname": " Petrov ", "tabN": "0042"}));
        let record = json!({"name": {"last": "PETROV"}, "tab": "0042", "source": "1c"});
        assert_eq!(Json::Object(mapped.record), record);
        assert_eq!(mapped.errors, []);
        let changed: Vec<_> = mapped.differences.iter().map(|d| d.field.as_str()).collect();
        assert_eq!(changed, ["name.last", "source"]);
        let mapped = engine.map(&json!({"lastname": ["x"], "tabN": "A1"}));
        let faults: Vec<_> = mapped.errors.iter().map(|f| f.field.as_str()).collect();
        assert_eq!(faults, ["name.last", "tab"]);
        assert_eq!(engine.map(&json!({})).errors[0].message, "is required");
        Ok(())
    }

    #[test]
    fn what_is_wrong_with_a_definition_is_named() -> anyhow::Result<()> {
        let many: BTreeMap<String, &str> = (0..201).map(|n| (n.to_string(), "a")).collect();
        let rules = |target: &str, rules: Json| json!({"field_mappings": {"a": "b"}, "transformation_rules": {target: rules}});
        for (given, field) in [
            (json!({"field_mappings": {}}), "field_mappings"),
            (json!({"field_mappings": many}), "field_mappings"),
            (json!({"field_mappings": {"a": "b".repeat(70_000)}}), "field_mappings"),
            (json!({"field_mappings": {"a": "b..c"}}), "field_mappings.a"),
            (json!({"field_mappings": {"a.": "b"}}), "field_mappings.a."),
            (json!({"field_mappings": {"a": "b", "a.c": "d"}}), "field_mappings.a.c"),
            (rules("a.x", json!([])), "field_mappings.a.x"),
            (rules("", json!([])), "transformation_rules."),
            (rules("a", json!(vec![json!({"type": "trim"}); 21])), "transformation_rules.a"),
            (
                rules("a", json!([{"type": "trim"}, {"type": "concat", "with": []}])),
                "transformation_rules.a[1].with",
            ),
            (
                json!({"field_mappings": {"a": "b"}, "validation_rules": {"x": {}}}),
                "validation_rules.x",
            ),
            (
                json!({"field_mappings": {"a": "b"}, "validation_rules": {"a": {"pattern": "("}}}),
                "validation_rules.a.pattern",
            ),
        ] {
            let refused = definition(given)?.ready().err().with_context(|| field.to_owned())?;
            assert_eq!(refused.fields[0].field, field);
        }
        Ok(())
    }
}
