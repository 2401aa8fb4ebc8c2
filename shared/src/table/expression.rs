//! Conditions as values, and their way into DynamoDB's expression language.
//! Attribute names and values only ever travel as placeholders.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

use super::{Range, Value};

/// A condition on the item as it stands.
#[derive(Clone, Debug)]
pub enum Cond {
    /// The attribute is not there.
    Absent(&'static str),
    /// The attribute is there.
    Present(&'static str),
    /// The attribute equals the value.
    Eq(&'static str, Value),
    /// The attribute is smaller than the value.
    Lt(&'static str, Value),
    /// The attribute is greater than the value.
    Gt(&'static str, Value),
    /// All of these hold.
    All(Vec<Cond>),
    /// At least one of these holds.
    Any(Vec<Cond>),
}

type Names = HashMap<String, String>;
type Values = HashMap<String, AttributeValue>;

/// The placeholders that one request's expressions share.
#[derive(Default)]
pub(super) struct Placeholders {
    names: Names,
    values: Values,
}

impl Placeholders {
    /// The placeholder of an attribute's name.
    pub fn name(&mut self, name: &str) -> String {
        let placeholder = format!("#{name}");
        self.names.insert(placeholder.clone(), name.to_owned());
        placeholder
    }

    /// A placeholder for a value.
    pub fn value(&mut self, value: Value) -> String {
        let placeholder = format!(":{}", self.values.len());
        self.values.insert(placeholder.clone(), value.0);
        placeholder
    }

    /// The condition as an expression.
    pub fn condition(&mut self, condition: Cond) -> String {
        match condition {
            Cond::Absent(name) => format!("attribute_not_exists({})", self.name(name)),
            Cond::Present(name) => format!("attribute_exists({})", self.name(name)),
            Cond::Eq(name, value) => format!("{} = {}", self.name(name), self.value(value)),
            Cond::Lt(name, value) => format!("{} < {}", self.name(name), self.value(value)),
            Cond::Gt(name, value) => format!("{} > {}", self.name(name), self.value(value)),
            Cond::All(conditions) => self.join(conditions, " AND "),
            Cond::Any(conditions) => self.join(conditions, " OR "),
        }
    }

    /// The bounds of a sort key as an expression.
    pub fn range(&mut self, name: &str, range: Range) -> String {
        let name = self.name(name);
        match range {
            Range::UpTo(end) => format!("{name} <= {}", self.value(end)),
            Range::From(start) => format!("{name} >= {}", self.value(start)),
            Range::Between(start, end) => {
                format!("{name} BETWEEN {} AND {}", self.value(start), self.value(end))
            }
        }
    }

    fn join(&mut self, conditions: Vec<Cond>, word: &str) -> String {
        let parts: Vec<_> = conditions.into_iter().map(|c| self.condition(c)).collect();
        format!("({})", parts.join(word))
    }

    /// Names and values as the SDK takes them: none at all rather than empty.
    pub fn into_maps(self) -> (Option<Names>, Option<Values>) {
        let names = (!self.names.is_empty()).then_some(self.names);
        (names, (!self.values.is_empty()).then_some(self.values))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_condition_becomes_an_expression_of_placeholders_only() {
        let mut placeholders = Placeholders::default();
        let text = placeholders.condition(Cond::All(vec![
            Cond::Eq("state", "READY".into()),
            Cond::Any(vec![Cond::Absent("pk"), Cond::Lt("expires_at", 7_i64.into())]),
        ]));
        assert_eq!(text, "(#state = :0 AND (attribute_not_exists(#pk) OR #expires_at < :1))");
        let (names, values) = placeholders.into_maps();
        assert_eq!(names.map(|n| n.len()), Some(3));
        assert_eq!(values.map(|v| v.len()), Some(2));
    }
}
